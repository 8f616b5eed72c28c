/**
 * The rule book of writing a base, by table: what was there, which write, what its body says of
 * versions, and what is there after it. Each row reads as a request.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { groups } from '../../test/support/base-write-rows.ts'
import { refusalOf } from '../../test/support/refusal.ts'
import {
  checkOutcome,
  decideRequest,
  mentions,
  notObjects,
  stateNames,
  states,
} from '../../test/support/rule-book.ts'
import type { JsonObject } from '../contract/json.ts'

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
          assert.equal(refusalOf(() => decideRequest(before, write, body)).code, after)
          return
        }
        const saysLive = mention.includes('current') && mention !== 'no current'
        checkOutcome(before, decideRequest(before, write, body), {
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
          const refusal = refusalOf(() => decideRequest(before, write, body))
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
          checkOutcome(before, decideRequest(before, write, body), {
            ...after,
            created,
            revision,
            wrote,
          })
        })
      }
    }

    for (const current of [null, [], ['y'], 'y', 0, true]) {
      test(`with ${JSON.stringify(current)} as versions.current is refused`, () => {
        const refusal = refusalOf(() =>
          decideRequest(before, write, { b: 2, versions: { current } }),
        )
        assert.equal(refusal.code, 'BadRequest')
        assert.equal(refusal.details[0]?.pointer, '/versions/current')
      })
    }
  })
}

function describeBody(mention: keyof typeof mentions): string {
  const body: JsonObject = mentions[mention]
  return mention === 'absent' ? 'without versions' : `with ${JSON.stringify(body)}`
}
