/** What the server tells of itself: whether it is ready, its metrics, and each answered request. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { Refusal } from '../../server/contract/errors.ts'
import { parseTenantId } from '../../server/contract/names.ts'
import type { Event, RequestAnswered } from '../../server/observe/events.ts'
import type { Health } from '../../server/storage/engine.ts'
import { holdReads } from '../support/held-reads.ts'
import { send } from '../support/http.ts'
import { findFreePort } from '../support/process.ts'
import { sendRaw } from '../support/raw-client.ts'
import type { TestServer, TestServerOptions } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

const home = '/api/v1/provisioning/tenants/acme'

async function start(context: TestContext, options: TestServerOptions = {}): Promise<TestServer> {
  const server = await startTestServer(options)
  context.after(() => server.close())
  return server
}

test('a key sent as a request id is kept nowhere', async (context) => {
  const server = await start(context)
  const { text } = await server.makeKey('acme', ['provisioning:*'])
  const path = `${home}/users/u`
  for (const id of [text, text.slice(0, 40), 'tnk_mistyped']) {
    const headers = {
      Authorization: `Bearer ${text}`,
      'Content-Type': 'application/json',
      'X-Request-Id': id,
    }
    const answer = await send(server.port, { method: 'POST', path, headers, body: '{}' })
    assert.equal(answer.status < 300, true)
    assert.match(String(answer.headers['x-request-id']), /^[A-Za-z0-9_-]{16}$/)
    assert.doesNotMatch(JSON.stringify([answer, server.events]), new RegExp(id))
    const record = await server.storage.documents.listChanges(parseTenantId('acme'), 0, 99)
    assert.equal(record.at(-1)?.requestId, answer.headers['x-request-id'])
    assert.doesNotMatch(JSON.stringify(record), new RegExp(id))
  }
  // Where it only holds one, it is an id as any other: what begins so is a key.
  const headers = { 'X-Request-Id': 'a-tnk_1' }
  const answer = await send(server.port, { method: 'GET', path: '/health', headers })
  assert.equal(answer.headers['x-request-id'], 'a-tnk_1')
})

describe('readiness', () => {
  const ask = async (context: TestContext, readHealth: () => Promise<Health>) => {
    const server = await start(context, { wrap: (storage) => ({ ...storage, readHealth }) })
    const answer = await send(server.port, { method: 'GET', path: '/ready' })
    return { ...answer, body: JSON.parse(answer.text) }
  }

  test('is degraded while the disk is full', async (context) => {
    const { status, body } = await ask(context, async () => ({ full: true, check: 'none' }))
    assert.deepEqual([status, body], [200, { status: 'degraded' }])
  })

  for (const check of ['running', 'passed', 'failed'] as const) {
    test(`shows a check of the data that is ${check}`, async (context) => {
      const { status, body } = await ask(context, async () => ({ full: false, check }))
      assert.deepEqual([status, body], [200, { status: 'ok', check }])
    })
  }

  test('is 503 when the store does not answer, whatever it says', async (context) => {
    for (const fault of [new Error('secret detail'), new Refusal('Unavailable', 'Busy.')]) {
      const { status, body, headers } = await ask(context, () => Promise.reject(fault))
      assert.equal(status, 503)
      assert.equal(body.code, 'Unavailable')
      assert.equal(headers['retry-after'], '1')
      assert.doesNotMatch(body.message, /secret/)
    }
  })

  test('is 503 while the server finishes what runs', async (context) => {
    const held = holdReads()
    const server = await startTestServer({ wrap: held.wrap })
    const { text } = await server.makeKey('acme', ['provisioning:*'])
    const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n`
    const both = sendRaw(
      server.port,
      `${request(`${home}/users/u`)}Authorization: Bearer ${text}\r\n\r\n${request('/ready')}\r\n`,
    )
    await held.reached
    const closed = server.close()
    context.after(() => closed)
    held.release()
    const answers = await both
    assert.match(answers.text, /^HTTP\/1\.1 404 [\s\S]*HTTP\/1\.1 503 [\s\S]*stopping/)
  })
})

describe('metrics', () => {
  test('are nowhere unless they are given a port', async (context) => {
    const { port, events } = await start(context)
    assert.equal((await send(port, { method: 'GET', path: '/metrics' })).status, 404)
    const started = events.find(({ event }) => event === 'server-started')
    assert.ok(started?.event === 'server-started')
    assert.equal(started.metrics, undefined)
  })

  test('count requests by route and status, and name no tenant, key or document', async (on) => {
    const metricsPort = await findFreePort()
    const server = await start(on, { settings: { metricsPort: String(metricsPort) } })
    const { id, text } = await server.makeKey('acme', ['provisioning:*'])
    const headers = { Authorization: `Bearer ${text}`, 'Content-Type': 'application/json' }
    const path = `${home}/users/somebody`
    await send(server.port, { method: 'POST', path, headers, body: '{}' })
    for (const each of [path, path, `${path}else`, `${path}?bearer_token=garbled`]) {
      await send(server.port, { method: 'GET', path: each, headers })
    }
    assert.equal((await send(server.port, { method: 'GET', path: '/metrics' })).status, 404)
    const scrape = { method: 'GET', path: '/metrics' }
    const { status, text: metrics, headers: given } = await send(metricsPort, scrape)
    assert.equal(status, 200)
    assert.match(String(given['content-type']), /^text\/plain; version=0\.0\.4/)
    const route = '/api/v1/provisioning/tenants/{tenantId}/{collection}/{docId}'
    const count = (method: string, code: number) => {
      const labels = `method="${method}",route="${route}",status="${code}"`
      return `tenantry_http_request_duration_seconds_count{${labels}}`
    }
    for (const line of [
      `${count('POST', 201)} 1`,
      `${count('GET', 200)} 2`,
      `${count('GET', 404)} 1`,
      // The tenant, its key and the document, and before them the secret that signs cursors.
      'tenantry_commit_writes_sum 4',
      'tenantry_store_full 0',
      'tenantry_writes_waiting 0',
    ]) {
      assert.ok(metrics.includes(`${line}\n`), `${line}\n${metrics}`)
    }
    assert.match(metrics, /^tenantry_store_data_bytes [1-9]/m)
    assert.match(metrics, /^tenantry_store_log_bytes [1-9]/m)
    assert.match(metrics, /^tenantry_record_rows 1$/m)
    assert.match(metrics, /^tenantry_record_bytes [1-9]/m)
    for (const secret of [id, text, 'acme', 'somebody', 'garbled']) {
      assert.ok(!metrics.includes(secret), `${secret} is in the metrics`)
    }
    for (const other of ['/', '/health', '/metrics/', `${home}/users`]) {
      const answer = await send(metricsPort, { method: 'GET', path: other })
      assert.equal(answer.status, 404, other)
      assert.equal(JSON.parse(answer.text).code, 'NotFound')
    }
  })
})

describe('an answered request', () => {
  const isAnswer = (event: Event) => event.event === 'request-answered'

  const answeredBy = async (context: TestContext, headers: { [name: string]: string }) => {
    const server = await start(context)
    const { id, text } = await server.makeKey('acme', ['provisioning:*'])
    const path = `${home}/users/somebody?bearer_token=${text}`
    await send(server.port, { method: 'GET', path, headers })
    const told = server.events.find(isAnswer) as RequestAnswered
    return { id, text, told, all: JSON.stringify(server.events) }
  }

  test('is told with ids, tenant, route, status and time, and no secret', async (on) => {
    const { id, text, told, all } = await answeredBy(on, { 'X-Request-Id': 'from-a-client.1' })
    const { durationMs, ...rest } = told
    assert.ok(durationMs > 0 && durationMs < 10_000)
    assert.deepEqual(rest, {
      event: 'request-answered',
      requestId: 'from-a-client.1',
      method: 'GET',
      client: '127.0.0.1',
      route: '/api/v1/provisioning/tenants/{tenantId}/{collection}/{docId}',
      operation: 'getProvisioningDocument',
      tenant: 'acme',
      keyId: id,
      faultAsked: undefined,
      status: 404,
      code: 'NotFound',
      traceId: undefined,
      parentId: undefined,
    })
    assert.ok(!all.includes(text) && !all.includes('bearer_token') && !all.includes('somebody'))
  })

  test('that nobody was there to get is told by what it came to', async (on) => {
    const server = await start(on)
    const { text } = await server.makeKey('acme', ['provisioning:*'])
    const socket = connect(server.port, '127.0.0.1')
    socket.end(
      `POST ${home}/users/u HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${text}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a":',
    )
    await once(socket.resume(), 'close')
    while (!server.events.some(isAnswer)) await setImmediate()
    const { status, code } = server.events.find(isAnswer) as RequestAnswered
    assert.deepEqual({ status, code }, { status: 400, code: 'BadRequest' })
  })

  const traceId = '0af7651916cd43dd8448eb211c80319c'
  const parentId = 'b7ad6b7169203331'
  for (const [sent, found] of [
    [`00-${traceId}-${parentId}-01`, true],
    [`00-${traceId}-${parentId}-00`, true],
    [`cc-${traceId}-${parentId}-01-what-comes`, true],
    [`00-${traceId}-${parentId}-01-more`, false],
    [`ff-${traceId}-${parentId}-01`, false],
    [`00-${traceId.toUpperCase()}-${parentId}-01`, false],
    [`00-${'0'.repeat(32)}-${parentId}-01`, false],
    [`00-${traceId}-${'0'.repeat(16)}-01`, false],
    [`00-${traceId}-${parentId}`, false],
    ['', false],
  ] as const) {
    const fact = found ? 'is part of' : 'is not part of'
    test(`${fact} a trace when it says ${sent || 'nothing'}`, async (on) => {
      const { told } = await answeredBy(on, { traceparent: sent })
      assert.deepEqual(
        [told.traceId, told.parentId],
        found ? [traceId, parentId] : [undefined, undefined],
      )
    })
  }
})
