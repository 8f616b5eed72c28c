/** Writes as data: a document's life through every kind of write, and what must be refused. */
import type { WriteCommand } from '../../documents/write.ts'
import { commandOf } from './document-commands.ts'

/** Every kind of write, one after the other on one document. */
export const history: readonly WriteCommand[] = [
  commandOf({ content: { a: { b: 1, c: [1, 2] }, versions: { old: 1 } }, by: 'cli:Zoë 😀' }),
  commandOf({ mode: 'merge', content: { a: { d: null } }, requestId: '"\'\\ \uffee' }),
  commandOf({ mode: 'merge', mergeDepth: 'shallow', content: { a: { e: 1 } } }),
  commandOf({ mode: 'merge', content: { f: 1 }, live: { made: 'by a merge' } }),
  commandOf({ part: 'live', mode: 'merge', content: { more: [{}] } }),
  commandOf({ part: 'live', mode: 'merge', content: {} }),
  commandOf({ content: { g: 1 }, at: 8_640_000_000_000_000 }),
  commandOf({ content: { h: 1 }, live: { n: 1 }, at: 5 }),
  commandOf({ part: 'live', content: { n: 2 }, by: 'cli:other' }),
  commandOf({ content: {}, live: { n: 2 } }),
  commandOf({ mode: 'mergePatch', content: { a: { b: null, c: 1 } } }),
  commandOf({ part: 'live', mode: 'mergePatch', content: { n: 3 } }),
  commandOf({ mode: 'jsonPatch', content: [{ op: 'add', path: '/j', value: ['ж'] }] }),
  commandOf({ part: 'live', mode: 'delete', by: 'cli:other' }),
  commandOf({ part: 'live', content: { n: 3 } }),
  commandOf({ mode: 'delete', requestId: 'delete-1' }),
  commandOf({ content: { again: 1 }, at: 1 }),
  commandOf({ part: 'live', content: { n: 4 } }),
  commandOf({ mode: 'delete' }),
  commandOf({ part: 'live', content: { n: 4 } }),
  commandOf(),
]

const small = commandOf({ content: { kept: 1 } })
const both = commandOf({ content: { kept: 1 }, live: { kept: 2 } })

export const refused: readonly {
  readonly title: string
  readonly before: readonly WriteCommand[]
  readonly command: WriteCommand
  readonly code: string
}[] = [
  {
    title: 'a merge into nothing',
    before: [],
    command: commandOf({ mode: 'merge', content: { n: 1 } }),
    code: 'NotFound',
  },
  {
    title: 'a merge into no live version',
    before: [small],
    command: commandOf({ part: 'live', mode: 'merge', content: { n: 1 } }),
    code: 'NotFound',
  },
  {
    title: 'a merge into what was deleted',
    before: [both, commandOf({ mode: 'delete' })],
    command: commandOf({ mode: 'merge', content: { n: 1 } }),
    code: 'NotFound',
  },
  {
    title: 'a delete of what was deleted',
    before: [both, commandOf({ mode: 'delete' })],
    command: commandOf({ mode: 'delete' }),
    code: 'NotFound',
  },
  {
    title: 'a delete of a live version that is not there',
    before: [small],
    command: commandOf({ part: 'live', mode: 'delete' }),
    code: 'NotFound',
  },
  {
    title: 'a patch whose test fails behind an operation that is done',
    before: [both],
    command: commandOf({
      mode: 'jsonPatch',
      content: [
        { op: 'remove', path: '/kept' },
        { op: 'test', path: '/versions/current/kept', value: 3 },
      ],
    }),
    code: 'Conflict',
  },
  {
    title: 'create-only where there is a document',
    before: [small, both],
    command: commandOf({ content: { n: 1 }, conditions: { ifNoneMatch: '*' } }),
    code: 'PreconditionFailed',
  },
  {
    title: 'an ETag that is not this one',
    before: [both],
    command: commandOf({ live: { n: 1 }, conditions: { ifMatch: ['"1-00000000"'] } }),
    code: 'PreconditionFailed',
  },
  {
    title: 'an ETag where there is no document',
    before: [],
    command: commandOf({ conditions: { ifMatch: '*' } }),
    code: 'PreconditionFailed',
  },
  {
    title: 'versions that is no object beside a live version',
    before: [both],
    command: commandOf({ mode: 'merge', content: { versions: [1] } }),
    code: 'BadRequest',
  },
  {
    title: 'an outcome that is too large',
    before: [commandOf({ content: { kept: 'k'.repeat(60) } })],
    command: commandOf({ mode: 'merge', content: { more: 'm'.repeat(60) }, sizeMaxBytes: 100 }),
    code: 'PayloadTooLarge',
  },
]
