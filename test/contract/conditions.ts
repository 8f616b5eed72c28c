/** Conditions: ETags, what is kept by caches, and that a write is one transaction. */
import type { Clause } from './clause.ts'

export const conditions: readonly Clause[] = [
  {
    section: '5 Documents',
    clause: 'a document answer has a strong ETag of revision and content',
    heldBy: [
      { file: 'test/api/conditions.ts', title: 'the ETag is made of the revision and the content' },
      {
        file: 'server/documents/resource.test.ts',
        title: 'is strong: the revision and eight hex digits in quotes',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'If-Match works on every write',
    heldBy: [
      { file: 'test/api/conditions.ts', title: 'a write that expects what is there happens' },
      { file: 'test/api/patches.ts', title: 'a … that expects what is there happens' },
      { file: 'test/api/deletes.ts', title: 'a DELETE that expects what is there happens' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'If-Match works on reads',
    heldBy: [{ file: 'test/api/conditions.ts', title: 'a reader that wants another gets 412' }],
  },
  {
    section: '5 Documents',
    clause: 'If-None-Match: * creates only',
    heldBy: [
      { file: 'test/api/conditions.ts', title: 'a create-only write of a new document happens' },
      {
        file: 'test/api/conditions.ts',
        title: 'a create-only write of a document that is there does not happen',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'conditional GET is 304',
    heldBy: [{ file: 'test/api/conditions.ts', title: 'a reader that has it already gets 304' }],
  },
  {
    section: '5 Documents',
    clause: 'a failed condition is 412',
    heldBy: [
      {
        file: 'test/api/conditions.ts',
        title: 'a write that expects what is no longer there does not happen',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'and changes nothing',
    heldBy: [
      {
        file: 'test/api/patches.ts',
        title: 'a … that expects what is no longer there does not happen',
      },
      {
        file: 'server/storage/conformance/document-writes.ts',
        title: 'a refused write leaves no trace: …',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'nobody must send them',
    heldBy: [
      { file: 'server/contract/conditions.test.ts', title: 'no condition holds for a document' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a missing document is 404 to GET whatever the condition',
    heldBy: [
      {
        file: 'test/api/conditions.ts',
        title: 'a missing document is 404 to GET whatever the condition',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'to PUT as well',
    heldBy: [
      {
        file: 'test/api/conditions.ts',
        title: 'a missing document is 404 to PUT whatever the condition',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'to PATCH as well',
    heldBy: [
      { file: 'test/api/patches.ts', title: 'of a missing document is 404 whatever the condition' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'to DELETE as well',
    heldBy: [
      {
        file: 'test/api/deletes.ts',
        title: 'a missing document is 404 to DELETE whatever the condition',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'POST with If-Match on what is missing is 412',
    heldBy: [
      {
        file: 'test/api/conditions.ts',
        title: 'a POST that expects a missing document does not happen',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'W/ in If-Match is ignored',
    heldBy: [{ file: 'test/api/conditions.ts', title: 'a weak mark in If-Match is ignored' }],
  },
  {
    section: '5 Documents',
    clause: 'a condition that does not parse is 400',
    heldBy: [{ file: 'test/api/conditions.ts', title: 'a condition that is none is refused' }],
  },
  {
    section: '5 Documents',
    clause: 'dates are ignored',
    heldBy: [{ file: 'test/api/conditions.ts', title: 'dates are no conditions' }],
  },
  {
    section: '5 Documents',
    clause: 'on the live version they ask about the live version',
    heldBy: [
      {
        file: 'test/api/conditions.ts',
        title: 'on the live version a condition asks about the live version',
      },
      {
        file: 'test/api/deletes.ts',
        title: 'on the live version a condition of DELETE asks about the live version',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'lists carry no ETag',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: "headers: { 'Cache-Control': 'no-store', ETag: undefined },",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'what has an ETag is private, no-cache, and varies by key',
    heldBy: [
      {
        file: 'test/api/tenant-documents.ts',
        title: "'Cache-Control': 'private, no-cache', Vary: 'Authorization'",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'all else under a key is no-store',
    heldBy: [
      {
        file: 'test/support/scenarios.ts',
        title: "assert.equal(headers['cache-control'], 'no-store')",
      },
      {
        file: 'test/api/keys.ts',
        title: 'shows each with all that is known of it, and nothing more',
      },
      {
        file: 'test/api/every-operation.ts',
        title: "headers: { Allow: allowed, 'Cache-Control': 'no-store' },",
      },
      { file: 'test/api/deletes.ts', title: "'Cache-Control': 'no-store'," },
    ],
  },
  {
    section: '5 Documents',
    clause: 'so is all with a key in the query',
    heldBy: [
      {
        file: 'test/api/targets.ts',
        title: 'the query may carry the key, and the answer is not to be stored',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'no content coding is applied',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: 'a client that takes packed answers gets a plain one',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'condition, merge, stamps, version and record are one transaction',
    heldBy: [
      {
        file: 'server/storage/conformance/document-writes.ts',
        title: 'base, live version, revision and record move together',
      },
      {
        file: 'test/gates/kill9.ts',
        title: '0 lost, 0 invented, history without gaps, no half of a write',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'two PUTs at once both take effect',
    heldBy: [
      { file: 'test/gates/merge.ts', title: 'of … kept, revision' },
      {
        file: 'server/storage/conformance/document-writes.ts',
        title: 'of many merges at once into one document none is lost',
      },
    ],
  },
]
