/** Lists of documents, whole and in pages. */
import type { Clause } from './clause.ts'

export const lists: readonly Clause[] = [
  {
    section: '5 Documents',
    clause: 'a list is a bare array of id and data',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: 'a list is a bare array in the order of ids, as GET shows each',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'by id, bytewise',
    heldBy: [
      {
        file: 'server/storage/conformance/document-lists.ts',
        title: 'a list is in bytewise order',
      },
      {
        file: 'test/api/paging.test.ts',
        title: 'are together the whole list, bytewise, for any names and any limit',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it is never cut',
    heldBy: [
      {
        file: 'test/api/paging.test.ts',
        title: 'have no link in a list that nobody asked to be cut',
      },
      {
        file: 'server/storage/conformance/document-lists.ts',
        title: 'pages cover more documents than one holds, each once',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'data is what GET answers',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: 'a list is a bare array in the order of ids, as GET shows each',
      },
      {
        file: 'server/storage/conformance/document-lists.ts',
        title: 'a list shows what a read shows',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'an unknown collection is []',
    heldBy: [
      {
        file: 'test/api/documents.ts',
        title: 'a collection that nobody wrote to is an empty list',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'it is read in short transactions',
    heldBy: [
      {
        file: 'server/storage/sqlite/store.test.ts',
        title: 'no read keeps a transaction open, not even a list that was left early',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'what exists throughout is in it once',
    heldBy: [
      {
        file: 'server/storage/conformance/document-lists.ts',
        title: 'what exists throughout a list is in it once, whatever is written',
      },
      {
        file: 'server/storage/conformance/document-deletes.ts',
        title: 'what exists throughout a list is in it once, whatever is deleted',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'memory does not grow with it',
    heldBy: [
      {
        file: 'test/api/streams.test.ts',
        title: 'is never held whole: what was sent is forgotten',
      },
      {
        file: 'test/api/streams.test.ts',
        title: 'is asked of the store no faster than the client reads',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a fault after the first byte breaks the connection',
    heldBy: [
      { file: 'test/api/faults.ts', title: 'a list that fails on its way breaks the connection' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'limit is 1 to 5000',
    heldBy: [
      { file: 'test/api/cursors.test.ts', title: 'the greatest limit is 5000, the least 1' },
    ],
  },
  {
    section: '5 Documents',
    clause: 'limit and cursor page a list',
    heldBy: [
      {
        file: 'test/api/paging.test.ts',
        title: 'are together the whole list, bytewise, for any names and any limit',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'a page that is not the last links the next',
    heldBy: [{ file: 'test/api/paging.test.ts', title: 'are linked exactly, and the last is not' }],
  },
  {
    section: '5 Documents',
    clause: 'a cursor is signed',
    heldBy: [
      { file: 'server/contract/cursor.test.ts', title: 'every change of one character is noticed' },
      {
        file: 'test/api/cursors.test.ts',
        title: 'a cursor that is not whole, or of something else, is refused',
      },
    ],
  },
  {
    section: '5 Documents',
    clause: 'and bound to tenant and collection',
    heldBy: [
      {
        file: 'server/documents/list.test.ts',
        title: 'in another collection, and of another tenant',
      },
    ],
  },
]
