/** Uses of keys between memory and store: written once, the latest, and not lost to a fault. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gatherLastUsed } from './last-used.ts'

/** A store that remembers each write, and fails or waits when it is told to. */
function gather() {
  const written: { [keyId: string]: number }[] = []
  const store = { before: async () => {} }
  const lastUsed = gatherLastUsed({
    async recordUse(uses) {
      const taken = Object.fromEntries(uses)
      await store.before()
      written.push(taken)
    },
  })
  return { lastUsed, written, store }
}

const fail = () => Promise.reject(new Error('the disk is full'))
const work = async () => {}

test('the latest use of each key is written, in one write', async () => {
  const { lastUsed, written } = gather()
  lastUsed.note('a', 1)
  lastUsed.note('b', 2)
  lastUsed.note('a', 3)
  await lastUsed.flush()
  assert.deepEqual(written, [{ a: 3, b: 2 }])
})

test('nothing is written before it is time', async () => {
  const { lastUsed, written } = gather()
  lastUsed.note('a', 1)
  await new Promise(setImmediate)
  assert.deepEqual(written, [])
})

test('what was written is not written again', async () => {
  const { lastUsed, written } = gather()
  lastUsed.note('a', 1)
  await lastUsed.flush()
  await lastUsed.flush()
  lastUsed.note('b', 2)
  await lastUsed.flush()
  assert.deepEqual(written, [{ a: 1 }, { b: 2 }])
})

test('the store is left alone when nothing was noted', async () => {
  const { lastUsed, written } = gather()
  await lastUsed.flush()
  assert.deepEqual(written, [])
})

test('a fault is thrown, and what it kept from the store is written the next time', async () => {
  const { lastUsed, written, store } = gather()
  lastUsed.note('a', 1)
  lastUsed.note('b', 1)
  store.before = fail
  await assert.rejects(lastUsed.flush(), /the disk is full/)
  await assert.rejects(lastUsed.flush(), /the disk is full/)
  store.before = work
  await lastUsed.flush()
  assert.deepEqual(written, [{ a: 1, b: 1 }])
})

test('a use noted after a fault is not overwritten by the one that was kept', async () => {
  const { lastUsed, written, store } = gather()
  lastUsed.note('a', 1)
  store.before = fail
  await assert.rejects(lastUsed.flush())
  lastUsed.note('a', 2)
  store.before = work
  await lastUsed.flush()
  assert.deepEqual(written, [{ a: 2 }])
})

test('a use noted during a write that fails is not overwritten, and the others kept', async () => {
  const { lastUsed, written, store } = gather()
  lastUsed.note('a', 1)
  lastUsed.note('b', 1)
  const { promise, reject } = Promise.withResolvers<void>()
  store.before = () => promise
  const flushing = lastUsed.flush()
  lastUsed.note('a', 2)
  reject(new Error('the disk is full'))
  await assert.rejects(flushing)
  store.before = work
  await lastUsed.flush()
  assert.deepEqual(written, [{ a: 2, b: 1 }])
})

test('a use noted during a write is left for the next one', async () => {
  const { lastUsed, written, store } = gather()
  lastUsed.note('a', 1)
  const { promise, resolve } = Promise.withResolvers<void>()
  store.before = () => promise
  const flushing = lastUsed.flush()
  lastUsed.note('a', 2)
  resolve()
  await flushing
  assert.deepEqual(written, [{ a: 1 }])
  await lastUsed.flush()
  assert.deepEqual(written, [{ a: 1 }, { a: 2 }])
})
