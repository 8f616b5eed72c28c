/** What a client meets of faults that a sandbox was asked for, and what was done behind them. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { parseFaultRule } from '../../server/faults.ts'
import { send } from '../support/http.ts'
import type { TestServer } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

const rules = [
  'POST /refused/*=507:1x',
  'POST /limited/*=429:1x',
  'POST /failed/*=500:1x',
  'POST /cut/*=cut:1x',
  'POST /lost/*=lost:1x',
  'POST /late/*=150ms:1x',
]

describe('faults that were asked for', () => {
  let server: TestServer
  let armed = false
  let headers: { [name: string]: string }
  before(async () => {
    const faults = { rules: rules.map(parseFaultRule), seed: 1, areArmed: () => armed }
    server = await startTestServer({ faults })
    const { text } = await server.makeKey('acme', ['provisioning:*'])
    headers = { Authorization: `Bearer ${text}`, 'Content-Type': 'application/json' }
  })
  after(() => server.close())

  const path = (name: string) => `/api/v1/provisioning/tenants/acme/${name}/d`
  const post = (name: string) =>
    send(server.port, { method: 'POST', path: path(name), headers, body: '{"a":1}' })
  const exists = async (name: string) =>
    (await send(server.port, { method: 'GET', path: path(name), headers })).status === 200

  test('are not met until they are armed', async () => {
    assert.equal((await post('early')).status, 201)
    armed = true
  })

  for (const [name, status, code] of [
    ['refused', 507, 'StorageFull'],
    ['limited', 429, 'ResourceExhausted'],
  ] as const) {
    test(`${status} says that it was asked for, and nothing was done`, async () => {
      const answer = await post(name)
      assert.equal(answer.status, status)
      const { code: told, message } = JSON.parse(answer.text)
      assert.equal(told, code)
      assert.match(message, /asked for by --fault .*nothing was done/)
      assert.equal(await exists(name), false)
      assert.equal((await post(name)).status, 201)
    })
  }

  test('500 has the message of the contract, and nothing was done', async () => {
    const answer = await post('failed')
    assert.deepEqual(JSON.parse(answer.text), {
      code: 'InternalServerError',
      message: 'Internal Server Error',
    })
    assert.equal(await exists('failed'), false)
  })

  test('a cut connection brings no answer, and nothing was done', async () => {
    await assert.rejects(post('cut'))
    assert.equal(await exists('cut'), false)
  })

  test('a lost answer is of a write that was done', async () => {
    await assert.rejects(post('lost'))
    assert.equal(await exists('lost'), true)
    assert.equal((await post('lost')).status, 200)
  })

  test('a delay is waited for, and then all is done', async () => {
    const begun = performance.now()
    assert.equal((await post('late')).status, 201)
    // Timers may fire a millisecond early.
    assert.ok(performance.now() - begun >= 148)
  })

  test('what they met is in the log', () => {
    const asked = server.events.flatMap((event) =>
      event.event === 'request-answered' && event.faultAsked ? [event.faultAsked] : [],
    )
    assert.deepEqual(asked, rules)
  })

  test('whoever asks for health meets none', async () => {
    const all = await startTestServer({
      faults: { rules: [parseFaultRule('*=503:100%')], seed: 1, areArmed: () => true },
    })
    try {
      for (const path of ['/', '/health', '/ready']) {
        assert.equal((await send(all.port, { method: 'GET', path })).status, 200)
      }
      const keyed = await send(all.port, { method: 'GET', path: '/api/v1/whoami' })
      assert.equal(keyed.status, 503)
      assert.equal(keyed.headers['retry-after'], '1')
    } finally {
      await all.close()
    }
  })
})
