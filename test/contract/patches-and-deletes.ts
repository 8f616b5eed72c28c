/** Patches of both kinds, and deletes. */
import type { Clause } from './clause.ts'

export const patchesAndDeletes: readonly Clause[] = [
  {
    section: '5 Documents',
    clause: 'PATCH works on every document path',
    heldBy: [
      { file: 'test/api/patches.ts', title: "a merge patch changes the tenant's document" },
      {
        file: 'test/api/patches.ts',
        title: 'a merge patch changes the live version and leaves the base alone',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a merge patch does what RFC 7396 says',
    heldBy: [
      {
        file: 'server/documents/patch-standards.test.ts',
        title: 'any merge patch of any document comes to what the standard says',
      },
      {
        file: 'test/api/patches.ts',
        title: 'a merge patch sets, replaces and removes members, at every depth',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a JSON Patch does what RFC 6902 says',
    heldBy: [
      {
        file: 'server/documents/patch-standards.test.ts',
        title: 'any JSON Patch of any document comes to what the standard says',
      },
      {
        file: 'test/api/json-patches.ts',
        title: 'operations are done in their order, each on what the one before left',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'all of it or nothing',
    heldBy: [
      {
        file: 'test/api/json-patches.ts',
        title: "unpatched(title, before, [add('/new', 1), step]",
      },
      {
        file: 'server/storage/conformance/document-histories.ts',
        title: 'a patch whose test fails behind an operation that is done',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'another type is 415',
    heldBy: [
      {
        file: 'test/api/every-operation.ts',
        title: "typed('of type application/json', {}, 'application/json'),",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'with Accept-Patch',
    heldBy: [
      {
        file: 'test/support/scenarios.ts',
        title: "const patchTypes = 'application/merge-patch+json, application/json-patch+json'",
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it applies to the document as GET shows it',
    heldBy: [
      { file: 'test/api/json-patches.ts', title: 'a JSON patch sees the stamps as GET shows them' },
      {
        file: 'test/api/patches.ts',
        title: 'a patch of the base changes the live version as GET shows it',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'its outcome is written as a POST of it',
    heldBy: [
      {
        file: 'server/documents/patch-histories.test.ts',
        title: 'a patch that is done is what a POST of its outcome would be',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a malformed patch is 400',
    heldBy: [{ file: 'test/api/json-patches.ts', title: 'an operation without op' }],
  },
  {
    section: '5 Documents',
    clause: 'a failed test is 409',
    heldBy: [{ file: 'test/api/json-patches.ts', title: 'a test for another value fails' }],
  },
  {
    section: '5 Documents',
    clause: 'an absent path is 409',
    heldBy: [{ file: 'test/api/json-patches.ts', title: 'what is absent is not removed' }],
  },
  {
    section: '5 Documents',
    clause: 'removing the live version by patch is 400',
    heldBy: [
      { file: 'test/api/patches.ts', title: 'the live version is not removed by … in a patch' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'DELETE of a base takes base and live version: 204',
    heldBy: [
      { file: 'test/api/deletes.ts', title: 'a deleted base takes its live version with it' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'DELETE of a base takes its draft',
    notYet: 'drafts are not built',
  },
  {
    section: '5 Documents',
    clause: 'DELETE of the live version takes it off alone: 204',
    heldBy: [
      {
        file: 'test/api/deletes.ts',
        title: 'a live version is taken off alone, and the base keeps what else it says',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'the record keeps what they held',
    heldBy: [
      {
        file: 'server/storage/conformance/document-deletes.ts',
        title: 'the record keeps what a deleted document held, and who deleted it',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'made again, revisions and versions go on',
    heldBy: [
      {
        file: 'test/api/deletes.ts',
        title: 'revisions, version numbers and the record go on when it is made again',
      },
    ],
  },
]
