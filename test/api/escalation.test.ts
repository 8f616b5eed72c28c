/**
 * That no key makes, renews or gets hold of one that may do more than itself: every pair of maker
 * and target of a table, and random ones, against a reference that goes from rights to texts.
 * Random choices print their seed.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { parseTenantId } from '../../server/contract/names.ts'
import type { Client } from '../support/client.ts'
import { makeClient } from '../support/client.ts'
import { seededRandom } from '../support/random.ts'
import { isCovered, isGranted, isScope } from '../support/scope-reference.ts'
import { seed, tellSeed } from '../support/seed.ts'
import type { TestServer } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

tellSeed()

const tenant = 'acme'
const keys = `/api/v1/keys/tenants/${tenant}`
const denied = 'API key does not allow this operation'
const overlap = { body: { overlapSeconds: 604_800 } }

type Scopes = readonly string[]

/** Some of each relation to the others: equal, stronger, weaker, beside, in other words. */
const sets: readonly Scopes[] = [
  ['provisioning:*'],
  ['provisioning:read'],
  ['provisioning:write'],
  ['provisioning:read', 'provisioning:write'],
  ['provisioning:users'],
  ['provisioning:users.*'],
  ['provisioning:users.read'],
  ['provisioning:users.write'],
  ['provisioning:users.read', 'provisioning:users.write'],
  ['provisioning:read', 'provisioning:users.write'],
  ['provisioning:users', 'provisioning:bots', 'provisioning:jobs'],
  ['provisioning:users.read', 'provisioning:bots.read'],
  ['provisioning:Users'],
  ['provisioning:users.archive'],
  ['provisioning:users.read.read'],
  ['provisioning:read.read'],
  ['reporting:*'],
  ['reporting:assistant'],
  ['reporting:botconv'],
  ['reporting:botconv.read', 'reporting:assistant.write'],
  ['reporting:voc.read'],
  ['reporting:vocconv'],
  ['voc:*'],
  ['voc:botconv'],
  ['voc:assistant'],
  ['keys:*'],
  ['keys:read'],
  ['keys:write'],
  ['keys:read', 'keys:write'],
  ['keys:*', 'provisioning:*', 'reporting:*', 'voc:*', 'mcp:*', 'ingest:*'],
  ['mcp:read', 'ingest:assistant.*'],
]

/** Texts that no key gets, but that an older store may hold: they grant nothing. */
const unparsable: Scopes = [
  'provisioning',
  'provisioning:*.read',
  'provisioning:*.*',
  'keys:users',
  'unknown:*',
  '*',
  '',
]

/** What a maker, by these scopes and `keys:write`, may give away. Written by hand, not derived. */
const anchors: readonly (readonly [own: Scopes, given: Scopes, allowed: boolean])[] = [
  [['provisioning:*'], ['provisioning:read', 'provisioning:write'], true],
  [['provisioning:read', 'provisioning:write'], ['provisioning:*'], true],
  [['provisioning:users.read', 'provisioning:users.write'], ['provisioning:users'], true],
  [['provisioning:read', 'provisioning:users.write'], ['provisioning:users.*'], true],
  [['provisioning:users', 'provisioning:bots'], ['provisioning:read'], false],
  [['provisioning:users'], ['provisioning:users', 'provisioning:bots.read'], false],
  [['provisioning:write'], ['provisioning:users.read'], false],
  [['provisioning:users'], ['provisioning:users.archive'], false],
  [['provisioning:users'], ['provisioning:Users'], false],
  [['reporting:botconv'], ['reporting:assistant'], true],
  [['reporting:voc'], ['reporting:vocconv.read'], true],
  [['voc:*'], ['reporting:voc'], false],
  [['voc:botconv'], ['voc:assistant'], false],
  [[], ['keys:write'], true],
  [[], ['keys:read'], false],
  [['keys:read'], ['keys:*'], true],
  [['keys:*'], ['provisioning:users.read'], false],
]

let server: TestServer
before(async () => {
  server = await startTestServer()
  await server.makeKey(tenant, ['provisioning:*'])
})
after(() => server.close())

/** Whether these scopes let a key change keys at all. */
function mayWriteKeys(scopes: Scopes): boolean {
  return isGranted(new Set(scopes), { api: 'keys', resource: undefined, mode: 'write' })
}

/** Of those who ask one of each set is enough: nothing here ends them. */
const made = new Map<string, Promise<{ id: string; ask: Client }>>()
function keyOf(scopes: Scopes): Promise<{ id: string; ask: Client }> {
  const name = JSON.stringify(scopes)
  const known = made.get(name)
  if (known !== undefined) return known
  const key = keep(scopes)
  made.set(name, key)
  return key
}

/** A key with these scopes, the unparsable ones too, which only the store itself takes. */
let foreignTexts = 0
async function keep(scopes: Scopes): Promise<{ id: string; ask: Client }> {
  if (scopes.every(isScope)) {
    const { id, text } = await server.makeKey(tenant, scopes)
    return { id, ask: makeClient(server, tenant, text) }
  }
  const text = `from-an-older-store-${++foreignTexts}`
  const id = `older${String(foreignTexts).padStart(7, '0')}`
  const creation = await server.storage.identity.createKey({
    id,
    tenant: parseTenantId(tenant),
    hash: createHash('sha256').update(text).digest(),
    scopes,
    label: 'older',
    created: server.time,
    createdBy: 'cli:test',
    expiresAt: undefined,
    lastUsed: undefined,
    revoked: undefined,
    rotatedTo: undefined,
  })
  assert.equal(creation, 'created')
  return { id, ask: makeClient(server, tenant, text) }
}

