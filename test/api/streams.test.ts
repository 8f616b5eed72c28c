/**
 * What the server holds for clients that read slowly, send without end, or leave: never a whole
 * list, never work for nobody, and never a connection past its time. Times here are bounds of
 * patience, many times what is measured; what counts is bytes and pages.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { drainMaxBytes, drainMaxMs } from '../../server/contract/limits.ts'
import { parseDocumentName } from '../../server/contract/names.ts'
import type { ListedDocument } from '../../server/documents/store.ts'
import { makeAdmission } from '../../server/http/admission.ts'
import { listen } from '../../server/http/server.ts'
import type { Storage } from '../../server/storage/engine.ts'
import { systemWorld } from '../../server/world.ts'
import { holdReads } from '../support/held-reads.ts'
import { send } from '../support/http.ts'
import type { TestServer, TestServerOptions } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

const home = '/api/v1/provisioning/tenants/acme'
const pageBytes = 1_048_576
const pageCount = 128

/** What the sockets of both ends and their streams may hold between them, generously. */
const inFlightPages = 32

/** A store whose lists are long: a document of a mebibyte a page, made when it is asked for. */
function longLists(storage: Storage, asked: { pages: number }): Storage {
  const { documents } = storage
  const list = async (_collection: unknown, after: string | undefined) => {
    asked.pages++
    await wait(0)
    const number = after === undefined ? 0 : Number(after) + 1
    return number < pageCount ? [listed(String(number).padStart(4, '0'))] : []
  }
  return { ...storage, documents: { ...documents, list } }
}

function listed(name: string): ListedDocument {
  const content = `{"text":"${Buffer.alloc(pageBytes, 'x').toString('latin1')}"}`
  const base = { content, updated: 1, updatedBy: 'test' }
  return {
    document: parseDocumentName(name),
    resource: { revision: 1, version: 0, base, live: undefined },
  }
}

/** Resolves once the count stands still for a while; fails when it never does. */
async function settled(count: () => number): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const before = count()
    await wait(200)
    if (count() === before) return before
  }
  throw new Error('it goes on and on')
}

/** The memory that is in use once everything unused is gone. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

describe('a long list', () => {
  let server: TestServer
  let key: string
  const asked = { pages: 0 }
  let lists = 0
  before(async () => {
    server = await startTestServer({ wrap: (storage) => longLists(storage, asked) })
    key = (await server.makeKey('acme', ['provisioning:*'])).text
  })
  after(() => server.close())

  /** A connection on which the list was asked for; nothing is read until it is resumed. */
  const askForList = async (method = 'GET'): Promise<Socket> => {
    asked.pages = 0
    const socket = connect({ host: '127.0.0.1', port: server.port }).pause()
    socket.on('error', () => {})
    await once(socket, 'connect')
    socket.write(
      `${method} ${home}/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n` +
        `X-Request-Id: list-${++lists}\r\nAuthorization: Bearer ${key}\r\n\r\n`,
    )
    return socket
  }
  /** Reads on until so many bytes came, then no further. */
  const readBytes = async (socket: Socket, wanted: number): Promise<void> => {
    let read = 0
    const enough = Promise.withResolvers<void>()
    const take = (chunk: Uint8Array) => {
      read += chunk.length
      if (read < wanted) return
      socket.off('data', take).pause()
      enough.resolve()
    }
    socket
      .on('data', take)
      .on('close', () => enough.reject(new Error('it was cut')))
      .resume()
    await enough.promise
  }
  const isAnswered = () =>
    server.events.some(
      (told) => told.event === 'request-answered' && told.requestId === `list-${lists}`,
    )

  test('is asked of the store no faster than the client reads', async () => {
    const socket = await askForList()
    const pages = await settled(() => asked.pages)
    assert.ok(pages >= 1 && pages <= inFlightPages, `${pages} pages for a client that reads none`)
    await readBytes(socket, 40 * pageBytes)
    const later = await settled(() => asked.pages)
    assert.ok(later >= 40 && later <= 40 + inFlightPages, `${later} pages where 40 were read`)
    socket.destroy()
  })

  test('is never held whole: what was sent is forgotten', async () => {
    const before = usedBytes()
    const socket = await askForList()
    await readBytes(socket, 90 * pageBytes)
    await settled(() => asked.pages)
    // Buffers are given back some time after they are collected; what is held stays held.
    let grown = usedBytes() - before
    for (let look = 0; look < 40 && grown >= inFlightPages * pageBytes; look++) {
      await wait(50)
      grown = Math.min(grown, usedBytes() - before)
    }
    socket.destroy()
    assert.ok(asked.pages >= 90)
    assert.ok(grown < inFlightPages * pageBytes, `${grown} bytes more are in use`)
  })

  test('goes out whole to a client that reads it all', async () => {
    const headers = { Authorization: `Bearer ${key}` }
    asked.pages = 0
    const { status, text } = await send(server.port, {
      method: 'GET',
      path: `${home}/users`,
      headers,
    })
    assert.equal(status, 200)
    const ids = JSON.parse(text).map(({ id }: { id: string }) => Number(id))
    assert.deepEqual(
      ids,
      Array.from({ length: pageCount }, (_, at) => at),
    )
    assert.equal(asked.pages, pageCount + 1)
  })

  for (const [title, leave] of [
    ['breaks off', (socket: Socket) => socket.resetAndDestroy()],
    ['leaves', (socket: Socket) => socket.destroy()],
  ] as const) {
    test(`is nobody's work once the client ${title}`, async () => {
      const socket = await askForList()
      await readBytes(socket, 3 * pageBytes)
      assert.equal(isAnswered(), false)
      leave(socket)
      const pages = await settled(() => asked.pages)
      assert.ok(pages <= 3 + inFlightPages, `${pages} pages for a client that left`)
      assert.ok(isAnswered(), 'the request goes on without its client')
      assert.ok(server.events.every(({ event }) => event !== 'request-faulted'))
    })
  }

  test('costs the store nothing when HEAD asks for it', async () => {
    const socket = await askForList('HEAD')
    let head = ''
    socket.on('data', (chunk: Uint8Array) => {
      head += chunk
    })
    socket.resume()
    await once(socket, 'close')
    assert.match(head, /^HTTP\/1\.1 200 OK\r\n/)
    assert.match(head, /\r\nContent-Type: application\/json\r\n/)
    assert.match(head, /\r\n\r\n$/)
    assert.equal(asked.pages, 0)
  })
})

