/** ETags and conditions, wherever a document is answered. */
import type { Check } from '../check.ts'
import { NotAsked } from '../check.ts'
import { headerOf } from '../exchange.ts'
import { expectHeader, expectStatus, unmet } from '../expect.ts'
import type { Row } from '../rows.ts'
import { checksOf } from '../rows.ts'

const section = '5 Documents:'
const live = '{doc}/versions/current'
const given: Row['given'] = [['POST {doc}', { a: 1 }]]
const givenLive: Row['given'] = [[`POST ${live}`, { x: 1 }]]
const strange = '"2000000000-00000000"'

const rows: readonly Row[] = [
  {
    clause: `${section} conditional GET is 304`,
    title: 'a reader that has it already gets 304 without a body',
    operation: 'GET {docId}',
    given,
    send: 'GET {doc}',
    headers: { 'If-None-Match': `"other", {etag}` },
    status: 304,
  },
  {
    clause: `${section} conditional GET is 304`,
    title: 'a reader that holds some ETag gets 304 for *',
    operation: 'GET {docId}',
    given,
    send: 'GET {doc}',
    headers: { 'If-None-Match': '*' },
    status: 304,
  },
  {
    clause: `${section} conditional GET is 304`,
    title: 'a reader that has another gets the document',
    operation: 'GET {docId}',
    given,
    send: 'GET {doc}',
    headers: { 'If-None-Match': strange },
    status: 200,
    content: { a: 1 },
  },
  {
    clause: `${section} conditional GET is 304`,
    title: 'a reader that has it already gets 304',
    operation: 'GET versions/current',
    given: givenLive,
    etagOf: live,
    send: `GET ${live}`,
    headers: { 'If-None-Match': '{etag}' },
    status: 304,
  },
  {
    clause: `${section} conditional GET is 304`,
    title: 'HEAD is as conditional as GET',
    operation: 'GET {docId}',
    given,
    send: 'HEAD {doc}',
    headers: { 'If-None-Match': '{etag}' },
    status: 304,
  },
  {
    clause: `${section} If-Match works on reads`,
    title: 'a reader that wants another gets 412',
    operation: 'GET {docId}',
    given,
    send: 'GET {doc}',
    headers: { 'If-Match': strange },
    status: 412,
  },
  {
    clause: `${section} If-Match works on reads`,
    title: 'a reader that wants what is there gets it',
    operation: 'GET {docId}',
    given,
    send: 'GET {doc}',
    headers: { 'If-Match': '{etag}' },
    status: 200,
  },
  ...(['POST', 'PUT'] as const).flatMap((method): Row[] => [
    {
      clause: `${section} If-Match works on every write`,
      title: 'a write that expects what is there happens',
      operation: `${method} {docId}`,
      given,
      send: `${method} {doc}`,
      headers: { 'If-Match': `"other", {etag}` },
      body: { a: 2 },
      status: 200,
    },
    {
      clause: `${section} a failed condition is 412`,
      title: 'a write that expects what is not there is 412',
      operation: `${method} {docId}`,
      given,
      send: `${method} {doc}`,
      headers: { 'If-Match': strange },
      body: { a: 2 },
      status: 412,
    },
    {
      clause: `${section} a failed condition is 412`,
      title: 'a write that expects what is not there is 412',
      operation: `${method} versions/current`,
      given: givenLive,
      send: `${method} ${live}`,
      headers: { 'If-Match': strange },
      body: { x: 2 },
      status: 412,
    },
    {
      clause: `${section} and changes nothing`,
      title: 'a write whose condition fails changes nothing',
      operation: `${method} {docId}`,
      given,
      send: `${method} {doc}`,
      headers: { 'If-Match': strange },
      body: { a: 2, b: 3 },
      status: 412,
      leaves: { '{doc}': { a: 1 } },
    },
    {
      clause: `${section} W/ in If-Match is ignored`,
      title: 'W/ in front of an ETag is ignored',
      operation: `${method} {docId}`,
      given,
      send: `${method} {doc}`,
      headers: { 'If-Match': 'W/{etag}' },
      body: { a: 2 },
      status: 200,
    },
    {
      clause: `${section} a condition that does not parse is 400`,
      title: 'a condition that is none is 400 and changes nothing',
      operation: `${method} {docId}`,
      given,
      send: `${method} {doc}`,
      headers: { 'If-Match': 'abc' },
      body: { a: 2 },
      status: 400,
      leaves: { '{doc}': { a: 1 } },
    },
  ]),
  {
    clause: `${section} a condition that does not parse is 400`,
    title: 'a condition that is none is 400',
    operation: 'GET {docId}',
    given,
    send: 'GET {doc}',
    headers: { 'If-None-Match': 'abc' },
    status: 400,
  },
  {
    clause: `${section} If-None-Match: * creates only`,
    title: 'a create-only POST of a new document happens',
    operation: 'POST {docId}',
    send: 'POST {doc}',
    headers: { 'If-None-Match': '*' },
    body: { a: 1 },
    status: [200, 201],
  },
  {
    clause: `${section} If-None-Match: * creates only`,
    title: 'a create-only POST of a document that is there is 412 and changes nothing',
    operation: 'POST {docId}',
    given,
    send: 'POST {doc}',
    headers: { 'If-None-Match': '*' },
    body: { a: 2 },
    status: 412,
    leaves: { '{doc}': { a: 1 } },
  },
  {
    clause: `${section} on the live version they ask about the live version`,
    title: 'a create-only POST of a live version happens though its base is there',
    operation: 'POST versions/current',
    given,
    send: `POST ${live}`,
    headers: { 'If-None-Match': '*' },
    body: { x: 1 },
    status: [200, 201],
  },
  {
    clause: `${section} on the live version they ask about the live version`,
    title: 'a create-only POST of a live version that is there is 412',
    operation: 'POST versions/current',
    given: givenLive,
    send: `POST ${live}`,
    headers: { 'If-None-Match': '*' },
    body: { x: 2 },
    status: 412,
    leaves: { [live]: { x: 1 } },
  },
  {
    clause: `${section} a missing document is 404 to GET whatever the condition`,
    title: 'a missing document is 404, though If-Match fails',
    operation: 'GET {docId}',
    send: 'GET {doc}',
    headers: { 'If-Match': '*' },
    status: 404,
  },
  {
    clause: `${section} to PUT as well`,
    title: 'a missing document is 404, though If-Match fails',
    operation: 'PUT {docId}',
    send: 'PUT {doc}',
    headers: { 'If-Match': '*' },
    body: {},
    status: 404,
  },
  {
    clause: `${section} POST with If-Match on what is missing is 412`,
    title: 'a POST that expects a missing document is 412 and makes none',
    operation: 'POST {docId}',
    send: 'POST {doc}',
    headers: { 'If-Match': '*' },
    body: {},
    status: 412,
    leaves: { '{doc}': 404 },
  },
  {
    clause: `${section} dates are ignored`,
    title: 'dates are no conditions of a read',
    operation: 'GET {docId}',
    given,
    send: 'GET {doc}',
    headers: { 'If-Modified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT' },
    status: 200,
  },
  {
    clause: `${section} dates are ignored`,
    title: 'dates are no conditions of a write',
    operation: 'PUT {docId}',
    given,
    send: 'PUT {doc}',
    headers: { 'If-Unmodified-Since': 'Mon, 01 Jan 2001 00:00:00 GMT' },
    body: { b: 1 },
    status: 200,
  },
]

