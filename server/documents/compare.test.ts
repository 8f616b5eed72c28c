/**
 * When two contents are the same, so that saying it again publishes nothing. SEED=n repeats the
 * random contents.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isJsonObject, sameText } from '../../test/support/json-values.ts'
import { seed, tellSeed } from '../../test/support/seed.ts'
import type { Json, JsonObject } from '../contract/json.ts'
import { parseJsonObject } from '../contract/json.ts'
import type { JsonText } from '../contract/json-text.ts'
import { isSameContent } from './compare.ts'

fc.configureGlobal({ seed })
tellSeed()

/** The content of a body. */
function compact(sent: string): JsonText {
  return parseJsonObject(Buffer.from(sent), 'refuse')
}

const rows: readonly (readonly [title: string, one: string, other: string, same: boolean])[] = [
  ['the same text', '{"a":1}', '{"a":1}', true],
  ['nothing and nothing', '{}', '{}', true],
  ['members in another order', '{"a":1,"b":2}', '{"b":2,"a":1}', true],
  ['deep members in another order', '{"a":[{"b":1,"c":2}]}', '{"a":[{"c":2,"b":1}]}', true],
  ['one number in two notations', '{"a":100}', '{"a":1e2}', true],
  ['10^21 in digits and with an exponent', '{"a":[1000000000000000000000]}', '{"a":[1e21]}', true],
  [
    '2^60 in digits and with an exponent',
    '{"a":1152921504606846976}',
    '{"a":1.152921504606847e18}',
    true,
  ],
  ['a number and a text of its digits in an array', '{"a":[1]}', '{"a":["1"]}', false],
  ['an array in an array and its elements', '{"a":[[1],2]}', '{"a":[1,[2]]}', false],
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
  // V8 14.6 reads the second key for the first (nodejs/node#63785).
  ['a key with a quote for one with a backslash', '{"x":1,"b\\\\":1}', '{"x":1,"b\\"":1}', false],
  [
    'a key with a line break for one with a backslash',
    '{"y":1,"\\\\":1}',
    '{"y":1,"\\n":1}',
    false,
  ],
  ['keys that are numbers, in another order', '{"2":1,"1":2}', '{"1":2,"2":1}', true],
  ['a difference far down', '{"a":[{"b":[{"c":1}]}]}', '{"a":[{"b":[{"c":2}]}]}', false],
]

describe('two contents', () => {
  for (const [title, one, other, same] of rows) {
    test(`${title}: ${same ? 'the same' : 'not the same'}`, () => {
      assert.equal(isSameContent(compact(one), compact(other)), same)
      assert.equal(isSameContent(compact(other), compact(one)), same)
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

test('two contents are the same exactly when their sorted texts are', () => {
  fc.assert(
    fc.property(anyObject, anyObject, (one, other) => {
      const same = sameText(one) === sameText(other)
      assert.equal(isSameContent(JSON.stringify(one), JSON.stringify(other)), same)
    }),
    { numRuns: 3000 },
  )
})
