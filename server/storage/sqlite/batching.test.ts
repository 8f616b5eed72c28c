/** Which writes share a commit, step by step, without a thread or a clock. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Batched, Batching } from './batching.ts'
import { batchMaxItems, makeBatching } from './batching.ts'

type Item = Batched & { readonly name: string }

const long = 1.5
const short = 0.5

const item = (name: string, characters = 10, owner = ''): Item => ({ name, characters, owner })
const namesOf = (items: readonly Item[] | undefined) => items?.map(({ name }) => name).join(' ')

/** Adds these, one a letter. */
function add(batching: Batching<Item>, names: string): void {
  for (const name of names) assert.ok(batching.add(item(name)))
}

/** One in which these were just written together, by a batch that took so long. */
function written(names: string, durationMs: number): Batching<Item> {
  const batching = makeBatching<Item>()
  add(batching, names)
  assert.equal(batching.take()?.length, names.length)
  batching.end(durationMs, batchMaxItems)
  return batching
}

describe('a batch', () => {
  test('goes at once when nothing is under way, and alone', () => {
    const batching = makeBatching<Item>()
    assert.equal(batching.take(), undefined)
    add(batching, 'a')
    assert.equal(namesOf(batching.take()), 'a')
    add(batching, 'bc')
    assert.equal(batching.take(), undefined)
    assert.equal(batching.waiting, 3)
    assert.equal(namesOf(batching.end(short, batchMaxItems)), 'a')
    assert.equal(namesOf(batching.take()), 'b c')
  })

  test('takes so many, and leaves the others for the next', () => {
    const batching = makeBatching<Item>()
    for (let n = 0; n <= batchMaxItems; n++) batching.add(item(String(n)))
    assert.equal(batching.take()?.length, batchMaxItems)
    batching.end(short, batchMaxItems)
    assert.equal(namesOf(batching.take()), String(batchMaxItems))
  })

  test('comes back in part, and what is left goes before all else of its owner', () => {
    const batching = makeBatching<Item>()
    add(batching, 'abc')
    batching.take()
    add(batching, 'd')
    assert.equal(namesOf(batching.end(long, 1)), 'a')
    assert.equal(batching.gatheringMs, undefined, 'nobody is waited for while others wait')
    assert.equal(batching.waiting, 3)
    assert.equal(namesOf(batching.take()), 'b c d')
  })

  test('takes of each owner in turn, each one in its order', () => {
    const batching = makeBatching<Item>()
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2']) {
      batching.add(item(name, 10, name.charAt(0)))
    }
    assert.equal(namesOf(batching.take()), 'a1 b1 c1 a2 b2 a3 a4')
    batching.add(item('c2', 10, 'c'))
    assert.equal(namesOf(batching.end(long, 3)), 'a1 b1 c1')
    assert.equal(namesOf(batching.take()), 'c2 a2 b2 a3 a4')
  })

  test('of one owner who sent very much keeps another waiting for one commit', () => {
    const batching = makeBatching<Item>()
    for (let n = 0; n < 3 * batchMaxItems; n++) batching.add(item(`a${n}`, 10, 'a'))
    batching.take()
    batching.add(item('b', 10, 'b'))
    batching.end(long, 1)
    assert.ok(
      batching
        .take()
        ?.slice(0, 2)
        .some(({ name }) => name === 'b'),
    )
  })

  test('takes so much text, and one item however large', () => {
    const batching = makeBatching<Item>()
    for (const name of ['a', 'b', 'c']) batching.add(item(name, 3_000_000))
    batching.add(item('d', 10_000_000))
    for (const name of ['a', 'b', 'c', 'd']) {
      assert.equal(namesOf(batching.take()), name)
      batching.end(short, batchMaxItems)
    }
  })

  test('is not added to beyond 64 MiB that wait, and is again when they have gone', () => {
    const batching = makeBatching<Item>()
    const half = 32 * 1_048_576
    add(batching, 'a')
    batching.take()
    assert.ok(batching.add(item('b', half)))
    assert.ok(batching.add(item('c', half)))
    assert.equal(batching.add(item('d', 1)), false)
    batching.end(short, batchMaxItems)
    assert.equal(namesOf(batching.take()), 'b')
    assert.ok(batching.add(item('d', half)))
  })
})

describe('behind a long batch', () => {
  test('the next one waits until as many as were answered are there', () => {
    const batching = written('abc', long)
    assert.ok((batching.gatheringMs ?? 0) > 0)
    add(batching, 'de')
    assert.equal(batching.take(), undefined)
    add(batching, 'f')
    assert.equal(namesOf(batching.take()), 'd e f')
    assert.equal(batching.gatheringMs, undefined)
  })

  test('those who waited before go together with those who come again', () => {
    const batching = makeBatching<Item>()
    add(batching, 'ab')
    batching.take()
    add(batching, 'cd')
    batching.end(long, batchMaxItems)
    add(batching, 'a')
    assert.equal(batching.take(), undefined)
    add(batching, 'b')
    assert.equal(namesOf(batching.take()), 'c d a b')
  })

  test('nobody waits longer than the moment', () => {
    const batching = written('abc', long)
    add(batching, 'd')
    assert.equal(batching.take(), undefined)
    batching.stopGathering()
    assert.equal(namesOf(batching.take()), 'd')
  })

  test('a single client is waited for by nobody', () => {
    const batching = written('a', long)
    assert.equal(batching.gatheringMs, undefined)
    add(batching, 'a')
    assert.equal(namesOf(batching.take()), 'a')
  })

  test('where clients do not come again, the next 32 batches wait for none', () => {
    const batching = written('abcd', long)
    add(batching, 'e')
    batching.stopGathering()
    let without = 0
    for (;;) {
      add(batching, 'fg')
      batching.take()
      batching.end(long, batchMaxItems)
      if (batching.gatheringMs !== undefined) break
      without++
    }
    assert.equal(without, 32)
  })

  test('where half came again, the next batch waits as well', () => {
    const batching = written('abcd', long)
    add(batching, 'ab')
    batching.stopGathering()
    assert.equal(namesOf(batching.take()), 'a b')
    batching.end(long, batchMaxItems)
    assert.notEqual(batching.gatheringMs, undefined)
  })

  test('nothing is waited for once it drains', () => {
    const batching = written('abc', long)
    batching.drain()
    add(batching, 'd')
    assert.equal(namesOf(batching.take()), 'd')
    add(batching, 'e')
    batching.end(long, batchMaxItems)
    assert.equal(namesOf(batching.take()), 'e')
  })
})

test('behind a short batch nothing is waited for', () => {
  const batching = written('abc', short)
  assert.equal(batching.gatheringMs, undefined)
  add(batching, 'd')
  assert.equal(namesOf(batching.take()), 'd')
})

test('what is cleared is all that waits and is under way', () => {
  const batching = makeBatching<Item>()
  add(batching, 'ab')
  batching.take()
  add(batching, 'c')
  assert.equal(namesOf(batching.clear('all')), 'a b c')
  assert.equal(batching.waiting, 0)
  assert.equal(batching.busy, false)
})

test('what waits alone can be cleared too', () => {
  const batching = makeBatching<Item>()
  add(batching, 'a')
  batching.take()
  add(batching, 'bc')
  assert.equal(namesOf(batching.clear('waiting')), 'b c')
  assert.equal(batching.waiting, 1)
  assert.equal(batching.busy, true)
})
