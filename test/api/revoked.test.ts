/** A key that is revoked while its request is under way: what it began does not go on. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { send } from '../support/http.ts'
import type { TestServer } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

describe('a key that is revoked', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  const home = '/api/v1/provisioning/tenants/acme'

  test('while its body is on the way writes nothing', async () => {
    const { id, text } = await server.makeKey('acme', ['provisioning:*'])
    const socket = connect(server.port, '127.0.0.1')
    socket.write(
      `POST ${home}/users/late HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${text}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
    )
    // Its key was found good, or it would not be asked for the body.
    assert.match(String(await once(socket, 'data')), /100 Continue/)
    await server.storage.identity.revokeKey(id, undefined, server.time)
    socket.write('{}')
    assert.match(String(await once(socket, 'data')), /^HTTP\/1\.1 401 /)
    socket.destroy()
    const other = await server.makeKey('acme', ['provisioning:*'])
    const headers = { Authorization: `Bearer ${other.text}` }
    const read = await send(server.port, { method: 'GET', path: `${home}/users/late`, headers })
    assert.equal(read.status, 404)
  })

  test('while its list is read gets no more of it, and a broken end', async () => {
    const { id, text } = await server.makeKey('acme', ['provisioning:*'])
    const headers = { Authorization: `Bearer ${text}`, 'Content-Type': 'application/json' }
    const body = JSON.stringify({ text: 'x'.repeat(900_000) })
    for (let n = 0; n < 24; n++) {
      await send(server.port, { method: 'POST', path: `${home}/large/${n}`, headers, body })
    }
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`GET ${home}/large HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${text}\r\n\r\n`)
    let taken = String((await once(socket, 'data'))[0])
    socket.pause()
    assert.match(taken, /^HTTP\/1\.1 200 /)
    await server.storage.identity.revokeKey(id, undefined, server.time)
    socket.on('data', (bytes) => {
      taken += String(bytes)
    })
    socket.on('error', () => {})
    socket.resume()
    await once(socket, 'close')
    assert.ok(taken.length < 23 * 900_000, `${taken.length} characters came`)
    assert.doesNotMatch(taken.slice(-20), /\r\n0\r\n\r\n$/)
  })
})
