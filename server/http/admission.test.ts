/** Admission: so many at once and no more, and a place that is given back is there again, once. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { seed, tellSeed } from '../../test/support/seed.ts'
import { makeAdmission } from './admission.ts'

fc.configureGlobal({ seed })
tellSeed()

const refused = { name: 'Refusal', code: 'Unavailable', message: /too much in hand/ }

test('as many are let in at once as there are places, and the next is told to come back', () => {
  for (const places of [1, 2, 100]) {
    const admission = makeAdmission(places)
    for (let entered = 0; entered < places; entered++) admission.enter()
    for (let asked = 0; asked < 3; asked++) assert.throws(() => admission.enter(), refused)
  }
})

test('a place that is given back is there for one more', () => {
  const admission = makeAdmission(1)
  for (let round = 0; round < 1000; round++) {
    const { leave } = admission.enter()
    assert.throws(() => admission.enter(), refused)
    leave()
  }
})

test('a place that is given back twice is one place', () => {
  const admission = makeAdmission(2)
  const { leave } = admission.enter()
  admission.enter()
  for (let again = 0; again < 5; again++) leave()
  admission.enter()
  assert.throws(() => admission.enter(), refused)
})

test('who is refused takes no place', () => {
  const admission = makeAdmission(1)
  const { leave } = admission.enter()
  for (let asked = 0; asked < 10; asked++) assert.throws(() => admission.enter(), refused)
  leave()
  admission.enter()
})

test('whatever comes and goes, the count is right', () => {
  const moves = fc.array(fc.oneof(fc.constant('enter' as const), fc.nat(5)), { maxLength: 60 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), moves, (places, all) => {
      const admission = makeAdmission(places)
      const inside: (() => void)[] = []
      for (const move of all) {
        if (move !== 'enter') inside.splice(move, 1)[0]?.()
        else if (inside.length < places) inside.push(admission.enter().leave)
        else assert.throws(() => admission.enter(), refused)
      }
    }),
    { numRuns: 500 },
  )
})

test('a tenant that holds its share leaves the other half to others', () => {
  const admission = makeAdmission(5)
  const claim = (tenant: string) => {
    const place = admission.enter()
    try {
      place.claim(tenant)
    } catch (error) {
      place.leave()
      throw error
    }
    return place
  }
  const held = [claim('a'), claim('a'), claim('a')]
  const share = { name: 'Refusal', code: 'ResourceExhausted', hints: { retryAfterSeconds: 1 } }
  for (let asked = 0; asked < 3; asked++) assert.throws(() => claim('a'), share)
  claim('b')
  held[0]?.leave()
  held[0]?.leave()
  claim('a')
  assert.throws(() => claim('a'), share)
})

test('one place is enough for any tenant', () => {
  const admission = makeAdmission(1)
  for (const tenant of ['a', 'b', 'a']) {
    const place = admission.enter()
    place.claim(tenant)
    place.leave()
  }
})
