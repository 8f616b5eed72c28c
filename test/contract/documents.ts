/** Documents: what POST and PUT make of them, and their stamps. */
import type { Clause } from './clause.ts'

export const documents: readonly Clause[] = [
  {
    section: '5 Documents',
    clause: "the tenant's own document has GET, POST and PUT",
    heldBy: [
      {
        file: 'test/api/tenant-documents.ts',
        title: "a tenant's document is made by POST and says where it is",
      },
      { file: 'test/api/tenant-documents.ts', title: "a PUT merges into the tenant's document" },
      {
        file: 'test/api/tenant-documents.ts',
        title: "a tenant's document is read by a key that reads everything",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it has no versions',
    heldBy: [
      { file: 'test/api/tenant-documents.ts', title: "versions of a tenant's document are data" },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it has no sub-resources',
    heldBy: [
      {
        file: 'test/api/tenant-documents.ts',
        title: "below a tenant's document versions/current is a document of a collection",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'GET of a collection lists it',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a list is a bare array in the order of ids' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a document has GET, POST and PUT',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a document is read by a key of its collection' },
      { file: 'test/api/documents.ts', title: 'a document is made by POST with a Location' },
      {
        file: 'test/api/documents.ts',
        title: 'a PUT keeps the members it does not mention, at every depth',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'its live version has the same, as a document of its own',
    heldBy: [
      { file: 'test/api/live-versions.ts', title: 'the live version is a document of its own' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'POST of what was not there is 201',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: 'a document is made by POST with a Location that is percent-encoded',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'with Location, percent-encoded',
    heldBy: [{ file: 'test/api/documents.ts', title: 'Location: /\\/users\\/a%40b%20c$/' }],
  },
  {
    section: '5 Documents',
    clause: 'POST of what was there is 200',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a second POST leaves nothing of what was there' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'and nothing of the old is left',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a second POST leaves nothing of what was there' },
      { file: 'test/api/live-versions.ts', title: 'a second POST replaces the live version' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'the answer of a write is what GET would show',
    heldBy: [
      {
        file: 'test/api/model.test.ts',
        title: 'every sequence of operations is answered as the model says',
      },
      {
        file: 'test/api/settings.test.ts',
        title: "deepEqual((await ask('GET', path)).content, put.content)",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'PUT of what is missing is 404',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a PUT to a missing document makes nothing' },
      {
        file: 'test/api/tenant-documents.ts',
        title: "a PUT to a missing tenant's document makes nothing",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'PUT merges, at every depth',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: 'a PUT keeps the members it does not mention, at every depth',
      },
      {
        file: 'server/documents/merge.test.ts',
        title: 'every leaf of before that the change says nothing on is in the outcome',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'arrays and scalars are replaced whole',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a PUT stores null and replaces arrays whole' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'null is stored',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a PUT stores null and replaces arrays whole' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a dot in a key is part of it',
    heldBy: [{ file: 'test/api/documents.ts', title: 'a key with a dot is a key with a dot' }],
  },
  {
    section: '5 Documents',
    clause: '{} changes no member',
    heldBy: [{ file: 'test/api/documents.ts', title: 'an empty PUT changes no member' }],
  },
  {
    section: '5 Documents',
    clause: 'deep is the default',
    heldBy: [{ file: 'test/api/settings.test.ts', title: 'merges at every depth' }],
  },
  {
    section: '5 Documents',
    clause: 'merge: shallow merges the top level alone',
    heldBy: [
      {
        file: 'test/api/settings.test.ts',
        title: 'merges the top level alone, in the base and in the live version',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a write stamps what it writes with time and writer',
    heldBy: [
      { file: 'test/api/documents.ts', title: "json: stamped({ email: 'c@d' })" },
      { file: 'server/documents/write-record.test.ts', title: 'the record of a write' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it stamps nothing else',
    heldBy: [
      { file: 'test/api/patches.ts', title: 'a patch stamps what it writes with its own time' },
      {
        file: 'test/api/model.test.ts',
        title: 'every sequence of operations is answered as the model says',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'the time is never less than before',
    heldBy: [
      {
        file: 'server/documents/write-record.test.ts',
        title: 'the time is never less than before, when the clock went back',
      },
      { file: 'test/api/deletes.ts', title: 'a stamp is never less than before the delete' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'the writer is the id of the key',
    heldBy: [{ file: 'test/support/scenarios.ts', title: '`"apikey:…"`' }],
  },
  {
    section: '5 Documents',
    clause: 'two documents written together carry one time',
    heldBy: [
      {
        file: 'server/documents/write-record.test.ts',
        title: 'two documents that are written together carry one time',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'stamps that a client sends at the top are ignored',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'stamps that a client sends are ignored' },
      {
        file: 'server/documents/write-record.test.ts',
        title: 'the names of stamps are ordinary further down',
      },
    ],
  },
]
