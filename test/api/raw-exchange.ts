/**
 * Two tenants with a document each, and the exchange of a raw row: the row, behind it a request of
 * one's own whose answer is known by its id, and everything that comes back.
 */
import assert from 'node:assert/strict'
import { send } from '../support/http.ts'
import { openRawClient } from '../support/raw-client.ts'
import type { TestServer } from '../support/server.ts'
import { home, ownPath, plantedPath, secretPath } from './raw-pieces.ts'

/** It stands in the rival's document, and nowhere else. */
export const marker = 'what-only-the-rival-may-see'

export const followId = 'follow-up'
const followMarker = 'what-the-follow-up-asks-for'
const followPath = `${home}/acme/users/follow`

export type RawKeys = { readonly key: string; readonly rivalKey: string }

export async function prepareTenants(server: TestServer): Promise<RawKeys> {
  const { text: key } = await server.makeKey('acme', ['provisioning:*'])
  const { text: rivalKey } = await server.makeKey('rival', ['provisioning:*'])
  for (const [path, own, value] of [
    [secretPath, rivalKey, marker],
    [ownPath, key, 'mine'],
    [followPath, key, followMarker],
  ] as const) {
    const headers = { Authorization: `Bearer ${own}`, 'Content-Type': 'application/json' }
    const body = JSON.stringify({ value })
    const { status } = await send(server.port, { method: 'POST', path, headers, body })
    assert.equal(status, 201)
  }
  return { key, rivalKey }
}

export function filled(bytes: string, { key, rivalKey }: RawKeys): Buffer {
  return Buffer.from(bytes.replaceAll('{key}', key).replaceAll('{rivalKey}', rivalKey), 'latin1')
}

export type RawAnswer = { readonly status: number; readonly id: string; readonly text: string }

export type RawExchange = {
  readonly answers: readonly RawAnswer[]
  readonly text: string
  readonly closed: boolean
}

/**
 * Sends the row and the follow-up, in one packet or once so many answers came, and gives what came
 * back until the connection was closed.
 */
export async function exchange(
  port: number,
  bytes: string,
  keys: RawKeys,
  { together, answers: count }: { readonly together: boolean; readonly answers: number },
): Promise<RawExchange> {
  const follow =
    `GET ${followPath} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n` +
    `X-Request-Id: ${followId}\r\nConnection: close\r\n\r\n`
  const client = await openRawClient(port)
  const ended = client.endsWithin(patienceMs)
  if (together) client.socket.write(filled(bytes + follow, keys))
  else {
    client.socket.write(filled(bytes, keys))
    await client.waitFor(new RegExp(`(HTTP/1\\.[01] \\d{3} [^]*?){${Math.max(1, count)}}`))
    if (!client.socket.destroyed) client.socket.write(filled(follow, keys))
  }
  const closed = await ended
  const text = client.text()
  return { answers: splitAnswers(text), text, closed }
}

/** Longer than any bound of time of the server under test. */
const patienceMs = 6000

function splitAnswers(text: string): RawAnswer[] {
  return text
    .split(/(?=HTTP\/1\.[01] \d{3} )/)
    .filter((part) => part !== '')
    .map((part) => {
      const id = /\r\nX-Request-Id: (\S+)/i.exec(part)?.[1] ?? ''
      return { status: Number(part.slice(9, 12)), id, text: part }
    })
}

/** Nobody's answer is another's, the rival's document came to nobody, and nothing was smuggled. */
export async function checkApart(
  { answers, text }: RawExchange,
  server: TestServer,
  { rivalKey }: RawKeys,
): Promise<void> {
  assert.ok(!text.includes(marker), 'the document of another tenant came')
  for (const answer of answers) {
    const isFollow = answer.id === followId && answer.status === 200
    assert.equal(answer.text.includes(followMarker), isFollow, 'an answer went to another request')
  }
  const headers = { Authorization: `Bearer ${rivalKey}` }
  const planted = await send(server.port, { method: 'GET', path: plantedPath, headers })
  assert.equal(planted.status, 404, 'what was smuggled has been done')
}
