/** What a client sees of our own failures: the right words, and nothing of our inside. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Refusal } from '../../server/contract/errors.ts'
import type { DocumentStore } from '../../server/documents/store.ts'
import type { Storage } from '../../server/storage/engine.ts'
import type { Met } from '../support/client.ts'
import { send } from '../support/http.ts'
import type { TestServer } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

/** The checks of faults, on a server whose store fails when it is told to. */
export function faultChecks(met: Met[]): void {
  test('a full store is 507 to writes and degraded, and reads go on', async () => {
    const server = await startTestServer({ settings: { storeMaxBytes: '1000000' } })
    try {
      const { text } = await server.makeKey('acme', ['provisioning:*'])
      const headers = { Authorization: `Bearer ${text}`, 'Content-Type': 'application/json' }
      const ask = (method: string, path: string, body?: string) =>
        send(server.port, {
          method,
          path: path === '/ready' ? path : `/api/v1/provisioning/tenants/acme/users/${path}`,
          headers,
          ...(body === undefined ? {} : { body }),
        })
      const large = JSON.stringify({ text: 'x'.repeat(100_000) })
      let written = 0
      let answer = await ask('POST', 'u0', large)
      while (answer.status === 201) answer = await ask('POST', `u${++written}`, large)
      met.push({ operation: undefined, as: 'owner', status: answer.status, code: 'StorageFull' })
      assert.ok(written > 1)
      assert.equal(answer.status, 507)
      const { code, message, ...more } = JSON.parse(answer.text)
      assert.deepEqual([code, more], ['StorageFull', {}])
      assert.match(message, /^The store is full; nothing was written\./)
      assert.equal((await ask('GET', `u${written}`)).status, 404)
      assert.equal((await ask('GET', 'u0')).status, 200)
      assert.equal((await ask('GET', '/ready')).text, '{"status":"degraded"}')
    } finally {
      await server.close()
    }
  })

  describe('faults', () => {
    let server: TestServer
    let headers: { Authorization: string; 'Content-Type': string }
    const trouble: Trouble = {}
    const home = '/api/v1/provisioning/tenants/acme'

    before(async () => {
      server = await startTestServer({ wrap: (storage) => failing(storage, trouble) })
      const { text } = await server.makeKey('acme', ['provisioning:*'])
      headers = { Authorization: `Bearer ${text}`, 'Content-Type': 'application/json' }
      for (const name of ['a', 'b']) {
        await send(server.port, {
          method: 'POST',
          path: `${home}/users/${name}`,
          headers,
          body: '{}',
        })
      }
    })
    after(() => server.close())

    const get = (path: string) => send(server.port, { method: 'GET', path, headers })

    test('a fault is 500, says nothing of itself, and is told with the request id', async () => {
      trouble.fail = () => new Error('secret detail at /var/lib')
      const answer = await get(`${home}/users/a`)
      delete trouble.fail
      met.push({ operation: undefined, as: 'owner', status: 500, code: 'InternalServerError' })
      assert.equal(answer.status, 500)
      assert.equal(answer.text, '{"code":"InternalServerError","message":"Internal Server Error"}')
      const told = server.events.find(({ event }) => event === 'request-faulted')
      assert.ok(told?.event === 'request-faulted')
      assert.equal(told.requestId, answer.headers['x-request-id'])
      assert.match(String(told.fault), /secret detail/)
    })

    test('a busy store is 503 with the time to come back', async () => {
      trouble.fail = () => new Refusal('Unavailable', 'The store is busy; try again shortly.')
      const answer = await send(server.port, {
        method: 'PUT',
        path: `${home}/users/a`,
        headers,
        body: '{}',
      })
      delete trouble.fail
      met.push({ operation: undefined, as: 'owner', status: 503, code: 'Unavailable' })
      assert.equal(answer.status, 503)
      assert.equal(answer.headers['retry-after'], '1')
      assert.equal(JSON.parse(answer.text).code, 'Unavailable')
    })

    test('a list that fails at once is a proper 500', async () => {
      trouble.failList = 0
      const answer = await get(`${home}/users`)
      delete trouble.failList
      assert.equal(answer.status, 500)
    })

    test('a list that fails before anything of it was sent is a proper 500 too', async () => {
      trouble.failList = 1
      const answer = await get(`${home}/users`)
      delete trouble.failList
      assert.equal(answer.status, 500)
    })

    test('a list that fails on its way breaks the connection', async () => {
      const body = JSON.stringify({ text: 'x'.repeat(600_000) })
      for (const name of ['a', 'b']) {
        await send(server.port, { method: 'POST', path: `${home}/large/${name}`, headers, body })
      }
      trouble.failList = 1
      await assert.rejects(get(`${home}/large`), { code: 'ECONNRESET' })
      delete trouble.failList
      assert.equal((await get(`${home}/large`)).status, 200)
    })

    test('health is well while the store is not', async () => {
      trouble.fail = () => new Error('down')
      assert.equal((await get('/health')).status, 200)
      delete trouble.fail
    })
  })
}

type Trouble = { fail?: () => Error; failList?: number }

function failing(storage: Storage, trouble: Trouble): Storage {
  const guard = () => {
    if (trouble.fail !== undefined) throw trouble.fail()
  }
  const { documents } = storage
  const wrapped: DocumentStore = {
    ...documents,
    async read(address) {
      guard()
      return documents.read(address)
    },
    async write(address, command) {
      guard()
      return documents.write(address, command)
    },
    async list(collection, after) {
      if (trouble.failList === 0) throw new Error('the list failed')
      if (trouble.failList !== undefined) trouble.failList--
      return documents.list(collection, after)
    },
  }
  return { ...storage, documents: wrapped }
}
