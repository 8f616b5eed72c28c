/** When two contents are the same, so that saying it again publishes nothing. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Json, JsonObject } from '../contract/json.ts'
import { isJsonObject } from '../contract/json.ts'
import { isSameContent } from './compare.ts'

const rows: readonly (readonly [title: string, one: string, other: string, same: boolean])[] = [
  ['the same text', '{"a":1}', '{"a":1}', true],
  ['nothing and nothing', '{}', '{}', true],
  ['members in another order', '{"a":1,"b":2}', '{"b":2,"a":1}', true],
  ['deep members in another order', '{"a":[{"b":1,"c":2}]}', '{"a":[{"c":2,"b":1}]}', true],
  ['one number in two notations', '{"a":100}', '{"a":1e2}', true],
  ['zero with and without a sign', '{"a":0}', '{"a":-0}', true],
  ['one text in two notations', '{"a":"A"}', '{"a":"\\u0041"}', true],
  ['elements in another order', '{"a":[1,2]}', '{"a":[2,1]}', false],
  ['one element more', '{"a":[1]}', '{"a":[1,1]}', false],
  ['one member more', '{"a":1}', '{"a":1,"b":1}', false],
  ['one member less', '{"a":1,"b":1}', '{"a":1}', false],
  ['another member', '{"a":1}', '{"b":1}', false],
  ['another value', '{"a":1}', '{"a":2}', false],
  ['a number and its text', '{"a":1}', '{"a":"1"}', false],
  ['null and nothing', '{"a":null}', '{}', false],
  ['null and false', '{"a":null}', '{"a":false}', false],
  ['null and an object', '{"a":null}', '{"a":{}}', false],
  ['an empty array and an empty object', '{"a":[]}', '{"a":{}}', false],
  ['an array and an object with its indexes', '{"a":["b"]}', '{"a":{"0":"b"}}', false],
  ['an inherited member and none', '{"a":1}', '{"constructor":1}', false],
  ['texts in another case', '{"a":"B"}', '{"a":"b"}', false],
  ['texts in another normal form', '{"a":"\u00e9"}', '{"a":"e\u0301"}', false],
  ['a difference far down', '{"a":[{"b":[{"c":1}]}]}', '{"a":[{"b":[{"c":2}]}]}', false],
]

describe('two contents', () => {
  for (const [title, one, other, same] of rows) {
    test(`${title}: ${same ? 'the same' : 'not the same'}`, () => {
      assert.equal(isSameContent(one, other), same)
      assert.equal(isSameContent(other, one), same)
    })
  }
})

const key = fc.constantFrom('a', 'b', 'c', '0', 'constructor', '')
const { object: anyObject } = fc.letrec<{ json: Json; object: JsonObject; array: Json[] }>(
  (tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<Json>(null, true, false, 0, 1, '', '1'),
      tie('object'),
      tie('array'),
    ),
    object: fc.dictionary(key, tie('json'), { maxKeys: 4, noNullPrototype: true }),
    array: fc.array(tie('json'), { maxLength: 4 }),
  }),
)

/** The same value with the members of every object in reverse. */
function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed)
  if (!isJsonObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  )
}

test('the order of members never makes a difference', () => {
  fc.assert(
    fc.property(anyObject, (object) => {
      assert.ok(isSameContent(JSON.stringify(object), JSON.stringify(reversed(object))))
    }),
    { numRuns: 1000 },
  )
})

/** The members of every object sorted, so that equal values have equal texts. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isJsonObject(value)) return value
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return ['object', ...members.flatMap(([name, member]) => [name, sorted(member)])]
}

test('two contents are the same exactly when their sorted texts are', () => {
  fc.assert(
    fc.property(anyObject, anyObject, (one, other) => {
      const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
      assert.equal(isSameContent(JSON.stringify(one), JSON.stringify(other)), same)
    }),
    { numRuns: 3000 },
  )
})
