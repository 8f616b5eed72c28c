/**
 * Who gets in, and what for. The store is a map that remembers what it was asked, so a key that
 * should have been refused before it was looked up is seen.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { Refusal } from '../contract/errors.ts'
import { parseTenantId } from '../contract/names.ts'
import type { Right } from '../contract/scopes.ts'
import type { Caller } from './caller.ts'
import { authenticate, authorise } from './caller.ts'
import { hashKeyText, isSameSecret, makeKeyText } from './key-text.ts'
import type { Key } from './store.ts'

const now = 1_800_000_000_000

/** Two texts with one id: the second is what a thief who read the id would have to guess. */
const { id, text } = keyText(1)
const { text: guessed } = keyText(2)

function keyText(secret: number): { id: string; text: string } {
  let drawn = 0
  return makeKeyText((count) => {
    const seed = drawn++ === 0 ? 'id' : `secret ${secret} ${drawn}`
    const bytes = createHash('sha512').update(seed).digest().subarray(0, count)
    // From 248 on, bytes are drawn again, and the id would not be of one draw.
    return bytes.map((byte) => byte % 248)
  })
}

const good: Key = {
  id,
  tenant: parseTenantId('acme'),
  hash: hashKeyText(text),
  scopes: ['provisioning:users.read', 'voc:*'],
  label: '',
  created: 0,
  createdBy: 'cli:test',
  expiresAt: undefined,
  lastUsed: undefined,
  revoked: undefined,
  rotatedTo: undefined,
}

function front(changes: Partial<Key> = {}) {
  const keys = new Map([[id, { ...good, ...changes }]])
  const asked: string[] = []
  const used: (readonly [keyId: string, at: number])[] = []
  const needs = {
    identity: {
      async findKey(wanted: string) {
        asked.push(wanted)
        return keys.get(wanted)
      },
      async findKeyByHash(hash: Uint8Array) {
        return [...keys.values()].find((key) => isSameSecret(key.hash, hash))
      },
    },
    now: () => now,
    noteUse: (keyId: string, at: number) => void used.push([keyId, at]),
  }
  return { needs, keys, asked, used }
}

function refusal(code: string, message: string) {
  return (error: unknown) => {
    assert.ok(error instanceof Refusal, String(error))
    assert.deepEqual([error.code, error.message], [code, message])
    assert.deepEqual([error.details, error.hints, error.cause], [[], {}, undefined])
    return true
  }
}

const invalid = refusal('Unauthenticated', 'API key is not valid')
const forbidden = refusal('PermissionDenied', 'API key does not allow this operation')

describe('a key that is good', () => {
  test('makes a caller of its tenant, with its scopes, named after its id', async () => {
    const { needs } = front({ label: 'a key', expiresAt: now + 1 })
    assert.deepEqual(await authenticate(text, needs), {
      tenant: 'acme',
      keyId: id,
      label: 'a key',
      scopes: [
        { api: 'provisioning', resource: 'users', mode: 'read' },
        { api: 'voc', resource: undefined, mode: undefined },
      ],
      scopeTexts: ['provisioning:users.read', 'voc:*'],
      expiresAt: now + 1,
      name: `apikey:${id}`,
    })
  })

  test('is looked up once, by its id, and its use is noted once, with the time', async () => {
    const { needs, asked, used } = front()
    await authenticate(text, needs)
    assert.deepEqual(asked, [id])
    assert.deepEqual(used, [[id, now]])
  })

  test('is good until the millisecond before it expires', async () => {
    const { needs } = front({ expiresAt: now + 1 })
    assert.equal((await authenticate(text, needs)).keyId, id)
  })

  test('has no scope from a stored text that is none', async () => {
    const { needs } = front({ scopes: ['provisioning', 'nothing:*', 'voc:read'] })
    const { scopes } = await authenticate(text, needs)
    assert.deepEqual(scopes, [{ api: 'voc', resource: undefined, mode: 'read' }])
  })
})

test('the guess of these tests is a whole key, and differs in its secret alone', () => {
  assert.match(guessed, new RegExp(`^tnk_${id}`))
  assert.notEqual(guessed, text)
})

