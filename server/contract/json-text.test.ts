/**
 * Cutting and splicing of text, held against what the same does to lists of members, and to parsed
 * objects where those can tell: they move keys that are numbers. SEED=n repeats the random ones.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { checkedText, readText } from '../../test/support/compact-text.ts'
import { isJsonObject } from '../../test/support/json-values.ts'
import type { Members } from '../../test/support/member-lists.ts'
import {
  anyMembers,
  anyValue,
  objectAndKey,
  quoted,
  textOf,
} from '../../test/support/member-lists.ts'
import { seed, tellSeed } from '../../test/support/seed.ts'
import type { JsonObject } from './json.ts'
import type { JsonText, QuotedKey } from './json-text.ts'
import { append, findMember, isObjectText, withMember, withoutMember } from './json-text.ts'

fc.configureGlobal({ seed, numRuns: 1000 })
tellSeed()

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
        assert.equal(isObjectText(text), isJsonObject(readText(text)))
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
        const parsed: JsonObject = readText(textOf(members))
        const name: string = readText(quoted(key))
        const expected = Object.hasOwn(parsed, name) ? parsed[name] : undefined
        assert.deepEqual(found && readText(found), expected)
      }),
    )
  })

  test('cut out, it leaves the others as they were', () => {
    fc.assert(
      fc.property(objectAndKey, ([members, key]) => {
        const rest = members.filter(([name]) => name !== key)
        const text = checkedText(withoutMember(textOf(members), quoted(key)))
        assert.equal(text, textOf(rest))
        const { [readText(quoted(key))]: _, ...others }: JsonObject = readText(textOf(members))
        assert.deepEqual(readText(text), others)
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
        const text = checkedText(withMember(textOf(members), quoted(key), textOf(value)))
        assert.equal(text, textOf(expected))
        const parsed: JsonObject = readText(textOf(members))
        parsed[readText(quoted(key))] = readText(textOf(value))
        assert.deepEqual(readText(text), parsed)
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
        assert.equal(checkedText(append(textOf(members.slice(0, at)), tail)), textOf(members))
      }),
    )
  })
})
