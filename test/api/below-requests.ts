/**
 * What is below requests: bytes that are no HTTP, headers that come twice, slow senders, bodies
 * that are refused while they stream. Sent from a bare socket, so that no client tidies them.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { RefusalCode } from '../../server/contract/errors.ts'
import { refusals } from '../../server/contract/errors.ts'
import {
  bodyPieceMinBytes,
  bodyPiecesMax,
  pipelineMaxRequests,
} from '../../server/contract/limits.ts'
import type { Met } from '../support/client.ts'
import { send } from '../support/http.ts'
import { sendRaw } from '../support/raw-client.ts'
import type { TestServer } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

type WireRow = {
  readonly title: string
  readonly bytes: string
  readonly refused: RefusalCode
}

const host = 'Host: x\r\n'
const path = '/api/v1/provisioning/tenants/acme/users/u'
const post = `POST ${path} HTTP/1.1\r\n${host}Connection: close\r\nAuthorization: Bearer {key}\r\n`
const json = 'Content-Type: application/json\r\n'
const valid = `POST ${path} HTTP/1.1\r\n${host}Authorization: Bearer {key}\r\n${json}`
const write = `${valid}Content-Length: 7\r\n\r\n{"a":1}`
const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`

const rows: readonly WireRow[] = [
  { title: 'bytes that are no HTTP', bytes: 'hello\r\n\r\n', refused: 'BadRequest' },
  { title: 'an unknown method', bytes: `FETCH / HTTP/1.1\r\n${host}\r\n`, refused: 'BadRequest' },
  {
    title: 'a target in which a byte is over 0x7F',
    bytes: `GET ${path}\xfc HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
    refused: 'BadRequest',
  },
  {
    title: 'HTTP/1.1 without a Host',
    bytes: 'GET /health HTTP/1.1\r\nConnection: close\r\n\r\n',
    refused: 'BadRequest',
  },
  {
    title: 'two Host headers',
    bytes: `GET /health HTTP/1.1\r\n${host}Host: y\r\nConnection: close\r\n\r\n`,
    refused: 'BadRequest',
  },
  {
    title: 'two Authorization headers',
    bytes: `${post}Authorization: Bearer x\r\n\r\n`,
    refused: 'BadRequest',
  },
  {
    title: 'two Content-Type headers',
    bytes: `${post}${json}${json}Content-Length: 2\r\n\r\n{}`,
    refused: 'BadRequest',
  },
  {
    title: 'two Content-Length headers',
    bytes: `${post}${json}Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`,
    refused: 'BadRequest',
  },
  {
    title: 'a length beside a chunked body',
    bytes: `${post}${json}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    refused: 'BadRequest',
  },
  {
    title: 'a CONNECT',
    bytes: `CONNECT example.test:443 HTTP/1.1\r\n${host}\r\n`,
    refused: 'BadRequest',
  },
  {
    title: 'a target longer than the parser takes',
    bytes: `GET /${'x'.repeat(120_000)} HTTP/1.1\r\n${host}\r\n`,
    refused: 'UriTooLong',
  },
  {
    title: 'headers longer than the parser takes',
    bytes: `GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(120_000)}\r\n\r\n`,
    refused: 'HeadersTooLarge',
  },
  {
    title: 'a header so long that no packet of it has a line end',
    bytes: `GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(400_000)}`,
    refused: 'HeadersTooLarge',
  },
  {
    title: 'more headers than the parser counts',
    bytes: `GET / HTTP/1.1\r\n${host}${'X: y\r\n'.repeat(20_000)}\r\n`,
    refused: 'HeadersTooLarge',
  },
  {
    title: 'a transfer coding that packs',
    bytes: `${post}${json}Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n`,
    refused: 'UnsupportedMediaType',
  },
  {
    title: 'headers that stop coming',
    bytes: `GET / HTTP/1.1\r\nHo`,
    refused: 'RequestTimeout',
  },
  {
    title: 'a body that stops coming',
    bytes: `${post}${json}Content-Length: 20\r\n\r\n{"a":`,
    refused: 'RequestTimeout',
  },
  {
    title: 'a body announced too large',
    bytes: `${post}${json}Content-Length: 9999999\r\n\r\n{`,
    refused: 'PayloadTooLarge',
  },
  {
    title: 'a body that grows too large as it streams',
    bytes: `${post}${json}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(18)}0\r\n\r\n`,
    refused: 'PayloadTooLarge',
  },
]

/** The checks of the wire, on a server of its own with short times. */
export function wireChecks(met: Met[]): void {
  describe('wire', () => {
    let server: TestServer
    let key: string
    before(async () => {
      server = await startTestServer({ at: { headersTimeMs: 400, bodyTimeMs: 800 } })
      key = (await server.makeKey('acme', ['provisioning:*'])).text
    })
    after(() => server.close())

    for (const { title, bytes, refused } of rows) {
      test(`${title}: ${refused} in the contract's shape, and the connection closed`, async () => {
        const sent = Buffer.from(bytes.replace('{key}', key), 'latin1')
        const { text, closed } = await sendRaw(server.port, sent, 4000)
        const { status } = refusals[refused]
        met.push({ operation: undefined, as: 'nobody', status, code: refused })
        checkShape(text, refused)
        assert.ok(closed, 'the connection stayed open')
      })
    }

    test('a client that waits for 100 Continue is refused before it sends', async () => {
      const expect = 'Expect: 100-continue\r\nContent-Length: 9\r\n\r\n'
      const head = `POST ${path} HTTP/1.1\r\n${host}${expect}`
      const { text } = await sendRaw(server.port, head, 300)
      assert.match(text, /^HTTP\/1\.1 401 /)
    })

    test('a client that waits for 100 Continue is told to go on once it may', async () => {
      const head = `${post}${json}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n`
      const { text } = await sendRaw(server.port, head.replace('{key}', key), 300)
      assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\n$/)
    })

    test('requests that come in one packet are answered in their order', async () => {
      const one = `GET /health HTTP/1.1\r\n${host}X-Request-Id: one\r\n\r\n`
      const two = `GET / HTTP/1.1\r\n${host}X-Request-Id: two\r\nConnection: close\r\n\r\n`
      const { text } = await sendRaw(server.port, one + two)
      assert.match(text, /X-Request-Id: one[\s\S]*"ok"[\s\S]*X-Request-Id: two[\s\S]*tenantry/)
    })

    test('an offer to upgrade is not taken: answered, and the connection closed', async () => {
      const bytes = `GET /health HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`
      const { text, closed } = await sendRaw(server.port, bytes + write.replace('{key}', key))
      assert.match(text, /^HTTP\/1\.1 200 [\s\S]*\r\nConnection: close\r\n[\s\S]*"ok"}$/)
      assert.ok(closed, 'what came behind the offer is neither answered nor told to be lost')
    })

    const followers: readonly (readonly [title: string, bytes: string])[] = [
      ['bytes that are no HTTP', 'GARBAGE\r\n\r\n'],
      ['a CONNECT', `CONNECT x:1 HTTP/1.1\r\n${host}\r\n`],
      ['a chunk that is none', `${valid}Transfer-Encoding: chunked\r\n\r\nZZ\r\n`],
      [
        'a length beside a chunked body',
        `${valid}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      ],
      ['the rest of a body longer than said', '5}'],
    ]
    for (const [title, bytes] of followers) {
      test(`behind a write, ${title}: the write is answered, the rest refused`, async () => {
        const { text, closed } = await sendRaw(
          server.port,
          (write + bytes).replaceAll('{key}', key),
        )
        const [first = '', ...rest] = text.split(/(?=HTTP\/1\.1 \d)/)
        assert.match(first, /^HTTP\/1\.1 20[01] [\s\S]*"a":1/)
        assert.equal(rest.length, 1, text)
        checkShape(rest[0] ?? '', 'BadRequest')
        assert.ok(closed)
      })
    }

    test('a client that closes its half after a write still gets the answer', async () => {
      const bytes = write.replaceAll('{key}', key)
      const answered = await new Promise<string>((resolve) => {
        let text = ''
        const socket = connect({ host: '127.0.0.1', port: server.port, allowHalfOpen: true })
        socket.setEncoding('latin1').on('data', (chunk: string) => {
          text += chunk
        })
        socket.on('close', () => resolve(text)).on('end', () => socket.end())
        socket.end(bytes)
      })
      assert.match(answered, /^HTTP\/1\.1 20[01] [\s\S]*"a":1/)
    })

    test('a server that stops first gives slow readers all that they asked for', async () => {
      const stopping = await startTestServer({ settings: { drainMs: '20000' } })
      const { text: own } = await stopping.makeKey('acme', ['provisioning:*'])
      const headers = { Authorization: `Bearer ${own}`, 'Content-Type': 'application/json' }
      for (const [name, size] of [
        ['large', 900_000],
        ['small', 60_000],
      ] as const) {
        const body = JSON.stringify({ a: 'x'.repeat(size) })
        await send(stopping.port, { method: 'POST', path: `${path}-${name}`, headers, body })
      }
      const get = (name: string) =>
        `GET ${path}-${name} HTTP/1.1\r\n${host}Authorization: Bearer ${own}\r\n\r\n`
      // What the system's buffers hold is unknown; for some of these they end in a small answer.
      const readers = Array.from({ length: 12 }, async (_, large) => {
        const socket = connect({ host: '127.0.0.1', port: stopping.port })
        const chunks: Uint8Array[] = []
        socket.on('data', (chunk: Uint8Array) => chunks.push(chunk)).pause()
        const ended = once(socket, 'close')
        socket.write(get('large').repeat(large) + get('small').repeat(31 - large))
        await wait(1000)
        socket.resume()
        await ended
        return Buffer.concat(chunks)
          .toString('latin1')
          .match(/x{60000,}"/g)?.length
      })
      await wait(400)
      const closed = stopping.close()
      assert.deepEqual(await Promise.all(readers), Array(12).fill(31))
      await closed
    })

    test('of a flood of pipelined requests only so many are taken, in their order', async () => {
      const get = (id: number) => `GET /health HTTP/1.1\r\n${host}X-Request-Id: n${id}\r\n\r\n`
      const slow = `GET ${path}s HTTP/1.1\r\n${host}Authorization: Bearer ${key}\r\n\r\n`
      const flood = slow + Array.from({ length: 500 }, (_, id) => get(id)).join('')
      const { text, closed } = await sendRaw(server.port, flood)
      const ids = [...text.matchAll(/X-Request-Id: n(\d+)/g)].map(([, id]) => Number(id))
      assert.deepEqual(
        ids,
        Array.from({ length: pipelineMaxRequests - 1 }, (_, id) => id),
      )
      assert.ok(closed)
    })

    test('a body in a million pieces is refused, and is not kept', async () => {
      const patient = await startTestServer()
      const { text: own } = await patient.makeKey('acme', ['provisioning:*'])
      const head = `${valid}Transfer-Encoding: chunked\r\n\r\n`.replace('{key}', own)
      const before = process.memoryUsage().rss
      const pieces = `7\r\n{"a":"x\r\n${'1\r\nx\r\n'.repeat(900_000)}2\r\n"}\r\n0\r\n\r\n`
      const { text, closed } = await sendRaw(patient.port, head + pieces, 20_000)
      await patient.close()
      // What the client still sends may take the answer away from it.
      assert.match(text, /^$|^HTTP\/1\.1 400 [\s\S]*too many small pieces/)
      assert.ok(closed)
      const grownMb = (process.memoryUsage().rss - before) / 1_048_576
      assert.ok(grownMb < 150, `${grownMb} MB for a body of one`)
    })

    test('a body in as many pieces as are taken is whole', async () => {
      const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
      const framing = 'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n'
      const head = `${valid}${framing}`.replace('{key}', key)
      for (const [piece, count] of [
        ['x', bodyPiecesMax - 3],
        ['x'.repeat(bodyPieceMinBytes), 16_000],
      ] as const) {
        const pieces = chunk('{"a":"') + chunk(piece).repeat(count) + chunk('"}') + chunk('')
        const { text } = await sendRaw(server.port, head + pieces, 20_000)
        assert.match(text, /^HTTP\/1\.1 20[01] /)
        assert.ok(text.includes(`{"a":"${piece.repeat(count)}"`), `${count} pieces`)
      }
    })

    test('a list whose request has an unread body comes whole', async () => {
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
        const body = JSON.stringify({ a: 'x'.repeat(1_000_000) })
        await send(server.port, {
          method: 'POST',
          path: path.replace('users/u', `large/${name}`),
          headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
          body,
        })
      }
      const get = `GET ${path.replace('users/u', 'large')} HTTP/1.1\r\n${host}`
      const bytes = `${get}Authorization: Bearer ${key}\r\nContent-Length: 3000000\r\n\r\n`
      const { text, closed } = await sendRaw(server.port, bytes + 'y'.repeat(3_000_000), 8000)
      assert.match(text, /^HTTP\/1\.1 200 /)
      assert.ok(text.length > 6_000_000 && text.endsWith('0\r\n\r\n'), String(text.length))
      assert.ok(closed)
    })

    test('an HTTP/1.0 client is not told to continue', async () => {
      const expect = 'Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}'
      const bytes = post.replace('1.1', '1.0').replace('{key}', key) + json + expect
      const { text } = await sendRaw(server.port, bytes)
      assert.match(text, /^HTTP\/1\.1 20[01] /)
    })

    test('two keys do not matter where none is asked for', async () => {
      const bytes = `GET /health?bearer_token=a&bearer_token=b HTTP/1.0\r\n\r\n`
      assert.match((await sendRaw(server.port, bytes)).text, /^HTTP\/1\.1 200 /)
    })

    test('a client that sends on after 413 can read the answer', async () => {
      const body = 'x'.repeat(3_000_000)
      const bytes = `${post}${json}Content-Length: ${body.length}\r\n\r\n${body}`.replace(
        '{key}',
        key,
      )
      const { text, closed } = await sendRaw(server.port, bytes, 4000)
      checkShape(text, 'PayloadTooLarge')
      assert.ok(closed)
    })

    for (const [request, status] of [
      [`OPTIONS ${path}`, 204],
      [`HEAD ${path.slice(0, -2)}`, 200],
      [`HEAD ${path}/versions/current`, 404],
    ] as const) {
      test(`${status} to ${request} does not wait for a body that nobody reads`, async () => {
        const chunked = 'Transfer-Encoding: chunked\r\n\r\n'
        const bytes = `${request} HTTP/1.1\r\n${host}Authorization: Bearer ${key}\r\n${chunked}`
        const { text } = await sendRaw(server.port, bytes, 500)
        assert.match(
          text,
          new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*\\r\\nConnection: close\\r\\n`),
        )
      })
    }

    test('a small body that nobody reads does not cost the connection', async () => {
      const first = `GET /health HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello`
      const second = `GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`
      const { text } = await sendRaw(server.port, first + second)
      assert.equal(text.match(/HTTP\/1\.1 200 OK/g)?.length, 2)
    })
  })
}

function checkShape(text: string, code: RefusalCode): void {
  const [head = '', body = ''] = text.split('\r\n\r\n')
  assert.ok(head.startsWith(`HTTP/1.1 ${refusals[code].status} `), text.slice(0, 300))
  assert.match(head, /\r\nContent-Type: application\/json\r\n/)
  assert.match(head, /\r\nX-Request-Id: [A-Za-z0-9_-]+/)
  assert.match(head, /\r\nX-Content-Type-Options: nosniff/)
  assert.match(head, /\r\nConnection: close/)
  assert.equal(JSON.parse(body).code, code)
}
