/**
 * What is taken as a body and what is refused, rule by rule, with the place that the refusal names.
 * `JSON.parse` is the reference for all that plain JSON decides; our own rules are tables.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Refusal } from './errors.ts'
import type { Json, JsonObject, NumberRule } from './json.ts'
import { isJsonObject, measureJson, parseJsonObject, writeJson } from './json.ts'

const encoder = new TextEncoder()

function parse(body: string | Uint8Array, numbers: NumberRule = 'refuse'): JsonObject {
  return parseJsonObject(typeof body === 'string' ? encoder.encode(body) : body, numbers)
}

function refusalOf(body: string | Uint8Array, numbers: NumberRule = 'refuse'): Refusal {
  let taken: JsonObject
  try {
    taken = parse(body, numbers)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  return assert.fail(`this was taken: ${JSON.stringify(taken).slice(0, 200)}`)
}

function bytes(...parts: readonly (string | number)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => Buffer.from(typeof part === 'string' ? part : [part])))
}

/** Objects in each other, the root counted. */
const nested = (depth: number) => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`
const nestedArrays = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
const elements = (count: number) => `{"a":[${Array(count).fill('1').join(',')}]}`

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
      const text = new TextDecoder().decode(typeof body === 'string' ? encoder.encode(body) : body)
      assert.deepEqual(parse(body), JSON.parse(text))
      if (value !== undefined) assert.deepEqual(parse(body), value)
    })
  }
})

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
      const refusal = refusalOf(body)
      assert.deepEqual([refusal.code, refusal.message], ['BadRequest', message])
    })
  }
  for (const [title, body, says] of refusedSyntax) {
    test(title, () => {
      assert.throws(() => JSON.parse(body), SyntaxError)
      const refusal = refusalOf(body)
      assert.equal(refusal.code, 'BadRequest')
      assert.ok(refusal.message.startsWith('The body is not valid JSON: at line '), refusal.message)
      assert.ok(refusal.message.includes(says), refusal.message)
    })
  }
  for (const { title, body, pointer, place, reason } of refusedRules) {
    test(title, () => {
      const refusal = refusalOf(body)
      assert.equal(refusal.code, 'BadRequest')
      assert.match(refusal.message, reason)
      assert.ok(refusal.message.includes(`at "${pointer}", ${place}: `), refusal.message)
      assert.equal(refusal.details.length, 1)
      assert.equal(refusal.details[0]?.pointer, pointer)
      assert.match(refusal.details[0]?.reason ?? '', reason)
    })
  }

  test('half of a surrogate pair, in a value, at the value', () => {
    for (const half of ['\\ud800', '\\udfff', 'a\\uD83Db', '\\ude00\\ud83d', '\\ud83d\\ud83d']) {
      const refusal = refusalOf(`{"a":["${half}"]}`)
      assert.equal(refusal.code, 'BadRequest')
      assert.match(refusal.message, /at "\/a\/0", line 1, column 7: .*half of a surrogate pair/)
      assert.equal(refusal.details[0]?.pointer, '/a/0')
    }
  })

  test('half of a surrogate pair, in a key, at the object', () => {
    const refusal = refusalOf('{"a":{"\\udc00":1}}')
    assert.match(refusal.message, /at "\/a", line 1, column 7: .*half of a surrogate pair/)
    assert.equal(refusal.code, 'BadRequest')
  })

  test('a key of 1501 bytes, echoed no further than 200 characters', () => {
    for (const key of ['k'.repeat(1501), `${'€'.repeat(500)}k`]) {
      const refusal = refusalOf(`{"${key}":1}`)
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
    assert.deepEqual(measureJson(parse(spread(''))), { depth: 2, members: 20_000 })
    assert.equal(refusalOf(spread(',"last":1')).details[0]?.pointer, '/last')
  })

  test('a rule at the root says so', () => {
    assert.match(
      refusalOf('{"\\ud800":1}').message,
      /breaks a rule at the root, line 1, column 2: /,
    )
  })
})

describe('numbers: round', () => {
  test('takes the nearest double for an integer that does not fit', () => {
    assert.deepEqual(parse('{"a":9007199254740993}', 'round'), { a: 2 ** 53 })
    assert.deepEqual(parse('{"a":-123456789012345678901}', 'round'), { a: -123456789012345680000 })
  })

  test('still refuses a value that no double is near', () => {
    assert.equal(refusalOf('{"a":1e400}', 'round').code, 'BadRequest')
    assert.equal(refusalOf(`{"a":-${'9'.repeat(309)}}`, 'round').code, 'BadRequest')
  })

  test('changes nothing else', () => {
    assert.equal(refusalOf('{"a":1,"a":1}', 'round').code, 'BadRequest')
    assert.deepEqual(parse('{"a":[1,2.5]}', 'round'), { a: [1, 2.5] })
  })
})

/** Text without half surrogates, up to far beyond the ASCII that bodies are mostly made of. */
const anyText = fc.string({ unit: 'binary', maxLength: 12 })
const anyKey = fc
  .oneof(anyText, fc.constantFrom('constructor', 'toString', '', 'a.b', 'a', 'versions'))
  .filter((key) => key !== '__proto__')

/** Beyond 2^53 `JSON.stringify` writes digits that no double holds: a property of their own. */
const anyNumber = fc.oneof(
  fc.maxSafeInteger(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => Math.abs(value) < 2 ** 53 || Math.abs(value) >= 1e21),
)

const { object: anyObject } = fc.letrec<{ json: Json; object: JsonObject; array: Json[] }>(
  (tie) => ({
    json: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(anyText, anyNumber, fc.boolean(), fc.constant(null)),
      tie('object'),
      tie('array'),
    ),
    object: fc.dictionary(anyKey, tie('json'), { maxKeys: 6, noNullPrototype: true }),
    array: fc.array(tie('json'), { maxLength: 6 }),
  }),
)

const indent = fc.constantFrom(0, 1, 2, '\t')

test('any object comes out as JSON.parse reads it, however it is laid out', () => {
  fc.assert(
    fc.property(anyObject, indent, (object, space) => {
      const text = JSON.stringify(object, null, space)
      assert.deepEqual(parse(text), JSON.parse(text))
      assert.deepEqual(parse(text, 'round'), JSON.parse(text))
    }),
    { numRuns: 500 },
  )
})

test('any object comes out the same when all of its text is escaped', () => {
  fc.assert(
    fc.property(anyObject, (object) => {
      const text = JSON.stringify(object).replace(/[^\u0020-\u007e]/g, escapeUnit)
      assert.deepEqual(parse(text), JSON.parse(text))
    }),
    { numRuns: 500 },
  )
})

const strayCharacters = '{}[]:,"\\019-.eE+ \n\t\u0000ntfu/aé\u2028\ufeff'
type Edit = { at: number; remove: number; insert: string }
const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(10_000),
  remove: fc.nat(2),
  insert: fc.string({ unit: fc.constantFrom(...strayCharacters), maxLength: 2 }),
})

test('a damaged text is judged as JSON.parse judges it, and by our rules beyond that', () => {
  fc.assert(
    fc.property(anyObject, fc.array(edit, { minLength: 1, maxLength: 3 }), (object, edits) => {
      const text = edits.reduce(apply, JSON.stringify(object)).toWellFormed()
      let reference: Json
      try {
        reference = JSON.parse(text)
      } catch {
        assert.equal(refusalOf(text).code, 'BadRequest')
        return
      }
      let taken: JsonObject
      try {
        taken = parse(text)
      } catch (error) {
        assert.ok(error instanceof Refusal)
        const ours = isJsonObject(reference) ? /breaks a rule at/ : /must be a JSON object/
        assert.match(error.message, ours)
        return
      }
      assert.deepEqual(taken, reference)
    }),
    { numRuns: 2000 },
  )
})

type Wrapper = { before: string; after: string; step: string }
const wrapper: fc.Arbitrary<Wrapper> = fc.constantFrom(
  { before: '{"x":', after: '}', step: '/x' },
  { before: '{"a":{},"b":', after: ',"c":0}', step: '/b' },
  { before: '[', after: ']', step: '/0' },
  { before: '[{"k":1}, ', after: ', null]', step: '/1' },
)

test('a key that occurs twice is refused at any depth, and pointed at', () => {
  const spelled = fc.record({ key: anyKey, escaped: fc.boolean(), between: anyObject })
  fc.assert(
    fc.property(fc.array(wrapper, { maxLength: 8 }), spelled, (wrappers, row) => {
      const { key, escaped, between } = row
      const plain = JSON.stringify(key)
      const again = escaped ? `"${key.replace(/[\s\S]/g, escapeUnit)}"` : plain
      const twice = `{${plain}:1,"\\u0000other":${JSON.stringify(between)},${again}:2}`
      const all: readonly Wrapper[] = [
        { before: '{"root":', after: '}', step: '/root' },
        ...wrappers,
      ]
      const text = all.reduceRight((inner, { before, after }) => before + inner + after, twice)
      const step = key.replaceAll('~', '~0').replaceAll('/', '~1')
      const refusal = refusalOf(text)
      assert.equal(refusal.code, 'BadRequest')
      assert.equal(refusal.details[0]?.pointer, `${all.map(({ step }) => step).join('')}/${step}`)
      assert.match(refusal.message, /twice/)
    }),
    { numRuns: 500 },
  )
})

/** Integers around and beyond 2^53, many of them whole multiples of a power of two. */
const anyInteger = fc.oneof(
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.bigInt({ min: 2n ** 53n - 10n, max: 2n ** 53n + 10n }),
  fc
    .tuple(fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }), fc.bigInt({ min: 0n, max: 900n }))
    .map(([mantissa, exponent]) => mantissa << exponent),
)

test('an integer in digits is taken exactly when a double holds it', () => {
  let taken = 0
  fc.assert(
    fc.property(anyInteger, (integer) => {
      const text = `{"a":${integer}}`
      if (BigInt(Number(integer)) === integer) {
        assert.deepEqual(parse(text), { a: Number(integer) })
        taken++
      } else {
        assert.match(refusalOf(text).message, /would be rounded; send it as a string/)
      }
      assert.deepEqual(parse(text, 'round'), { a: Number(integer) })
    }),
    { numRuns: 2000 },
  )
  assert.ok(taken > 300, `only ${taken} of the integers were such as a double holds`)
})

describe('writeJson', () => {
  const rows: readonly (readonly [title: string, text: string])[] = [
    ['2^53', '{"a":9007199254740992}'],
    ['2^60, for which JSON.stringify has other digits', '{"a":1152921504606846976}'],
    ['-2^65, deep down', '{"a":[{"b":-36893488147419103232}]}'],
    ['the last integer that JSON.stringify writes in digits', '{"a":999999999999999868928}'],
    ['digits in a text', '{"a":"1152921504606847001","1152921504606847001":1}'],
    ['such a number beside such a text', '{"a":"1152921504606847001","b":1152921504606846976}'],
    ['a fraction of many digits', '{"a":0.12345678901234568,"b":1234567.1234567892}'],
  ]
  for (const [title, text] of rows) {
    test(`gives back ${title}`, () => assert.equal(writeJson(parse(text)), text))
  }

  test('gives back in its digits any integer below 10^21 that is taken', () => {
    fc.assert(
      fc.property(anyInteger, (integer) => {
        const held = BigInt(Number(integer))
        fc.pre(held > -(10n ** 21n) && held < 10n ** 21n)
        assert.equal(writeJson(parse(`{"a":${held}}`)), `{"a":${held}}`)
      }),
      { numRuns: 2000 },
    )
  })

  test('writes any double so that it is taken again, as the same double', () => {
    const anyDouble = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
      anyInteger.map(Number),
    )
    fc.assert(
      fc.property(fc.array(anyDouble), anyText, (doubles, text) => {
        const value = { doubles, text, [`k${text}`]: text }
        assert.deepEqual(parse(writeJson(value)), value)
      }),
      { numRuns: 500 },
    )
  })

  test('writes any object as JSON.stringify does, where it has no such number', () => {
    fc.assert(
      fc.property(anyObject, (object) => {
        assert.equal(writeJson(object), JSON.stringify(object))
      }),
      { numRuns: 500 },
    )
  })
})

describe('measureJson', () => {
  const rows: readonly (readonly [Json, number, number])[] = [
    [null, 0, 0],
    ['text', 0, 0],
    [{}, 1, 0],
    [[], 1, 0],
    [{ a: 1 }, 1, 1],
    [[1, 2, 3], 1, 3],
    [{ a: [1, 2], b: {} }, 2, 4],
    [{ a: [[[]]], b: { c: null } }, 4, 5],
  ]
  for (const [value, depth, members] of rows) {
    test(`${JSON.stringify(value)} is ${depth} deep and has ${members} members`, () => {
      assert.deepEqual(measureJson(value), { depth, members })
    })
  }

  test('counts each member and element once, and the deepest way', () => {
    fc.assert(
      fc.property(anyObject, (object) => {
        // Every member and element but the root is visited once, and told its way from the root.
        let visits = -1
        JSON.stringify(object, (_, value) => {
          visits++
          return value
        })
        assert.deepEqual(measureJson(object), { depth: depthOf(object), members: visits })
      }),
      { numRuns: 500 },
    )
  })
})

test('only an object is an object', () => {
  assert.deepEqual([{}, { a: 1 }].map(isJsonObject), [true, true])
  const others: readonly (Json | undefined)[] = [null, [], 'a', 1, true, undefined]
  assert.ok(others.every((value) => !isJsonObject(value)))
})

function apply(text: string, { at, remove, insert }: Edit): string {
  const start = at % (text.length + 1)
  return text.slice(0, start) + insert + text.slice(start + remove)
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** By the brackets of the text, texts taken out. */
function depthOf(value: Json): number {
  let depth = 0
  let deepest = 0
  for (const bracket of JSON.stringify(value).replaceAll(/"(?:[^"\\]|\\.)*"/g, '')) {
    if (bracket === '{' || bracket === '[') deepest = Math.max(deepest, ++depth)
    if (bracket === '}' || bracket === ']') depth--
  }
  return deepest
}
