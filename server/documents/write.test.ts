/**
 * The rule book of writing as a table: what was there, which write, what its body says of
 * versions, and what is there after it. Bodies are taken apart as the operations do it, so that
 * each row reads as a request. Below the table: stamps, conditions, limits, publishing. SEED=n
 * repeats the random histories.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { seed, tellSeed } from '../../test/support/seed.ts'
import { parseConditions } from '../contract/conditions.ts'
import type { RefusalCode } from '../contract/errors.ts'
import { Refusal } from '../contract/errors.ts'
import type { Json, JsonObject } from '../contract/json.ts'
import { parseJsonObject } from '../contract/json.ts'
import type { LiveVersion, Resource } from './resource.ts'
import { etagOfBase, etagOfLive, showBase, showLive } from './resource.ts'
import { splitBaseBody, withoutStamps } from './versions.ts'
import type { Part, WriteCommand, WriteDecision } from './write.ts'
import { decideWrite } from './write.ts'

fc.configureGlobal({ seed })
tellSeed()

type Write = 'POST base' | 'PUT base' | 'POST live' | 'PUT live'

const earlier = { updated: 1000, updatedBy: 'apikey:earlier' }
const now = { updated: 5000, updatedBy: 'apikey:now' }

function commandOf(write: Write, body: JsonObject, more: Partial<WriteCommand> = {}): WriteCommand {
  const part: Part = write.endsWith('base') ? 'base' : 'live'
  const { content, live } =
    part === 'base'
      ? splitBaseBody(JSON.stringify(body))
      : { content: withoutStamps(JSON.stringify(body)), live: undefined }
  return {
    part,
    mode: write.startsWith('POST') ? 'replace' : 'merge',
    versioned: true,
    mergeDepth: 'deep',
    repeat: undefined,
    content,
    live,
    conditions: {},
    by: now.updatedBy,
    at: now.updated,
    requestId: 'request-1',
    sizeMaxBytes: 1_048_576,
    ...more,
  }
}

function decide(
  current: Resource | undefined,
  write: Write,
  body: JsonObject,
  more: Partial<WriteCommand> = {},
): Omit<WriteDecision, 'resource'> & { readonly resource: Resource } {
  const { resource, change } = decideWrite(current, commandOf(write, body, more))
  assert.ok(resource.base !== undefined, 'there is nothing left of it')
  return { resource, change }
}

function refusalOf(run: () => WriteDecision): Refusal {
  let decision: WriteDecision
  try {
    decision = run()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  return assert.fail(`this was written: ${JSON.stringify(decision.resource).slice(0, 300)}`)
}

function resourceOf(base: JsonObject, live?: JsonObject): Resource {
  return {
    revision: 7,
    version: live === undefined ? 0 : 3,
    base: { content: JSON.stringify(base), ...earlier },
    live: live && { content: JSON.stringify(live), ...earlier, revision: 4 },
  }
}

const contentOf = (document: { content: string } | undefined): Json | undefined =>
  document && JSON.parse(document.content)

/** What was there. Every base holds `a`, every live version `x`. */
const states = {
  'a missing document': undefined,
  'a base': resourceOf({ a: 1 }),
  'a base with versions data': resourceOf({ a: 1, versions: { draft: 1 } }),
  'a base with versions that are no object': resourceOf({ a: 1, versions: 'v' }),
  'a base with a live version': resourceOf({ a: 1 }, { x: 1 }),
  'a base with a live version and versions data': resourceOf(
    { a: 1, versions: { draft: 1 } },
    { x: 1 },
  ),
} as const satisfies { readonly [state: string]: Resource | undefined }

type State = keyof typeof states
const stateNames = Object.keys(states) as State[]

/** What a base body can say of versions, apart from what is refused always or is no object. */
const mentions = {
  absent: {},
  '{}': { versions: {} },
  'no current': { versions: { old: 2 } },
  'empty current': { versions: { current: {} } },
  current: { versions: { current: { y: 2 } } },
  'current and others': { versions: { current: { y: 2 }, old: 2 } },
} as const satisfies { readonly [mention: string]: JsonObject }

