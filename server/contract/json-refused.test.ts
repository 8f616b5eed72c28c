/** Bodies that are refused, rule by rule, with the place that the refusal names. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  compactBody,
  elements,
  nested,
  nestedArrays,
  refusalOfBody,
} from '../../test/support/taken-bodies.ts'
import { measureJson } from './json-text.ts'

function bytes(...parts: readonly (string | number)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => Buffer.from(typeof part === 'string' ? part : [part])))
}

const refusedWhole: readonly { title: string; body: string | Uint8Array; message: string }[] = [
  { title: 'an empty body', body: '', message: 'The body is empty; send a JSON object.' },
  {
    title: 'a byte order mark',
    body: bytes(0xef, 0xbb, 0xbf, '{}'),
    message: 'The body begins with a byte order mark; send it without.',
  },
  ...[
    { title: 'a byte that begins nothing', body: bytes('{"a":"', 0xff, '"}') },
    { title: 'a cut sequence', body: bytes('{"a":"', 0xe2, 0x82, '"}') },
    { title: 'a continuation byte alone', body: bytes('{"a":"', 0x80, '"}') },
    { title: 'an overlong slash', body: bytes('{"a":"', 0xc0, 0xaf, '"}') },
    { title: 'a surrogate in UTF-8', body: bytes('{"a":"', 0xed, 0xa0, 0x80, '"}') },
    { title: 'a code point over U+10FFFF', body: bytes('{"', 0xf4, 0x90, 0x80, 0x80, '":1}') },
    { title: 'UTF-16', body: bytes(0xff, 0xfe, '{', 0, '}', 0) },
    { title: 'Latin-1', body: bytes('{"a":"caf', 0xe9, '"}') },
  ].map((row) => ({
    ...row,
    message: 'The body is not valid UTF-8; encode it so before sending.',
  })),
  ...[
    { title: 'an array as root', body: '[{}]', kind: 'an array' },
    { title: 'a text as root', body: '"{}"', kind: 'a string' },
    { title: 'a number as root', body: '1', kind: 'a number' },
    { title: 'a boolean as root', body: 'true', kind: 'a boolean' },
    { title: 'null as root', body: ' null ', kind: 'null' },
  ].map(({ title, body, kind }) => ({
    title,
    body,
    message: `The body must be a JSON object; this is ${kind}.`,
  })),
]

/** Not JSON: where it breaks, what is there, what belongs there. */
const refusedSyntax: readonly (readonly [title: string, body: string, says: string])[] = [
  ['only blanks', ' \n ', 'line 2, column 2 it ends where a value belongs'],
  ['a word', 'hello', 'line 1, column 1 there is "h" where a value belongs'],
  ['an object that ends', '{"a":1', 'line 1, column 7 it ends where a comma or } belongs'],
  ['two values', '{} {}', 'line 1, column 4 there is "{" where the end belongs'],
  ['text behind the object', '{}x', 'line 1, column 3 there is "x" where the end belongs'],
  ['a missing value', '{"a":}', 'line 1, column 6 there is "}" where a value belongs'],
  ['a missing colon', '{"a" 1}', 'line 1, column 6 there is "1" where a colon belongs'],
  [
    'a missing comma',
    '{\n  "a": 1\n  "b": 2\n}',
    'line 3, column 3 there is "\\"" where a comma or } belongs',
  ],
  [
    'a comma behind the last member',
    '{"a":1,}',
    'line 1, column 8 there is "}" where a key in double quotes belongs',
  ],
  ['a comma behind the last element', '{"a":[1,]}', 'column 9 there is "]" where a value belongs'],
  ['a comma alone', '{"a":[,]}', 'line 1, column 7 there is "," where a value belongs'],
  ['an array that ends', '{"a":[1', 'line 1, column 8 it ends where a comma or ] belongs'],
  ['the wrong bracket', '{"a":[1}', 'line 1, column 8 there is "}" where a comma or ] belongs'],
  ['a bare key', '{a:1}', 'line 1, column 2 there is "a" where a key in double quotes belongs'],
  ['single quotes', "{'a':1}", 'line 1, column 2 there is "\'" where a key in double quotes'],
  ['a comment', '{/* a */}', 'line 1, column 2 there is "/" where a key in double quotes'],
  ['a number as key', '{1:2}', 'line 1, column 2 there is "1" where a key in double quotes'],
  ['a text that ends', '{"a":"b', 'line 1, column 8 it ends where the closing quote'],
  ['a text that ends in a backslash', '{"a":"b\\', 'column 9 it ends where the closing quote'],
  ['a raw line break in a text', '{"a":"b\nc"}', 'column 8 there is "\\n" where an escape such as'],
  ['a raw tab in a key', '{"\t":1}', 'line 1, column 3 there is "\\t" where an escape such as'],
  ['an unknown escape', '{"a":"\\x41"}', 'line 1, column 6 there is "\\"" where a string whose'],
  ['a short \\u escape', '{"a":"\\u12"}', 'line 1, column 6 there is "\\"" where a string whose'],
  ['a leading zero', '{"a":01}', 'line 1, column 7 there is "1" where a comma or } belongs'],
  ['a plus sign', '{"a":+1}', 'line 1, column 6 there is "+" where a value belongs'],
  ['a minus alone', '{"a":-}', 'line 1, column 6 there is "-" where a number belongs'],
  ['a point at the end', '{"a":1.}', 'line 1, column 7 there is "." where a comma or } belongs'],
  ['a point at the start', '{"a":.5}', 'line 1, column 6 there is "." where a value belongs'],
  ['an empty exponent', '{"a":1e}', 'line 1, column 7 there is "e" where a comma or } belongs'],
  ['a hexadecimal number', '{"a":0x1}', 'line 1, column 7 there is "x" where a comma or }'],
  ['NaN', '{"a":NaN}', 'line 1, column 6 there is "N" where a value belongs'],
  ['Infinity', '{"a":-Infinity}', 'line 1, column 6 there is "-" where a number belongs'],
  ['a word in capitals', '{"a":True}', 'line 1, column 6 there is "T" where a value belongs'],
  ['half a word', '{"a":tru}', 'line 1, column 6 there is "t" where a value belongs'],
  ['a word that goes on', '{"a":nulls}', 'line 1, column 10 there is "s" where a comma or }'],
  ['a blank that is none of JSON', '{\u00a0}', 'column 2 there is "\u00a0" where a key'],
  ['a form feed', '{\f}', 'line 1, column 2 there is "\\f" where a key'],
  ['a NUL', '{}\u0000', 'line 1, column 3 there is "\\u0000" where the end belongs'],
  ['a line that ends in CR LF', '{\r\n"a":x}', 'line 2, column 5 there is "x" where a value'],
]

