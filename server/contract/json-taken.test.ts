/**
 * Bodies that are taken, by table, and what becomes of numbers that no double holds. `JSON.parse`
 * is the reference for what they say.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  elements,
  meant,
  nested,
  nestedArrays,
  parseBody,
  refusalOfBody,
} from '../../test/support/taken-bodies.ts'
import type { JsonObject } from './json.ts'

const accepted: readonly { title: string; body: string | Uint8Array; value?: JsonObject }[] = [
  { title: 'an empty object', body: '{}', value: {} },
  { title: 'blanks of all four kinds anywhere', body: ' \t\r\n{ "a" :\n[ 1 ,\t2 ] } \r\n' },
  { title: 'true, false and null', body: '{"a":true,"b":false,"c":null}' },
  { title: 'numbers in every notation', body: '{"a":[0,-0,1.5,-2.25e3,1E-2,1e+2,0.1]}' },
  { title: 'a number too small for a double, as 0', body: '{"a":1e-400}', value: { a: 0 } },
  { title: 'the greatest double', body: '{"a":1.7976931348623157e308}' },
  { title: '2^53', body: '{"a":9007199254740992}', value: { a: 2 ** 53 } },
  { title: '-2^53', body: '{"a":-9007199254740992}', value: { a: -(2 ** 53) } },
  { title: 'a greater integer that a double holds', body: '{"a":9007199254740994}' },
  { title: 'a fraction that a double rounds', body: '{"a":0.12345678901234567890}' },
  { title: 'every escape', body: String.raw`{"a":"\"\\\/\b\f\n\r\tA"}` },
  {
    title: 'an escaped surrogate pair',
    body: String.raw`{"a":"\ud83d\ude00"}`,
    value: { a: '😀' },
  },
  { title: 'raw text of any script', body: '{"имя":"名前 😀 \u2028\u007f"}' },
  { title: 'the empty key', body: '{"":1}', value: { '': 1 } },
  { title: 'constructor as an ordinary key', body: '{"constructor":{"prototype":1}}' },
  { title: 'toString and hasOwnProperty as keys', body: '{"toString":1,"hasOwnProperty":2}' },
  { title: '__proto__ as a value', body: '{"a":"__proto__"}', value: { a: '__proto__' } },
  { title: 'keys that only begin like __proto__', body: '{"__proto":1,"__proto__x":2}' },
  { title: 'keys with dots, slashes and tildes', body: '{"a.b":1,"a/b":2,"a~b":3}' },
  { title: 'the same key in different objects', body: '{"a":{"a":{"a":1}},"b":{"a":2}}' },
  { title: 'keys that differ in case only', body: '{"a":1,"A":2}' },
  { title: 'keys that look alike in another normal form', body: '{"\u00e9":1,"e\u0301":2}' },
  { title: 'keys that are numbers', body: '{"1":1,"0":2,"01":3,"-1":4}' },
  { title: '64 levels of objects', body: nested(64) },
  { title: '64 levels of arrays', body: nestedArrays(64) },
  { title: 'one member and 19 999 elements', body: elements(19_999) },
  { title: 'a key of 1500 bytes', body: `{"${'k'.repeat(1500)}":1}` },
  { title: 'a key of 1500 bytes in 500 characters', body: `{"${'€'.repeat(500)}":1}` },
  { title: 'a value much longer than a key may be', body: `{"a":"${'v'.repeat(100_000)}"}` },
  { title: 'a byte order mark inside a text', body: '{"a":"\ufeff"}', value: { a: '\ufeff' } },
]

describe('a body is taken', () => {
  for (const { title, body, value } of accepted) {
    test(title, () => {
      const text = new TextDecoder().decode(typeof body === 'string' ? Buffer.from(body) : body)
      assert.deepEqual(parseBody(body), meant(text))
      if (value !== undefined) assert.deepEqual(parseBody(body), value)
    })
  }
})

describe('numbers: round', () => {
  test('takes the nearest double for an integer that does not fit', () => {
    assert.deepEqual(parseBody('{"a":9007199254740993}', 'round'), { a: 2 ** 53 })
    assert.deepEqual(parseBody('{"a":-123456789012345678901}', 'round'), {
      a: -123456789012345680000,
    })
  })

  test('still refuses a value that no double is near', () => {
    assert.equal(refusalOfBody('{"a":1e400}', 'round').code, 'BadRequest')
    assert.equal(refusalOfBody(`{"a":-${'9'.repeat(309)}}`, 'round').code, 'BadRequest')
  })

  test('changes nothing else', () => {
    assert.equal(refusalOfBody('{"a":1,"a":1}', 'round').code, 'BadRequest')
    assert.deepEqual(parseBody('{"a":[1,2.5]}', 'round'), { a: [1, 2.5] })
  })
})