const refused: readonly (readonly [title: string, text: string, key: Partial<Key>])[] = [
  ['another secret behind a known id', guessed, {}],
  ['a hash of another length in the store', text, { hash: hashKeyText(text).subarray(0, 31) }],
  ['an empty hash in the store', text, { hash: new Uint8Array() }],
  ['revoked', text, { revoked: now - 1 }],
  ['revoked in this millisecond', text, { revoked: now }],
  ['revoked by a clock that was ahead', text, { revoked: now + 60_000 }],
  ['revoked at the beginning of time', text, { revoked: 0 }],
  ['revoked, though it expires later', text, { revoked: now - 1, expiresAt: now + 1 }],
  ['expired in exactly this millisecond', text, { expiresAt: now }],
  ['expired long ago', text, { expiresAt: 0 }],
]
describe('a key is refused, after the store was asked', () => {
  for (const [title, sent, key] of refused) {
    test(title, async () => {
      const { needs, asked, used } = front(key)
      await assert.rejects(authenticate(sent, needs), invalid)
      assert.deepEqual(asked, [id])
      assert.deepEqual(used, [], 'the use of a refused key was noted')
    })
  }

  test('unknown', async () => {
    const { needs, keys, asked, used } = front()
    keys.clear()
    await assert.rejects(authenticate(text, needs), invalid)
    assert.deepEqual([asked, used], [[id], []])
  })
})

const last = text.at(-1) === 'a' ? 'b' : 'a'
const malformed: readonly (readonly [title: string, text: string])[] = [
  ['a wrong checksum', text.slice(0, -1) + last],
  ['another secret under the old checksum', guessed.slice(0, -6) + text.slice(-6)],
  ['one character short', text.slice(0, -1)],
  ['one character more', `${text}a`],
  ['a blank behind', `${text} `],
  ['another prefix', `TNK_${text.slice(4)}`],
  ['an id alone', id],
  ['nothing at all', ''],
]
describe('a malformed key is refused, and the store is not asked', () => {
  for (const [title, sent] of malformed) {
    test(title, async () => {
      const { needs, asked, used } = front()
      await assert.rejects(authenticate(sent, needs), invalid)
      assert.deepEqual([asked, used], [[], []])
    })
  }
})

test('no key is refused in words of its own, and the store is not asked', async () => {
  const { needs, asked, used } = front()
  const message = 'Authorization header with Bearer token is required'
  await assert.rejects(authenticate(undefined, needs), refusal('Unauthenticated', message))
  assert.deepEqual([asked, used], [[], []])
})

test('a store that fails is a fault and no refusal', async () => {
  const { needs } = front()
  const fault = new Error('the disk is gone')
  const fail = () => Promise.reject(fault)
  const identity = { findKey: fail, findKeyByHash: fail }
  await assert.rejects(authenticate(text, { ...needs, identity }), fault)
})

const read: Right = { api: 'provisioning', resource: 'users', mode: 'read' }
const decisions: readonly (readonly [
  title: string,
  tenant: string | undefined,
  right: Right | undefined,
  allowed: boolean,
])[] = [
  ['the right in the own tenant', 'acme', read, true],
  ['the right where no tenant is named', undefined, read, true],
  ['a path that names neither tenant nor API', undefined, undefined, true],
  ['the own tenant where no right is needed', 'acme', undefined, true],
  ['the right in another tenant', 'globex', read, false],
  ['another tenant where no right is needed', 'globex', undefined, false],
  ['the own tenant in capitals', 'ACME', read, false],
  ['the own tenant and a blank', 'acme ', read, false],
  ['a tenant that begins like the own', 'acme-2', read, false],
  ['a tenant that the own begins like', 'acm', read, false],
  ['an empty tenant', '', read, false],
  ['another operation', 'acme', { ...read, mode: 'write' }, false],
  ['another resource', 'acme', { ...read, resource: 'bots' }, false],
  ['no resource, as the tenant document', 'acme', { ...read, resource: undefined }, false],
  ['another API', 'acme', { ...read, api: 'mcp' }, false],
  ['a missing right where no tenant is named', undefined, { ...read, mode: 'write' }, false],
]
describe('a caller with provisioning:users.read in acme', () => {
  for (const [title, tenant, right, allowed] of decisions) {
    test(`${title} is ${allowed ? 'allowed' : 'forbidden'}`, async () => {
      const { needs } = front()
      const caller: Caller = await authenticate(text, needs)
      const decide = () => authorise(caller, tenant, right)
      if (allowed) decide()
      else assert.throws(decide, forbidden)
    })
  }
})
