/** What tests take for an object, and for saying the same. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../../server/contract/json.ts'
import { isJsonObject, sameText } from './json-values.ts'

test('only an object is an object', () => {
  assert.deepEqual([{}, { a: 1 }].map(isJsonObject), [true, true])
  const others: readonly (Json | undefined)[] = [null, [], 'a', 1, true, undefined]
  assert.ok(others.every((value) => !isJsonObject(value)))
})

test('values say the same whatever the order of their members, and only then', () => {
  const value = { a: [1, { b: null, c: 'x' }], d: {} }
  assert.equal(sameText(value), sameText({ d: {}, a: [1, { c: 'x', b: null }] }))
  const others: readonly Json[] = [
    { a: [1, { b: null, c: 'x' }] },
    { a: [{ b: null, c: 'x' }, 1], d: {} },
    { a: [1, { b: null, c: 'x' }], d: [] },
    { a: [1, { b: null, c: 'y' }], d: {} },
  ]
  assert.ok(others.every((other) => sameText(other) !== sameText(value)))
})
