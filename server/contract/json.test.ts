/**
 * What is taken as a body and what is refused, rule by rule, with the place that the refusal names,
 * and the compact form of what is taken. `JSON.parse` is the reference for all that plain JSON
 * decides; our own rules are tables. SEED=n repeats the random bodies.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { seed, tellSeed } from '../../test/support/seed.ts'
import { Refusal } from './errors.ts'
import type { Json, JsonObject, NumberRule } from './json.ts'
import { isJsonObject, parseJsonObject } from './json.ts'
import type { JsonText } from './json-text.ts'
import { measureJson } from './json-text.ts'

fc.configureGlobal({ seed })
tellSeed()

const encoder = new TextEncoder()

/** The compact form, after a look that it is its own compact form under either rule. */
function compact(body: string | Uint8Array, numbers: NumberRule = 'refuse'): JsonText {
  const text = parseJsonObject(typeof body === 'string' ? encoder.encode(body) : body, numbers)
  assert.equal(parseJsonObject(encoder.encode(text), 'refuse'), text)
  return text
}

/** What a client reads that gets the compact form. */
function parse(body: string | Uint8Array, numbers: NumberRule = 'refuse'): JsonObject {
  return read(compact(body, numbers))
}

/** What a client means that sends this text: -0 is 0, as `JSON.stringify` writes it. */
function meant(text: string): JsonObject {
  return read(text, (_, value) => (value === 0 ? 0 : value))
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

function read(text: JsonText, reviver?: (key: string, value: Json) => Json) {
  return JSON.parse(unescaped(text), reviver)
}

function refusalOf(body: string | Uint8Array, numbers: NumberRule = 'refuse'): Refusal {
  let taken: JsonText
  try {
    taken = compact(body, numbers)
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  return assert.fail(`this was taken: ${taken.slice(0, 200)}`)
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
      assert.deepEqual(parse(body), meant(text))
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

  test('a key twice, at any two places among few keys and many', () => {
    for (let count = 2; count <= 20; count++) {
      for (let first = 0; first < count; first++) {
        for (let second = first + 1; second < count; second++) {
          const keys = Array.from({ length: count }, (_, at) => `k${at === second ? first : at}`)
          const body = `{${keys.map((key) => `"${key}":1`).join()}}`
          assert.equal(refusalOf(body).details[0]?.pointer, `/k${first}`)
        }
      }
    }
  })

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
    assert.deepEqual(measureJson(compact(spread(''))), { depth: 2, members: 20_000 })
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
  .oneof(
    anyText,
    fc.constantFrom('constructor', 'toString', '', 'a.b', 'a', '1', '10', '\\', 'a"', 'b\\"'),
  )
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
      assert.deepEqual(parse(text), meant(text))
      assert.deepEqual(parse(text, 'round'), meant(text))
    }),
    { numRuns: 500 },
  )
})

