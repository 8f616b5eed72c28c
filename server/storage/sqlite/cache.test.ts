/** What the cache remembers, and that it never remembers more than it may. SEED=n repeats it. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { seed, tellSeed } from '../../../test/support/seed.ts'
import { makeCache } from './cache.ts'

tellSeed()

type Value = { readonly revision: number; readonly size: number }

const ofSize = (sizeMax: number) =>
  makeCache<Value>(
    sizeMax,
    ({ size }) => size,
    (one, other) => one.revision > other.revision,
  )
const first = { revision: 1, size: 1 }
const second = { revision: 2, size: 1 }

describe('a cache', () => {
  test('finds what was kept, and nothing else', () => {
    const cache = ofSize(10)
    cache.keep('a', first)
    assert.equal(cache.find('a'), first)
    assert.equal(cache.find('b'), undefined)
  })

  test('renews what it knows, forward only, and begins nothing by it', () => {
    const cache = ofSize(10)
    cache.renew('a', second)
    assert.equal(cache.find('a'), undefined)
    cache.keep('a', first)
    cache.renew('a', second)
    assert.equal(cache.find('a'), second)
    cache.renew('a', first)
    assert.equal(cache.find('a'), second)
  })

  test('forgets all at once', () => {
    const cache = ofSize(10)
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) cache.keep(name, first)
    cache.forget()
    for (const name of ['a', 'h']) assert.equal(cache.find(name), undefined)
  })

  test('remembers nothing when it may have nothing', () => {
    const cache = ofSize(0)
    cache.keep('a', first)
    assert.equal(cache.find('a'), undefined)
  })

  test('keeps what is asked for, and lets go of what is not', () => {
    const cache = ofSize(20)
    cache.keep('asked', first)
    for (let n = 0; n < 100; n++) {
      cache.keep(`other ${n}`, first)
      assert.equal(cache.find('asked'), first, `after ${n}`)
    }
    assert.equal(cache.find('other 0'), undefined)
  })

  test('does not find the old of what became too large to keep', () => {
    const cache = ofSize(10)
    cache.keep('a', first)
    cache.renew('a', { revision: 2, size: 11 })
    assert.equal(cache.find('a'), undefined)
  })
})

test('whatever is done, it finds the last of each name or nothing, within its size', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')
  const action = fc.record({
    kind: fc.constantFrom('keep', 'renew', 'find', 'find', 'forget'),
    name,
    size: fc.integer({ min: 1, max: 8 }),
  })
  const property = fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
    const cache = ofSize(12)
    const truth = new Map<string, Value>()
    for (const [at, { kind, name, size }] of actions.entries()) {
      // Both are told of values that are newer than all before them, as a store's are.
      const value = { revision: at + 1, size }
      if (kind === 'keep' || kind === 'renew') {
        truth.set(name, value)
        cache[kind](name, value)
      } else if (kind === 'forget') cache.forget()
      const found = cache.find(name)
      assert.ok(found === undefined || found === truth.get(name), `${name} is of the past`)
      const held = [...truth.keys()].map((each) => cache.find(each)?.size ?? 0)
      assert.ok(held.reduce((sum, size) => sum + size, 0) <= 12, 'it holds too much')
    }
  })
  fc.assert(property, { seed, numRuns: 500 })
})
