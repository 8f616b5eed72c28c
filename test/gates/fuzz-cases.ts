/**
 * What the gate `fuzz` sends: requests made from every operation, with targets, methods, headers
 * and bodies drawn from what clients send and from what breaks parsers. Everything comes from one
 * source of numbers, so that a seed repeats it.
 */
import type { Operation } from '../../server/contract/operation.ts'
import { operations } from '../../server/operations.ts'
import type { Random } from '../support/random.ts'
import { chance, pick } from '../support/random.ts'
import type { WireRequest } from '../support/wire-request.ts'
import { mutateBytes, mutateText } from './changed-bytes.ts'
import { drawBody, names } from './fuzz-bodies.ts'

/** What one has who may do everything. */
export type Means = {
  readonly tenant: string
  readonly keyText: string
  /** Keys that may be rotated and revoked. */
  readonly keyIds: readonly string[]
  /** What answers have shown so far, and what may be sent back. */
  readonly etags: string[]
  readonly cursors: string[]
}

/** What is no name, or no part of a target; as it is sent. */
const strangeSegments = [
  ...['', '.', '..', '%2e', '%2E%2E', '%2F', 'a%2Fb', '%00', '%0a', '%0d%0a', '%7f', '%C2%85'],
  ...['%', '%z', '%zz', '%c3', '%c3%28', '%ed%a0%80', '%f4%90%80%80', '%ff', '\xff', '\xc3\xa9'],
  ...['__x__', '____', '#', '?', ';a=b', '\\', '|', '"', '<', '{}', '[]', '^', '`', '*', '+', '~'],
  ...['x'.repeat(600), 'x'.repeat(1501), '%61'.repeat(1500), 'x'.repeat(17_000)],
]

function drawTarget(path: string, means: Means, random: Random): string {
  const segments = path
    .replace('{tenantId}', () => (chance(random, 0.03) ? 'nobody' : means.tenant))
    .replace('{keyId}', () => (chance(random, 0.7) ? pick(means.keyIds, random) : 'nobodyskey12'))
    .split('/')
    .map((segment) => {
      if (!segment.startsWith('{')) return segment
      return chance(random, 0.03) ? pick(strangeSegments, random) : encode(drawName(random), random)
    })
  if (chance(random, 0.04)) {
    const at = 1 + Math.floor(random() * segments.length)
    segments.splice(at, chance(random, 0.5) ? 1 : 0, pick(strangeSegments, random))
  }
  const origin = chance(random, 0.03)
    ? pick(['http://x', 'HTTPS://x:1', 'http://', 'ftp://x'], random)
    : ''
  return origin + segments.join('/') + drawQuery(means, random)
}

/** Mostly one of a few, so that what one request makes another meets. */
function drawName(random: Random): string {
  return chance(random, 0.7) ? pick(names.slice(0, 3), random) : pick(names, random)
}

function encode(name: string, random: Random): string {
  const escaped = encodeURIComponent(name)
  return chance(random, 0.1) ? escaped.replaceAll(/[a-z]/g, escapeOf) : escaped
}