test('any object comes out the same when all of its text is escaped', () => {
  fc.assert(
    fc.property(anyObject, (object) => {
      const text = JSON.stringify(object).replace(/[^\u0020-\u007e]/g, escapeUnit)
      assert.deepEqual(parse(text), meant(text))
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
        JSON.parse(text)
        reference = meant(text)
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

describe('the compact form', () => {
  const same: readonly (readonly [title: string, text: string])[] = [
    ['2^53', '{"a":9007199254740992}'],
    ['2^60, for which JSON.stringify has other digits', '{"a":1152921504606846976}'],
    ['-2^65, deep down', '{"a":[{"b":-36893488147419103232}]}'],
    ['the last integer that JSON.stringify writes in digits', '{"a":999999999999999868928}'],
    ['10^21 in digits', '{"a":[1000000000000000000000,-1000000000000000000000]}'],
    ['2^80 in digits', '{"a":1208925819614629174706176}'],
    ['digits in a text', '{"a":"1152921504606847001","1152921504606847001":1}'],
    ['such a number beside such a text', '{"a":"1152921504606847001","b":1152921504606846976}'],
    ['a fraction of many digits', '{"a":0.12345678901234568,"b":1234567.1234567892}'],
    ['keys that are numbers, in the order sent', '{"b":1,"2":2,"10":3,"1":{"1":4,"0":5}}'],
    ['blanks of all kinds in texts', '{" a\u00a0":"  \u2028 \u3000 "}'],
    ['what looks like the end of a text', String.raw`{"a\\":"\"}","b":"\\\\","c":"\\\""}`],
    ['empty containers', '{"a":{},"b":[],"c":[{},[],""]}'],
    ['text beyond ASCII', '{"имя":"名前 😀 \u2028\u007f"}'],
  ]
  for (const [title, text] of same) {
    test(`of a compact text is itself: ${title}`, () => assert.equal(compact(text), text))
  }

  const changed: readonly (readonly [title: string, sent: string, text: string])[] = [
    [
      'blanks outside of texts go',
      ' {\t"a b" :\r\n[ 1 , "c  d" , { } , [ ] ]\n} ',
      '{"a b":[1,"c  d",{},[]]}',
    ],
    ['-0 is 0', '{"a":[-0,-0.0,-0e5,0.000,0E-5]}', '{"a":[0,0,0,0,0]}'],
    ['what is too small for a double is 0', '{"a":[1e-400,-1e-400]}', '{"a":[0,0]}'],
    ['fractions that are none go', '{"a":[1.0,-2.50,1.0e0]}', '{"a":[1,-2.5,1]}'],
    ['exponents are worked out', '{"a":[1e2,1E+2,25e-1,12.5e1]}', '{"a":[100,100,2.5,125]}'],
    [
      'exponents that stay have one spelling',
      '{"a":[1E21,1e-7,1e0300]}',
      '{"a":[1e+21,1e-7,1e+300]}',
    ],
    [
      'more digits than a double has go',
      '{"a":0.12345678901234567890}',
      '{"a":0.12345678901234568}',
    ],
    [
      '2^60 in an exponent is in all digits',
      '{"a":1.152921504606847e18}',
      '{"a":1152921504606846976}',
    ],
    ['-10^20 is in all digits', '{"a":-1e20}', '{"a":-100000000000000000000}'],
    ['2^53 as a fraction is in digits', '{"a":9007199254740992.0}', '{"a":9007199254740992}'],
    [
      'escapes that need not be go',
      String.raw`{"\u0061\/":"\u00e9\ud83d\ude00\/\u007f"}`,
      '{"a/":"é😀/\u007f"}',
    ],
    [
      'escapes that must be have one spelling',
      String.raw`{"a":"\u0022\u005C\u000a\u001F\u0008"}`,
      String.raw`{"a":"\"\\\n\u001f\b"}`,
    ],
    [
      'keys have the form of other texts',
      String.raw`{"\u0022":1,"\u0031":2}`,
      String.raw`{"\"":1,"1":2}`,
    ],
  ]
  for (const [title, sent, text] of changed) {
    test(title, () => assert.equal(compact(sent), text))
  }

  test('of an integer that is rounded has all digits of what it became', () => {
    const sent = '{"a":[9007199254740993,-123456789012345678901]}'
    assert.equal(compact(sent, 'round'), '{"a":[9007199254740992,-123456789012345683968]}')
  })

  test('of any integer below 10^21 that is taken is in its digits', () => {
    fc.assert(
      fc.property(anyInteger, (integer) => {
        const held = BigInt(Number(integer))
        fc.pre(held > -(10n ** 21n) && held < 10n ** 21n)
        assert.equal(compact(`{"a":${held}}`), `{"a":${held}}`)
        assert.equal(compact(`{"a":${integer}}`, 'round'), `{"a":${held}}`)
        assert.equal(compact(`{"a":${held}.0}`), `{"a":${held}}`)
      }),
      { numRuns: 2000 },
    )
  })

  test('of any double is taken again, as the same double', () => {
    const anyDouble = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
      anyInteger.map(Number),
    )
    fc.assert(
      fc.property(fc.array(anyDouble), anyText, (doubles, text) => {
        const sent = doubles.map((value) => value.toExponential()).join()
        const value = { doubles, text, [`k${text}`]: text }
        const rest = JSON.stringify({ text, [`k${text}`]: text }).slice(1)
        assert.deepEqual(parse(`{"doubles":[${sent}],${rest}`), read(JSON.stringify(value)))
      }),
      { numRuns: 500 },
    )
  })

  test('of any body is known, however its blanks, texts and numbers are written', () => {
    fc.assert(
      fc.property(bodies(anySpelledNumber, spelled(anyKey)), ({ sent, text }) => {
        assert.equal(compact(sent), text)
        assert.deepEqual(read(text), meant(sent))
        assert.deepEqual(parse(sent, 'round'), meant(sent))
      }),
      { numRuns: 400 },
    )
  })

  test('is what JSON.stringify writes, without great integers and keys that are numbers', () => {
    const key = anyKey.filter((name) => String(Number(name)) !== name)
    const plainNumber = anyNumber.chain(spellNumber).filter(({ sent }) => !/^-?\d{17,}$/.test(sent))
    fc.assert(
      fc.property(bodies(plainNumber, spelled(key)), ({ sent, text }) => {
        assert.equal(compact(sent), text)
        assert.equal(unescaped(text), JSON.stringify(read(sent)))
        assert.equal(compact(sent, 'round'), text)
      }),
      { numRuns: 400 },
    )
  })

  test('is there for texts of any length and any run of backslashes', () => {
    for (let run = 0; run < 40; run++) {
      const value = {
        ['\\'.repeat(run)]: '\\'.repeat(run),
        ['"'.repeat(run)]: `${'\\'.repeat(run)}"`,
      }
      assert.equal(compact(JSON.stringify(value, null, 1)), JSON.stringify(value))
    }
  })
})

/** A value as a client may spell it, and its compact form. */
type Spelled = { readonly sent: string; readonly text: string }

function join(parts: readonly (Spelled | string)[]): Spelled {
  const side = (name: keyof Spelled) =>
    parts.map((part) => (typeof part === 'string' ? part : part[name])).join('')
  return { sent: side('sent'), text: side('text') }
}

/** Bodies with blanks, escapes and notations at random, and members in any order. */
function bodies(number: fc.Arbitrary<Spelled>, key: fc.Arbitrary<Spelled>): fc.Arbitrary<Spelled> {
  const blank = fc
    .oneof(
      { arbitrary: fc.constant(''), weight: 3 },
      fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 }),
    )
    .map((sent) => ({ sent, text: '' }))
  const word = fc.constantFrom('true', 'false', 'null').map((sent) => ({ sent, text: sent }))
  const inBlanks = (value: fc.Arbitrary<Spelled>) => fc.tuple(blank, value, blank).map(join)
  const between = (open: string, items: readonly Spelled[], close: string) =>
    join([open, ...items.flatMap((item, at) => (at === 0 ? [item] : [',', item])), close])
  const empty = (open: string, close: string) => blank.map((inner) => join([open, inner, close]))

  const { object } = fc.letrec<{ json: Spelled; object: Spelled; array: Spelled }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.oneof(spelled(anyText), number, word, empty('{', '}'), empty('[', ']')),
      tie('object'),
      tie('array'),
    ),
    object: fc
      .uniqueArray(fc.tuple(key, blank, blank, inBlanks(tie('json'))), {
        minLength: 1,
        // More than a few, so that each way of looking for keys is taken.
        maxLength: 12,
        selector: ([name]) => name.text,
      })
      .map((members) =>
        members.map(([name, left, right, value]) => join([left, name, right, ':', value])),
      )
      .map((members) => between('{', members, '}')),
    array: fc
      .array(inBlanks(tie('json')), { minLength: 1, maxLength: 4 })
      .map((items) => between('[', items, ']')),
  }))
  return inBlanks(object)
}