describe('the pages behind a list', () => {
  type Left = { returned: number; given: number }

  /** Serves these pages as a list and leaves after the first bytes, or reads to the end. */
  const stream = async (total: number, leaves: boolean): Promise<Left> => {
    const left: Left = { returned: 0, given: 0 }
    const text = 'x'.repeat(pageBytes)
    const pages: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        async next() {
          await wait(0)
          if (left.given === total) return { done: true, value: undefined }
          left.given++
          return { done: false, value: Buffer.from(`"${text}"`) }
        },
        async return() {
          left.returned++
          return { done: true, value: undefined }
        },
      }),
    }
    const finished = Promise.withResolvers<void>()
    const server = await listen(
      { host: '127.0.0.1', port: 0 },
      {
        call: async () => ({ kind: 'list', pages }),
        numbers: 'refuse',
        bodySizeMaxBytes: 0,
        corsOrigins: [],
        trustProxy: 0,
        admission: makeAdmission(10),
        makeRequestId: () => 'r1',
        startTimer: systemWorld.startTimer,
        nextTurn: systemWorld.nextTurn,
        ownTurn: systemWorld.nextTurn,
        tell: () => finished.resolve(),
      },
    )
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    if (leaves) await once(socket, 'data').then(() => socket.destroy())
    else socket.resume()
    await finished.promise
    await server.close(0)
    return left
  }

  test('are given back when the client leaves in the middle', async () => {
    const { returned, given } = await stream(pageCount, true)
    assert.equal(returned, 1)
    assert.ok(given < pageCount, 'the pages went on to their end for nobody')
  })

  test('are read to their end for a client that stays', async () => {
    const { given } = await stream(5, false)
    assert.equal(given, 5)
  })
})