const form = `${section} a document answer has a strong ETag of revision and content`

const tags: readonly Check[] = [
  ...(
    [
      ['GET {docId}', 'GET {doc}'],
      ['POST {docId}', 'POST {doc}'],
      ['PUT {docId}', 'PUT {doc}'],
      ['GET versions/current', `GET ${live}`],
      ['POST versions/current', `POST ${live}`],
      ['PUT versions/current', `PUT ${live}`],
    ] as const
  ).map(
    ([operation, line]): Check => ({
      operation,
      level: 'contract',
      clause: form,
      title: 'it shows a strong ETag, "<revision>-<8 hex>"',
      async run({ ask, given }) {
        await given('POST {doc}', { a: 1, versions: { current: { x: 1 } } })
        await given(`POST ${live}`, { x: 1 })
        const answered = await ask(line, line.startsWith('GET') ? {} : { body: { b: 1 } })
        expectHeader(answered, 'ETag', /^"[1-9]\d*-[0-9a-f]{8}"$/)
      },
    }),
  ),
  {
    operation: 'GET {docId}',
    level: 'contract',
    clause: form,
    title: 'it is the ETag that the write before it answered',
    async run({ ask, given }) {
      const written = headerOf(await given('POST {doc}', { a: 1 }), 'ETag')
      if (written === undefined) throw new NotAsked('it needs an ETag, and POST answers none')
      expectHeader(await ask('GET {doc}'), 'ETag', written)
    },
  },
  changes('a PUT of the base', '{doc}', 'PUT {doc}', form),
  changes(
    'a PUT of the live version',
    '{doc}',
    `PUT ${live}`,
    '5 The live version: so the ETag of the base changes with both',
  ),
  changes(
    'a PUT of the live version',
    live,
    `PUT ${live}`,
    '5 The live version: a write to either advances the one revision',
  ),
  changes(
    'a PUT of equal content',
    live,
    `PUT ${live}`,
    '5 The live version: it refreshes the stamps and advances the revision',
    {},
  ),
]

function changes(
  what: string,
  of: string,
  write: string,
  clause: string,
  body: object = { n: 1 },
): Check {
  return {
    operation: of === live ? 'PUT versions/current' : 'PUT {docId}',
    level: 'contract',
    clause,
    title: `${what} gives ${of === live ? 'the live version' : 'the base'} another ETag`,
    async run({ ask, given, etagOf }) {
      await given('POST {doc}', { a: 1, versions: { current: { x: 1 } } })
      await given(`POST ${live}`, { x: 1 })
      const before = await etagOf(of)
      await given(write, body)
      const answered = await ask(`GET ${of}`)
      expectStatus(answered, 200)
      if (headerOf(answered, 'ETag') === before) unmet(answered, `another than ${before}`, before)
    },
  }
}

export const conditionChecks: readonly Check[] = [
  ...checksOf('any request', 'contract', rows),
  ...tags,
]
