/**
 * The real process, told to stop: it waits for what runs, for no longer than it may, and says with
 * its status how it ended.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { DemoServer } from '../support/demo-server.ts'
import { demoHome, startDemoServer } from '../support/demo-server.ts'
import { send } from '../support/http.ts'
import type { Running } from '../support/process.ts'
import { makeFolder } from '../support/process.ts'

describe('told to stop', () => {
  const folder = makeFolder()
  const started: Running[] = []
  after(async () => {
    for (const running of started) await running.stop('SIGKILL')
    folder.remove()
  })

  const start = async (name: string, env: { [name: string]: string } = {}): Promise<DemoServer> => {
    const server = await startDemoServer(join(folder.path, name), { env })
    started.push(server.running)
    return server
  }

  /** A server with a request whose body does not come, on a connection that stays open. */
  const startHanging = async (name: string, drainMs: string): Promise<Running> => {
    const server = await start(name, { TENANTRY_DRAIN_MS: drainMs })
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    const { Authorization } = server.headers
    // That the server wants the body says that the request has begun.
    socket.write(
      `POST ${demoHome}/users/u HTTP/1.1\r\nHost: x\r\nAuthorization: ${Authorization}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 20\r\nExpect: 100-continue\r\n\r\n',
    )
    assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 100 /)
    return server.running
  }
  /** More than 300 ms: two signals nearer than that may be one Control-C that came twice. */
  const pauseMs = 600

  test('one SIGTERM ends it with 0, connections that are kept alive or not', async () => {
    const { running, port } = await start('idle')
    assert.equal((await send(port, { method: 'GET', path: '/health' })).status, 200)
    const { status, err } = await running.stop()
    assert.equal(status, 0, err)
    assert.match(err, /"event":"server-stopped"\}\n$/)
  })

  test('one SIGTERM waits for a request that hangs no longer than drainMs', async () => {
    const running = await startHanging('drained', '700')
    const began = performance.now()
    const { status, err } = await running.stop()
    const took = performance.now() - began
    assert.equal(status, 0, err)
    assert.match(err, /"event":"server-stopped"\}\n$/)
    assert.ok(took > 600 && took < 5000, `it took ${took} ms`)
  })

  test('a second SIGTERM while a request hangs ends it at once, with 1', async () => {
    const running = await startHanging('hanging', '60000')
    void running.stop()
    await wait(pauseMs)
    assert.equal(running.child.exitCode, null, 'the first signal did not wait for the request')
    const began = performance.now()
    const { status, err } = await running.stop()
    const took = performance.now() - began
    assert.equal(status, 1, err)
    assert.ok(took < 5000, `it took ${took} ms`)
    assert.doesNotMatch(err, /server-stopped/)
  })

  test('a SIGTERM that comes twice at once is one', async () => {
    const running = await startHanging('twice', '1000')
    void running.stop()
    await wait(20)
    const { status, err } = await running.stop()
    assert.equal(status, 0, err)
    assert.match(err, /"event":"server-stopped"\}\n$/)
  })
})