/** JSON that breaks a rule of ours: the pointer, the place, and a word of the reason. */
const refusedRules: readonly {
  readonly title: string
  readonly body: string
  readonly pointer: string
  readonly place: string
  readonly reason: RegExp
}[] = [
  {
    title: 'a key twice in the root',
    body: '{"a":1,"a":1}',
    pointer: '/a',
    place: 'line 1, column 8',
    reason: /twice/,
  },
  {
    title: 'a key twice, further down and apart',
    body: '{\n  "list": [1, {\n    "b": 1, "c": 2,\n    "b": 3\n  }]\n}',
    pointer: '/list/1/b',
    place: 'line 4, column 5',
    reason: /twice/,
  },
  {
    title: 'a key twice, once with an escape',
    body: '{"a":1,"\\u0061":2}',
    pointer: '/a',
    place: 'line 1, column 8',
    reason: /twice/,
  },
  {
    title: 'the empty key twice',
    body: '{"":1,"":2}',
    pointer: '/',
    place: 'line 1, column 7',
    reason: /twice/,
  },
  {
    title: 'constructor twice',
    body: '{"constructor":1,"constructor":2}',
    pointer: '/constructor',
    place: 'line 1, column 18',
    reason: /twice/,
  },
  {
    title: 'a twice used key with slash and tilde, escaped in the pointer',
    body: '{"a/b~c":1,"a/b~c":2}',
    pointer: '/a~1b~0c',
    place: 'line 1, column 12',
    reason: /twice/,
  },
  {
    title: 'the key __proto__',
    body: '{"__proto__":{}}',
    pointer: '/__proto__',
    place: 'line 1, column 2',
    reason: /__proto__ is not allowed/,
  },
  {
    title: 'the key __proto__, deep and with escapes',
    body: '{"a":[{"\\u005f_proto__":1}]}',
    pointer: '/a/0/__proto__',
    place: 'line 1, column 8',
    reason: /__proto__ is not allowed/,
  },
  {
    title: 'the integer 2^53 + 1',
    body: '{"a": 9007199254740993}',
    pointer: '/a',
    place: 'line 1, column 7',
    reason: /"9007199254740993" would be rounded; send it as a string/,
  },
  {
    title: 'the integer -2^53 - 1, in an array',
    body: '{"a":[0,-9007199254740993]}',
    pointer: '/a/1',
    place: 'line 1, column 9',
    reason: /"-9007199254740993" would be rounded; send it as a string/,
  },
  {
    title: 'a number beyond the range of a double',
    body: '{"a":1e400}',
    pointer: '/a',
    place: 'line 1, column 6',
    reason: /"1e400" is beyond the range of a double; send it as a string/,
  },
  {
    title: 'a negative number beyond the range, with a fraction',
    body: '{"a":\n-1.5E+309}',
    pointer: '/a',
    place: 'line 2, column 1',
    reason: /"-1\.5E\+309" is beyond the range of a double; send it as a string/,
  },
  {
    title: 'an integer of 400 digits, cut in the reason',
    body: `{"a":${'9'.repeat(400)}}`,
    pointer: '/a',
    place: 'line 1, column 6',
    reason: /"9{200}…" is beyond the range of a double; send it as a string/,
  },
  {
    title: '65 levels of objects',
    body: nested(65),
    pointer: '/a'.repeat(64),
    place: 'line 1, column 321',
    reason: /deeper than 64 levels/,
  },
  {
    title: '65 levels of arrays',
    body: nestedArrays(65),
    pointer: `/a${'/0'.repeat(63)}`,
    place: 'line 1, column 69',
    reason: /deeper than 64 levels/,
  },
  {
    title: '20 001 members and elements in one array',
    body: elements(20_000),
    pointer: '/a/19999',
    place: 'line 1, column 40005',
    reason: /more than 20000 members and elements/,
  },
]