/** Asks for both, and gives whether both were done. */
async function isAllowed(own: Scopes, given: Scopes): Promise<boolean> {
  // The target is a new one each time: a key is rotated once.
  const [{ ask }, { id }] = await Promise.all([keyOf(own), keep(given)])
  const what = `${own.join()} for ${given.join()}`
  const rotated = await ask(`POST ${keys}/${id}/rotate`, overlap)
  const all = [rotated]
  if (given.every(isScope)) {
    all.push(await ask(`POST ${keys}`, { body: { label: 'l', scopes: given } }))
  }
  for (const { status, json, text } of all) {
    assert.equal(status, rotated.status, `${what}: made and rotated differ: ${text}`)
    if (status === 403) assert.equal(json.message, denied)
    else assert.equal(status, 201, `${what}: ${text}`)
  }
  const [, created] = all
  if (created?.status === 201) assert.deepEqual(created.json.scopes, given)
  return rotated.status === 201
}

describe('keys that make keys', () => {
  for (const [own, given, allowed] of anchors) {
    const fact = allowed ? 'give away' : 'do not give away'
    test(`${own.join(' and ') || 'no scopes'} ${fact} ${given.join(' and ')}`, async () => {
      assert.equal(await isAllowed([...own, 'keys:write'], given), allowed)
      assert.equal(
        isCovered(new Set([...own, 'keys:write']), new Set(given)),
        allowed,
        'the reference is wrong',
      )
    })
  }

  for (const own of sets) {
    test(`${own.join(' and ')} give away what they cover, and nothing else`, async () => {
      let allowed = 0
      for (const given of sets) {
        for (const maker of [own, [...own, 'keys:write']]) {
          const expected = mayWriteKeys(maker) && isCovered(new Set(maker), new Set(given))
          assert.equal(await isAllowed(maker, given), expected, `${maker.join()}: ${given.join()}`)
          if (expected) allowed++
        }
      }
      assert.ok(allowed > 0, 'not even what it is itself')
    })
  }

  test('random sets of scopes give away what the reference says', async () => {
    const random = seededRandom(seed)
    const pick = <Any>(of: readonly Any[]) => of[Math.floor(random() * of.length)] as Any
    const anyScope = () => {
      const api = pick(['provisioning', 'provisioning', 'reporting', 'keys'])
      const resource = pick(['users', 'bots', 'users.read', 'assistant', 'botconv'])
      const mode = pick(['read', 'write', '*'])
      const forms = [`${api}:${mode}`, `${api}:${resource}`, `${api}:${resource}.${mode}`]
      return pick(api === 'keys' ? [`${api}:${mode}`] : forms)
    }
    const anySet = (most: number) =>
      Array.from({ length: 1 + Math.floor(random() * most) }, anyScope)
    let allowed = 0
    for (let time = 0; time < 300; time++) {
      const own = [...new Set([...anySet(6), 'keys:write'])]
      const given = [...new Set(anySet(2))]
      const expected = isCovered(new Set(own), new Set(given))
      assert.equal(await isAllowed(own, given), expected, `${own.join()}: ${given.join()}`)
      if (expected) allowed++
    }
    assert.ok(allowed > 20 && allowed < 280, `${allowed} of 300`)
  })

  for (const text of unparsable) {
    test(`${JSON.stringify(text)}, once stored, grants nothing, and is not given on`, async () => {
      const own = [text, 'keys:*']
      assert.equal(await isAllowed(own, ['provisioning:users.read']), false)
      assert.equal(await isAllowed(own, ['keys:read']), true)
      const { ask } = await keyOf(own)
      const body = { label: 'l', scopes: [text] }
      assert.equal((await ask(`POST ${keys}`, { body })).status, 400)
      // It may mean something to a newer server, so that not even who holds it gives it on.
      assert.equal(await isAllowed(own, [text, 'keys:read']), false)
      assert.equal(await isAllowed(own, [text, 'provisioning:read']), false)
    })
  }

  test('keys end keys of any scopes, if they may write keys at all', async () => {
    for (const own of sets) {
      const { ask } = await keyOf(own)
      for (const given of [['provisioning:*', 'keys:*'], ['voc:read']]) {
        const { id } = await keep(given)
        const { status } = await ask(`DELETE ${keys}/${id}`)
        assert.equal(status, mayWriteKeys(own) ? 204 : 403, own.join())
      }
    }
  })

  test('whoever begins with a weak key never holds a stronger one', async () => {
    const random = seededRandom(seed + 1)
    const pick = <Any>(of: readonly Any[]) => of[Math.floor(random() * of.length)] as Any
    const own = ['keys:write', 'provisioning:users', 'reporting:read']
    const { text } = await server.makeKey(tenant, own)
    const strong = await Promise.all(sets.map((scopes) => keep(scopes)))
    const held = [text]
    const ids = strong.map(({ id }) => id)
    for (let time = 0; time < 400; time++) {
      const ask = makeClient(server, tenant, pick(held))
      const body = { label: 'l', scopes: [...pick(sets), ...(random() < 0.5 ? [] : pick(sets))] }
      const { status, json } =
        random() < 0.5
          ? await ask(`POST ${keys}`, { body })
          : await ask(`POST ${keys}/${pick(ids)}/rotate`, overlap)
      if (status !== 201) continue
      held.push(json.key)
      ids.push(json.id)
    }
    assert.ok(held.length > 5, `only ${held.length} keys`)
    for (const each of held) {
      const { json } = await makeClient(server, tenant, each)('GET /api/v1/whoami')
      assert.ok(isCovered(new Set(own), new Set(json.scopes)), json.scopes.join())
    }
  })
})
