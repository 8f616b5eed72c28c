/**
 * Runs tables of scenarios against a server, and remembers what they met: which operation, asked
 * as whom, answered how. Coverage is then a question to that memory and no belief.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { RefusalCode } from '../../server/contract/errors.ts'
import { refusals } from '../../server/contract/errors.ts'
import { operations } from '../../server/operations.ts'
import type { Received } from './http.ts'
import { send } from './http.ts'
import type { TestServer } from './server.ts'

/** Callers by what they may do; each scenario gets keys of its own. */
export const callers = {
  owner: ['provisioning:*', 'reporting:*', 'voc:*', 'mcp:*', 'keys:*', 'ingest:*'],
  reader: ['provisioning:read'],
  writer: ['provisioning:write'],
  userReader: ['provisioning:users.read'],
  userWriter: ['provisioning:users.write'],
  users: ['provisioning:users'],
  botReader: ['provisioning:bots.read'],
  reporter: ['reporting:*'],
  expired: ['provisioning:*'],
  /** A key's id with another secret and the checksum that fits. */
  forged: ['provisioning:*'],
  revoked: ['provisioning:*'],
  /** Everything, in another tenant. */
  rival: ['provisioning:*'],
} as const

/** `unknown` sends a whole key that no store has. */
export type CallerName = keyof typeof callers | 'nobody' | 'garbled' | 'unknown'

export type Scenario = {
  /** A fact about the server. */
  readonly title: string
  readonly as: CallerName
  /** Writes of the owner that come first: `POST users/u1`, and the body. */
  readonly given?: readonly (readonly [request: string, body: object])[]
  /** Method and path; a path without a leading slash is below the scenario's tenant. */
  readonly send: string
  /** Undefined takes a header away that would be sent by itself. */
  readonly headers?: { readonly [name: string]: string | undefined }
  /** Objects go out as JSON, texts and bytes as they are. */
  readonly body?: object | string | Uint8Array
  /** What comes back. In `json`, "<now>" and "<owner>" stand for the stamps of this run. */
  readonly answers?: {
    readonly status: number
    readonly json?: unknown
    readonly text?: string
    readonly headers?: { readonly [name: string]: string | RegExp | undefined }
  }
  readonly refused?: readonly [code: RefusalCode, message: RegExp]
  /** For coverage, where the refusal comes before the server knows the operation. */
  readonly operation?: string
}

/** What one scenario met. */
export type Met = {
  readonly operation: string | undefined
  readonly as: CallerName
  readonly status: number
  readonly code: string | undefined
}

/** A document as an owner's write leaves it, for `answers.json`. */
export function stamped(content: object): object {
  return { ...content, updated: '<now>', updatedBy: '<owner>' }
}

const validators = new Map(
  operations.map(({ name, output }) => [name, new Ajv2020().compile(output)]),
)

/** A test for each row; what they meet is added to `met`. */
export function runScenarios(
  title: string,
  rows: readonly Scenario[],
  server: () => TestServer,
  met: Met[],
): void {
  describe(title, () => {
    for (const row of rows) test(row.title, () => runScenario(row, server(), met))
  })
}

let scenarioCount = 0

async function runScenario(row: Scenario, server: TestServer, met: Met[]): Promise<void> {
  const tenant = `acme-${++scenarioCount}`
  const owner = await server.makeKey(tenant, callers.owner)
  for (const [request, body] of row.given ?? []) {
    const answer = await send(server.port, outgoing(request, tenant, owner.text, { body }))
    assert.ok(answer.status < 300, `given ${request}: ${answer.text}`)
  }
  const key = row.as === 'owner' ? owner.text : await keyOf(row.as, tenant, server)
  const told = server.events.length
  const received = await send(server.port, outgoing(row.send, tenant, key, row))
  const event = server.events.slice(told).find(({ event }) => event === 'request-answered')
  assert.ok(event?.event === 'request-answered', 'the request was not told')
  met.push({
    operation: event.operation ?? row.operation,
    as: row.as,
    status: received.status,
    code: event.code,
  })

  checkAlways(received, row)
  if (row.refused !== undefined) checkRefused(received, row.refused)
  if (row.answers !== undefined) checkAnswer(received, row.answers, server, owner.id)
  if (received.status < 300 && received.text !== '' && event.operation !== undefined) {
    const validate = validators.get(event.operation)
    assert.ok(validate?.(JSON.parse(received.text)), `the answer breaks the declared schema`)
  }
}

