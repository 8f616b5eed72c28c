/** PUT's merge, by table for what it does to each kind of value, by property for what it keeps. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Json, JsonObject } from '../contract/json.ts'
import { isJsonObject } from '../contract/json.ts'
import { merge } from './merge.ts'

type Row = {
  readonly title: string
  readonly before: JsonObject
  readonly change: JsonObject
  readonly deep: JsonObject
  /** Where it differs. */
  readonly shallow?: JsonObject
}

const rows: readonly Row[] = [
  {
    title: 'a member that is not mentioned is kept',
    before: { a: 1, b: 2 },
    change: { b: 3 },
    deep: { a: 1, b: 3 },
  },
  {
    title: 'a member that is not mentioned is kept at every depth',
    before: { a: { b: { c: 1, d: 2 }, e: 3 } },
    change: { a: { b: { d: 4 } } },
    deep: { a: { b: { c: 1, d: 4 }, e: 3 } },
    shallow: { a: { b: { d: 4 } } },
  },
  { title: 'a new member is added', before: { a: 1 }, change: { b: 2 }, deep: { a: 1, b: 2 } },
  {
    title: 'an empty change changes nothing',
    before: { a: { b: 1 } },
    change: {},
    deep: { a: { b: 1 } },
  },
  {
    title: 'an empty object merged into an object changes nothing',
    before: { a: { b: 1 } },
    change: { a: {} },
    deep: { a: { b: 1 } },
    shallow: { a: {} },
  },
  {
    title: 'null is a value and is stored',
    before: { a: 1, b: { c: 2 } },
    change: { a: null, b: { c: null } },
    deep: { a: null, b: { c: null } },
  },
  {
    title: 'null replaces an object, and an object null',
    before: { a: { b: 1 }, c: null },
    change: { a: null, c: { d: 2 } },
    deep: { a: null, c: { d: 2 } },
  },
  {
    title: 'an array is replaced whole, elements and all',
    before: { a: [1, { b: 2 }, 3] },
    change: { a: [{ c: 4 }] },
    deep: { a: [{ c: 4 }] },
  },
  {
    title: 'an array replaces an object, and an object an array',
    before: { a: { b: 1 }, c: [1] },
    change: { a: [2], c: { 0: 3 } },
    deep: { a: [2], c: { 0: 3 } },
  },
  {
    title: 'a scalar replaces an object, and an object a scalar',
    before: { a: { b: 1 }, c: 'text' },
    change: { a: 2, c: { d: 3 } },
    deep: { a: 2, c: { d: 3 } },
  },
  {
    title: 'false, 0 and the empty text are values like others',
    before: { a: true, b: 1, c: 'x' },
    change: { a: false, b: 0, c: '' },
    deep: { a: false, b: 0, c: '' },
  },
  {
    title: 'a key with a dot is a key with a dot',
    before: { a: { b: 1 } },
    change: { 'a.b': 2 },
    deep: { a: { b: 1 }, 'a.b': 2 },
  },
  {
    title: 'keys that every object inherits are ordinary',
    before: { a: 1 },
    change: { constructor: { prototype: { b: 2 } }, toString: 3 },
    deep: { a: 1, constructor: { prototype: { b: 2 } }, toString: 3 },
  },
  {
    title: 'the empty key is a key',
    before: { '': { a: 1 } },
    change: { '': { b: 2 } },
    deep: { '': { a: 1, b: 2 } },
    shallow: { '': { b: 2 } },
  },
]

for (const depth of ['deep', 'shallow'] as const) {
  describe(`a ${depth} merge`, () => {
    for (const { title, before, change, deep, shallow } of rows) {
      test(title, () => {
        const expected = depth === 'deep' ? deep : (shallow ?? deep)
        assert.deepEqual(merge(before, change, depth), expected)
      })
    }
  })
}

test('members keep their places, and new ones come behind them', () => {
  const merged = merge({ b: 1, a: { d: 1, c: 1 } }, { e: 2, a: { f: 2, c: 2 }, b: 2 }, 'deep')
  assert.equal(JSON.stringify(merged), '{"b":2,"a":{"d":1,"c":2,"f":2},"e":2}')
})

/** Few keys, so that before and change often speak of the same place. */
const key = fc.constantFrom('a', 'b', 'c', 'a.b', 'constructor', '')
const { object: anyObject } = fc.letrec<{ json: Json; object: JsonObject }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<Json>(null, true, 0, 1, 'x', [], [1, {}]),
    tie('object'),
  ),
  object: fc.dictionary(key, tie('json'), { maxKeys: 4, noNullPrototype: true }),
}))
const depths = fc.constantFrom('deep' as const, 'shallow' as const)

/** All that is no object with members, by its way from the root. */
function leavesOf(value: Json, way = ''): ReadonlyMap<string, string> {
  if (!isJsonObject(value) || Object.keys(value).length === 0) {
    return new Map([[way, JSON.stringify(value)]])
  }
  const members = Object.entries(value)
  return new Map(members.flatMap(([name, member]) => [...leavesOf(member, `${way}/${name}`)]))
}

test('every leaf of the change is in the outcome, unless it is {} over an object', () => {
  fc.assert(
    fc.property(anyObject, anyObject, (before, change) => {
      const merged = leavesOf(merge(before, change, 'deep'))
      for (const [way, leaf] of leavesOf(change)) {
        const within = [...merged.keys()].some((other) => other.startsWith(`${way}/`))
        assert.ok(merged.get(way) === leaf || (leaf === '{}' && within), way)
      }
    }),
    { numRuns: 2000 },
  )
})

test('every leaf of before that the change says nothing on is in the outcome', () => {
  fc.assert(
    fc.property(anyObject, anyObject, (before, change) => {
      const merged = leavesOf(merge(before, change, 'deep'))
      const said = [...leavesOf(change).keys()]
      for (const [way, leaf] of leavesOf(before)) {
        const mentioned = said.some(
          (other) => way === other || way.startsWith(`${other}/`) || other.startsWith(`${way}/`),
        )
        if (!mentioned) assert.equal(merged.get(way), leaf, way)
      }
    }),
    { numRuns: 2000 },
  )
})

test('merging the same again changes nothing', () => {
  fc.assert(
    fc.property(anyObject, anyObject, depths, (before, change, depth) => {
      const once = merge(before, change, depth)
      assert.deepEqual(merge(once, change, depth), once)
      assert.deepEqual(merge(before, {}, depth), before)
      assert.deepEqual(merge({}, change, depth), change)
      assert.deepEqual(merge(change, change, depth), change)
    }),
    { numRuns: 1000 },
  )
})

test('neither what was there nor the change is altered', () => {
  fc.assert(
    fc.property(anyObject, anyObject, depths, (before, change, depth) => {
      const copies = structuredClone([before, change])
      merge(before, change, depth)
      assert.deepEqual([before, change], copies)
    }),
    { numRuns: 1000 },
  )
})