const shortEscapes: { readonly [unit: string]: string } = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** The text in quotes, each character as it is or escaped in one of the ways that there are. */
function spelled(text: fc.Arbitrary<string>): fc.Arbitrary<Spelled> {
  return text.chain((value) => {
    const ways = fc.array(fc.nat(5), { minLength: value.length, maxLength: value.length })
    return ways.map((way) => {
      const sent = Array.from(value, (character, at) => spellCharacter(character, way[at] ?? 0))
      return { sent: `"${sent.join('')}"`, text: JSON.stringify(value) }
    })
  })
}

function spellCharacter(character: string, way: number): string {
  const mustEscape = character < ' ' || character === '"' || character === '\\'
  const short = shortEscapes[character]
  if (way <= 2 && !mustEscape) return character
  if (way <= 3 && short !== undefined) return short
  const escaped = character.replace(/[\s\S]/g, escapeUnit)
  return way === 5 ? `\\u${escaped.slice(2).toUpperCase().replaceAll('\\U', '\\u')}` : escaped
}

/** One of the notations that there are for this double. */
function spellNumber(value: number): fc.Arbitrary<Spelled> {
  const shortest = value.toExponential()
  const exponents = [
    shortest,
    shortest.replace('e', 'E'),
    shortest.replace('+', ''),
    shortest.replace(/e([+-])/, 'e$100'),
    shortest.replace('e', shortest.includes('.') ? '00e' : '.0e'),
  ]
  const digits = Number.isInteger(value) ? `${BigInt(value)}` : String(value)
  const zeros = value === 0 ? ['-0', '-0.0', '0e9', '-0E-9', '1e-400', '-0.1e-999'] : []
  const tenfold = value === 0 ? [] : [`${digits}0E-1`]
  const whole = Number.isInteger(value) ? [`${digits}.0`, `${digits}e0`, ...tenfold] : []
  const kept = Number.isInteger(value) && Math.abs(value) < 1e21
  return fc.oneof(
    fc.constantFrom(...exponents, ...zeros, ...whole).map((sent) => ({
      sent,
      text: kept ? digits : String(value),
    })),
    // What is in digits alone stays so, however great.
    fc.constant({ sent: digits, text: digits }),
  )
}

const anySpelledNumber = fc
  .oneof(anyNumber, fc.constantFrom(0, 1, 100, 2 ** 53, -(2 ** 60), 1e20), anyInteger.map(Number))
  .chain(spellNumber)

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
