/** JSON bodies: which are taken, which are refused, and that nothing in them changes silently. */
import { isDeepStrictEqual } from 'node:util'
import type { Check } from '../check.ts'
import { NotAsked } from '../check.ts'
import { contentOf, expectContent, expectHeader, expectStatus, shown, unmet } from '../expect.ts'
import type { Row } from '../rows.ts'
import { checksOf } from '../rows.ts'

const section = '4 Bodies:'
const limitBytes = 1_048_576

function nested(depth: number): string {
  return '{"a":'.repeat(depth) + '1'.padEnd(depth + 1, '}')
}

function wide(count: number): string {
  return `{"a":[${Array.from({ length: count - 1 }, () => 0).join(',')}]}`
}

function large(bytes: number): string {
  return `{"a":"${'x'.repeat(bytes - 8)}"}`
}

/** Bodies that are none; each is a POST of a document that must not be there afterwards. */
const refused: readonly (readonly [clause: string, title: string, body: string | Uint8Array])[] = [
  ['the text is valid JSON', 'an object that is not closed is 400', '{"a":1'],
  ['the text is valid JSON', 'a comma too many is 400', '{"a":1,}'],
  ['the text is valid JSON', 'an empty body is 400', ''],
  ['the text is valid JSON', 'a name without quotes is 400', '{a:1}'],
  ['the text is valid JSON', 'NaN is 400', '{"a":NaN}'],
  ['the root is an object', 'an array is 400', '[]'],
  ['the root is an object', 'null is 400', 'null'],
  ['the root is an object', 'a text is 400', '"a"'],
  ['the root is an object', 'a number is 400', '1'],
  ['UTF-8 is strict', 'a byte that is no UTF-8 is 400', Buffer.from('{"a":"\xff"}', 'latin1')],
  ['UTF-8 is strict', 'a sequence that is cut is 400', Buffer.from('{"a":"\xc3"}', 'latin1')],
  ['a byte order mark is refused', 'a byte order mark is 400', '\ufeff{"a":1}'],
  ['it is at most 64 deep', '65 levels are 400', nested(65)],
  ['it has at most 20 000 members and elements', '20 001 elements are 400', wide(20_001)],
  ['a key has at most 1500 bytes', 'a key of 1501 bytes is 400', `{"${'k'.repeat(1501)}":1}`],
  ['no key comes twice in one object', 'a key that comes twice is 400', '{"a":1,"a":2}'],
  [
    'no key comes twice in one object',
    'a key that comes twice deep inside is 400',
    '{"a":[{"b":{"c":1,"\\u0063":2}}]}',
  ],
  ['no key is __proto__', 'the key __proto__ is 400', '{"__proto__":{"a":1}}'],
  ['no text has half of a surrogate pair', 'half of a pair in a text is 400', '{"a":"\\ud800"}'],
  ['no text has half of a surrogate pair', 'half of a pair in a key is 400', '{"\\udc00":1}'],
  [
    'an integer that a double cannot hold is refused',
    '9007199254740993 is 400',
    '{"a":9007199254740993}',
  ],
  [
    'an integer that a double cannot hold is refused',
    '-9007199254740993 inside of an array is 400',
    '{"a":[-9007199254740993]}',
  ],
  ['so is a value beyond its range', '1e400 is 400', '{"a":1e400}'],
]

const publishedClauses = new Set(['the text is valid JSON', 'the root is an object'])

const refusedRows: readonly Row[] = refused.map(([clause, title, body]) => ({
  clause: `${section} ${clause}`,
  title,
  level: publishedClauses.has(clause) ? 'published' : 'contract',
  send: 'POST {doc}',
  body,
  status: 400,
  leaves: { '{doc}': 404 },
}))

const kept: readonly (readonly [clause: string, title: string, content: object])[] = [
  [
    'every other key is ordinary',
    'constructor, toString and an empty key are ordinary keys',
    { constructor: 1, toString: 2, '': 3, hasOwnProperty: { length: 0 }, prototype: null },
  ],
  [
    'GET after POST equals what was sent, but for the stamps',
    'values of every kind come back as they were sent',
    {
      text: 'quotes " and \\ and / and \u0000 and \u2028 and 😀 and \u007f',
      numbers: [0, -1, 1.5, 1e21, 1e-7, 9007199254740991, -9007199254740991, 5e-324],
      words: [true, false, null],
      nested: { empty: {}, list: [], deep: [[[{ a: [1, { b: null }] }]]] },
      'a key with / and ~ and "': 'x',
    },
  ],
  [
    'GET after POST equals what was sent, but for the stamps',
    'an empty object comes back empty',
    {},
  ],
]

