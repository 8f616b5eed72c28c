/**
 * Runs tables of scenarios against a server, and remembers what they met: which operation, asked
 * as whom, answered how. Coverage is then a question to that memory and no belief.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { crc32 } from 'node:zlib'
import type { RefusalCode } from '../../server/contract/errors.ts'
import { refusals } from '../../server/contract/errors.ts'
import type { Met, Outgoing } from './client.ts'
import { answeredEvent, checkAlways, makeClient, outgoing } from './client.ts'
import { checkDeclared } from './declared.ts'
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
  keyReader: ['keys:read'],
  keyWriter: ['keys:write'],
  reporter: ['reporting:*'],
  expired: ['provisioning:*'],
  /** A key's id with another secret and the checksum that fits. */
  forged: ['provisioning:*'],
  revoked: ['provisioning:*'],
  /** Everything, in another tenant. */
  rival: ['provisioning:*', 'keys:*'],
} as const

/** `unknown` sends a whole key that no store has. */
export type CallerName = keyof typeof callers | 'nobody' | 'garbled' | 'unknown'

export type Scenario = Outgoing & {
  /** A fact about the server. */
  readonly title: string
  readonly as: CallerName
  /** Writes of the owner that come first: `POST users/u1`, and the body. */
  readonly given?: readonly (readonly [request: string, body: object])[]
  /** Method and path; a path without a leading slash is below the scenario's tenant. */
  readonly send: string
  /** What comes back. In `json`, "<now>" and "<owner>" stand for the stamps of this run. */
  readonly answers?: {
    readonly status: number
    readonly json?: unknown
    readonly text?: string | RegExp
    readonly headers?: { readonly [name: string]: string | RegExp | undefined }
  }
  readonly refused?: readonly [code: RefusalCode, message: RegExp]
  /** Where `details` of the refusal point to. */
  readonly pointer?: string
  /** What GET of these paths shows the owner afterwards: JSON as in `answers`, or a status. */
  readonly leaves?: { readonly [path: string]: unknown }
  /** For coverage, where the refusal comes before the server knows the operation. */
  readonly operation?: string
}

/** A document as an owner's write leaves it, for `answers.json`. */
export function stamped(content: object): object {
  return { ...content, updated: '<now>', updatedBy: '<owner>' }
}

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
  const ask = makeClient(server, tenant, owner.text)
  for (const [request, body] of row.given ?? []) {
    const answer = await ask(request, { body })
    assert.ok(answer.status < 300, `given ${request}: ${answer.text}`)
  }
  const key = row.as === 'owner' ? owner.text : await keyOf(row.as, tenant, server)
  const sent = outgoing(row.send, tenant, key, row)
  const received = await send(server.port, sent)
  const event = await answeredEvent(server, received)
  met.push({
    operation: event.operation ?? row.operation,
    as: row.as,
    status: received.status,
    code: event.code,
  })

  checkAlways(received, sent.method)
  const { status, text } = received
  if (status >= 400) assert.ok(row.refused !== undefined, `refused without a word: ${text}`)
  if (row.refused !== undefined) checkRefused(received, row.refused, row)
  const fill = (expected: unknown) => filled(expected, server, owner.id)
  if (row.answers !== undefined) checkAnswer(received, row.answers, fill)
  checkDeclared(event.operation ?? row.operation, received)
  for (const [path, expected] of Object.entries(row.leaves ?? {})) {
    const left = await ask(`GET ${path}`)
    if (typeof expected === 'number') assert.equal(left.status, expected, `${path}: ${left.text}`)
    else assert.deepEqual(left.json, fill(expected), path)
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

function checkRefused(
  { status, headers, text }: Received,
  [code, message]: readonly [RefusalCode, RegExp],
  { send, pointer }: Pick<Scenario, 'send' | 'pointer'>,
): void {
  assert.equal(status, refusals[code].status, text)
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(headers['www-authenticate'], status === 401 ? 'Bearer' : undefined)
  assert.equal(headers.allow !== undefined, status === 405)
  assert.equal(headers['retry-after'] !== undefined, status === 503 || status === 429)
  if (text === '') return
  const body = JSON.parse(text)
  const wrongPatch = status === 415 && send.startsWith('PATCH ') && /Type/.test(body.message)
  assert.equal(headers['accept-patch'], wrongPatch ? patchTypes : undefined)
  assert.deepEqual(Object.keys(body).slice(0, 2), ['code', 'message'])
  assert.equal(body.code, code)
  assert.match(body.message, message)
  assert.ok(body.message.length < 600, 'a message echoes too much')
  if (pointer !== undefined) assert.equal(body.details?.[0]?.pointer, pointer, text)
}

const patchTypes = 'application/merge-patch+json, application/json-patch+json'

function checkAnswer(
  received: Received,
  expected: NonNullable<Scenario['answers']>,
  fill: (expected: unknown) => unknown,
): void {
  assert.equal(received.status, expected.status, received.text)
  if (expected.text instanceof RegExp) assert.match(received.text, expected.text)
  else if (expected.text !== undefined) assert.equal(received.text, expected.text)
  if (expected.json !== undefined) {
    assert.deepEqual(JSON.parse(received.text), fill(expected.json))
  }
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const found = received.headers[name.toLowerCase()]
    if (value instanceof RegExp) assert.match(String(found), value)
    else assert.equal(found, value, `header ${name}`)
  }
}

/** As JSON, with the stamps of this run. */
function filled(expected: unknown, server: TestServer, ownerId: string): unknown {
  return JSON.parse(
    JSON.stringify(expected)
      .replaceAll('"<now>"', String(server.time))
      .replaceAll('"<owner>"', `"apikey:${ownerId}"`),
  )
}
