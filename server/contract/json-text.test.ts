/**
 * Cutting and splicing of text, held against what the same does to lists of members, and to parsed
 * objects where those can tell: they move keys that are numbers. The texts are full of what looks
 * like JSON inside of keys and values. SEED=n repeats the random ones.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { seed, tellSeed } from '../../test/support/seed.ts'
import type { Json, JsonObject } from './json.ts'
import { isJsonObject, parseJsonObject } from './json.ts'
import type { JsonNode, JsonText, JsonTree, QuotedKey } from './json-text.ts'
import {
  append,
  findMember,
  isObjectText,
  measureJson,
  readTree,
  readWholeTree,
  withMember,
  withoutMember,
  writeTree,
} from './json-text.ts'

fc.configureGlobal({ seed, numRuns: 1000 })
tellSeed()

/** The members of an object in their order, the elements of an array, and all else as text. */
type Members = readonly (readonly [key: string, value: Value])[]
type Value = Members | { readonly elements: readonly Value[] } | JsonText

function textOf(value: Value): JsonText {
  if (typeof value === 'string') return value
  if ('elements' in value) return `[${value.elements.map(textOf).join()}]`
  return `{${value.map(([key, member]) => `${JSON.stringify(key)}:${textOf(member)}`).join()}}`
}

/** With arrays as lists, or as text. */
function treeOf(members: Members, arrays: boolean): JsonTree {
  const nodeOf = (value: Value): JsonNode => {
    if (typeof value === 'string') return value
    if (!('elements' in value)) return treeOf(value, arrays)
    return arrays ? value.elements.map(nodeOf) : textOf(value)
  }
  return new Map(members.map(([key, value]) => [JSON.stringify(key), nodeOf(value)]))
}

function quoted(key: string): QuotedKey {
  return JSON.stringify(key) as QuotedKey
}

/**
 * Text for comparison, without escapes: what must have one is another character. V8 14 misreads a
 * key with an escape where it has seen one with a backslash (nodejs/node#63785).
 */
function unescaped(text: JsonText): JsonText {
  return text.replace(/\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/g, (token) => {
    const unit: string = JSON.parse(`"${token}"`)
    const mustEscape = unit < ' ' || unit === '"' || unit === '\\'
    return mustEscape ? String.fromCharCode(0xe000 + unit.charCodeAt(0)) : unit
  })
}

function read(text: JsonText) {
  return JSON.parse(unescaped(text))
}

/** Of each text that comes out: it is compact JSON without a key twice, as the parser sees it. */
function checked(text: JsonText): JsonText {
  assert.equal(parseJsonObject(Buffer.from(text), 'refuse'), text)
  return text
}

const oddTexts = [
  ...['', 'a', 'aa', 'b', 'a"', '"a', 'a\\', 'a\\"', '\\', '\\\\', '\\\\"', '"', '""', ':', ','],
  ...['a":', '"a":', '"a":1', ',"a":1', '{"a":1}', '}', '{', '[', ']', '"}', '{"', '[]', '{}'],
  ...['versions', 'x"versions', '"versions":', '"versions":{"current":{}}', 'current', 'updated'],
  ...['updatedBy', '0', '1', '10', '01', '-1', '4294967294', 'constructor', 'toString', '__proto'],
  ...['\u0000', '\n', '\u007f', '\u2028', '\u00e9', '\u2222', '😀', 'a😀', '\u{10ffff}', 'null'],
]
const anyText = fc.oneof(
  fc.constantFrom(...oddTexts),
  fc.string({ unit: fc.constantFrom('a', '"', '\\', ':', ',', '{', '}', '[', ']'), maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
/** Few as well as odd ones, so that one key often stands at several places. */
const anyKey = fc.oneof(
  fc.constantFrom('a', 'b', '1', '0', 'versions', 'a"', ''),
  anyText.filter((key) => key !== '__proto__'),
)
const anyScalar = fc.oneof(
  anyText.map((text) => JSON.stringify(text)),
  fc.constantFrom('0', '-1.5', '1e+21', '9007199254740992', '-1e-7', 'true', 'false', 'null'),
)
const { object: anyMembers, value: anyValue } = fc.letrec<{
  value: Value
  object: Members
  array: Value
}>((tie) => ({
  value: fc.oneof({ depthSize: 'small', maxDepth: 5 }, anyScalar, tie('object'), tie('array')),
  object: fc.uniqueArray(fc.tuple(anyKey, tie('value')), {
    maxLength: 6,
    selector: ([key]) => key,
  }),
  array: fc.array(tie('value'), { maxLength: 4 }).map((elements) => ({ elements })),
}))

/** An object, and a key that it has as often as not. */
const objectAndKey = anyMembers.chain((members) =>
  fc.tuple(
    fc.constant(members),
    members.length === 0
      ? anyKey
      : fc.oneof(anyKey, fc.constantFrom(...members.map(([key]) => key))),
  ),
)

describe('whether a text is that of an object', () => {
  const rows: readonly (readonly [JsonText, boolean])[] = [
    ['{}', true],
    ['{"a":[]}', true],
    ['[]', false],
    ['[{}]', false],
    ['"{}"', false],
    ['0', false],
    ['-1', false],
    ['null', false],
    ['true', false],
  ]
  for (const [text, is] of rows) {
    test(`${text} ${is ? 'is' : 'is not'}`, () => assert.equal(isObjectText(text), is))
  }

  test('is as the parsed value says', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const text = textOf(value)
        assert.equal(isObjectText(text), isJsonObject(read(text)))
      }),
    )
  })
})

