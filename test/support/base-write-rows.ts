/**
 * Every write of a base as a table: over what is there, and by what its body says of versions, what
 * is there after it.
 */
import type { RefusalCode } from '../../server/contract/errors.ts'
import type { Json } from '../../server/contract/json.ts'
import type { After, mentions, State } from './rule-book.ts'

type Row = readonly [mention: keyof typeof mentions, fact: string, after: After | RefusalCode]
type Group = {
  readonly write: 'POST base' | 'PUT base'
  readonly from: State
  readonly created: boolean
  readonly revision: number
  readonly rows: readonly Row[]
  /** What becomes of a body whose versions are no object; given what they are. */
  readonly otherVersions: ((versions: Json) => After) | RefusalCode
}

/** Every base body holds `b`. */
export const groups: readonly Group[] = [
  {
    write: 'POST base',
    from: 'a missing document',
    created: true,
    revision: 1,
    rows: [
      ['absent', 'makes a base alone', { base: { b: 2 }, version: 0 }],
      ['{}', 'keeps empty versions as data', { base: { b: 2, versions: {} }, version: 0 }],
      ['no current', 'keeps them as data', { base: { b: 2, versions: { old: 2 } }, version: 0 }],
      ['empty current', 'makes an empty live version', { base: { b: 2 }, live: {}, version: 1 }],
      ['current', 'makes base and live version', { base: { b: 2 }, live: { y: 2 }, version: 1 }],
      [
        'current and others',
        'makes both, and keeps the others as data of the base',
        { base: { b: 2, versions: { old: 2 } }, live: { y: 2 }, version: 1 },
      ],
    ],
    otherVersions: (versions) => ({ base: { b: 2, versions }, version: 0 }),
  },
  {
    write: 'PUT base',
    from: 'a missing document',
    created: false,
    revision: 0,
    rows: [
      ['absent', 'is not found', 'NotFound'],
      ['{}', 'is not found', 'NotFound'],
      ['no current', 'is not found', 'NotFound'],
      ['empty current', 'is not found', 'NotFound'],
      ['current', 'is not found, and makes no live version', 'NotFound'],
      ['current and others', 'is not found', 'NotFound'],
    ],
    otherVersions: 'NotFound',
  },
  {
    write: 'POST base',
    from: 'a base',
    created: false,
    revision: 8,
    rows: [
      ['absent', 'leaves nothing of the old content', { base: { b: 2 }, version: 0 }],
      ['{}', 'keeps empty versions as data', { base: { b: 2, versions: {} }, version: 0 }],
      ['no current', 'keeps them as data', { base: { b: 2, versions: { old: 2 } }, version: 0 }],
      ['empty current', 'makes an empty live version', { base: { b: 2 }, live: {}, version: 1 }],
      ['current', 'makes a live version', { base: { b: 2 }, live: { y: 2 }, version: 1 }],
      [
        'current and others',
        'makes a live version, and keeps the others as data',
        { base: { b: 2, versions: { old: 2 } }, live: { y: 2 }, version: 1 },
      ],
    ],
    otherVersions: (versions) => ({ base: { b: 2, versions }, version: 0 }),
  },
  {
    write: 'PUT base',
    from: 'a base',
    created: false,
    revision: 8,
    rows: [
      ['absent', 'keeps what it does not mention', { base: { a: 1, b: 2 }, version: 0 }],
      ['{}', 'adds empty versions', { base: { a: 1, b: 2, versions: {} }, version: 0 }],
      ['no current', 'adds data', { base: { a: 1, b: 2, versions: { old: 2 } }, version: 0 }],
      [
        'empty current',
        'makes an empty live version',
        { base: { a: 1, b: 2 }, live: {}, version: 1 },
      ],
      [
        'current',
        'makes a live version, still without creating a document',
        { base: { a: 1, b: 2 }, live: { y: 2 }, version: 1 },
      ],
      [
        'current and others',
        'makes a live version and adds data',
        { base: { a: 1, b: 2, versions: { old: 2 } }, live: { y: 2 }, version: 1 },
      ],
    ],
    otherVersions: (versions) => ({ base: { a: 1, b: 2, versions }, version: 0 }),
  },
  {
    write: 'POST base',
    from: 'a base with versions data',
    created: false,
    revision: 8,
    rows: [
      ['absent', 'removes the data', { base: { b: 2 }, version: 0 }],
      ['{}', 'leaves empty versions', { base: { b: 2, versions: {} }, version: 0 }],
      ['no current', 'replaces the data', { base: { b: 2, versions: { old: 2 } }, version: 0 }],
      ['empty current', 'leaves no versions data', { base: { b: 2 }, live: {}, version: 1 }],
      ['current', 'leaves no versions data', { base: { b: 2 }, live: { y: 2 }, version: 1 }],
      [
        'current and others',
        'replaces the data and makes a live version',
        { base: { b: 2, versions: { old: 2 } }, live: { y: 2 }, version: 1 },
      ],
    ],
    otherVersions: (versions) => ({ base: { b: 2, versions }, version: 0 }),
  },
  {
    write: 'PUT base',
    from: 'a base with versions data',
    created: false,
    revision: 8,
    rows: [
      ['absent', 'keeps the data', { base: { a: 1, b: 2, versions: { draft: 1 } }, version: 0 }],
      ['{}', 'keeps the data', { base: { a: 1, b: 2, versions: { draft: 1 } }, version: 0 }],
      [
        'no current',
        'merges into the data',
        { base: { a: 1, b: 2, versions: { draft: 1, old: 2 } }, version: 0 },
      ],
      [
        'empty current',
        'keeps the data and makes an empty live version',
        { base: { a: 1, b: 2, versions: { draft: 1 } }, live: {}, version: 1 },
      ],
      [
        'current',
        'keeps the data and makes a live version',
        { base: { a: 1, b: 2, versions: { draft: 1 } }, live: { y: 2 }, version: 1 },
      ],
      [
        'current and others',
        'merges into the data and makes a live version',
        { base: { a: 1, b: 2, versions: { draft: 1, old: 2 } }, live: { y: 2 }, version: 1 },
      ],
    ],
    otherVersions: (versions) => ({ base: { a: 1, b: 2, versions }, version: 0 }),
  },
  {
    write: 'POST base',
    from: 'a base with versions that are no object',
    created: false,
    revision: 8,
    rows: [
      ['absent', 'removes them', { base: { b: 2 }, version: 0 }],
      ['{}', 'leaves empty versions', { base: { b: 2, versions: {} }, version: 0 }],
      ['no current', 'replaces them', { base: { b: 2, versions: { old: 2 } }, version: 0 }],
      [
        'empty current',
        'removes them for a live version',
        { base: { b: 2 }, live: {}, version: 1 },
      ],
      ['current', 'removes them for a live one', { base: { b: 2 }, live: { y: 2 }, version: 1 }],
      [
        'current and others',
        'replaces them and makes a live version',
        { base: { b: 2, versions: { old: 2 } }, live: { y: 2 }, version: 1 },
      ],
    ],
    otherVersions: (versions) => ({ base: { b: 2, versions }, version: 0 }),
  },
  {
    write: 'PUT base',
    from: 'a base with versions that are no object',
    created: false,
    revision: 8,
    rows: [
      ['absent', 'keeps them', { base: { a: 1, b: 2, versions: 'v' }, version: 0 }],
      ['{}', 'replaces them', { base: { a: 1, b: 2, versions: {} }, version: 0 }],
      ['no current', 'replaces them', { base: { a: 1, b: 2, versions: { old: 2 } }, version: 0 }],
      ['empty current', 'is refused: they would meet a live version', 'BadRequest'],
      ['current', 'is refused: they would meet a live version', 'BadRequest'],
      [
        'current and others',
        'replaces them and makes a live version',
        { base: { a: 1, b: 2, versions: { old: 2 } }, live: { y: 2 }, version: 1 },
      ],
    ],
    otherVersions: (versions) => ({ base: { a: 1, b: 2, versions }, version: 0 }),
  },
  {
    write: 'POST base',
    from: 'a base with a live version',
    created: false,
    revision: 8,
    rows: [
      ['absent', 'leaves the live version', { base: { b: 2 }, live: { x: 1 }, version: 3 }],
      [
        '{}',
        'leaves the live version, and stores empty versions',
        { base: { b: 2, versions: {} }, live: { x: 1 }, version: 3 },
      ],
      [
        'no current',
        'leaves the live version, and stores the data',
        { base: { b: 2, versions: { old: 2 } }, live: { x: 1 }, version: 3 },
      ],
      ['empty current', 'empties the live version', { base: { b: 2 }, live: {}, version: 4 }],
      ['current', 'replaces the live version', { base: { b: 2 }, live: { y: 2 }, version: 4 }],
      [
        'current and others',
        'replaces the live version, and stores the data',
        { base: { b: 2, versions: { old: 2 } }, live: { y: 2 }, version: 4 },
      ],
    ],
    otherVersions: 'BadRequest',
  },
  {
    write: 'PUT base',
    from: 'a base with a live version',
    created: false,
    revision: 8,
    rows: [
      ['absent', 'leaves the live version', { base: { a: 1, b: 2 }, live: { x: 1 }, version: 3 }],
      [
        '{}',
        'leaves the live version, and stores empty versions',
        { base: { a: 1, b: 2, versions: {} }, live: { x: 1 }, version: 3 },
      ],
      [
        'no current',
        'leaves the live version, and stores the data',
        { base: { a: 1, b: 2, versions: { old: 2 } }, live: { x: 1 }, version: 3 },
      ],
      [
        'empty current',
        'writes the live version, and publishes nothing: it is equal',
        { base: { a: 1, b: 2 }, live: { x: 1 }, version: 3 },
      ],
      [
        'current',
        'merges into the live version',
        { base: { a: 1, b: 2 }, live: { x: 1, y: 2 }, version: 4 },
      ],
      [
        'current and others',
        'merges into the live version, and stores the data',
        { base: { a: 1, b: 2, versions: { old: 2 } }, live: { x: 1, y: 2 }, version: 4 },
      ],
    ],
    otherVersions: 'BadRequest',
  },
  {
    write: 'POST base',
    from: 'a base with a live version and versions data',
    created: false,
    revision: 8,
    rows: [
      [
        'absent',
        'removes the data, and leaves the live version',
        { base: { b: 2 }, live: { x: 1 }, version: 3 },
      ],
      [
        '{}',
        'leaves empty versions, and the live version',
        { base: { b: 2, versions: {} }, live: { x: 1 }, version: 3 },
      ],
      [
        'no current',
        'replaces the data, and leaves the live version',
        { base: { b: 2, versions: { old: 2 } }, live: { x: 1 }, version: 3 },
      ],
      [
        'empty current',
        'removes the data, and empties the live version',
        { base: { b: 2 }, live: {}, version: 4 },
      ],
      [
        'current',
        'removes the data, and replaces the live version',
        { base: { b: 2 }, live: { y: 2 }, version: 4 },
      ],
      [
        'current and others',
        'replaces both',
        { base: { b: 2, versions: { old: 2 } }, live: { y: 2 }, version: 4 },
      ],
    ],
    otherVersions: 'BadRequest',
  },
  {
    write: 'PUT base',
    from: 'a base with a live version and versions data',
    created: false,
    revision: 8,
    rows: [
      [
        'absent',
        'keeps data and live version',
        { base: { a: 1, b: 2, versions: { draft: 1 } }, live: { x: 1 }, version: 3 },
      ],
      [
        '{}',
        'keeps data and live version',
        { base: { a: 1, b: 2, versions: { draft: 1 } }, live: { x: 1 }, version: 3 },
      ],
      [
        'no current',
        'merges into the data, and leaves the live version',
        { base: { a: 1, b: 2, versions: { draft: 1, old: 2 } }, live: { x: 1 }, version: 3 },
      ],
      [
        'empty current',
        'keeps the data, writes the live version, and publishes nothing: it is equal',
        { base: { a: 1, b: 2, versions: { draft: 1 } }, live: { x: 1 }, version: 3 },
      ],
      [
        'current',
        'keeps the data, and merges into the live version',
        { base: { a: 1, b: 2, versions: { draft: 1 } }, live: { x: 1, y: 2 }, version: 4 },
      ],
      [
        'current and others',
        'merges into both',
        { base: { a: 1, b: 2, versions: { draft: 1, old: 2 } }, live: { x: 1, y: 2 }, version: 4 },
      ],
    ],
    otherVersions: 'BadRequest',
  },
]