async function keyOf(as: CallerName, tenant: string, server: TestServer) {
  if (as === 'nobody') return undefined
  if (as === 'garbled') return 'tnk_mistyped'
  if (as === 'unknown') return withChecksum(`tnk_${'Unknown0Key0'.repeat(4)}`)
  if (as === 'rival') return (await server.makeKey(`rival-of-${tenant}`, callers.rival)).text
  const expiresAt = as === 'expired' ? server.time + 1 : undefined
  const { id, text } = await server.makeKey(tenant, callers[as], expiresAt)
  if (as === 'expired') server.time += 1
  if (as === 'revoked') await server.storage.identity.revokeKey(id, undefined, server.time)
  return as === 'forged' ? withChecksum(text.slice(0, 16) + 'x'.repeat(36)) : text
}

/** The last six characters of a key: CRC-32 in base62, as the contract says. */
function withChecksum(text: string): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
  let rest = crc32(text)
  let checksum = ''
  for (let place = 0; place < 6; place++) {
    checksum = digits.charAt(rest % 62) + checksum
    rest = Math.floor(rest / 62)
  }
  return text + checksum
}

function outgoing(
  request: string,
  tenant: string,
  key: string | undefined,
  { body, headers = {} }: Pick<Scenario, 'body' | 'headers'>,
) {
  const [method = '', target = ''] = request.split(/ (.*)/s)
  const home = `/api/v1/provisioning/tenants/${tenant}`
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
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    }),
    ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body }),
  }
}

function withoutUndefined(headers: { readonly [name: string]: string | undefined }) {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )
}

/** What every answer of every route keeps. */
function checkAlways({ status, headers, text }: Received, row: Scenario): void {
  assert.match(String(headers['x-request-id']), /^[A-Za-z0-9._-]{1,128}$/)
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.notEqual(headers['cache-control'], undefined)
  if (text !== '') assert.equal(headers['content-type'], 'application/json')
  if (row.send.startsWith('HEAD ') || status === 204 || status === 304) assert.equal(text, '')
  if (status >= 400) assert.ok(row.refused !== undefined, `refused without a word: ${text}`)
}

function checkRefused(
  { status, headers, text }: Received,
  [code, message]: readonly [RefusalCode, RegExp],
): void {
  assert.equal(status, refusals[code].status, text)
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(headers['www-authenticate'], status === 401 ? 'Bearer' : undefined)
  assert.equal(headers.allow !== undefined, status === 405)
  assert.equal(headers['retry-after'] !== undefined, status === 503)
  if (text === '') return
  const body = JSON.parse(text)
  assert.deepEqual(Object.keys(body).slice(0, 2), ['code', 'message'])
  assert.equal(body.code, code)
  assert.match(body.message, message)
  assert.ok(body.message.length < 600, 'a message echoes too much')
}

function checkAnswer(
  received: Received,
  expected: NonNullable<Scenario['answers']>,
  server: TestServer,
  ownerId: string,
): void {
  assert.equal(received.status, expected.status, received.text)
  if (expected.text !== undefined) assert.equal(received.text, expected.text)
  if (expected.json !== undefined) {
    const filled = JSON.stringify(expected.json)
      .replaceAll('"<now>"', String(server.time))
      .replaceAll('"<owner>"', `"apikey:${ownerId}"`)
    assert.deepEqual(JSON.parse(received.text), JSON.parse(filled))
  }
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const found = received.headers[name.toLowerCase()]
    if (value instanceof RegExp) assert.match(String(found), value)
    else assert.equal(found, value, `header ${name}`)
  }
}