/** One cut: the object, the key, what stands there, the object without it, and with 7 there. */
const cuts: readonly {
  readonly title: string
  readonly object: JsonText
  readonly key?: QuotedKey
  readonly found?: JsonText
  readonly without?: JsonText
  readonly with7: JsonText
}[] = [
  { title: 'a key of an empty object', object: '{}', with7: '{"a":7}' },
  { title: 'a key that is not there', object: '{"b":1}', with7: '{"b":1,"a":7}' },
  { title: 'the only member', object: '{"a":1}', found: '1', without: '{}', with7: '{"a":7}' },
  {
    title: 'the first member',
    object: '{"a":"x","b":2}',
    found: '"x"',
    without: '{"b":2}',
    with7: '{"a":7,"b":2}',
  },
  {
    title: 'a member between others',
    object: '{"b":1,"a":[1,{"a":2}],"c":3}',
    found: '[1,{"a":2}]',
    without: '{"b":1,"c":3}',
    with7: '{"b":1,"a":7,"c":3}',
  },
  {
    title: 'the last member',
    object: '{"b":{"a":1},"a":{"a":{}}}',
    found: '{"a":{}}',
    without: '{"b":{"a":1}}',
    with7: '{"b":{"a":1},"a":7}',
  },
  {
    title: 'a key that is only deeper',
    object: '{"b":{"a":1},"c":[{"a":2}]}',
    with7: '{"b":{"a":1},"c":[{"a":2}],"a":7}',
  },
  {
    title: 'a key that is deeper and behind',
    object: '{"b":{"a":1},"a":2,"c":{"a":3}}',
    found: '2',
    without: '{"b":{"a":1},"c":{"a":3}}',
    with7: '{"b":{"a":1},"a":7,"c":{"a":3}}',
  },
  {
    title: 'a key behind others that begin and end like it',
    object: String.raw`{"aa":1,"\"a":2,"a\"":3,"":4,"a":5}`,
    found: '5',
    without: String.raw`{"aa":1,"\"a":2,"a\"":3,"":4}`,
    with7: String.raw`{"aa":1,"\"a":2,"a\"":3,"":4,"a":7}`,
  },
  {
    title: 'a key that is only in texts',
    object: String.raw`{"b":"\"a\":1","c":["{\"a\":1}","a"],"x\"a":{}}`,
    with7: String.raw`{"b":"\"a\":1","c":["{\"a\":1}","a"],"x\"a":{},"a":7}`,
  },
  {
    title: 'a key behind texts that end in backslashes and quotes',
    object: String.raw`{"b\\":"\\","c\\\"":"\\\"","a":"\\\\"}`,
    found: String.raw`"\\\\"`,
    without: String.raw`{"b\\":"\\","c\\\"":"\\\""}`,
    with7: String.raw`{"b\\":"\\","c\\\"":"\\\"","a":7}`,
  },
  {
    title: 'a key behind texts with brackets',
    object: '{"b":"}","c":["]}"],"{":{"]":"["},"a":null}',
    found: 'null',
    without: '{"b":"}","c":["]}"],"{":{"]":"["}}',
    with7: '{"b":"}","c":["]}"],"{":{"]":"["},"a":7}',
  },
  {
    title: 'the empty key',
    object: '{"a":1,"":{"":2}}',
    key: '""',
    found: '{"":2}',
    without: '{"a":1}',
    with7: '{"a":1,"":7}',
  },
  {
    title: 'a key that is a number, in its place',
    object: '{"b":1,"1":2,"0":3}',
    key: '"1"',
    found: '2',
    without: '{"b":1,"0":3}',
    with7: '{"b":1,"1":7,"0":3}',
  },
  {
    title: 'a key with a quote in it',
    object: String.raw`{"a":1,"a\"":2}`,
    key: String.raw`"a\""` as QuotedKey,
    found: '2',
    without: '{"a":1}',
    with7: String.raw`{"a":1,"a\"":7}`,
  },
  {
    title: 'a key beyond the first plane',
    object: '{"\ud83d\ude01":1,"😀":"😀"}',
    key: '"😀"',
    found: '"😀"',
    without: '{"😁":1}',
    with7: '{"😁":1,"😀":7}',
  },
  {
    title: 'a key that every object inherits',
    object: '{"toString":1}',
    key: '"constructor"',
    with7: '{"toString":1,"constructor":7}',
  },
]

