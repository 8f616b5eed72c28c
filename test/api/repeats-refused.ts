/** Idempotency-Key: what is refused, by it and in spite of it, and that refusals are not kept. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseTenantId } from '../../server/contract/names.ts'
import type { Client, Met, Outgoing } from '../support/client.ts'
import { makeClient } from '../support/client.ts'
import { essence, isReplay, repeated } from '../support/repeats.ts'
import type { TestServer } from '../support/server.ts'

export function refusedRepeatChecks(server: () => TestServer, met: Met[]): void {
  describe('Idempotency-Key refused', () => {
    let tenants = 0
    const start = async (): Promise<{ tenant: string; ask: Client }> => {
      const tenant = `refused-repeat-${++tenants}`
      const { text } = await server().makeKey(tenant, ['provisioning:*', 'keys:*'])
      return { tenant, ask: makeClient(server(), tenant, text, met) }
    }
    const countChanges = async (tenant: string) =>
      (await server().storage.documents.listChanges(parseTenantId(tenant), 0, 1000)).length

    const made = { body: { a: 1 } }
    const different: readonly (readonly [what: string, request: string, more: Outgoing])[] = [
      ['another body', 'POST users/u', { body: { a: 2 } }],
      ['the same JSON in other bytes', 'POST users/u', { body: '{"a": 1}' }],
      ['another method', 'PUT users/u', made],
      ['a method without a body', 'DELETE users/u', {}],
      ['another document', 'POST users/v', made],
      ['another collection', 'POST bots/u', made],
      ['another part of the document', 'POST users/u/versions/current', made],
      ["the tenant's document", 'POST .', made],
      ['another query', 'POST users/u?x=1', made],
    ]
    for (const [what, request, more] of different) {
      test(`the key of a request with ${what} is refused, and nothing is written`, async () => {
        const { tenant, ask } = await start()
        const first = await ask('POST users/u', repeated('the-key', made))
        const answer = await ask(request, repeated('the-key', more))
        assert.deepEqual([answer.status, answer.json.code], [422, 'IdempotencyMismatch'])
        assert.equal(answer.headers['retry-after'], undefined)
        assert.equal(await countChanges(tenant), 1)
        const again = await ask('POST users/u', repeated('the-key', made))
        assert.deepEqual(essence(again), essence(first))
      })
    }

    test('two targets of unequal bytes are two requests', async () => {
      for (const [one, other] of [
        ['a=%ff', 'a=%25ff'],
        ['a=1&b=2&a=3', 'a=1&a=3&b=2'],
        ['a=b', 'a=%62'],
        ['a', 'a='],
        ['', '&'],
      ] as const) {
        const { tenant, ask } = await start()
        const first = await ask(`POST users/u?${one}`, repeated('the-key', made))
        assert.equal(first.status, 201)
        const differs = await ask(`POST users/u?${other}`, repeated('the-key', made))
        assert.deepEqual([differs.status, differs.json.code], [422, 'IdempotencyMismatch'], other)
        // The key of the caller is no part of the target, wherever it stands in it.
        for (const same of [`bearer_token={key}&${one}`, `${one}&%62earer_token={key}`]) {
          const query = one === '' ? 'bearer_token={key}' : same
          const again = await ask(`POST users/u?${query}`, repeated('the-key', made))
          assert.ok(isReplay(again), query)
        }
        assert.equal(await countChanges(tenant), 1)
      }
    })

    test('the key of a patch of the other type is refused', async () => {
      const { ask } = await start()
      await ask('POST users/u', made)
      const body = '[]'
      const patch = (type: string) =>
        ask('PATCH users/u', repeated('k', { body, headers: { 'Content-Type': type } }))
      assert.equal((await patch('application/json-patch+json')).status, 200)
      // As a merge patch this body is none, which is told before the key is looked at.
      assert.equal((await patch('application/merge-patch+json')).status, 400)
      const merge = await ask('PATCH users/u', repeated('k', { body: {} }))
      assert.equal(merge.status, 422)
    })

    const broken = ['', ' ', 'a b', 'x'.repeat(256), 'ü', 'a\tb']
    for (const key of broken) {
      test(`the key ${JSON.stringify(key.slice(0, 9))} is refused, but not by GET`, async () => {
        const { tenant, ask } = await start()
        for (const request of ['POST users/u', 'PUT users/u', 'PATCH users/u', 'DELETE users/u']) {
          const answer = await ask(request, repeated(key, { body: {} }))
          assert.deepEqual([answer.status, answer.json?.code], [400, 'BadRequest'], request)
          assert.match(answer.json.message, /Idempotency-Key has 1 to 255 visible ASCII/)
        }
        assert.equal(await countChanges(tenant), 0)
        assert.equal((await ask('GET users', repeated(key))).status, 200)
      })
    }

    const refusals: readonly (readonly [status: number, request: string, more: Outgoing])[] = [
      [400, 'POST users/u', { body: '{' }],
      [400, 'POST users/u', { body: { versions: { current: 1 } } }],
      [404, 'PUT users/missing', { body: {} }],
      [404, 'DELETE users/missing', {}],
      [409, 'PATCH users/u', { body: [{ op: 'test', path: '/a', value: 2 }] }],
      [412, 'PUT users/u', { body: {}, headers: { 'If-Match': '"9-00000000"' } }],
      [413, 'PUT users/u', { body: { b: 'x'.repeat(1_048_567) } }],
      [415, 'PUT users/u', { body: {}, headers: { 'Content-Type': 'text/plain' } }],
    ]
    for (const [status, request, more] of refusals) {
      test(`a refusal with ${status} of ${request} is not kept`, async () => {
        const { ask } = await start()
        await ask('POST users/u', made)
        for (let time = 0; time < 2; time++) {
          const refused = await ask(request, repeated('the-key', more))
          assert.equal(refused.status, status, refused.text)
          assert.ok(!isReplay(refused))
        }
        const good = await ask('PUT users/u', repeated('the-key', { body: { b: 1 } }))
        assert.equal(good.status, 200, good.text)
        assert.ok(!isReplay(good))
      })
    }

    test('what was refused is done when it comes again and fits', async () => {
      const { ask } = await start()
      const sent = repeated('the-key', { body: { b: 1 } })
      assert.equal((await ask('PUT users/u', sent)).status, 404)
      await ask('POST users/u', made)
      const done = await ask('PUT users/u', sent)
      assert.deepEqual([done.status, isReplay(done)], [200, false])
      assert.deepEqual(essence(await ask('PUT users/u', sent)), essence(done))
    })

    test('rights and the body are judged before the key is looked at', async () => {
      const { tenant, ask } = await start()
      await ask('POST users/u', repeated('the-key', made))
      const { text } = await server().makeKey(tenant, ['provisioning:read'])
      const reader = makeClient(server(), tenant, text)
      assert.equal((await reader('POST users/u', repeated('the-key', made))).status, 403)
      assert.equal((await ask('POST users/u', repeated('the-key', { body: '{' }))).status, 400)
      assert.equal((await ask('POST users/..', repeated('the-key', made))).status, 400)
    })

    test('keys are not made twice: their routes refuse it', async () => {
      const { tenant, ask } = await start()
      const keys = `/api/v1/keys/tenants/${tenant}`
      const before = (await ask(`GET ${keys}`)).json
      const body = { label: 'l', scopes: ['provisioning:read'] }
      for (const [path, more] of [
        [keys, { body }],
        [`${keys}/${before[0].id}/rotate`, {}],
      ] as const) {
        const answer = await ask(`POST ${path}`, repeated('the-key', more))
        assert.deepEqual([answer.status, answer.json.code], [400, 'BadRequest'])
        assert.match(answer.json.message, /Idempotency-Key is not taken here/)
      }
      assert.deepEqual((await ask(`GET ${keys}`)).json, before)
    })
  })
}
