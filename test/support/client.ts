/**
 * One caller of one tenant, who sends a request in a line: method, path and body. A path without a
 * leading slash is below the tenant, and `.` is the tenant itself; what kind a body is follows from
 * the method and its form, unless a header says it.
 */
import assert from 'node:assert/strict'
import { setImmediate } from 'node:timers/promises'
import type { RequestAnswered } from '../../server/observe/events.ts'
import { checkDeclared } from './declared.ts'
import type { Received, Sent } from './http.ts'
import { send } from './http.ts'
import type { TestServer } from './server.ts'

export type Outgoing = {
  /** Undefined takes a header away that would be sent by itself. */
  readonly headers?: { readonly [name: string]: string | undefined }
  /** Objects and arrays go out as JSON, texts and bytes as they are. */
  readonly body?: object | string | Uint8Array
}

/** What one request met. */
export type Met = {
  readonly operation: string | undefined
  /** Who asked, where a table says it. */
  readonly as: string
  readonly status: number
  readonly code: string | undefined
}

export type Answered = Received & {
  /** Of the text; undefined where there is none. */
  readonly json: Loose
}

/** JSON that a test looks into without proving what it is: a wrong guess fails the test. */
// biome-ignore lint/suspicious/noExplicitAny: this is that guess, in one place.
export type Loose = any

export type Client = (request: string, more?: Outgoing) => Promise<Answered>

/** Where the tenant's documents are. */
export function homeOf(tenant: string): string {
  return `/api/v1/provisioning/tenants/${tenant}`
}

/** A client with this key; what it meets is added to `met`. Every answer is checked. */
export function makeClient(
  server: TestServer,
  tenant: string,
  key: string | undefined,
  met: Met[] = [],
): Client {
  return async (request, more = {}) => {
    const sent = outgoing(request, tenant, key, more)
    const received = await send(server.port, sent)
    checkAlways(received, sent.method)
    const { operation, code } = await answeredEvent(server, received)
    met.push({ operation, as: 'client', status: received.status, code })
    checkDeclared(operation, received)
    return { ...received, json: received.text === '' ? undefined : JSON.parse(received.text) }
  }
}

/** The request of this line as it goes out. */
export function outgoing(
  request: string,
  tenant: string,
  key: string | undefined,
  { body, headers = {} }: Outgoing,
): Sent {
  const [method = '', target = ''] = request.split(/ (.*)/s)
  const home = homeOf(tenant)
  const path = /^(\/|http:)/.test(target)
    ? target.replaceAll('{tenant}', tenant)
    : target === '.'
      ? home
      : `${home}/${target}`
  const isJson = typeof body === 'object' && !(body instanceof Uint8Array)
  return {
    method,
    path: path.replaceAll('{key}', key ?? ''),
    headers: withoutUndefined({
      ...(key === undefined || path.includes('{key}') ? {} : { Authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'Content-Type': typeOf(method, body) }),
      ...headers,
    }),
    ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body }),
  }
}

/** Arrays are JSON Patches, all other bodies of PATCH merge patches. */
function typeOf(method: string, body: object | string): string {
  if (method !== 'PATCH') return 'application/json'
  return Array.isArray(body) ? 'application/json-patch+json' : 'application/merge-patch+json'
}

function withoutUndefined(headers: { readonly [name: string]: string | undefined }) {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )
}

/** What every answer of every route keeps. */
export function checkAlways({ status, headers, text }: Received, method: string): void {
  assert.match(String(headers['x-request-id']), /^[A-Za-z0-9._-]{1,128}$/)
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.notEqual(headers['cache-control'], undefined)
  const isPage = status === 200 && headers['content-type']?.startsWith('text/html')
  if (text !== '' && !isPage) assert.equal(headers['content-type'], 'application/json')
  if (method === 'HEAD' || status === 204 || status === 304) assert.equal(text, '')
}

/** What was told of this answer. That of a list may be told a moment after its last byte. */
export async function answeredEvent(
  { events }: TestServer,
  { headers }: Received,
): Promise<RequestAnswered> {
  const requestId = headers['x-request-id']
  for (let tries = 0; tries < 100; tries++) {
    const found = events.findLast(
      (event) => event.event === 'request-answered' && event.requestId === requestId,
    )
    if (found?.event === 'request-answered') return found
    await setImmediate()
  }
  throw new Error('the request was not told')
}
