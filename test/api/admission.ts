/** More than the server takes in at once, and more than one key may send: 503 and 429. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { setImmediate, setTimeout as wait } from 'node:timers/promises'
import type { Client, Met } from '../support/client.ts'
import { homeOf, makeClient } from '../support/client.ts'
import { holdReads } from '../support/held-reads.ts'
import { send } from '../support/http.ts'
import { sendRaw } from '../support/raw-client.ts'
import type { TestServer, TestServerOptions } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

async function start(context: TestContext, options: TestServerOptions): Promise<TestServer> {
  const server = await startTestServer(options)
  context.after(() => server.close())
  return server
}

export function admissionChecks(met: Met[]): void {
  describe('requests at once', () => {
    /** A server with one of its places taken, by a read that hangs. */
    const startFull = async (context: TestContext, inFlightMax = 1) => {
      const held = holdReads(({ document }) => document === 'hangs')
      const server = await start(context, {
        settings: { inFlightMax: String(inFlightMax) },
        wrap: held.wrap,
      })
      const { text } = await server.makeKey('acme', ['provisioning:*'])
      const ask = makeClient(server, 'acme', text, met)
      const hanging = ask('GET users/hangs')
      await held.reached
      return { server, text, ask, hanging, release: held.release }
    }

    test('beyond the most are told to come again, and room is made by what ends', async (on) => {
      const { ask, hanging, release } = await startFull(on)
      for (const request of ['GET users', 'POST users/u', 'OPTIONS users', 'GET nothing/x/y']) {
        const { status, json, headers } = await ask(request, { body: {} })
        assert.deepEqual([status, json.code], [503, 'Unavailable'], request)
        assert.equal(headers['retry-after'], '1')
        assert.match(json.message, /too much in hand/)
      }
      release()
      assert.equal((await hanging).status, 404)
      for (let time = 0; time < 3; time++) {
        assert.equal((await ask('POST users/u', { body: {} })).status, time === 0 ? 201 : 200)
      }
    })

    test('up to the most are served', async (on) => {
      const { ask, hanging, release } = await startFull(on, 3)
      assert.equal((await ask('GET users')).status, 200)
      assert.equal((await ask('GET users')).status, 200)
      release()
      await hanging
    })

    test('a tenant that holds its share leaves others the other half', async (on) => {
      const { server, ask, hanging, release } = await startFull(on, 2)
      const { status, json, headers } = await ask('GET users')
      assert.deepEqual([status, json.code], [429, 'ResourceExhausted'])
      assert.equal(headers['retry-after'], '1')
      const { text } = await server.makeKey('globex', ['provisioning:*'])
      assert.equal((await makeClient(server, 'globex', text, met)('GET users')).status, 200)
      release()
      await hanging
      assert.equal((await ask('GET users')).status, 200)
    })

    test('are refused before their body is sent', async (on) => {
      const { server, text, hanging, release } = await startFull(on)
      const head = [
        `POST ${homeOf('acme')}/users/u HTTP/1.1`,
        'Host: x',
        `Authorization: Bearer ${text}`,
        'Content-Type: application/json',
        'Content-Length: 1000000',
      ]
      const { text: answer } = await sendRaw(server.port, `${head.join('\r\n')}\r\n\r\n`, 500)
      assert.match(answer, /^HTTP\/1\.1 503 [\s\S]*\r\nRetry-After: 1\r\n/)
      release()
      await hanging
    })

    test('do not hide that the process lives', async (on) => {
      const { server, hanging, release } = await startFull(on)
      for (const path of ['/health', '/ready', '/']) {
        assert.equal((await send(server.port, { method: 'GET', path })).status, 200, path)
      }
      release()
      await hanging
    })

    test('an answer that is not read keeps its place in flight', async (on) => {
      const settings = { inFlightMax: '1', bodySizeMaxBytes: '15000000' }
      const server = await start(on, { settings })
      const { text } = await server.makeKey('acme', ['provisioning:*'])
      const ask = makeClient(server, 'acme', text)
      const statusNow = async () => (await ask('GET users/u')).status
      // More than the sockets of both ends take in by themselves.
      const body = { text: 'x'.repeat(14_000_000) }
      assert.equal((await ask('POST users/large', { body })).status, 201)
      for (const path of ['users/large', 'users']) {
        for (const isTaken of [true, false]) {
          const socket = connect(server.port, '127.0.0.1')
          socket.write(
            `GET ${homeOf('acme')}/${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n` +
              `Authorization: Bearer ${text}\r\n\r\n`,
          )
          // It begins to come, and is not fetched.
          await once(socket, 'readable')
          for (let time = 0; time < 20; time++) {
            assert.equal(await statusNow(), 503, path)
            await wait(2)
          }
          if (isTaken) await once(socket.resume(), 'close')
          else socket.destroy()
          while ((await statusNow()) !== 404) await setImmediate()
        }
      }
    })

    test('that clients leave give their place back', async (on) => {
      const server = await start(on, { settings: { inFlightMax: '1' } })
      const { text } = await server.makeKey('acme', ['provisioning:*'])
      const ask = makeClient(server, 'acme', text)
      const socket = connect(server.port, '127.0.0.1')
      socket.write(
        `POST ${homeOf('acme')}/users/u HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${text}\r\n` +
          'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a":',
      )
      while ((await ask('GET users')).status !== 503) await setImmediate()
      socket.destroy()
      while ((await ask('GET users')).status !== 200) await setImmediate()
    })
  })

  describe('requests of one key', () => {
    const startRated = async (context: TestContext, keyRate: number) => {
      const server = await start(context, { settings: { keyRate: String(keyRate) } })
      const make = async (tenant: string, scope = 'provisioning:*') => {
        const { text } = await server.makeKey(tenant, [scope])
        return makeClient(server, tenant, text, met)
      }
      return { server, make }
    }
    /** How many of so many requests in a row are let through. */
    const countTaken = async (ask: Client, count: number): Promise<number> => {
      let taken = 0
      for (let time = 0; time < count; time++) {
        const { status, json, headers } = await ask('GET users')
        if (status === 200) {
          taken++
          continue
        }
        assert.deepEqual([status, json.code], [429, 'ResourceExhausted'])
        assert.match(json.message, /requests a second/)
        assert.equal(headers['retry-after'], '1')
      }
      return taken
    }

    test('are let through as often as the rate says, and again as time goes on', async (on) => {
      const { server, make } = await startRated(on, 4)
      const ask = await make('acme')
      assert.equal(await countTaken(ask, 6), 4)
      server.time += 249
      assert.equal(await countTaken(ask, 2), 0)
      server.time += 1
      assert.equal(await countTaken(ask, 2), 1)
      server.time += 500
      assert.equal(await countTaken(ask, 4), 2)
      server.time += 3_600_000
      assert.equal(await countTaken(ask, 10), 4)
      server.time -= 3_600_000
      assert.equal(await countTaken(ask, 2), 0)
    })

    test('are counted by key, not by tenant', async (on) => {
      const { make } = await startRated(on, 2)
      const [one, colleague, other] = [await make('acme'), await make('acme'), await make('rival')]
      assert.equal(await countTaken(one, 4), 2)
      assert.equal(await countTaken(colleague, 4), 2)
      assert.equal(await countTaken(other, 4), 2)
    })

    test('count whatever they come to, and change nothing when they are refused', async (on) => {
      const { make } = await startRated(on, 3)
      const ask = await make('acme')
      assert.equal((await ask('GET users/missing')).status, 404)
      assert.equal((await ask('GET /api/v1/provisioning/tenants/rival/users')).status, 403)
      assert.equal((await ask('POST users/u', { body: '{' })).status, 400)
      for (const request of ['POST users/u', 'GET /api/v1/whoami', 'OPTIONS users']) {
        assert.equal((await ask(request, { body: {} })).status, 429, request)
      }
      const reader = await make('acme', 'provisioning:read')
      assert.deepEqual((await reader('GET users')).json, [])
    })

    test('are not counted where there is no rate, nor for who has no key', async (on) => {
      const { make } = await startRated(on, 0)
      const ask = await make('acme')
      assert.equal(await countTaken(ask, 50), 50)
      const { server: rated } = await startRated(on, 1)
      for (let time = 0; time < 5; time++) {
        assert.equal((await send(rated.port, { method: 'GET', path: '/health' })).status, 200)
        const stranger = makeClient(rated, 'acme', 'tnk_nobody')
        assert.equal((await stranger('GET users')).status, 401)
      }
    })
  })
}