const keptRows: readonly Row[] = kept.map(([clause, title, content]) => ({
  clause: `${section} ${clause}`,
  title,
  level: clause.startsWith('GET after') ? 'published' : 'contract',
  given: [['POST {doc}', content]],
  send: 'GET {doc}',
  status: 200,
  content,
}))

const typeClause = `${section} another type or none is 415`

const rows: readonly Row[] = [
  {
    clause: `${section} the type is JSON, its parameters ignored`,
    title: 'a type with parameters and capitals is JSON, its charset ignored',
    send: 'POST {doc}',
    headers: { 'Content-Type': 'Application/JSON; charset=latin1' },
    body: { a: 'ü' },
    status: [200, 201],
    leaves: { '{doc}': { a: 'ü' } },
  },
  ...(['text/plain', 'application/x-www-form-urlencoded', undefined] as const).map(
    (type): Row => ({
      clause: typeClause,
      title: type === undefined ? 'a body without a type is 415' : `${type} is 415`,
      send: 'POST {doc}',
      headers: { 'Content-Type': type },
      body: '{"a":1}',
      status: 415,
      leaves: { '{doc}': 404 },
    }),
  ),
  {
    clause: `${section} a content coding is 415`,
    title: 'a body that is packed is 415',
    send: 'POST {doc}',
    headers: { 'Content-Encoding': 'gzip' },
    body: '{"a":1}',
    status: 415,
    leaves: { '{doc}': 404 },
  },
  {
    clause: `${section} a body has at most 1 MiB`,
    title: 'a body of 1 MiB is taken',
    send: 'POST {doc}',
    body: large(limitBytes),
    status: [200, 201],
  },
  {
    clause: `${section} it is refused as it streams in`,
    title: 'a body announced too large is 413 before it has come, and the connection closed',
    send: 'POST {doc}',
    headers: { 'Content-Type': 'application/json' },
    announcedBytes: 16 * limitBytes + 1,
    status: 413,
  },
  {
    clause: `${section} 413 closes the connection`,
    title: '413 says that it closes the connection',
    send: 'POST {doc}',
    headers: { 'Content-Type': 'application/json' },
    announcedBytes: 16 * limitBytes + 1,
    status: 413,
    has: { Connection: /^close$/i },
  },
  {
    clause: `${section} it is at most 64 deep`,
    title: '64 levels are taken',
    send: 'POST {doc}',
    body: nested(64),
    status: [200, 201],
  },
  {
    clause: `${section} it has at most 20 000 members and elements`,
    title: '20 000 members and elements are taken',
    send: 'POST {doc}',
    body: wide(20_000),
    status: [200, 201],
  },
  {
    clause: `${section} a key has at most 1500 bytes`,
    title: 'a key of 1500 bytes is taken',
    send: 'POST {doc}',
    body: `{"${'ä'.repeat(750)}":1}`,
    status: [200, 201],
  },
  {
    clause: `${section} other numbers take the nearest double`,
    title: 'numbers that a double rounds, or writes otherwise, come back as the nearest',
    given: [['POST {doc}', '{"a":0.1000000000000000055,"b":1.0,"c":1e-400,"d":123456789012e3}']],
    send: 'GET {doc}',
    status: 200,
    content: { a: 0.1, b: 1, c: 0, d: 123456789012000 },
  },
  {
    clause: `${section} a body of GET is ignored`,
    title: 'a body of GET is ignored',
    given: [['POST {doc}', { a: 1 }]],
    send: 'GET {doc}',
    body: 'whatever',
    status: 200,
    content: { a: 1 },
  },
  {
    clause: `${section} Accept never causes 406`,
    title: 'who accepts only HTML gets JSON',
    given: [['POST {doc}', { a: 1 }]],
    send: 'GET {doc}',
    headers: { Accept: 'text/html' },
    status: 200,
    content: { a: 1 },
  },
  {
    clause: `${section} the outcome keeps the other limits: 400`,
    title: 'a merge that leaves too many members is 400 and changes nothing',
    given: [['POST {doc}', { a: Array(15_000).fill(0) }]],
    send: 'PUT {doc}',
    body: { b: Array(15_000).fill(0) },
    status: 400,
    leaves: { '{doc}': { a: Array(15_000).fill(0) } },
  },
]

