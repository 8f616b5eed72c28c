/**
 * Making keys: what is refused of a request, texts that were made elsewhere, and that no key gives
 * away more than it has. The store is a map.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { parseTenantId } from '../contract/names.ts'
import { knownScopes } from '../contract/scopes.ts'
import { findKeyId, hashKeyText, isSameSecret, makeKeyText } from './key-text.ts'
import type { KeyRequest } from './keys.ts'
import {
  createKey,
  findLivingKey,
  importKey,
  readKey,
  refuseUncovered,
  stateOfKey,
} from './keys.ts'
import type { IdentityStore, Key } from './store.ts'

const now = 1_800_000_000_000
const tenant = parseTenantId('acme')
const request: KeyRequest = {
  tenant,
  scopes: ['provisioning:read'],
  label: 'a key',
  expiresAt: undefined,
}

function front() {
  const keys: Key[] = []
  const asked: string[] = []
  const unused = () => assert.fail('it is not asked for')
  const identity: IdentityStore = {
    createTenant: unused,
    listTenants: unused,
    listKeys: unused,
    revokeKey: unused,
    rotateKey: unused,
    recordUse: unused,
    async createKey(key) {
      if (key.tenant !== tenant) return 'noTenant'
      if (keys.some(({ id, hash }) => id === key.id || isSameSecret(hash, key.hash))) return 'known'
      keys.push(key)
      return 'created'
    },
    async findKey(id) {
      asked.push('id')
      return keys.find((key) => key.id === id)
    },
    async findKeyByHash(hash) {
      asked.push('hash')
      return keys.find((key) => isSameSecret(key.hash, hash))
    },
  }
  let drawn = 0
  const random = (count: number) => {
    const bytes = createHash('sha512').update(`${drawn++}`).digest().subarray(0, count)
    return bytes.map((byte) => byte % 248)
  }
  return { keys, asked, needs: { identity, now: () => now, random } }
}

test('a key is kept with the hash of its text, and the text is in the answer alone', async () => {
  const { keys, needs } = front()
  const { key, text } = await createKey(request, 'cli:zoe', needs)
  assert.deepEqual(keys, [key])
  assert.deepEqual(key, {
    ...request,
    id: findKeyId(text),
    hash: hashKeyText(text),
    created: now,
    createdBy: 'cli:zoe',
    lastUsed: undefined,
    revoked: undefined,
    rotatedTo: undefined,
  })
  assert.ok(!JSON.stringify(keys).includes(text.slice(16)))
})

test('a scope that is said twice is kept once', async () => {
  const scopes = ['voc:*', 'mcp:read', 'voc:*']
  const { key } = await createKey({ ...request, scopes }, 'check', front().needs)
  assert.deepEqual(key.scopes, ['voc:*', 'mcp:read'])
})

const scopes = (count: number) => Array.from({ length: count }, (_, at) => `provisioning:c${at}`)

describe('a request', () => {
  const taken: readonly (readonly [title: string, said: Partial<KeyRequest>])[] = [
    ['without a label', { label: '' }],
    ['with a label of 200 characters', { label: 'é'.repeat(200) }],
    ['with any signs in its label', { label: '"><script> \\ 😀' }],
    ['with 500 scopes', { scopes: scopes(500) }],
    ['that expires in a millisecond', { expiresAt: now + 1 }],
    ['that expires at the last moment of a date', { expiresAt: 8_640_000_000_000_000 }],
  ]
  for (const [title, said] of taken) {
    test(`${title} is taken`, async () => {
      const { key } = await createKey({ ...request, ...said }, 'check', front().needs)
      assert.deepEqual({ ...key, ...said }, key)
    })
  }

  const refused: readonly (readonly [title: string, said: Partial<KeyRequest>, says: RegExp])[] = [
    ['without scopes', { scopes: [] }, /at least one scope/],
    ['with 501 scopes', { scopes: scopes(501) }, /at most 500 scopes/],
    ['with a scope that is none', { scopes: ['voc:*', 'voc'] }, /"voc" is no scope/],
    ['with a label of 201 characters', { label: 'x'.repeat(201) }, /at most 200 characters/],
    ['with a line break in its label', { label: 'a\nb' }, /control character/],
    ['with half a surrogate pair in its label', { label: '\ud83d' }, /control character/],
    ['that expired', { expiresAt: now - 1 }, /in the future/],
    ['that expires now', { expiresAt: now }, /in the future/],
    ['that expired before all time', { expiresAt: -1 }, /in the future/],
    ['that expires at no number', { expiresAt: Number.NaN }, /in the future/],
    ['that expires after the last date', { expiresAt: 8_640_000_000_000_001 }, /275760/],
    ['that expires beyond whole numbers', { expiresAt: 9_007_199_254_740_994 }, /275760/],
  ]
  for (const [title, said, message] of refused) {
    test(`${title} is refused, and nothing is kept`, async () => {
      const { keys, needs } = front()
      const refusal = { code: 'BadRequest', message }
      await assert.rejects(createKey({ ...request, ...said }, 'check', needs), refusal)
      const text = 'a-text-that-was-made-elsewhere'
      await assert.rejects(importKey(text, { ...request, ...said }, 'check', needs), refusal)
      assert.deepEqual(keys, [])
    })
  }

  test('for a tenant that is not there is not found', async () => {
    const foreign = { ...request, tenant: parseTenantId('globex') }
    await assert.rejects(createKey(foreign, 'check', front().needs), { code: 'NotFound' })
  })
})

describe('a text that is brought along', () => {
  const text = 'made.elsewhere-0123456789'

  test('is a key from then on, found by its hash, under an id of ours', async () => {
    const { keys, asked, needs } = front()
    const { key, text: shown } = await importKey(text, request, 'cli:zoe', needs)
    assert.equal(shown, text)
    assert.match(key.id, /^[0-9A-Za-z]{12}$/)
    assert.deepEqual(keys, [{ ...key, hash: hashKeyText(text) }])
    assert.equal(await findLivingKey(text, needs), key)
    assert.deepEqual(asked, ['hash'])
    for (const other of [`${text}0`, text.toUpperCase(), text.slice(0, -1)]) {
      assert.equal(await findLivingKey(other, needs), undefined)
    }
  })

  test('of our own making keeps its own id', async () => {
    const { asked, needs } = front()
    const own = makeKeyText((count) => new Uint8Array(count).fill(9))
    const { key } = await importKey(own.text, request, 'check', needs)
    assert.equal(key.id, own.id)
    assert.equal(await findLivingKey(own.text, needs), key)
    assert.deepEqual(asked, ['id'])
  })

  test('is in conflict when it is there already, and nothing changed', async () => {
    const { keys, needs } = front()
    const { key } = await importKey(text, request, 'check', needs)
    const again = importKey(text, { ...request, label: 'again' }, 'check', needs)
    await assert.rejects(again, { code: 'Conflict', message: /a key with this text already/ })
    assert.deepEqual(keys, [key])
  })

  test('that cannot be a key is refused, and not repeated', async () => {
    const { keys, needs } = front()
    for (const wrong of ['', 'too-short', `${text} `, 'x'.repeat(513), 'tnk_mistyped-0123456789']) {
      await assert.rejects(importKey(wrong, request, 'check', needs), (error: Error) => {
        assert.match(error.message, /This cannot be a key/)
        return wrong === '' || !error.message.includes(wrong)
      })
    }
    assert.deepEqual(keys, [])
  })

  test('is asked of the store only when it can be one', async () => {
    const { asked, needs } = front()
    for (const wrong of [
      '',
      'short',
      'x'.repeat(513),
      'tnk_mistyped-0123456789',
      'ümlaut'.repeat(9),
    ]) {
      assert.equal(await findLivingKey(wrong, needs), undefined)
    }
    assert.deepEqual(asked, [])
  })
})

test('a key is alive until it is revoked, or its very expiry', () => {
  const rows = [
    [undefined, undefined, 'alive'],
    [undefined, now + 1, 'alive'],
    [undefined, now, 'expired'],
    [undefined, 0, 'expired'],
    [now, undefined, 'revoked'],
    [0, now + 1, 'revoked'],
    [now + 60_000, undefined, 'revoked'],
    [1, 1, 'revoked'],
  ] as const
  for (const [revoked, expiresAt, state] of rows) {
    assert.equal(stateOfKey({ revoked, expiresAt }, now), state)
  }
})

test('a key of another tenant is as unknown as one that is not there', async () => {
  const { needs } = front()
  const { key } = await createKey(request, 'check', needs)
  assert.equal(await readKey(tenant, key.id, needs), key)
  for (const unknown of [
    readKey(parseTenantId('globex'), key.id, needs),
    readKey(tenant, key.id.toLowerCase(), needs),
  ]) {
    await assert.rejects(unknown, { code: 'NotFound' })
  }
})

describe('scopes are given away', () => {
  const own = knownScopes(['keys:*', 'provisioning:read', 'provisioning:users.write'])
  for (const given of [
    ['provisioning:read'],
    ['provisioning:users', 'keys:read'],
    ['provisioning:bots.read', 'provisioning:users.*', 'keys:*'],
  ]) {
    test(`by who has them: ${given}`, () => refuseUncovered(own, given))
  }
  for (const given of [
    ['provisioning:write'],
    ['provisioning:*'],
    ['provisioning:read', 'provisioning:bots.write'],
    ['voc:read'],
    // What does not parse may mean something to a newer server.
    ['provisioning:read', 'no scope'],
  ]) {
    test(`by nobody who has not: ${given}`, () => {
      assert.throws(() => refuseUncovered(own, given), {
        code: 'PermissionDenied',
        message: 'API key does not allow this operation',
      })
    })
  }
})
