/**
 * Keys by the API: listed, made, rotated, revoked, and asked what they are. Which scopes may give
 * away which others has a table of its own, in `escalation.test.ts`.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Client, Loose, Met } from '../support/client.ts'
import { makeClient } from '../support/client.ts'
import type { TestServer } from '../support/server.ts'
import { brokenRequests, brokenRotations, weekSeconds } from './key-bodies.ts'

const keyText = /^tnk_[0-9A-Za-z]{54}$/
const invalid = { code: 'Unauthenticated', message: 'API key is not valid' }
const denied = { code: 'PermissionDenied', message: 'API key does not allow this operation' }

type Tenant = {
  readonly tenant: string
  readonly keys: string
  /** The id of the key that may do all. */
  readonly ownerId: string
  readonly ask: Client
  /** A client with another key of this tenant. */
  readonly as: (key: string) => Client
}

export function keyChecks(server: () => TestServer, met: Met[]): void {
  let tenants = 0
  const start = async (): Promise<Tenant> => {
    const tenant = `keys-${++tenants}`
    const scopes = ['provisioning:*', 'reporting:*', 'voc:*', 'mcp:*', 'keys:*', 'ingest:*']
    const { id, text } = await server().makeKey(tenant, scopes)
    const as = (key: string) => makeClient(server(), tenant, key, met)
    return { tenant, keys: `/api/v1/keys/tenants/${tenant}`, ownerId: id, ask: as(text), as }
  }
  /** A key made by the API. */
  const make = async ({ ask, keys }: Tenant, scopes: readonly string[], expiresAt?: number) => {
    const body = { label: 'made', scopes, ...(expiresAt === undefined ? {} : { expiresAt }) }
    const { status, json, text } = await ask(`POST ${keys}`, { body })
    assert.equal(status, 201, text)
    return json as { id: string; key: string }
  }
  const find = async ({ ask, keys }: Tenant, id: string): Promise<Loose> => {
    const list: Loose[] = (await ask(`GET ${keys}`)).json
    return list.find((each) => each.id === id)?.data
  }
  const statusOf = async ({ as }: Tenant, key: string) => (await as(key)('GET users')).status

  describe('the list of keys', () => {
    test('shows each with all that is known of it, and nothing more', async () => {
      const tenant = await start()
      const at = server().time
      server().time = at + 10
      const body = { label: 'CI', scopes: ['voc:read'], expiresAt: at + 5000 }
      const { json: made } = await tenant.ask(`POST ${tenant.keys}`, { body })
      await tenant.ask(`DELETE ${tenant.keys}/${made.id}`)
      await server().storage.identity.recordUse(new Map([[tenant.ownerId, at + 3]]))
      const { status, text, headers } = await tenant.ask(`GET ${tenant.keys}`)
      assert.equal(status, 200)
      const scopes = ['provisioning:*', 'reporting:*', 'voc:*', 'mcp:*', 'keys:*', 'ingest:*']
      const owner = {
        label: 'test',
        scopes,
        created: at,
        createdBy: 'cli:test',
        expiresAt: null,
        lastUsed: at + 3,
        revoked: null,
      }
      const other = {
        label: 'CI',
        scopes: ['voc:read'],
        created: at + 10,
        createdBy: `apikey:${tenant.ownerId}`,
        expiresAt: at + 5000,
        lastUsed: null,
        revoked: at + 10,
      }
      const expected = [
        { id: tenant.ownerId, data: owner },
        { id: made.id, data: other },
      ]
      // As text: the members are those, in that order, and no other.
      assert.equal(text, JSON.stringify(expected))
      assert.equal(headers['cache-control'], 'no-store')
      assert.equal(headers.etag, undefined)
    })

    test('is that of the tenant alone', async () => {
      const [one, other] = [await start(), await start()]
      const ids = async ({ ask, keys }: Tenant) =>
        (await ask(`GET ${keys}`)).json.map((each: Loose) => each.id)
      assert.deepEqual(await ids(one), [one.ownerId])
      assert.deepEqual(await ids(other), [other.ownerId])
    })

    test('has its own scopes: those of other APIs do not show it', async () => {
      const tenant = await start()
      for (const scopes of [['provisioning:*'], ['keys:write'], ['provisioning:keys']]) {
        const { key } = await make(tenant, scopes)
        const { status, json } = await tenant.as(key)(`GET ${tenant.keys}`)
        assert.deepEqual([status, json], [403, denied], scopes.join())
      }
      const { key } = await make(tenant, ['keys:read'])
      assert.equal((await tenant.as(key)(`GET ${tenant.keys}`)).status, 200)
      const head = await tenant.as(key)(`HEAD ${tenant.keys}`)
      assert.deepEqual([head.status, head.text], [200, ''])
    })
  })

  describe('a key made by the API', () => {
    test('is shown once, with its text, and works at once', async () => {
      const tenant = await start()
      const scopes = ['provisioning:users.read', 'voc:*', 'provisioning:users.read']
      const { status, json, text, headers } = await tenant.ask(`POST ${tenant.keys}`, {
        body: { label: 'CI – é', scopes, expiresAt: null },
      })
      assert.equal(status, 201)
      assert.equal(headers['cache-control'], 'no-store')
      assert.match(json.key, keyText)
      assert.equal(json.key.slice(4, 16), json.id)
      const shown = {
        id: json.id,
        key: json.key,
        label: 'CI – é',
        scopes: ['provisioning:users.read', 'voc:*'],
        expiresAt: null,
      }
      assert.equal(text, JSON.stringify(shown))
      const ask = tenant.as(json.key)
      assert.equal((await ask('GET users')).status, 200)
      assert.equal((await ask('GET bots')).status, 403)
      assert.equal((await ask('POST users/u', { body: {} })).status, 403)
      assert.ok(!(await tenant.ask(`GET ${tenant.keys}`)).text.includes(json.key.slice(16)))
    })

    test('ends at its end and not before', async () => {
      const tenant = await start()
      const end = server().time + 1000
      const { key } = await make(tenant, ['provisioning:read'], end)
      server().time = end - 1
      assert.equal(await statusOf(tenant, key), 200)
      server().time = end
      const { status, json } = await tenant.as(key)('GET users')
      assert.deepEqual([status, json], [401, invalid])
    })

    test('cannot end now', async () => {
      const { ask, keys } = await start()
      const body = { label: 'l', scopes: ['voc:*'], expiresAt: server().time }
      assert.equal((await ask(`POST ${keys}`, { body })).status, 400)
    })

    for (const [what, body, reason, pointer] of brokenRequests) {
      test(`is not made of ${what}`, async () => {
        const tenant = await start()
        const { status, json } = await tenant.ask(`POST ${tenant.keys}`, { body })
        assert.deepEqual([status, json.code], [400, 'BadRequest'])
        assert.match(json.message, reason)
        assert.equal(json.details?.[0].pointer, pointer)
        assert.equal((await tenant.ask(`GET ${tenant.keys}`)).json.length, 1)
      })
    }

    test('may do no more than its maker', async () => {
      const tenant = await start()
      const { key } = await make(tenant, ['keys:*', 'provisioning:users'])
      const ask = tenant.as(key)
      const body = (scope: string) => ({ body: { label: 'l', scopes: ['keys:read', scope] } })
      for (const scope of ['provisioning:*', 'provisioning:read', 'provisioning:bots', 'voc:*']) {
        const { status, json } = await ask(`POST ${tenant.keys}`, body(scope))
        assert.deepEqual([status, json], [403, denied], scope)
      }
      // What is wrong with it is told before who may have it.
      assert.equal((await ask(`POST ${tenant.keys}`, body('voc'))).status, 400)
      assert.equal((await ask(`POST ${tenant.keys}`, body('provisioning:users'))).status, 201)
    })
  })

  describe('a rotated key', () => {
    const rotate = ({ ask, keys }: Tenant, id: string, body?: object) =>
      ask(`POST ${keys}/${id}/rotate`, body === undefined ? {} : { body })

    for (const [what, body] of [
      ['no body', undefined],
      ['an empty one', {}],
      ['an overlap of 0', { overlapSeconds: 0 }],
    ] as const) {
      test(`ends at once with ${what}, and another is in its place`, async () => {
        const tenant = await start()
        const end = server().time + 1_000_000
        const old = await make(tenant, ['provisioning:read', 'voc:*'], end)
        server().time += 5
        const { status, json, text, headers } = await rotate(tenant, old.id, body)
        assert.equal(status, 201, text)
        assert.equal(headers['cache-control'], 'no-store')
        assert.equal(text, JSON.stringify({ id: json.id, key: json.key }))
        assert.match(json.key, keyText)
        assert.notEqual(json.id, old.id)
        assert.equal(await statusOf(tenant, old.key), 401)
        assert.equal(await statusOf(tenant, json.key), 200)
        const common = { label: 'made', scopes: ['provisioning:read', 'voc:*'] }
        const createdBy = `apikey:${tenant.ownerId}`
        const { time } = server()
        assert.deepEqual(await find(tenant, old.id), {
          ...common,
          created: time - 5,
          createdBy,
          expiresAt: end,
          lastUsed: null,
          revoked: time,
        })
        assert.deepEqual(await find(tenant, json.id), {
          ...common,
          created: time,
          createdBy,
          expiresAt: end,
          lastUsed: null,
          revoked: null,
        })
      })
    }

    test('lives on for the overlap and not longer', async () => {
      const tenant = await start()
      const old = await make(tenant, ['provisioning:read'])
      const { json } = await rotate(tenant, old.id, { overlapSeconds: weekSeconds })
      const end = server().time + weekSeconds * 1000
      assert.deepEqual((await find(tenant, old.id)).expiresAt, end)
      assert.deepEqual((await find(tenant, json.id)).expiresAt, null)
      server().time = end - 1
      assert.equal(await statusOf(tenant, old.key), 200)
      server().time = end
      assert.equal(await statusOf(tenant, old.key), 401)
      assert.equal(await statusOf(tenant, json.key), 200)
    })

    test('does not outlive its own end by the overlap', async () => {
      const tenant = await start()
      const end = server().time + 1000
      const old = await make(tenant, ['provisioning:read'], end)
      const { json } = await rotate(tenant, old.id, { overlapSeconds: 60 })
      assert.equal((await find(tenant, old.id)).expiresAt, end)
      assert.equal((await find(tenant, json.id)).expiresAt, end)
    })

    test('is not rotated again, but the one that took its place is', async () => {
      const tenant = await start()
      const old = await make(tenant, ['provisioning:read'])
      const { json: first } = await rotate(tenant, old.id, { overlapSeconds: 100 })
      for (const overlapSeconds of [0, 100]) {
        const again = await rotate(tenant, old.id, { overlapSeconds })
        assert.deepEqual([again.status, again.json.code], [409, 'Conflict'])
        assert.match(again.json.message, /has been rotated already/)
      }
      const { json: second } = await rotate(tenant, first.id)
      const states = [old.key, first.key, second.key].map((key) => statusOf(tenant, key))
      assert.deepEqual(await Promise.all(states), [200, 401, 200])
    })

    test('may be the one that asks', async () => {
      const tenant = await start()
      const self = await make(tenant, ['keys:write', 'provisioning:read'])
      const { status, json } = await tenant.as(self.key)(`POST ${tenant.keys}/${self.id}/rotate`)
      assert.equal(status, 201)
      assert.equal(await statusOf(tenant, self.key), 401)
      assert.equal((await find(tenant, json.id)).createdBy, `apikey:${self.id}`)
    })

    test('cannot be one that is dead, unknown, or of another tenant', async () => {
      const [tenant, other] = [await start(), await start()]
      const revoked = await make(tenant, ['provisioning:read'])
      await tenant.ask(`DELETE ${tenant.keys}/${revoked.id}`)
      const expired = await make(tenant, ['provisioning:read'], server().time + 1)
      server().time += 1
      for (const { id } of [revoked, expired]) {
        const { status, json, headers } = await rotate(tenant, id)
        assert.deepEqual([status, json.code], [409, 'Conflict'])
        assert.equal(headers['retry-after'], undefined)
      }
      for (const id of ['Unknown0Key0', 'nothing', '%20', other.ownerId]) {
        const { status, json } = await rotate(tenant, id)
        assert.deepEqual([status, json.code], [404, 'NotFound'], id)
      }
      // Nor may who could not rotate it here be told that it is there.
      const weak = tenant.as((await make(tenant, ['keys:write'])).key)
      const foreign = await weak(`POST ${tenant.keys}/${other.ownerId}/rotate`)
      const unknown = await weak(`POST ${tenant.keys}/Unknown0Key0/rotate`)
      assert.deepEqual([foreign.status, unknown.status], [404, 404])
      assert.equal((await other.ask('GET users')).status, 200)
      assert.equal((await tenant.ask(`GET ${tenant.keys}`)).json.length, 4)
    })

    test('an optional body in no chunks is none', async () => {
      const tenant = await start()
      const none = { 'Transfer-Encoding': 'chunked' }
      for (const more of [{}, { 'Content-Type': 'application/json' }]) {
        const { id } = await make(tenant, ['provisioning:read'])
        const request = `POST ${tenant.keys}/${id}/rotate`
        const { status, text } = await tenant.ask(request, { headers: { ...none, ...more } })
        assert.equal(status, 201, text)
        assert.notEqual((await find(tenant, id)).revoked, null)
      }
      // One that holds something is one, and has a type.
      const untyped = { body: '{}', headers: { 'Content-Type': undefined } }
      const { status } = await tenant.ask(`POST ${tenant.keys}/${tenant.ownerId}/rotate`, untyped)
      assert.equal(status, 415)
    })

    for (const [what, body] of brokenRotations) {
      test(`is not rotated with ${what}`, async () => {
        const tenant = await start()
        const { status, json } = await rotate(tenant, tenant.ownerId, body)
        assert.deepEqual([status, json.code], [400, 'BadRequest'])
        assert.equal((await tenant.ask('GET users')).status, 200)
      })
    }
  })

  describe('a revoked key', () => {
    test('ends at once and for good, and once is as good as twice', async () => {
      const tenant = await start()
      const { id, key } = await make(tenant, ['provisioning:read'])
      assert.equal(await statusOf(tenant, key), 200)
      const { status, text } = await tenant.ask(`DELETE ${tenant.keys}/${id}`)
      assert.deepEqual([status, text], [204, ''])
      const { status: after, json } = await tenant.as(key)('GET users')
      assert.deepEqual([after, json], [401, invalid])
      const revoked = server().time
      server().time += 1000
      assert.equal((await tenant.ask(`DELETE ${tenant.keys}/${id}`)).status, 204)
      assert.equal((await find(tenant, id)).revoked, revoked)
    })

    test('may be stronger than the one that revokes it, and may be that one', async () => {
      const tenant = await start()
      const { id, key } = await make(tenant, ['keys:write'])
      assert.equal((await tenant.as(key)(`DELETE ${tenant.keys}/${tenant.ownerId}`)).status, 204)
      assert.equal((await tenant.ask('GET users')).status, 401)
      assert.equal((await tenant.as(key)(`DELETE ${tenant.keys}/${id}`)).status, 204)
      assert.equal((await tenant.as(key)(`DELETE ${tenant.keys}/${id}`)).status, 401)
    })

    test('is not one that is unknown, or of another tenant', async () => {
      const [tenant, other] = [await start(), await start()]
      for (const id of ['Unknown0Key0', 'nothing', other.ownerId]) {
        const { status, json } = await tenant.ask(`DELETE ${tenant.keys}/${id}`)
        assert.deepEqual([status, json.code], [404, 'NotFound'], id)
      }
      assert.equal((await other.ask('GET users')).status, 200)
    })
  })

  describe('whoami', () => {
    test('tells any key what it is and may do', async () => {
      const tenant = await start()
      const end = server().time + 1000
      const cases = [
        [await make(tenant, ['provisioning:users.read', 'keys:read']), 'made', null] as const,
        [await make(tenant, ['voc:read'], end), 'made', end] as const,
      ]
      const scopes = [['provisioning:users.read', 'keys:read'], ['voc:read']]
      for (const [at, [{ id, key }, label, expiresAt]] of cases.entries()) {
        const expected = { id, label, tenant: tenant.tenant, scopes: scopes[at], expiresAt }
        const { status, text, headers } = await tenant.as(key)('GET /api/v1/whoami')
        assert.equal(status, 200)
        assert.equal(text, JSON.stringify(expected))
        assert.equal(headers['cache-control'], 'no-store')
        const query = await tenant.as(key)('GET /api/v1/whoami?bearer_token={key}')
        assert.equal(query.text, text)
      }
    })

    test('has nothing below it', async () => {
      const { ask } = await start()
      assert.equal((await ask('GET /api/v1/whoami/me')).status, 404)
      assert.equal((await ask('GET /api/v1/whoami/')).status, 400)
    })
  })
}
