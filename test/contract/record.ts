/** The record that every write leaves, and the errors that every failure is. */
import type { Clause } from './clause.ts'

export const record: readonly Clause[] = [
  {
    section: '5 The record',
    clause: 'each write leaves one row, in its transaction',
    heldBy: [
      {
        file: 'server/storage/conformance/document-record.ts',
        title: 'the record has a row for each write, as the write said',
      },
      {
        file: 'server/storage/conformance/document-writes.ts',
        title: 'base, live version, revision and record move together',
      },
    ],
  },
  {
    section: '5 The record',
    clause: 'a row says who, what, when and in which request',
    heldBy: [
      {
        file: 'server/documents/write-record.test.ts',
        title: 'says who, when, in which request, what was done and to which part',
      },
    ],
  },
  {
    section: '5 The record',
    clause: 'and the content after it',
    heldBy: [
      { file: 'test/api/deletes.ts', title: "[1, 'create', 'base', 1, 1, '{}', '{\"x\":1}']," },
    ],
  },
  {
    section: '5 The record',
    clause: "each row has a position in its tenant's order",
    heldBy: [
      {
        file: 'server/storage/conformance/document-record.ts',
        title: 'positions are 1 to n without gaps, whoever writes at once',
      },
      {
        file: 'server/storage/conformance/document-record.ts',
        title: 'positions of a tenant do not depend on other tenants',
      },
    ],
  },
  {
    section: '5 The record',
    clause: 'nothing is inserted behind what a reader has',
    heldBy: [
      {
        file: 'server/storage/conformance/document-record.ts',
        title: 'nothing is inserted behind what a reader of the record has',
      },
    ],
  },
  {
    section: '5 The record',
    clause: 'on PostgreSQL the position may be fixed after the commit',
    notYet: 'the engine is not built',
  },
  {
    section: '5 The record',
    clause: 'the rows are history, feed and audit trail',
    notYet: 'the routes that read them are not built',
  },
  {
    section: '5 The record',
    clause: 'nothing but writes makes rows',
    heldBy: [
      {
        file: 'test/api/model.test.ts',
        title: 'Array.from({ length: model.writes }, (_, at) => at + 1),',
      },
      { file: 'test/api/repeats.ts', title: 'assert.equal(await countChanges(tenant), written)' },
    ],
  },
  {
    section: '5 The record',
    clause: 'content is kept for ever by default',
    heldBy: [
      {
        file: 'test/api/deletes.ts',
        title: 'what was deleted is in the record years later, with all else',
      },
    ],
  },
  {
    section: '5 The record',
    clause: 'how long it is kept is a setting, trimmed off the write path',
    notYet: 'trimming is not built: all is kept',
  },
  {
    section: '5 The record',
    clause: 'the metrics show its size',
    heldBy: [
      { file: 'test/api/observed.test.ts', title: '/^tenantry_record_bytes [1-9]/m' },
      {
        file: 'server/storage/conformance/storage.ts',
        title: 'the rows and bytes of the record are counted, whoever writes them',
      },
    ],
  },
  {
    section: '5 The record',
    clause: 'doctor shows its size and growth',
    heldBy: [
      {
        file: 'server/storage/sqlite/examine.test.ts',
        title: 'the record is counted: all, a week, a month, and the largest tenants',
      },
      {
        file: 'test/commands/doctor.test.ts',
        title: 'says it to people, with a verdict at the end',
      },
    ],
  },
]
