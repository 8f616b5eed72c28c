/**
 * The raw requests behind nginx, where one connection carries the requests of several tenants: what
 * the two read in different ways would give one of them the answer of another. It needs nginx;
 * without it all of it is skipped, but for CI, which installs it.
 */
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { send } from '../support/http.ts'
import type { Nginx } from '../support/nginx.ts'
import { findNginx, startNginx } from '../support/nginx.ts'
import type { TestServer } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'
import type { RawKeys } from './raw-exchange.ts'
import { checkApart, exchange, marker, prepareTenants } from './raw-exchange.ts'
import { secretPath } from './raw-pieces.ts'
import { rawRows } from './raw-rows.ts'

const nginx = findNginx()
const missing = 'nginx is not installed: apt-get install nginx-light'
const skip = nginx === undefined && process.env.CI === undefined ? missing : false

describe('raw requests behind nginx', { skip }, () => {
  let server: TestServer
  let front: Nginx | undefined
  let connections = 0
  const relay = createServer((socket) => {
    connections++
    const onward = connect({ host: '127.0.0.1', port: server.port })
    socket.pipe(onward).pipe(socket)
    socket.on('error', () => onward.destroy()).on('close', () => onward.destroy())
    onward.on('error', () => socket.destroy()).on('close', () => socket.destroy())
  })
  let keys: RawKeys
  let sent: RawKeys
  before(async () => {
    assert.ok(nginx !== undefined, missing)
    server = await startTestServer({ at: { headersTimeMs: 800, bodyTimeMs: 1200 } })
    keys = await prepareTenants(server)
    // nginx may see a second request where the server sees none. With the rival's key it would be
    // granted, and rightly so; with one's own it is refused, and must be so to oneself.
    sent = { ...keys, rivalKey: keys.key }
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve))
    front = await startNginx(nginx, (relay.address() as AddressInfo).port)
  })
  after(async () => {
    await front?.stop()
    relay.close()
    await server.close()
  })

  /** Who shares the connection to the server gets its own document, each time. */
  const checkVictim = async (port: number) => {
    for (const id of ['victim-1', 'victim-2']) {
      const answer = await send(port, {
        method: 'GET',
        path: secretPath,
        headers: { Authorization: `Bearer ${keys.rivalKey}`, 'X-Request-Id': id },
      })
      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.headers['x-request-id'], id)
      assert.equal(JSON.parse(answer.text).value, marker)
    }
  }

  for (const kind of ['normalising', 'passing'] as const) {
    describe(`one that is ${kind}`, () => {
      for (const { title, bytes, answers } of rawRows) {
        test(`${title}: nobody gets what is another's`, async () => {
          const port = front?.[kind] ?? 0
          for (const together of [true, false]) {
            const found = await exchange(port, bytes, sent, { together, answers: answers.length })
            await checkApart(found, server, keys)
            await checkVictim(port)
          }
        })
      }
    })
  }

  test('the requests of two tenants go over one connection', async () => {
    const port = front?.normalising ?? 0
    await checkVictim(port)
    const before = connections
    for (let turn = 0; turn < 10; turn++) {
      const found = await exchange(port, '', sent, { together: true, answers: 0 })
      assert.equal(found.answers[0]?.status, 200)
      await checkVictim(port)
    }
    assert.equal(connections, before)
  })
})