describe('a refused body', () => {
  let server: TestServer
  let key: string
  before(async () => {
    server = await startTestServer({ settings: { bodySizeMaxBytes: '2048' } })
    key = (await server.makeKey('acme', ['provisioning:*'])).text
  })
  after(() => server.close())

  /** Far above what a server may read on, and the buffers of two sockets. */
  const giveUpBytes = 256 * 1_048_576
  const giveUpMs = 5 * drainMaxMs
  const head = (authorization: string) =>
    `POST ${home}/users/u HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
    `${authorization}Transfer-Encoding: chunked\r\n\r\n`
  const held = () => `Authorization: Bearer ${key}\r\n`

  /** Sends chunks of a body until the connection is cut or patience ends. */
  const pour = async (bytes: string, chunkBytes: number, pauseMs: number) => {
    const socket = connect(server.port, '127.0.0.1')
    const began = performance.now()
    let text = ''
    let sent = 0
    let closed = false
    socket.on('data', (chunk: Uint8Array) => {
      text += chunk
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      closed = true
    })
    const chunk = `${chunkBytes.toString(16)}\r\n${'x'.repeat(chunkBytes)}\r\n`
    socket.write(bytes)
    while (sent < giveUpBytes && performance.now() - began < giveUpMs) {
      const taken = Promise.withResolvers<boolean>()
      socket.write(chunk, (error) => taken.resolve(!error))
      const patience = wait(giveUpMs, false, { ref: false })
      if (!(await Promise.race([taken.promise, patience]))) break
      sent += chunkBytes
      if (pauseMs > 0) await wait(pauseMs)
    }
    // That it was closed may be told some turns after the write that failed of it.
    if (!closed) await Promise.race([once(socket, 'close'), wait(1000)])
    const took = performance.now() - began
    socket.destroy()
    return { text, sent, closed, took }
  }

  const refusals: readonly (readonly [why: string, head: () => string, status: number])[] = [
    ['too large', () => head(held()), 413],
    ['of a stranger', () => head(''), 401],
  ]
  for (const [why, bytes, status] of refusals) {
    test(`${why} that comes fast and never ends is cut after a bounded part of it`, async () => {
      const { text, sent, closed } = await pour(bytes(), 65_536, 0)
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `))
      assert.ok(closed, `${sent} bytes were taken`)
      assert.ok(sent < drainMaxBytes + inFlightPages * pageBytes, `${sent} bytes were taken`)
    })

    test(`${why} that trickles and never ends is cut after a bounded time`, async () => {
      const { text, closed, took } = await pour(bytes(), 4096, 50)
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `))
      assert.ok(closed, `it is still read after ${took} ms`)
      assert.ok(took >= drainMaxMs / 2, `no time to read the answer: ${took} ms`)
    })
  }
})

describe('closing the server', () => {
  /** A server that is certain to be closed once. */
  const start = async (options: TestServerOptions) => {
    const server = await startTestServer(options)
    const { text } = await server.makeKey('acme', ['provisioning:*'])
    const headers = { Authorization: `Bearer ${text}` }
    const get = (path: string) => send(server.port, { method: 'GET', path, headers })
    return { server, get }
  }
  const closeTimed = async (server: TestServer): Promise<number> => {
    const began = performance.now()
    await server.close()
    return performance.now() - began
  }
  /** Closing takes a few milliseconds beside what it waits for. */
  const littleMs = 2000
  const longMs = '8000'

  test('does not wait for a connection that is kept alive', async () => {
    const { server, get } = await start({ settings: { drainMs: longMs } })
    assert.equal((await get('/health')).status, 200)
    const took = await closeTimed(server)
    assert.ok(took < littleMs, `${took} ms`)
    await assert.rejects(get('/health'))
  })

  test('cuts a request that hangs after drainMs, and not before', async () => {
    const drainMs = 500
    const { wrap, reached, release } = holdReads()
    const { server, get } = await start({ settings: { drainMs: '500' }, wrap })
    const cut = assert.rejects(get(`${home}/users/u`), { code: 'ECONNRESET' })
    await reached
    const took = await closeTimed(server)
    release()
    await cut
    assert.ok(took >= drainMs * 0.9, `it was cut after ${took} ms`)
    assert.ok(took < drainMs + littleMs, `${took} ms`)
  })

  test('waits for a request that ends in time, and no longer than that', async () => {
    const { wrap, reached, release } = holdReads()
    const { server, get } = await start({ settings: { drainMs: longMs }, wrap })
    const answer = get(`${home}/users/u`)
    await reached
    const closing = closeTimed(server)
    await wait(200)
    release()
    assert.equal((await answer).status, 404)
    const took = await closing
    assert.ok(took >= 150, `the request was not waited for: ${took} ms`)
    assert.ok(took < 200 + littleMs, `${took} ms`)
  })
})
