/** What counts as the same request again: by fingerprint, while it is kept, and one at a time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Refusal } from '../contract/errors.ts'
import { decideRepeat, makeRunningRepeats } from './idempotency.ts'

const repeat = { key: 'k', fingerprint: 'f', keptUntil: 9000 }

test('the first request of a key is not repeated', () => {
  assert.equal(decideRepeat(undefined, repeat, 1), false)
})

test('the same request is repeated while the first is kept, until the millisecond before', () => {
  const kept = { fingerprint: 'f', keptUntil: 1000 }
  assert.equal(decideRepeat(kept, repeat, 0), true)
  assert.equal(decideRepeat(kept, repeat, 999), true)
  assert.equal(decideRepeat(kept, repeat, 1000), false)
  assert.equal(decideRepeat(kept, repeat, 5000), false)
})

test('another request is refused while the first is kept, and is a first one then', () => {
  const kept = { fingerprint: 'another', keptUntil: 1000 }
  for (const at of [0, 999]) {
    assert.throws(() => decideRepeat(kept, repeat, at), {
      name: 'Refusal',
      code: 'IdempotencyMismatch',
      message: /came with another request before/,
    })
  }
  assert.equal(decideRepeat(kept, repeat, 1000), false)
})

test('of requests with one name, one runs at a time; the others are told when to come back', () => {
  const running = makeRunningRepeats()
  const end = running.begin('apikey:1 k')
  for (let asked = 0; asked < 3; asked++) {
    assert.throws(
      () => running.begin('apikey:1 k'),
      (error) =>
        error instanceof Refusal &&
        error.code === 'Conflict' &&
        error.hints.retryAfterSeconds === 1 &&
        /still runs/.test(error.message),
    )
  }
  for (const other of ['apikey:2 k', 'apikey:1 K', 'apikey:1 k2', '']) running.begin(other)
  end()
  running.begin('apikey:1 k')()
  running.begin('apikey:1 k')
})

test('two servers do not know of each other', () => {
  makeRunningRepeats().begin('k')
  makeRunningRepeats().begin('k')
})
