/**
 * Raw requests against the server itself: what exactly comes back, and that a request behind them
 * on the same connection gets its own answer or none, whether it comes in the same packet or later.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { TestServer } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'
import type { RawKeys } from './raw-exchange.ts'
import { checkApart, exchange, followId, prepareTenants } from './raw-exchange.ts'
import { rawRows } from './raw-rows.ts'

describe('raw requests', { concurrency: 8 }, () => {
  let server: TestServer
  let keys: RawKeys
  before(async () => {
    server = await startTestServer({ at: { headersTimeMs: 800, bodyTimeMs: 1200 } })
    keys = await prepareTenants(server)
  })
  after(() => server.close())

  for (const { title, bytes, answers, then } of rawRows) {
    test(`${title}: ${answers.join(', ')}, and the connection is ${then}`, async () => {
      for (const together of [true, false]) {
        const count = answers.length
        const found = await exchange(server.port, bytes, keys, { together, answers: count })
        assert.ok(found.closed, 'there was no end')
        const wanted = then === 'open' ? [...answers, 200] : answers
        assert.deepEqual(
          found.answers.map(({ status }) => status),
          wanted,
          `${together ? 'in one packet' : 'apart'}: ${found.text.slice(0, 2000)}`,
        )
        const follows = found.answers.map(({ id }) => id).filter((id) => id === followId)
        assert.equal(follows.length, then === 'open' ? 1 : 0)
        if (then === 'open') assert.equal(found.answers.at(-1)?.id, followId)
        await checkApart(found, server, keys)
      }
    })
  }
})
