/**
 * How large, deep and wide a document may become by writing: the outcome is measured, not the body
 * alone.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { refusalOf } from '../../test/support/refusal.ts'
import { decideRequest, liveState, resourceOf, states } from '../../test/support/rule-book.ts'
import type { JsonObject } from '../contract/json.ts'

describe('limits of the outcome', () => {
  test('a merge may fill the size, and not pass it by a byte', () => {
    // {"a":1,"b":"é…"} in bytes: 14 and two for each é.
    const body = { b: 'é'.repeat(100) }
    const fits = decideRequest(states['a base'], 'PUT base', body, { sizeMaxBytes: 214 })
    assert.equal(Buffer.byteLength(fits.resource.base.content), 214)
    const refusal = refusalOf(() =>
      decideRequest(states['a base'], 'PUT base', body, { sizeMaxBytes: 213 }),
    )
    assert.equal(refusal.code, 'PayloadTooLarge')
    assert.match(refusal.message, /214 bytes, and 213 is the most/)
  })

  test('base and live version count together, without stamps', () => {
    // {"a":1,"versions":{"current":{"y":2}}}
    const size = { sizeMaxBytes: 38 }
    assert.equal(decideRequest(states['a base'], 'POST live', { y: 2 }, size).resource.version, 1)
    for (const write of ['POST live', 'PUT live'] as const) {
      const refusal = refusalOf(() =>
        decideRequest(states[liveState], write, { x: 22 }, { sizeMaxBytes: 38 }),
      )
      assert.equal(refusal.code, 'PayloadTooLarge')
    }
    const larger = refusalOf(() => decideRequest(states[liveState], 'PUT base', { a: 12 }, size))
    assert.equal(larger.code, 'PayloadTooLarge')
  })

  /** Objects in each other, the outermost counted. */
  const nested = (depth: number): JsonObject => (depth === 1 ? {} : { a: nested(depth - 1) })

  test('a live version counts two levels of the base it stands in', () => {
    for (const before of [undefined, states['a base'], states[liveState]]) {
      assert.ok(decideRequest(before, 'POST live', nested(62)).resource.live)
      const refusal = refusalOf(() => decideRequest(before, 'POST live', nested(63)))
      assert.equal(refusal.code, 'BadRequest')
      assert.match(refusal.message, /65 levels deep, and 64 is the most/)
    }
    assert.ok(decideRequest(states[liveState], 'PUT live', nested(62)).resource.live)
    assert.equal(
      refusalOf(() => decideRequest(states[liveState], 'PUT live', nested(63))).code,
      'BadRequest',
    )
  })

  const list = (length: number) => Array<number>(length).fill(0)

  test('a merge may leave 20 000 members and elements, and not one more', () => {
    const half = resourceOf({ a: list(9999) })
    assert.ok(decideRequest(half, 'PUT base', { b: list(9999) }).resource)
    const refusal = refusalOf(() => decideRequest(half, 'PUT base', { b: list(10_000) }))
    assert.equal(refusal.code, 'BadRequest')
    assert.match(refusal.message, /20001 members and elements, and 20000 is the most/)
  })

  test('the members of the live version count, and the two that lead to it', () => {
    const half = resourceOf({ a: list(9999) })
    assert.ok(decideRequest(half, 'POST live', { b: list(9997) }).resource)
    assert.equal(
      refusalOf(() => decideRequest(half, 'POST live', { b: list(9998) })).code,
      'BadRequest',
    )
  })

  test('a replacement is not held to what was there', () => {
    const full = resourceOf({ a: list(19_999) })
    assert.ok(decideRequest(full, 'POST base', { b: list(19_999) }).resource)
  })
})
