/** Duplicates are found whatever their order and number, against a map that remembers all names. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../test/support/random.ts'
import { seed, tellSeed } from '../../test/support/seed.ts'
import type { DocumentAddress } from '../contract/names.ts'
import { makeDuplicateFinder } from './duplicates.ts'

tellSeed()

const addressOf = (collection: string, document: string) =>
  ({ tenant: 'acme', collection, document }) as DocumentAddress

test('a line that names what an earlier one named is found, with that one', () => {
  const finder = makeDuplicateFinder()
  finder.note(addressOf('a', 'b'), 1)
  finder.note(addressOf('a', 'c'), 2)
  finder.note(addressOf('', ''), 3)
  finder.note(addressOf('a', 'b'), 5)
  finder.note(addressOf('', ''), 7)
  finder.note(addressOf('a', 'b'), 8)
  assert.deepEqual(finder.find(9), {
    count: 3,
    duplicates: [
      { number: 5, first: 1 },
      { number: 7, first: 3 },
      { number: 8, first: 1 },
    ],
  })
  assert.equal(finder.find(1).count, 3)
  assert.deepEqual(finder.find(1).duplicates, [{ number: 5, first: 1 }])
})

test('other names are no duplicates, however much alike', () => {
  const finder = makeDuplicateFinder()
  const names = ['a', 'A', 'a ', 'é', 'e\u0301', 'ab', 'b', 'ba']
  let number = 0
  for (const collection of names) {
    for (const document of names) finder.note(addressOf(collection, document), ++number)
  }
  assert.deepEqual(finder.find(9), { count: 0, duplicates: [] })
})

test('of many lines the same are found as by remembering all names', () => {
  const random = seededRandom(seed)
  for (const lines of [0, 1, 1023, 1024, 1025, 5000]) {
    const finder = makeDuplicateFinder()
    const firsts = new Map<string, number>()
    const expected: { number: number; first: number }[] = []
    for (let number = 1; number <= lines; number++) {
      const name = `d${Math.floor(random() * lines * 2)}`
      finder.note(addressOf('things', name), number)
      const first = firsts.get(name)
      if (first === undefined) firsts.set(name, number)
      else expected.push({ number, first })
    }
    assert.deepEqual(finder.find(Infinity), { count: expected.length, duplicates: expected })
  }
})