const notObjects: readonly Json[] = [null, [], [{ current: {} }], 'w', 0, true]

/** Base content, live content and last published number after the write. */
type After = { base: JsonObject; live?: JsonObject; version: number }
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
const groups: readonly Group[] = [
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

test('the table has every write of a base, over every state, with every mention', () => {
  const cells = groups.flatMap(({ write, from, rows }) =>
    rows.map(([mention]) => `${write} over ${from}: ${mention}`),
  )
  const all = ['POST base', 'PUT base'].flatMap((write) =>
    stateNames.flatMap((state) =>
      Object.keys(mentions).map((mention) => `${write} over ${state}: ${mention}`),
    ),
  )
  assert.deepEqual(cells.sort(), all.sort())
})

for (const { write, from, created, revision, rows, otherVersions } of groups) {
  const before = states[from]

  describe(`${write} over ${from}`, () => {
    for (const [mention, fact, after] of rows) {
      const body: JsonObject = { b: 2, ...mentions[mention] }
      test(`${describeBody(mention)} ${fact}`, () => {
        if (typeof after === 'string') {
          assert.equal(refusalOf(() => decide(before, write, body)).code, after)
          return
        }
        const saysLive = mention.includes('current') && mention !== 'no current'
        checkOutcome(before, decide(before, write, body), {
          ...after,
          created,
          revision,
          wrote: saysLive ? ['base', 'live'] : ['base'],
        })
      })
    }

    for (const versions of notObjects) {
      const body = { b: 2, versions }
      const shown = JSON.stringify(versions)
      if (typeof otherVersions === 'string') {
        test(`with versions ${shown} is refused: ${otherVersions}`, () => {
          const refusal = refusalOf(() => decide(before, write, body))
          assert.equal(refusal.code, otherVersions)
          if (otherVersions === 'BadRequest') {
            assert.deepEqual(
              refusal.details.map(({ pointer }) => pointer),
              ['/versions'],
            )
          }
        })
      } else {
        test(`with versions ${shown} stores them as data`, () => {
          const after = otherVersions(versions)
          const wrote = ['base'] as const
          checkOutcome(before, decide(before, write, body), { ...after, created, revision, wrote })
        })
      }
    }

    for (const current of [null, [], ['y'], 'y', 0, true]) {
      test(`with ${JSON.stringify(current)} as versions.current is refused`, () => {
        const refusal = refusalOf(() => decide(before, write, { b: 2, versions: { current } }))
        assert.equal(refusal.code, 'BadRequest')
        assert.equal(refusal.details[0]?.pointer, '/versions/current')
      })
    }
  })
}

/** In a live version `versions` is ordinary data, so that every mention goes the same way. */
const liveMentions: readonly JsonObject[] = [
  ...Object.values(mentions),
  ...notObjects.map((versions) => ({ versions })),
  ...[null, [], 'y', 0].map((current) => ({ versions: { current } })),
]

type LiveGroup = {
  readonly write: 'POST live' | 'PUT live'
  readonly from: State
  readonly fact: string
  readonly after:
    | RefusalCode
    | {
        readonly base: JsonObject
        /** What the live version has beside the body. */
        readonly liveBeside: JsonObject
        readonly version: number
        readonly revision: number
        readonly created: boolean
        readonly wrote: readonly Part[]
      }
}

const merged = { revision: 8, version: 4, created: false, wrote: ['live'] } as const
const replaced = { ...merged, liveBeside: {} } as const
const made = { ...replaced, version: 1, created: true } as const
const withDraft = { a: 1, versions: { draft: 1 } }

const liveGroups: readonly LiveGroup[] = [
  {
    write: 'POST live',
    from: 'a missing document',
    fact: 'makes an empty base for the live version, both stamped',
    after: { ...made, base: {}, revision: 1, wrote: ['base', 'live'] },
  },
  {
    write: 'POST live',
    from: 'a base',
    fact: 'makes the live version, and does not touch the base',
    after: { ...made, base: { a: 1 } },
  },
  {
    write: 'POST live',
    from: 'a base with versions data',
    fact: 'makes the live version beside the data',
    after: { ...made, base: withDraft },
  },
  {
    write: 'POST live',
    from: 'a base with versions that are no object',
    fact: 'is refused: they would meet a live version',
    after: 'BadRequest',
  },
  {
    write: 'POST live',
    from: 'a base with a live version',
    fact: 'replaces the live version, and does not touch the base',
    after: { ...replaced, base: { a: 1 } },
  },
  {
    write: 'POST live',
    from: 'a base with a live version and versions data',
    fact: 'replaces the live version, and does not touch the data',
    after: { ...replaced, base: withDraft },
  },
  {
    write: 'PUT live',
    from: 'a missing document',
    fact: 'is not found, and makes no base',
    after: 'NotFound',
  },
  { write: 'PUT live', from: 'a base', fact: 'is not found', after: 'NotFound' },
  {
    write: 'PUT live',
    from: 'a base with versions data',
    fact: 'is not found',
    after: 'NotFound',
  },
  {
    write: 'PUT live',
    from: 'a base with versions that are no object',
    fact: 'is not found',
    after: 'NotFound',
  },
  {
    write: 'PUT live',
    from: 'a base with a live version',
    fact: 'merges into the live version, and does not touch the base',
    after: { ...merged, base: { a: 1 }, liveBeside: { x: 1 } },
  },
  {
    write: 'PUT live',
    from: 'a base with a live version and versions data',
    fact: 'merges into the live version, and does not touch the data',
    after: { ...merged, base: withDraft, liveBeside: { x: 1 } },
  },
]

test('the table has every write of a live version over every state', () => {
  const all = ['POST live', 'PUT live'].flatMap((write) =>
    stateNames.map((state) => [write, state]),
  )
  assert.deepEqual(liveGroups.map(({ write, from }) => [write, from]).sort(), all.sort())
})

for (const { write, from, fact, after } of liveGroups) {
  describe(`${write} over ${from}`, () => {
    for (const mention of liveMentions) {
      const body: JsonObject = { y: 2, ...mention }
      test(`with ${JSON.stringify(body)} ${fact}`, () => {
        if (typeof after === 'string') {
          assert.equal(refusalOf(() => decide(states[from], write, body)).code, after)
          return
        }
        const { liveBeside, ...rest } = after
        const live = { ...liveBeside, ...body }
        checkOutcome(states[from], decide(states[from], write, body), { ...rest, live })
      })
    }
  })
}

function describeBody(mention: keyof typeof mentions): string {
  const body: JsonObject = mentions[mention]
  return mention === 'absent' ? 'without versions' : `with ${JSON.stringify(body)}`
}

type Expected = After & {
  readonly created: boolean
  readonly revision: number
  /** The documents that carry the stamps of this write; the others are as they were. */
  readonly wrote: readonly Part[]
}

function checkOutcome(before: Resource | undefined, decision: WriteDecision, expected: Expected) {
  const { resource, change } = decision
  const { base, live, version, created, revision, wrote } = expected
  assert.ok(resource.base !== undefined)
  assert.deepEqual(contentOf(resource.base), base)
  assert.deepEqual(contentOf(resource.live), live)
  assert.equal(resource.revision, revision)
  assert.equal(resource.version, version)
  assert.equal(change.revision, revision)
  assert.equal(change.action === 'create', created)

  const baseStamps = { updated: resource.base.updated, updatedBy: resource.base.updatedBy }
  assert.deepEqual(baseStamps, wrote.includes('base') ? now : earlier)
  if (!wrote.includes('base')) assert.deepEqual(resource.base, before?.base)
  if (wrote.includes('live')) {
    const { content: _, ...rest } = resource.live as LiveVersion
    assert.deepEqual(rest, { ...now, revision })
  } else {
    assert.deepEqual(resource.live, before?.live)
  }

  const published = version > (before?.version ?? 0)
  assert.equal(change.version, published ? version : undefined)
  assert.equal(change.base, wrote.includes('base') ? resource.base.content : undefined)
  assert.equal(change.live, wrote.includes('live') ? resource.live?.content : undefined)
}

const liveState = 'a base with a live version'
const everyWrite: readonly Write[] = ['POST base', 'PUT base', 'POST live', 'PUT live']

describe('the record of a write', () => {
  test('says who, when, in which request, what was done and to which part', () => {
    for (const write of everyWrite) {
      const { change } = decide(states[liveState], write, { b: 2 })
      assert.equal(change.by, 'apikey:now')
      assert.equal(change.at, 5000)
      assert.equal(change.requestId, 'request-1')
      assert.equal(change.action, write.startsWith('POST') ? 'replace' : 'merge')
      assert.equal(change.part, write.endsWith('base') ? 'base' : 'live')
    }
  })

  test('calls the first POST of each part a creation', () => {
    assert.equal(decide(undefined, 'POST base', {}).change.action, 'create')
    assert.equal(decide(undefined, 'POST live', {}).change.action, 'create')
    assert.equal(decide(states['a base'], 'POST live', {}).change.action, 'create')
  })
})

describe('stamps', () => {
  for (const write of everyWrite) {
    test(`${write}: what the client says of them is ignored`, () => {
      const said = { updated: 99_999, updatedBy: 'me' }
      const body: JsonObject = write.endsWith('base')
        ? { ...said, b: 2, versions: { current: { ...said, y: 2 } } }
        : { ...said, y: 2 }
      const { resource } = decide(states[liveState], write, body)
      assert.ok(resource.live)
      for (const document of [resource.live, ...(write.endsWith('base') ? [resource.base] : [])]) {
        assert.equal(document.updated, 5000)
        assert.equal(document.updatedBy, 'apikey:now')
        assert.doesNotMatch(document.content, /updated/)
      }
    })

    test(`${write}: the time is never less than before, when the clock went back`, () => {
      const { resource, change } = decide(states[liveState], write, { b: 2 }, { at: 10 })
      const written = write.endsWith('base') ? resource.base : resource.live
      assert.ok((written?.updated ?? 0) >= 1000)
      assert.equal(change.at, written?.updated)
    })
  }

  test('a live version made again is stamped no earlier than before', () => {
    const { base } = states[liveState] ?? assert.fail()
    const command = { ...commandOf('PUT live', {}), mode: 'delete', at: 7000 } as const
    const { resource: off } = decideWrite(states[liveState], command)
    assert.ok(off.base !== undefined)
    assert.deepEqual([off.base, off.live], [base, undefined])
    const { resource: between } = decide(off, 'PUT base', { b: 2 }, { at: 10 })
    assert.equal(between.base.updated, 7000)
    for (const former of [off, between]) {
      for (const [write, body] of [
        ['POST live', {}],
        ['POST base', { versions: { current: {} } }],
      ] as const) {
        const { resource } = decide(former, write, body, { at: 10 })
        assert.equal(resource.live?.updated, 7000)
        assert.equal(resource.liveEnded, undefined)
        assert.equal(decide(former, write, body, { at: 8000 }).resource.live?.updated, 8000)
      }
    }
  })

  test('the names of stamps are ordinary further down', () => {
    const { resource } = decide(undefined, 'POST base', { a: { updated: 1, updatedBy: 2 } })
    assert.deepEqual(contentOf(resource.base), { a: { updated: 1, updatedBy: 2 } })
  })

  test('two documents that are written together carry one time, whatever they had before', () => {
    for (const [base, live] of [
      [9000, 1000],
      [1000, 9000],
    ] as const) {
      const before = resourceOf({ a: 1 }, { x: 1 })
      assert.ok(before.live)
      const apart: Resource = {
        ...before,
        base: { ...before.base, updated: base },
        live: { ...before.live, updated: live },
      }
      const { resource } = decide(apart, 'PUT base', { versions: { current: {} } })
      assert.equal(resource.base.updated, 9000)
      assert.equal(resource.live?.updated, 9000)
    }
  })

  test('a base that is made for a live version carries the same time and writer', () => {
    const { resource } = decide(undefined, 'POST live', { y: 2 })
    assert.deepEqual(JSON.parse(showBase(resource)), {
      versions: { current: { y: 2, ...now } },
      ...now,
    })
  })
})

describe('conditions', () => {
  const current = states[liveState]
  assert.ok(current?.live)
  const etags = { base: etagOfBase(current), live: etagOfLive(current.live) }
  const matching = (text: string) => ({ conditions: parseConditions(text, undefined) })
  const noneMatching = (text: string) => ({ conditions: parseConditions(undefined, text) })
  const codeOf = (run: () => WriteDecision) => refusalOf(run).code

  for (const write of everyWrite) {
    const own = write.endsWith('base') ? etags.base : etags.live
    const other = write.endsWith('base') ? etags.live : etags.base

    test(`${write} with the right If-Match is written`, () => {
      assert.equal(decide(current, write, {}, matching(own)).resource.revision, 8)
      assert.equal(decide(current, write, {}, matching(`W/${own}`)).resource.revision, 8)
      assert.equal(decide(current, write, {}, matching('*')).resource.revision, 8)
    })

    test(`${write} with the ETag of the other part fails`, () => {
      const refusal = refusalOf(() => decide(current, write, {}, matching(other)))
      assert.equal(refusal.code, 'PreconditionFailed')
      assert.ok(refusal.message.includes(`with ETag ${own}`), refusal.message)
    })

    test(`${write} with If-None-Match fails on what is there`, () => {
      const code = 'PreconditionFailed'
      assert.equal(
        codeOf(() => decide(current, write, {}, noneMatching('*'))),
        code,
      )
      assert.equal(
        codeOf(() => decide(current, write, {}, noneMatching(own))),
        code,
      )
      assert.equal(decide(current, write, {}, noneMatching(other)).resource.revision, 8)
    })

    test(`${write} over nothing: existence comes first for a PUT, the condition for a POST`, () => {
      const code = write.startsWith('PUT') ? 'NotFound' : 'PreconditionFailed'
      assert.equal(
        codeOf(() => decide(undefined, write, {}, matching('*'))),
        code,
      )
      assert.equal(
        codeOf(() => decide(undefined, write, {}, matching('"7-00000000"'))),
        code,
      )
    })

    test(`${write} is refused for its condition before its outcome is measured`, () => {
      const more = { ...matching('"0-00000000"'), sizeMaxBytes: 1 }
      assert.equal(
        codeOf(() => decide(current, write, { b: 2 }, more)),
        'PreconditionFailed',
      )
    })
  }

  test('POST with If-None-Match * creates what is missing', () => {
    for (const write of ['POST base', 'POST live'] as const) {
      assert.equal(decide(undefined, write, {}, noneMatching('*')).change.action, 'create')
    }
  })

  test('on the live version they ask about it, though there is a base', () => {
    const base = states['a base']
    const created = decide(base, 'POST live', {}, noneMatching('*'))
    assert.equal(created.change.action, 'create')
    assert.equal(
      codeOf(() => decide(base, 'POST live', {}, matching('*'))),
      'PreconditionFailed',
    )
    assert.equal(
      codeOf(() => decide(base, 'PUT live', {}, matching('*'))),
      'NotFound',
    )
  })

  test('a write to either part changes the ETag of the base', () => {
    for (const write of everyWrite) {
      assert.notEqual(etagOfBase(decide(current, write, {}).resource), etags.base)
    }
  })

  test('a write to the base alone leaves the ETag of the live version', () => {
    const { resource } = decide(current, 'POST base', { b: 2 })
    assert.ok(resource.live)
    assert.equal(etagOfLive(resource.live), etags.live)
  })

  test('saying the same again changes the ETags', () => {
    const { resource } = decide(current, 'PUT base', { versions: { current: {} } })
    assert.ok(resource.live)
    assert.notEqual(etagOfBase(resource), etags.base)
    assert.notEqual(etagOfLive(resource.live), etags.live)
  })
})

describe('limits of the outcome', () => {
  test('a merge may fill the size, and not pass it by a byte', () => {
    // {"a":1,"b":"é…"} in bytes: 14 and two for each é.
    const body = { b: 'é'.repeat(100) }
    const fits = decide(states['a base'], 'PUT base', body, { sizeMaxBytes: 214 })
    assert.equal(Buffer.byteLength(fits.resource.base.content), 214)
    const refusal = refusalOf(() =>
      decide(states['a base'], 'PUT base', body, { sizeMaxBytes: 213 }),
    )
    assert.equal(refusal.code, 'PayloadTooLarge')
    assert.match(refusal.message, /214 bytes, and 213 is the most/)
  })

  test('base and live version count together, without stamps', () => {
    // {"a":1,"versions":{"current":{"y":2}}}
    const size = { sizeMaxBytes: 38 }
    assert.equal(decide(states['a base'], 'POST live', { y: 2 }, size).resource.version, 1)
    for (const write of ['POST live', 'PUT live'] as const) {
      const refusal = refusalOf(() =>
        decide(states[liveState], write, { x: 22 }, { sizeMaxBytes: 38 }),
      )
      assert.equal(refusal.code, 'PayloadTooLarge')
    }
    const larger = refusalOf(() => decide(states[liveState], 'PUT base', { a: 12 }, size))
    assert.equal(larger.code, 'PayloadTooLarge')
  })

  /** Objects in each other, the outermost counted. */
  const nested = (depth: number): JsonObject => (depth === 1 ? {} : { a: nested(depth - 1) })

  test('a live version counts two levels of the base it stands in', () => {
    for (const before of [undefined, states['a base'], states[liveState]]) {
      assert.ok(decide(before, 'POST live', nested(62)).resource.live)
      const refusal = refusalOf(() => decide(before, 'POST live', nested(63)))
      assert.equal(refusal.code, 'BadRequest')
      assert.match(refusal.message, /65 levels deep, and 64 is the most/)
    }
    assert.ok(decide(states[liveState], 'PUT live', nested(62)).resource.live)
    assert.equal(
      refusalOf(() => decide(states[liveState], 'PUT live', nested(63))).code,
      'BadRequest',
    )
  })

  const list = (length: number) => Array<number>(length).fill(0)

  test('a merge may leave 20 000 members and elements, and not one more', () => {
    const half = resourceOf({ a: list(9999) })
    assert.ok(decide(half, 'PUT base', { b: list(9999) }).resource)
    const refusal = refusalOf(() => decide(half, 'PUT base', { b: list(10_000) }))
    assert.equal(refusal.code, 'BadRequest')
    assert.match(refusal.message, /20001 members and elements, and 20000 is the most/)
  })

  test('the members of the live version count, and the two that lead to it', () => {
    const half = resourceOf({ a: list(9999) })
    assert.ok(decide(half, 'POST live', { b: list(9997) }).resource)
    assert.equal(refusalOf(() => decide(half, 'POST live', { b: list(9998) })).code, 'BadRequest')
  })

  test('a replacement is not held to what was there', () => {
    const full = resourceOf({ a: list(19_999) })
    assert.ok(decide(full, 'POST base', { b: list(19_999) }).resource)
  })
})

describe('publishing', () => {
  const rows: readonly (readonly [title: string, Write, JsonObject, JsonObject, boolean])[] = [
    ['the same again', 'POST live', { x: 1 }, { x: 1 }, false],
    ['other members in another order', 'POST live', { x: 1, y: 2 }, { y: 2, x: 1 }, false],
    [
      'deep members in another order',
      'POST live',
      { x: [{ a: 1, b: 2 }] },
      { x: [{ b: 2, a: 1 }] },
      false,
    ],
    ['other stamps alone', 'POST live', { x: 1 }, { x: 1, updated: 7, updatedBy: 'me' }, false],
    ['an empty merge', 'PUT live', { x: 1 }, {}, false],
    ['a merge of what is there', 'PUT live', { x: { y: 1 }, z: 2 }, { x: { y: 1 } }, false],
    ['elements in another order', 'POST live', { x: [1, 2] }, { x: [2, 1] }, true],
    ['a member less', 'POST live', { x: 1, y: 2 }, { x: 1 }, true],
    ['null for nothing', 'PUT live', {}, { x: null }, true],
    [
      'a key with a quote for one with a backslash',
      'POST live',
      { x: 1, 'w\\': 1 },
      { x: 1, 'w"': 1 },
      true,
    ],
    ['a text for a number', 'PUT live', { x: 1 }, { x: '1' }, true],
  ]
  for (const [title, write, live, body, publishes] of rows) {
    test(`${title} ${publishes ? 'adds a number' : 'adds none, but stamps and counts'}`, () => {
      const { resource, change } = decide(resourceOf({ a: 1 }, live), write, body)
      assert.equal(resource.version, publishes ? 4 : 3)
      assert.equal(change.version, publishes ? 4 : undefined)
      assert.equal(resource.revision, 8)
      assert.equal(resource.live?.revision, 8)
      assert.equal(resource.live?.updated, 5000)
    })
  }

  test('through the base, the same live version again adds no number', () => {
    const { resource } = decide(states[liveState], 'POST base', { versions: { current: { x: 1 } } })
    assert.deepEqual([resource.version, resource.revision], [3, 8])
    assert.deepEqual(contentOf(resource.base), {})
  })

  test('the first live version is number 1, though it is empty', () => {
    assert.equal(decide(undefined, 'POST live', {}).change.version, 1)
  })
})

describe('a shallow merge', () => {
  const shallow = { mergeDepth: 'shallow' } as const

  test('replaces objects below the top of a base whole', () => {
    const before = resourceOf({ a: { b: 1 }, c: { d: 1 } })
    const { resource } = decide(before, 'PUT base', { a: { e: 2 } }, shallow)
    assert.deepEqual(contentOf(resource.base), { a: { e: 2 }, c: { d: 1 } })
  })

  test('replaces objects below the top of a live version whole', () => {
    const before = resourceOf({}, { a: { b: 1 }, c: { d: 1 } })
    const { resource } = decide(before, 'PUT live', { a: { e: 2 } }, shallow)
    assert.deepEqual(contentOf(resource.live), { a: { e: 2 }, c: { d: 1 } })
  })

  test('replaces the data in versions, and leaves a live version alone', () => {
    const before = states['a base with a live version and versions data']
    const { resource } = decide(before, 'PUT base', { versions: { old: 2 } }, shallow)
    assert.deepEqual(contentOf(resource.base), { a: 1, versions: { old: 2 } })
    assert.deepEqual(contentOf(resource.live), { x: 1 })
  })
})

describe('text', () => {
  test('of keys that are numbers keeps its order, through replacing and merging', () => {
    const command = commandOf('POST base', {}, { content: '{"b":1,"2":{"x":1},"1":3}', live: '{}' })
    const { resource } = decideWrite(undefined, command)
    assert.equal(resource.base?.content, '{"b":1,"2":{"x":1},"1":3}')
    const change = commandOf('PUT base', {}, { content: '{"0":4,"2":{"0":1},"b":2}' })
    const merged = decideWrite(resource, change)
    assert.equal(merged.resource.base?.content, '{"b":2,"2":{"x":1,"0":1},"1":3,"0":4}')
    assert.equal(merged.change.base, merged.resource.base?.content)
  })
})

describe('a number', () => {
  test('that a merge does not mention is kept as it was written', () => {
    // A double holds 2^60; JSON.stringify writes another integer for it.
    const before: Resource = {
      ...resourceOf({}),
      base: { content: '{"n":1152921504606846976}', ...earlier },
    }
    const { resource } = decide(before, 'PUT base', { b: 2 })
    assert.equal(resource.base.content, '{"n":1152921504606846976,"b":2}')
  })
})

const key = fc.constantFrom('a', 'b', 'updated', 'updatedBy', 'versions', 'current', 'constructor')
const { object: anyObject } = fc.letrec<{ json: Json; object: JsonObject }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Json>(null, true, 0, 1, 'x', [], [1, {}]),
    tie('object'),
  ),
  object: fc.dictionary(key, tie('json'), { maxKeys: 4, noNullPrototype: true }),
}))
const anyBody = fc.oneof(
  anyObject,
  fc.tuple(anyObject, anyObject).map(([rest, current]) => ({ ...rest, versions: { current } })),
)
const anyWrite = fc.record({
  write: fc.constantFrom(...everyWrite),
  body: anyBody,
  at: fc.integer({ min: 0, max: 100 }),
})

