/** Request targets: how a path is read, and which methods there are. */
import type { Check } from '../check.ts'
import { expectHeader, expectSame } from '../expect.ts'
import type { Row } from '../rows.ts'
import { checksOf } from '../rows.ts'

const section = '3 Targets and names:'

const rows: readonly Row[] = [
  {
    clause: `${section} absolute form counts as its path`,
    title: 'a target in absolute form counts as its path',
    as: 'nobody',
    send: 'GET http://tenantry-verify.invalid/health',
    status: 200,
  },
  {
    clause: `${section} the target is split at ? and at /`,
    title: 'an escaped question mark is part of a name',
    given: [['POST {doc}%3Fa%3Db', { n: 1 }]],
    send: 'GET {doc}%3Fa%3Db?c=d',
    status: 200,
    content: { n: 1 },
  },
  {
    clause: `${section} each segment is decoded once`,
    title: 'a name is not decoded twice',
    given: [['POST {doc}%2541', { n: 1 }]],
    send: 'GET {doc}A',
    status: 404,
    leaves: { '{doc}%2541': { n: 1 } },
  },
  {
    clause: `${section} each segment is decoded once`,
    title: 'a name is the same however it is escaped',
    given: [['POST {doc}abc', { n: 1 }]],
    send: 'GET {doc}%61b%63',
    status: 200,
    content: { n: 1 },
  },
  {
    clause: `${section} as strict UTF-8`,
    title: 'bytes that are no UTF-8 are 400',
    send: 'GET {doc}%ff',
    status: 400,
  },
  {
    clause: `${section} as strict UTF-8`,
    title: 'an overlong escape of a slash is 400',
    send: 'GET {doc}%C0%AF',
    status: 400,
  },
  {
    clause: `${section} nothing is parsed twice or normalised`,
    title: 'dots do not lead out of a collection',
    send: 'GET {own}/../{tenant}',
    status: [400, 404],
  },
  {
    clause: `${section} nothing is parsed twice or normalised`,
    title: 'escaped dots do not lead to another tenant',
    send: 'GET {home}/%2e%2e/tenantry-verify-nobody',
    status: [400, 404],
  },
  {
    clause: `${section} a raw byte over 0x7F is 400`,
    title: 'a raw byte over 0x7F is 400',
    send: 'GET {doc}\xc3\xa4',
    status: 400,
  },
  {
    clause: `${section} a bad escape is 400`,
    title: 'an escape of other letters is 400',
    send: 'GET {doc}%zz',
    status: 400,
  },
  {
    clause: `${section} a bad escape is 400`,
    title: 'an escape that is cut is 400',
    send: 'GET {doc}%4',
    status: 400,
  },
  {
    clause: `${section} an empty segment is 400`,
    title: 'an empty collection is 400',
    send: 'GET {home}//d',
    status: 400,
  },
  {
    clause: `${section} so is a trailing slash`,
    title: 'a slash behind a document is 400',
    send: 'GET {doc}/',
    status: 400,
  },
  {
    clause: `${section} so is a trailing slash`,
    title: 'a slash behind a collection is 400',
    send: 'GET {own}/',
    status: 400,
  },
  {
    clause: `${section} fixed segments match after decoding`,
    title: 'versions/current may be escaped',
    given: [['POST {doc}/versions/current', { n: 1 }]],
    send: 'GET {doc}/%76ersions/curr%65nt',
    status: 200,
    content: { n: 1 },
  },
  {
    clause: `${section} a plus is a plus in paths`,
    title: 'a plus in a path is no blank',
    given: [['POST {doc}a+b', { n: 1 }]],
    send: 'GET {doc}a%2Bb',
    status: 200,
    content: { n: 1 },
  },
  {
    clause: `${section} a target over 16 KiB is 414`,
    title: 'a target over 16 KiB is 414',
    send: `GET {own}?x=${'y'.repeat(16_400)}`,
    status: 414,
  },
  {
    clause: `${section} headers over 32 KiB are 431`,
    title: 'headers over 32 KiB are 431',
    send: 'GET {own}',
    headers: { 'X-Filler': 'y'.repeat(33_000) },
    status: 431,
  },
  {
    clause: `${section} two Hosts are 400`,
    title: 'two Hosts are 400',
    send: 'GET {own}',
    headers: { Host: ['tenantry-verify.invalid', 'tenantry-verify.invalid'] },
    status: 400,
  },
  {
    clause: `${section} two Authorizations are 400`,
    title: 'two Authorizations are 400, though both are the key',
    send: 'GET {own}',
    headers: { Authorization: ['Bearer {key}', 'Bearer {key}'] },
    status: 400,
  },
  {
    clause: `${section} two Content-Types are 400`,
    title: 'two Content-Types are 400',
    send: 'POST {doc}',
    headers: { 'Content-Type': ['application/json', 'application/json'] },
    body: {},
    status: 400,
  },
  {
    clause: `${section} two Content-Lengths are 400`,
    title: 'two Content-Lengths are 400',
    send: 'POST {doc}',
    headers: { 'Content-Length': ['2', '2'] },
    body: {},
    status: 400,
  },
  {
    clause: `${section} below a document there are only known sub-resources`,
    title: 'another sub-resource is 404',
    given: [['POST {doc}/versions/current', {}]],
    send: 'GET {doc}/version/current',
    status: 404,
  },
  {
    clause: `${section} below a document there are only known sub-resources`,
    title: 'versions alone is 404',
    given: [['POST {doc}/versions/current', {}]],
    send: 'GET {doc}/versions',
    status: 404,
  },
  {
    clause: `${section} another method on a known path is 405, with Allow`,
    title: 'a collection takes no PUT',
    send: 'PUT {own}',
    body: {},
    status: 405,
    has: { Allow: /GET/ },
  },
  {
    clause: `${section} another method on a known path is 405, with Allow`,
    title: 'health takes no POST',
    as: 'nobody',
    send: 'POST /health',
    status: 405,
    has: { Allow: /GET/ },
  },
  {
    clause: `${section} HEAD answers like GET without a body`,
    title: 'HEAD of a document has the status and the type of GET',
    given: [['POST {doc}', { a: 1 }]],
    send: 'HEAD {doc}',
    status: 200,
    has: { 'Content-Type': /^application\/json/i },
  },
  {
    clause: `${section} HEAD answers like GET without a body`,
    title: 'HEAD of a list is 200',
    send: 'HEAD {own}',
    status: 200,
  },
  {
    clause: `${section} HEAD answers like GET without a body`,
    title: 'HEAD of what is missing is 404',
    send: 'HEAD {doc}',
    status: 404,
  },
  ...(
    [
      ['{home}', ['GET', 'POST', 'PUT'], 'the tenant’s document'],
      ['{own}', ['GET'], 'a collection'],
      ['{doc}', ['GET', 'POST', 'PUT'], 'a document'],
      ['{doc}/versions/current', ['GET', 'POST', 'PUT'], 'a live version'],
    ] as const
  ).map(
    ([path, methods, what]): Row => ({
      clause: `${section} OPTIONS is 204 with Allow`,
      title: `OPTIONS of ${what} lists its methods`,
      send: `OPTIONS ${path}`,
      status: 204,
      has: { Allow: new RegExp(methods.map((method) => `(?=.*\\b${method}\\b)`).join('')) },
    }),
  ),
  {
    clause: `${section} unknown parameters are ignored`,
    title: 'an unknown parameter is ignored, though it cannot be decoded',
    send: 'GET {own}?colour=%zz&x',
    status: 200,
  },
  {
    clause: `${section} nothing is said to other origins by default`,
    title: 'a page of an origin that nobody listed may not read the answer',
    send: 'GET {own}',
    headers: { Origin: 'https://tenantry-verify.invalid' },
    status: 200,
    has: { 'Access-Control-Allow-Origin': undefined },
  },
]

const headType: Check = {
  operation: 'any request',
  level: 'contract',
  clause: `${section} HEAD answers like GET without a body`,
  title: 'HEAD of a document has the ETag and the length of GET',
  async run({ ask, given }) {
    await given('POST {doc}', { a: 1 })
    const [head, get] = [await ask('HEAD {doc}'), await ask('GET {doc}')]
    const length = String(Buffer.byteLength(get.text))
    expectHeader(head, 'ETag', get.headers.get('etag')?.join())
    const announced = head.headers.get('content-length')?.join()
    if (announced !== undefined) expectSame(head, 'Content-Length', announced, length)
  },
}

export const targetChecks: readonly Check[] = [
  ...checksOf('any request', 'contract', rows),
  headType,
]