describe('a member is found, cut out and put in', () => {
  for (const { title, object, key = '"a"', found, without = object, with7 } of cuts) {
    test(title, () => {
      assert.equal(findMember(object, key), found)
      assert.equal(withoutMember(object, key), without)
      assert.equal(withMember(object, key, '7'), with7)
    })
  }

  test('what is put in may be any text, the signs of replacements among them', () => {
    for (const value of ['"$1$&$`"', '{"a":{"a":1}}', '[",","}"]', '""']) {
      assert.equal(withMember('{"b":1,"a":2,"c":3}', '"a"', value), `{"b":1,"a":${value},"c":3}`)
      assert.equal(withMember('{}', '"a"', value), `{"a":${value}}`)
    }
  })

  test('it is found as it is in the list of members', () => {
    fc.assert(
      fc.property(objectAndKey, ([members, key]) => {
        const value = members.find(([name]) => name === key)?.[1]
        const found = findMember(textOf(members), quoted(key))
        assert.equal(found, value && textOf(value))
        const parsed: JsonObject = read(textOf(members))
        const name: string = read(quoted(key))
        const expected = Object.hasOwn(parsed, name) ? parsed[name] : undefined
        assert.deepEqual(found && read(found), expected)
      }),
    )
  })

  test('cut out, it leaves the others as they were', () => {
    fc.assert(
      fc.property(objectAndKey, ([members, key]) => {
        const rest = members.filter(([name]) => name !== key)
        const text = checked(withoutMember(textOf(members), quoted(key)))
        assert.equal(text, textOf(rest))
        const { [read(quoted(key))]: _, ...others }: JsonObject = read(textOf(members))
        assert.deepEqual(read(text), others)
      }),
    )
  })

  test('put in, it takes the place that it had, or the last', () => {
    fc.assert(
      fc.property(objectAndKey, anyValue, ([members, key], value) => {
        const had = members.some(([name]) => name === key)
        const expected: Members = had
          ? members.map(([name, before]) => [name, name === key ? value : before])
          : [...members, [key, value]]
        const text = checked(withMember(textOf(members), quoted(key), textOf(value)))
        assert.equal(text, textOf(expected))
        const parsed: JsonObject = read(textOf(members))
        parsed[read(quoted(key))] = read(textOf(value))
        assert.deepEqual(read(text), parsed)
      }),
    )
  })

  test('each of many members is found, and can be cut out and put back', () => {
    fc.assert(
      fc.property(anyMembers, (members) => {
        const text = textOf(members)
        for (const [name, value] of members) {
          const key = quoted(name)
          assert.equal(withMember(text, key, textOf(value)), text)
          const rest = withoutMember(text, key)
          assert.equal(findMember(rest, key), undefined)
          assert.equal(findMember(withMember(rest, key, textOf(value)), key), textOf(value))
        }
      }),
      { numRuns: 300 },
    )
  })
})

describe('members are put at the end', () => {
  test('of an empty object and of others', () => {
    assert.equal(append('{}', '"a":1'), '{"a":1}')
    assert.equal(append('{}', '"a":1,"b":{}'), '{"a":1,"b":{}}')
    assert.equal(append('{"a":{}}', '"b":"}"'), '{"a":{},"b":"}"}')
    assert.equal(append('{"b":[]}', '"1":2,"0":{}'), '{"b":[],"1":2,"0":{}}')
  })

  test('in their order, the others before them', () => {
    fc.assert(
      fc.property(anyMembers, fc.nat(6), (members, at) => {
        fc.pre(at < members.length)
        const tail = textOf(members.slice(at)).slice(1, -1)
        assert.equal(checked(append(textOf(members.slice(0, at)), tail)), textOf(members))
      }),
    )
  })
})

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
        const parsed: Json = read(text)
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
