/**
 * The tree of a text, which has its members in their order, and the measure of a text. SEED=n
 * repeats the random ones.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readText } from '../../test/support/compact-text.ts'
import type { Members, Value } from '../../test/support/member-lists.ts'
import { anyMembers, anyValue, textOf } from '../../test/support/member-lists.ts'
import { seed, tellSeed } from '../../test/support/seed.ts'
import type { Json } from './json.ts'
import type { JsonNode, JsonText, JsonTree } from './json-text.ts'
import { measureJson, readTree, readWholeTree, writeTree } from './json-text.ts'

fc.configureGlobal({ seed, numRuns: 1000 })
tellSeed()

/** With arrays as lists, or as text. */
function treeOf(members: Members, arrays: boolean): JsonTree {
  const nodeOf = (value: Value): JsonNode => {
    if (typeof value === 'string') return value
    if (!('elements' in value)) return treeOf(value, arrays)
    return arrays ? value.elements.map(nodeOf) : textOf(value)
  }
  return new Map(members.map(([key, value]) => [JSON.stringify(key), nodeOf(value)]))
}

describe('a tree', () => {
  test('of the whole has lists for arrays too', () => {
    assert.deepEqual(
      readWholeTree('{"a":[[],[1,"]",{"b":[{}]}],{}],"c":"[]"}'),
      new Map<string, JsonNode>([
        ['"a"', [[], ['1', '"]"', new Map([['"b"', [new Map()]]])], new Map()]],
        ['"c"', '"[]"'],
      ]),
    )
  })

  test('has maps for objects, and text for all else', () => {
    assert.deepEqual(
      readTree('{"a":{"b":[{"c":1}],"d":{}},"e":"{}","1":null}'),
      new Map<string, JsonNode>([
        [
          '"a"',
          new Map<string, JsonNode>([
            ['"b"', '[{"c":1}]'],
            ['"d"', new Map()],
          ]),
        ],
        ['"e"', '"{}"'],
        ['"1"', 'null'],
      ]),
    )
  })

  test('of an empty object is empty, and written it is {}', () => {
    assert.deepEqual(readTree('{}'), new Map())
    assert.deepEqual(readWholeTree('{}'), new Map())
    assert.equal(writeTree(new Map()), '{}')
  })

  test('goes as deep as the objects do', () => {
    const text = `${'{"a":'.repeat(63)}{}${'}'.repeat(63)}`
    let tree: JsonNode | undefined = readTree(text)
    for (let depth = 1; depth < 64; depth++) {
      assert.ok(tree instanceof Map)
      tree = tree.get('"a"')
    }
    assert.deepEqual(tree, new Map())
    assert.equal(writeTree(readTree(text)), text)
    const arrays = `{"a":${'['.repeat(63)}${']'.repeat(63)}}`
    assert.equal(writeTree(readWholeTree(arrays)), arrays)
  })

  test('of any object has its members in their order', () => {
    fc.assert(
      fc.property(anyMembers, (members) => {
        const tree = readTree(textOf(members))
        assert.deepEqual(tree, treeOf(members, false))
        assert.deepEqual(readWholeTree(textOf(members)), treeOf(members, true))
        assert.deepEqual(
          [...tree.keys()],
          members.map(([key]) => JSON.stringify(key)),
        )
      }),
    )
  })

  test('of any object is written as the object was', () => {
    fc.assert(
      fc.property(anyMembers, (members) => {
        const text = textOf(members)
        assert.equal(writeTree(readTree(text)), text)
        assert.equal(writeTree(readWholeTree(text)), text)
      }),
    )
  })
})

describe('the measure', () => {
  const rows: readonly (readonly [JsonText, number, number])[] = [
    ['null', 0, 0],
    ['"text"', 0, 0],
    ['"{[,]}"', 0, 0],
    ['{}', 1, 0],
    ['[]', 1, 0],
    ['{"a":1}', 1, 1],
    ['[1,2,3]', 1, 3],
    ['{"a":[1,2],"b":{}}', 2, 4],
    ['{"a":[[[]]],"b":{"c":null}}', 4, 5],
    ['{"{":"[,","}":",]"}', 1, 2],
    [String.raw`{"\",{":"\\","\\":["\\\"",",\\"]}`, 2, 4],
    ['[[],[],{},""]', 2, 4],
  ]
  for (const [text, depth, members] of rows) {
    test(`of ${text} is ${depth} levels and ${members} members`, () => {
      assert.deepEqual(measureJson(text), { depth, members })
    })
  }

  test('of 64 levels is 64, of objects and of arrays', () => {
    const objects = `${'{"a":'.repeat(63)}{}${'}'.repeat(63)}`
    const arrays = `${'['.repeat(64)}${']'.repeat(64)}`
    assert.deepEqual(measureJson(objects), { depth: 64, members: 63 })
    assert.deepEqual(measureJson(arrays), { depth: 64, members: 63 })
  })

  test('counts each member and element once, and the deepest way', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const text = textOf(value)
        const parsed: Json = readText(text)
        // Every member and element but the root is visited once, and told its way from the root.
        let visits = -1
        JSON.stringify(parsed, (_, inner) => {
          visits++
          return inner
        })
        assert.deepEqual(measureJson(text), { depth: bracketsOf(parsed), members: visits })
        assert.deepEqual(measureJson(text), naiveMeasure(parsed))
      }),
    )
  })
})

/** By the brackets of the text, texts taken out. */
function bracketsOf(value: Json): number {
  let depth = 0
  let deepest = 0
  for (const bracket of JSON.stringify(value).replaceAll(/"(?:[^"\\]|\\.)*"/g, '')) {
    if (bracket === '{' || bracket === '[') deepest = Math.max(deepest, ++depth)
    if (bracket === '}' || bracket === ']') depth--
  }
  return deepest
}

function naiveMeasure(value: Json): { depth: number; members: number } {
  if (typeof value !== 'object' || value === null) return { depth: 0, members: 0 }
  const inner = Object.values(value).map(naiveMeasure)
  return {
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
    members: inner.reduce((sum, { members }) => sum + members, inner.length),
  }
}