const more: readonly Check[] = [
  {
    operation: 'any request',
    level: 'contract',
    clause: `${section} after a drain that the client can read the answer behind`,
    title: 'who sends a body too large to its end can read 413',
    async run({ ask }) {
      const answered = await ask('POST {doc}', { body: large(limitBytes + 1) })
      refuseLargerLimit(answered.status)
      expectStatus(answered, 413)
    },
  },
  {
    operation: 'any request',
    level: 'contract',
    clause: `${section} the outcome keeps the limit of size: 413`,
    title: 'a merge that leaves too large a document is 413',
    async run({ ask, given }) {
      refuseLargerLimit((await ask('POST {doc}x', { body: large(limitBytes + 1) })).status)
      await given('POST {doc}', { a: 'x'.repeat(600_000) })
      expectStatus(await ask('PUT {doc}', { body: { b: 'x'.repeat(600_000) } }), 413)
    },
  },
  {
    operation: 'any request',
    level: 'contract',
    clause: `${section} what passes a limit changes nothing`,
    title: 'a merge that was 413 has changed nothing',
    async run({ ask, given }) {
      refuseLargerLimit((await ask('POST {doc}x', { body: large(limitBytes + 1) })).status)
      const before = { a: 'x'.repeat(600_000) }
      await given('POST {doc}', before)
      const answered = await ask('PUT {doc}', { body: { b: 'x'.repeat(600_000) } })
      if (answered.status < 400) throw new NotAsked('it needs a merge that is refused')
      const left = await ask('GET {doc}')
      if (!isDeepStrictEqual(contentOf(left.json), before)) {
        unmet(left, 'the document as it was', shown(contentOf(left.json)))
      }
    },
  },
  {
    operation: 'any request',
    level: 'contract',
    clause: `${section} what is refused says where`,
    title: 'the answer to a key that comes twice names it',
    async run({ ask }) {
      const body = '{"alpha":{"beta":1,"beta":2}}'
      const answered = await ask('POST {doc}', { body })
      if (answered.status !== 400) throw new NotAsked('it needs a body that is refused')
      if (!answered.text.includes('beta')) unmet(answered, 'the name "beta"', answered.text)
    },
  },
  {
    operation: 'any request',
    level: 'contract',
    clause: `${section} the message says to send a string`,
    title: 'the answer to an integer that would be rounded says to send a string',
    async run({ ask }) {
      const answered = await ask('POST {doc}', { body: '{"a":9007199254740993}' })
      if (answered.status !== 400) throw new NotAsked('it needs a number that is refused')
      if (!answered.text.includes('string')) unmet(answered, 'the word string', answered.text)
    },
  },
  {
    operation: 'any request',
    level: 'contract',
    clause: `${section} a body of HEAD is ignored`,
    title: 'a body of HEAD is ignored',
    async run({ ask, given }) {
      await given('POST {doc}', { a: 1 })
      expectStatus(await ask('HEAD {doc}', { body: 'whatever' }), 200)
    },
  },
  {
    operation: 'any answer',
    level: 'contract',
    clause: '5 Documents: no content coding is applied',
    title: 'a client that takes packed answers gets a plain one',
    async run({ ask, given }) {
      const content = { text: 'x'.repeat(10_000) }
      await given('POST {doc}', content)
      const headers = { 'Accept-Encoding': 'gzip, br, identity;q=0' }
      const answered = await ask('GET {doc}', { headers })
      expectHeader(answered, 'Content-Encoding', undefined)
      expectContent(answered, content)
    },
  },
]

/** The greatest body is a setting: what one server refuses, another may be told to take. */
function refuseLargerLimit(status: number): void {
  if (status >= 200 && status < 300) {
    throw new NotAsked('the server is set to take bodies of over 1 MiB', true)
  }
}

export const bodyChecks: readonly Check[] = [
  ...checksOf('any request', 'contract', [...refusedRows, ...keptRows, ...rows]),
  ...more,
]
