/**
 * The rule book of writing a live version, by table: what was there, which write, and what is
 * there after it, whatever the body says of versions.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { refusalOf } from '../../test/support/refusal.ts'
import type { State } from '../../test/support/rule-book.ts'
import {
  checkOutcome,
  decideRequest,
  mentions,
  notObjects,
  stateNames,
  states,
} from '../../test/support/rule-book.ts'
import type { RefusalCode } from '../contract/errors.ts'
import type { JsonObject } from '../contract/json.ts'
import type { Part } from './write.ts'

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
          assert.equal(refusalOf(() => decideRequest(states[from], write, body)).code, after)
          return
        }
        const { liveBeside, ...rest } = after
        const live = { ...liveBeside, ...body }
        checkOutcome(states[from], decideRequest(states[from], write, body), { ...rest, live })
      })
    }
  })
}
