/** The rate of a key, against a count of what was let through, on a clock that is set by hand. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seed, tellSeed } from '../../test/support/seed.ts'
import { Refusal } from '../contract/errors.ts'
import { makeKeyRate } from './key-rate.ts'

fc.configureGlobal({ seed })
tellSeed()

function rateOf(perSecond: number) {
  const clock = { time: 1_800_000_000_000 }
  const take = makeKeyRate(perSecond, () => clock.time)
  return {
    clock,
    /** Undefined when it was let through; else the seconds to wait. */
    ask(keyId = 'key'): number | undefined {
      try {
        take(keyId)
        return undefined
      } catch (error) {
        assert.ok(error instanceof Refusal)
        assert.equal(error.code, 'ResourceExhausted')
        assert.ok(error.message.includes(`${perSecond} requests a second`))
        return error.hints.retryAfterSeconds ?? assert.fail('it does not say when')
      }
    },
  }
}

test('a rate of 0 sets no bound', () => {
  const { ask } = rateOf(0)
  for (let asked = 0; asked < 10_000; asked++) assert.equal(ask(), undefined)
})

test('a second of requests is let through at once, and not one more', () => {
  for (const perSecond of [1, 7, 1000]) {
    const { ask } = rateOf(perSecond)
    for (let asked = 0; asked < perSecond; asked++) assert.equal(ask(), undefined)
    assert.equal(ask(), 1)
  }
})

test('room comes back with time, evenly', () => {
  const { clock, ask } = rateOf(10)
  for (let asked = 0; asked < 10; asked++) ask()
  clock.time += 99
  assert.equal(ask(), 1)
  clock.time += 1
  assert.equal(ask(), undefined)
  assert.equal(ask(), 1)
  clock.time += 1000
  for (let asked = 0; asked < 10; asked++) assert.equal(ask(), undefined)
  assert.equal(ask(), 1)
})

test('a key that was quiet for long has no more than a second of requests', () => {
  const { clock, ask } = rateOf(5)
  ask()
  clock.time += 86_400_000
  for (let asked = 0; asked < 5; asked++) assert.equal(ask(), undefined)
  assert.equal(ask(), 1)
})

test('one key takes nothing from another', () => {
  const { ask } = rateOf(2)
  for (let asked = 0; asked < 50; asked++) ask('wild')
  assert.equal(ask('wild'), 1)
  assert.equal(ask('quiet'), undefined)
  assert.equal(ask('quiet'), undefined)
  assert.equal(ask('quiet'), 1)
})

test('being refused costs nothing: who waits as told is let through', () => {
  const { clock, ask } = rateOf(1)
  ask()
  for (let asked = 0; asked < 100; asked++) assert.equal(ask(), 1)
  clock.time += 1000
  assert.equal(ask(), undefined)
})

test('a clock that was set back gives no room, and takes none', () => {
  const { clock, ask } = rateOf(2)
  ask()
  clock.time -= 3_600_000
  assert.equal(ask(), undefined)
  assert.equal(ask(), 1)
  clock.time += 500
  assert.equal(ask(), undefined)
})

test('over any time, no more come through than the rate and one second of it', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: -300, max: 900 }), fc.nat(12)), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), steps, (perSecond, all) => {
      const { clock, ask } = rateOf(perSecond)
      let through = 0
      let passed = 0
      for (const [ms, requests] of all) {
        clock.time += ms
        passed += Math.max(0, ms)
        for (let asked = 0; asked < requests; asked++) if (ask() === undefined) through++
        assert.ok(through <= perSecond + (passed * perSecond) / 1000 + 1e-6)
      }
    }),
    { numRuns: 500 },
  )
})

test('many keys are forgotten once their second is full, and those that wait are not', () => {
  const { clock, ask } = rateOf(1)
  ask('waiting')
  for (let key = 0; key < 10_050; key++) ask(`key ${key}`)
  // All of them must still be known: less than a second has gone.
  clock.time += 999
  assert.equal(ask('waiting'), 1)
  assert.equal(ask('key 1'), 1)
  clock.time += 1
  assert.equal(ask('waiting'), undefined)
  assert.equal(ask('waiting'), 1)
})
