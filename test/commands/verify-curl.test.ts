/** The lines that a report prints for curl send what verification sent, and name no key. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { openClient } from '../../server/verify/client.ts'
import type { Sent } from '../../server/verify/exchange.ts'
import { curlLine } from '../../server/verify/exchange.ts'
import { masksOf } from '../../server/verify/site.ts'
import { systemWorld } from '../../server/world.ts'

const key = 'key+/=$x\'"`'
const masks = masksOf({ base: '', tenant: 't', key, readerKey: undefined })
const bearer = ['Authorization', `Bearer ${key}`] as const
const json = ['Content-Type', 'application/json'] as const

const rows: readonly (readonly [title: string, sent: Sent])[] = [
  ['a key in the header', { method: 'GET', target: '/a', headers: [bearer], body: undefined }],
  [
    'a key in the query',
    {
      method: 'GET',
      target: `/a?x=1&bearer_token=${encodeURIComponent('key-of-letters')}`,
      headers: [],
      body: undefined,
    },
  ],
  ['dots and escapes', { method: 'GET', target: '/a/../%2e%2e/%zz', headers: [], body: undefined }],
  ['raw bytes', { method: 'GET', target: '/a\xc3\xa4', headers: [], body: undefined }],
  [
    'another target',
    { method: 'GET', target: 'http://other.invalid/health', headers: [], body: undefined },
  ],
  ['a header twice', { method: 'GET', target: '/a', headers: [bearer, bearer], body: undefined }],
  [
    'a body with quotes',
    {
      method: 'POST',
      target: '/a',
      headers: [json],
      body: Buffer.from('{"it\'s":"\\u0000 $HOME ü 日本"}'),
    },
  ],
  [
    'a body of no text',
    {
      method: 'PUT',
      target: '/a',
      headers: [json],
      body: Buffer.from('{"a\\":"\xff\'"}', 'latin1'),
    },
  ],
  [
    'a body with a mark in front',
    { method: 'PUT', target: '/a', headers: [json], body: Buffer.from('\ufeff{}') },
  ],
  [
    'a body without a type, to GET',
    { method: 'GET', target: '/a', headers: [], body: Buffer.from('x') },
  ],
]

describe('a line for curl sends', () => {
  const taken: string[] = []
  const server = createServer(async (incoming, response) => {
    taken.push(await essence(incoming))
    response.end()
  })
  // What is no request to its parser is told by its first line.
  server.on('clientError', (error: Error & { rawPacket?: Buffer }, socket) => {
    taken.push(error.rawPacket?.toString('latin1').split('\r\n')[0] ?? '')
    socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
  let base: string
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => server.close())

  for (const [title, sent] of rows) {
    test(title, async () => {
      const line = curlLine(sent, base, masks)
      assert.ok(!line.includes(key), line)
      const client = openClient(base, { ...systemWorld, requestTimeMaxMs: 5000 })
      await client.send(sent)
      client.close()
      const env = { ...process.env, CRESCENDO_API_KEY: key }
      await promisify(execFile)('bash', ['-c', line], { env })
      const [ours, curls] = taken.splice(0)
      assert.equal(curls, ours, line)
    })
  }
})

/** What must be equal: all but what each client says of itself. */
async function essence(incoming: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const { method, url, rawHeaders } = incoming
  const headers: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    if (/^(authorization|content-type|content-length|host)$/i.test(name)) {
      headers.push(`${name}: ${rawHeaders[at + 1]}`)
    }
  }
  const body = Buffer.concat(chunks).toString('hex')
  return [method, Buffer.from(url ?? '', 'latin1').toString('hex'), ...headers.sort(), body].join(
    ' ',
  )
}
