/**
 * PUT's merge, by table for what it does to each kind of value, by property for what it keeps, and
 * against a merge of objects. SEED=n repeats the random ones.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { objectsOf } from '../../test/support/any-json.ts'
import { isJsonObject } from '../../test/support/json-values.ts'
import { seed, tellSeed } from '../../test/support/seed.ts'
import type { Json, JsonObject } from '../contract/json.ts'
import { parseJsonObject } from '../contract/json.ts'
import type { JsonText } from '../contract/json-text.ts'
import type { MergeDepth } from './merge.ts'
import { merge } from './merge.ts'

fc.configureGlobal({ seed })
tellSeed()

/** The merge of the texts, after a look that what comes out is compact. */
function mergeText(before: JsonText, change: JsonText, depth: MergeDepth): JsonText {
  const merged = merge(before, change, depth)
  assert.equal(parseJsonObject(Buffer.from(merged), 'refuse'), merged)
  return merged
}

function mergeObjects(before: JsonObject, change: JsonObject, depth: MergeDepth): JsonObject {
  return JSON.parse(mergeText(JSON.stringify(before), JSON.stringify(change), depth))
}

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
        assert.deepEqual(mergeObjects(before, change, depth), expected)
      })
    }
  })
}

test('members keep their places, and new ones come behind them', () => {
  const before = '{"b":1,"a":{"d":1,"c":1}}'
  const change = '{"e":2,"a":{"f":2,"c":2},"b":2}'
  assert.equal(mergeText(before, change, 'deep'), '{"b":2,"a":{"d":1,"c":2,"f":2},"e":2}')
  assert.equal(mergeText(before, change, 'shallow'), '{"b":2,"a":{"f":2,"c":2},"e":2}')
})

test('keys that are numbers keep their places like others', () => {
  const merged = mergeText('{"b":1,"2":{"9":1,"x":1}}', '{"1":3,"2":{"0":2},"b":2}', 'deep')
  assert.equal(merged, '{"b":2,"2":{"9":1,"x":1,"0":2},"1":3}')
})

test('numbers and texts stay as they were written, kept or new', () => {
  const before = '{"a":[1152921504606846976],"b":{"c":1208925819614629174706176}}'
  const change = String.raw`{"d":-36893488147419103232,"b":{"\"\\":"\\\"}{"}}`
  assert.equal(
    mergeText(before, change, 'deep'),
    '{"a":[1152921504606846976],' +
      String.raw`"b":{"c":1208925819614629174706176,"\"\\":"\\\"}{"},"d":-36893488147419103232}`,
  )
})

test('objects merge 64 levels down', () => {
  const at = (inner: string) => `${'{"a":'.repeat(63)}${inner}${'}'.repeat(63)}`
  assert.equal(mergeText(at('{"b":1}'), at('{"c":2}'), 'deep'), at('{"b":1,"c":2}'))
})

test('objects inside of arrays do not merge', () => {
  assert.equal(mergeText('{"a":[{"b":1}]}', '{"a":[{"c":2}]}', 'deep'), '{"a":[{"c":2}]}')
})

/** Few keys, so that before and change often speak of the same place. */
const key = fc.constantFrom('a', 'b', 'c', 'a.b', 'constructor', '')
const anyObject = objectsOf(key)
const depths = fc.constantFrom('deep' as const, 'shallow' as const)

/** The members of an object in their order; all but objects as text. */
type Members = (readonly [key: string, value: Members | JsonText])[]

function textOf(value: Members | JsonText): JsonText {
  if (typeof value === 'string') return value
  return `{${value.map(([key, member]) => `${JSON.stringify(key)}:${textOf(member)}`).join()}}`
}

/** Of keys and values that look like the text around them. */
const oddKey = fc.oneof(
  fc.constantFrom('a', 'b', '1', '0', '10', '', 'a"', '"a', 'a\\', '\\"', 'a":', '{"a":1}', '😀'),
  fc.string({ unit: fc.constantFrom('a', '"', '\\', ':', ',', '{', '}'), maxLength: 4 }),
)
const { object: anyMembers } = fc.letrec<{ value: Members | JsonText; object: Members }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 5 },
    oddKey.map((text) => JSON.stringify(text)),
    fc.constantFrom('0', '-1.5', '1152921504606846976', 'null', '[]', '[{"a":1},"]"]'),
    tie('object'),
  ),
  object: fc.uniqueArray(fc.tuple(oddKey, tie('value')), {
    maxLength: 5,
    selector: ([key]) => key,
  }),
}))
const anyText = fc.oneof(
  anyObject.map((object) => JSON.stringify(object)),
  anyMembers.map(textOf),
)

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
      const merged = leavesOf(mergeObjects(before, change, 'deep'))
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
      const merged = leavesOf(mergeObjects(before, change, 'deep'))
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
    fc.property(anyText, anyText, depths, (before, change, depth) => {
      const once = mergeText(before, change, depth)
      assert.equal(mergeText(once, change, depth), once)
      assert.equal(mergeText(before, '{}', depth), before)
      assert.equal(mergeText('{}', change, depth), change)
      assert.equal(mergeText(change, change, depth), change)
    }),
    { numRuns: 1000 },
  )
})

/** What a merge does, by lists of members, so that keys that are numbers keep their places. */
function mergeMembers(before: Members, change: Members, depth: MergeDepth): Members {
  const merged = new Map(before)
  for (const [key, value] of change) {
    const old = merged.get(key)
    const both = depth === 'deep' && Array.isArray(old) && Array.isArray(value)
    merged.set(key, both ? mergeMembers(old, value, depth) : value)
  }
  return [...merged]
}

function naiveMerge(before: JsonObject, change: JsonObject, depth: MergeDepth): JsonObject {
  const merged = { ...before }
  for (const [key, value] of Object.entries(change)) {
    const old = Object.hasOwn(merged, key) ? merged[key] : undefined
    const both = depth === 'deep' && isJsonObject(old) && isJsonObject(value)
    merged[key] = both ? naiveMerge(old, value, depth) : value
  }
  return merged
}

test('the merge of the texts is that of the objects', () => {
  fc.assert(
    fc.property(anyObject, anyObject, depths, (before, change, depth) => {
      const expected = naiveMerge(before, change, depth)
      assert.deepEqual(mergeObjects(before, change, depth), expected)
      const merged = mergeText(JSON.stringify(before), JSON.stringify(change), depth)
      assert.equal(merged, JSON.stringify(expected))
    }),
    { numRuns: 2000 },
  )
})

test('the merge of the texts is that of their members, whatever keys and values are', () => {
  fc.assert(
    fc.property(anyMembers, anyMembers, depths, (before, change, depth) => {
      const merged = mergeText(textOf(before), textOf(change), depth)
      assert.equal(merged, textOf(mergeMembers(before, change, depth)))
    }),
    { numRuns: 3000 },
  )
})