function tryDecide(
  current: Resource | undefined,
  step: { write: Write; body: JsonObject; at: number },
) {
  try {
    return decide(current, step.write, step.body, { at: step.at })
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

test('GET after POST on a missing document is what was sent, but for the stamps', () => {
  fc.assert(
    fc.property(anyBody, fc.constantFrom('POST base', 'POST live'), (body, write) => {
      const decision = tryDecide(undefined, { write, body, at: 1 })
      if (decision === undefined) return
      const { resource } = decision
      const shown = JSON.parse(
        write === 'POST base' ? showBase(resource) : showLive(resource.live as LiveVersion),
      )
      const stamped = (document: JsonObject) => ({
        ...document,
        updated: 1,
        updatedBy: now.updatedBy,
      })
      const sent: JsonObject = structuredClone(body)
      if (write === 'POST base' && resource.live !== undefined) {
        const versions = sent.versions as { current: JsonObject }
        versions.current = stamped(versions.current)
      }
      assert.deepEqual(shown, stamped(sent))
    }),
    { numRuns: 2000 },
  )
})

test('over any history, counters go up by one, times never fall, and no ETag comes twice', () => {
  fc.assert(
    fc.property(fc.array(anyWrite, { maxLength: 12 }), (steps) => {
      let current: Resource | undefined
      const etags = new Set<string>()
      for (const step of steps) {
        const before = structuredClone(current)
        const decision = tryDecide(current, step)
        assert.deepEqual(current, before)
        if (decision === undefined) continue
        const { resource } = decision
        assert.equal(resource.revision, (current?.revision ?? 0) + 1)
        const published = resource.version - (current?.version ?? 0)
        const changed = showContent(resource.live) !== showContent(current?.live)
        assert.equal(published, changed ? 1 : 0)
        assert.ok(resource.base.updated >= (current?.base.updated ?? 0))
        assert.ok((resource.live?.updated ?? 0) >= (current?.live?.updated ?? 0))
        assert.ok(resource.live !== undefined || current?.live === undefined)
        assert.ok(!etags.has(etagOfBase(resource)))
        // Of what is put together, too, the parser sees compact JSON without a key twice.
        const shown = showBase(resource)
        assert.equal(parseJsonObject(Buffer.from(shown), 'refuse'), shown)
        etags.add(etagOfBase(resource))
        current = resource
      }
    }),
    { numRuns: 1000 },
  )
})

/** The content with sorted members, so that equal contents have equal texts. */
function showContent(document: LiveVersion | undefined): string | undefined {
  return document && JSON.stringify(JSON.parse(document.content, sortMembers))
}

function sortMembers(_: string, value: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
}