function escapeOf(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16)}`
}

function drawQuery(means: Means, random: Random): string {
  if (chance(random, 0.7)) return ''
  const parameters = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
    const name = pick(
      ['limit', 'cursor', 'limit', 'cursor', 'x', '', 'lim%69t', '%zz', 'bearer_token'],
      random,
    )
    return `${name}${pick(['=', '=', '=', '', '=='], random)}${drawValue(name, means, random)}`
  })
  return `?${parameters.join(pick(['&', '&', '&', ';', '&&', '?'], random))}`
}

function drawValue(name: string, { cursors }: Means, random: Random): string {
  if (name === 'cursor' && cursors.length > 0 && chance(random, 0.8)) {
    const cursor = pick(cursors, random)
    return chance(random, 0.5) ? cursor : mutateText(cursor, random)
  }
  if (chance(random, 0.1)) return pick(strangeSegments, random).slice(0, 2000)
  return pick(
    ['1', '2', '10', '5000', '5001', '0', '-1', '1.5', '1e3', '٣', '00001', ' 1', ''],
    random,
  )
}

const methods = [
  ...['HEAD', 'OPTIONS', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'LOCK'],
  ...['M-SEARCH', 'QUERY', 'PURGE', 'REPORT', 'SOURCE', 'get', 'FOO', 'G'],
]

const values = [
  ...[
    '',
    '*',
    'x',
    '"',
    '""',
    'W/',
    '"\xff"',
    ',',
    'null',
    '0',
    '\xff\xfe',
    'a'.repeat(5000),
    '; =,',
  ],
  ...[
    '\t',
    'application/json',
    '100-continue',
    'chunked',
    'gzip',
    'close',
    'true',
    '[object Object]',
  ],
]

function drawHeaders(
  { takes }: Pick<Operation<unknown, unknown>, 'takes'>,
  means: Means,
  random: Random,
): [string, string][] {
  const headers: [string, string][] = []
  const add = (probability: number, name: string, ...choices: readonly string[]) => {
    if (chance(random, probability)) headers.push([name, pick(choices, random)])
  }
  add(0.97, 'Authorization', `Bearer ${means.keyText}`)
  add(0.01, 'Authorization', 'Bearer', 'Bearer x', 'Basic eA==', `bearer  ${means.keyText}`, '\xff')
  const type =
    takes === 'patch' ? ['application/merge-patch+json', 'application/json-patch+json'] : []
  const types =
    takes === undefined ? [] : [...type, ...(type.length > 0 ? [] : ['application/json'])]
  if (types.length > 0) add(0.96, 'Content-Type', ...types)
  add(0.02, 'Content-Type', 'text/plain', 'application/json; charset=utf-16', 'multipart/form-data')
  const tag = drawTag(means, random)
  add(0.1, 'If-Match', tag, tag, ...values)
  add(0.1, 'If-None-Match', tag, tag, ...values)
  add(0.1, 'Idempotency-Key', 'one', 'two', String(Math.floor(random() * 1e6)), ...values)
  add(0.03, 'X-Request-Id', 'mine', 'x'.repeat(129), ...values)
  add(0.03, 'Accept', 'text/event-stream', 'application/json', ...values)
  add(0.02, 'Origin', 'https://app.example.com', 'null', ...values)
  add(0.02, 'Access-Control-Request-Method', 'PUT', ...values)
  add(0.02, 'Content-Encoding', 'gzip', 'identity', ...values)
  add(0.02, 'Expect', '100-continue', '100-Continue, x', '200-ok')
  add(
    0.02,
    'traceparent',
    `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    `ff-${'0'.repeat(50)}`,
    ...values,
  )
  add(0.02, 'X-Forwarded-For', '1.2.3.4', ...values)
  add(0.01, 'Connection', 'close', 'keep-alive', 'x, close', 'Upgrade')
  add(0.01, 'Upgrade', 'websocket', 'h2c')
  add(0.005, 'X-Large', 'x'.repeat(33_000), 'x'.repeat(40_000))
  add(
    0.01,
    pick(['X-Http-Method-Override', 'Cookie', 'Range', 'TE', 'Trailer', '__proto__'], random),
    ...values,
  )
  return headers
}

function drawTag({ etags }: Means, random: Random): string {
  const tag = etags.length > 0 ? pick(etags, random) : '"1-00000000"'
  if (chance(random, 0.6)) return tag
  return pick(
    [`W/${tag}`, `${tag}, "x"`, ` , ${tag} ,`, `${tag}${tag}`, mutateText(tag, random)],
    random,
  )
}

/** A request that a parser can tell from the next, whatever is in it. */
export function drawRequest(means: Means, random: Random): WireRequest {
  const operation = pick(operations, random)
  const method = chance(random, 0.06) ? pick(methods, random) : operation.method
  const target = drawTarget(operation.path, means, random)
  const headers = drawHeaders(operation, means, random)
  const type = headers.find(([name]) => name === 'Content-Type')?.[1]
  const body = drawBody(operation, type, random)
  if (body === undefined || !chance(random, 0.03))
    return { method, target, headers, ...(body === undefined ? {} : { body }) }
  return {
    method,
    target,
    headers: [...headers, ['Transfer-Encoding', 'chunked']],
    body: inChunks(body, random),
  }
}

function inChunks(body: string | Uint8Array, random: Random): Buffer {
  const bytes = Buffer.from(body)
  const pieces: Buffer[] = []
  const size = 1 + Math.floor(random() * Math.max(1, bytes.length))
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size)
    const extension = chance(random, 0.1) ? ';x=y' : ''
    pieces.push(
      Buffer.from(`${piece.length.toString(16)}${extension}\r\n`),
      piece,
      Buffer.from('\r\n'),
    )
  }
  const trailer = chance(random, 0.1) ? 'X-Trailer: x\r\n' : ''
  return Buffer.concat([...pieces, Buffer.from(`0\r\n${trailer}\r\n`)])
}

/** Bytes that may be one request, several, or none: heads and framing are changed too. */
export function drawBytes(request: Uint8Array, random: Random): Buffer {
  const mutated = mutateBytes(request, random)
  const framing = [
    'Content-Length: 5\r\n',
    'Content-Length: -1\r\n',
    'Content-Length: 1, 2\r\n',
    'Transfer-Encoding: chunked, chunked\r\n',
    'Transfer-Encoding: gzip\r\n',
    'Transfer-Encoding:\tchunked\r\n',
    'Host: x\r\nHost: y\r\n',
    'Host:\r\n',
    ' folded\r\n',
    'No colon\r\n',
    ': no name\r\n',
    'A\u0000: x\r\n',
    'Expect: 100-continue\r\n',
    'Connection: Upgrade\r\nUpgrade: h2c\r\n',
  ]
  if (chance(random, 0.5)) return mutated
  const at = Buffer.from(request).indexOf('\r\n') + 2
  const [line, rest] = [Buffer.from(request).subarray(0, at), Buffer.from(request).subarray(at)]
  return Buffer.concat([line, Buffer.from(pick(framing, random)), rest])
}