describe('a body is refused', () => {
  for (const { title, body, message } of refusedWhole) {
    test(title, () => {
      const refusal = refusalOfBody(body)
      assert.deepEqual([refusal.code, refusal.message], ['BadRequest', message])
    })
  }
  for (const [title, body, says] of refusedSyntax) {
    test(title, () => {
      assert.throws(() => JSON.parse(body), SyntaxError)
      const refusal = refusalOfBody(body)
      assert.equal(refusal.code, 'BadRequest')
      assert.ok(refusal.message.startsWith('The body is not valid JSON: at line '), refusal.message)
      assert.ok(refusal.message.includes(says), refusal.message)
    })
  }
  for (const { title, body, pointer, place, reason } of refusedRules) {
    test(title, () => {
      const refusal = refusalOfBody(body)
      assert.equal(refusal.code, 'BadRequest')
      assert.match(refusal.message, reason)
      assert.ok(refusal.message.includes(`at "${pointer}", ${place}: `), refusal.message)
      assert.equal(refusal.details.length, 1)
      assert.equal(refusal.details[0]?.pointer, pointer)
      assert.match(refusal.details[0]?.reason ?? '', reason)
    })
  }

  test('a key twice, at any two places among few keys and many', () => {
    for (let count = 2; count <= 20; count++) {
      for (let first = 0; first < count; first++) {
        for (let second = first + 1; second < count; second++) {
          const keys = Array.from({ length: count }, (_, at) => `k${at === second ? first : at}`)
          const body = `{${keys.map((key) => `"${key}":1`).join()}}`
          assert.equal(refusalOfBody(body).details[0]?.pointer, `/k${first}`)
        }
      }
    }
  })

  test('half of a surrogate pair, in a value, at the value', () => {
    for (const half of ['\\ud800', '\\udfff', 'a\\uD83Db', '\\ude00\\ud83d', '\\ud83d\\ud83d']) {
      const refusal = refusalOfBody(`{"a":["${half}"]}`)
      assert.equal(refusal.code, 'BadRequest')
      assert.match(refusal.message, /at "\/a\/0", line 1, column 7: .*half of a surrogate pair/)
      assert.equal(refusal.details[0]?.pointer, '/a/0')
    }
  })

  test('half of a surrogate pair, in a key, at the object', () => {
    const refusal = refusalOfBody('{"a":{"\\udc00":1}}')
    assert.match(refusal.message, /at "\/a", line 1, column 7: .*half of a surrogate pair/)
    assert.equal(refusal.code, 'BadRequest')
  })

  test('a key of 1501 bytes, echoed no further than 200 characters', () => {
    for (const key of ['k'.repeat(1501), `${'€'.repeat(500)}k`]) {
      const refusal = refusalOfBody(`{"${key}":1}`)
      assert.equal(refusal.code, 'BadRequest')
      assert.match(refusal.message, /a key is longer than 1500 bytes/)
      assert.ok(refusal.message.includes(`"/${key.slice(0, 199)}…"`), refusal.message)
      assert.ok(!refusal.message.includes(key.slice(0, 200)))
      // A pointer that was cut would point elsewhere.
      assert.deepEqual(refusal.details, [])
    }
  })

  test('20 001 members spread over many objects', () => {
    // 5000 objects of three members make 20 000 with the 5000 that hold them.
    const objects = Array.from({ length: 5000 }, (_, at) => `"k${at}":{"a":1,"b":2,"c":3}`)
    const spread = (last: string) => `{${objects.join(',')}${last}}`
    assert.deepEqual(measureJson(compactBody(spread(''))), { depth: 2, members: 20_000 })
    assert.equal(refusalOfBody(spread(',"last":1')).details[0]?.pointer, '/last')
  })

  test('a rule at the root says so', () => {
    assert.match(
      refusalOfBody('{"\\ud800":1}').message,
      /breaks a rule at the root, line 1, column 2: /,
    )
  })
})
