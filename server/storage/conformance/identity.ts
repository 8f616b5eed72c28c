/**
 * What it means to be an `IdentityStore`, as checks that any engine must pass. When a promise in
 * `identity/store.ts` changes, these files change with it; the engines follow.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { parseTenantId } from '../../contract/names.ts'
import type { Key, Tenant } from '../../identity/store.ts'
import type { Check, Engine, Ground } from './engine.ts'
import { bytewise, suite } from './engine.ts'
import { checkEnds } from './identity-ends.ts'
import { keyOf, latest, plain, tenantOf } from './identity-samples.ts'

/** Declares the suite for this engine. */
export function identityStoreConforms(engine: Engine): void {
  suite(engine, 'identity', (check) => {
    checkTenants(check)
    checkKeys(check)
    checkKnown(check)
    checkEnds(check)
    checkUse(check)
  })
}

function checkTenants(check: Check): void {
  check('a tenant that was created is listed as it was given', async (ground) => {
    const tenant = tenantOf(ground.freshId(), { created: latest, createdBy: 'cli:Zoë 😀 "o\'n' })
    assert.equal(await ground.identity.createTenant(tenant), true)
    assert.deepEqual(await listOwn(ground, tenant.id), [tenant])
  })

  check('a second tenant of one id is false and changes nothing', async (ground) => {
    const first = tenantOf(ground.freshId(), { created: 5, createdBy: 'cli:first' })
    assert.equal(await ground.identity.createTenant(first), true)
    const second = { ...first, created: 4, createdBy: 'cli:second' }
    assert.equal(await ground.identity.createTenant(second), false)
    assert.deepEqual(await listOwn(ground, first.id), [first])
  })

  check('of many who create one tenant at once, one is told true', async (ground) => {
    const id = ground.freshId()
    const tenants = Array.from({ length: 20 }, (_, created) => tenantOf(id, { created }))
    const outcomes = await Promise.all(tenants.map((each) => ground.identity.createTenant(each)))
    assert.equal(outcomes.filter(Boolean).length, 1)
    assert.deepEqual(
      await listOwn(ground, id),
      tenants.filter((_, at) => outcomes[at]),
    )
  })

  check('tenants are listed by id, bytewise', async (ground) => {
    const stem = ground.freshId()
    const tails = ['b', 'B', 'a', 'A', 'a-b', 'a.b', 'a_b', 'aB', 'ab', '10', '9', '-', '_', 'Z']
    for (const tail of tails) await ground.makeTenant(stem + tail)
    const own = (await listOwn(ground, stem)).map(({ id }) => id.slice(stem.length))
    assert.deepEqual(own, tails.toSorted(bytewise))
    const all = (await ground.identity.listTenants()).map(({ id }) => id)
    assert.deepEqual(all, all.toSorted(bytewise))
  })
}

function checkKeys(check: Check): void {
  check('a key that was created is found as it was given', async (ground) => {
    const tenant = await ground.makeTenant()
    const key = keyOf(ground, tenant, {
      scopes: ['provisioning:*', 'reporting:"q\\', 'voc:😀.read', ''],
      label: 'Zoë\'s "key" 😀 \uffee \\u0000 %_',
      created: latest,
      createdBy: 'cli:"0\'',
      expiresAt: latest - 1,
      lastUsed: 0,
    })
    assert.equal(await ground.identity.createKey(key), 'created')
    assert.deepEqual(plain(await ground.identity.findKey(key.id)), plain(key))
    const bare = keyOf(ground, tenant, { scopes: [], label: '' })
    assert.equal(await ground.identity.createKey(bare), 'created')
    assert.deepEqual(plain(await ground.identity.findKey(bare.id)), plain(bare))
  })

  check('the hash of a key keeps its bytes', async (ground) => {
    const tenant = await ground.makeTenant()
    const noise = createHash('sha256').update(ground.freshId()).digest()
    // Zeros, ends of text and bytes that are no UTF-8, each where a text column would lose them.
    const hash = Uint8Array.from([0, ...noise.subarray(0, 27), 0xff, 0xc0, 0x80, 0])
    const key = keyOf(ground, tenant, { hash })
    await ground.identity.createKey(key)
    const found = await ground.identity.findKey(key.id)
    assert.ok(found?.hash instanceof Uint8Array)
    assert.equal(Buffer.from(hash).equals(found.hash), true)
    const [listed] = await ground.identity.listKeys(tenant)
    assert.ok(listed && Buffer.from(hash).equals(listed.hash))
  })

  check('a key of an unknown tenant is told so and changes nothing', async (ground) => {
    const unknown = parseTenantId(ground.freshId())
    const key = keyOf(ground, unknown)
    assert.equal(await ground.identity.createKey(key), 'noTenant')
    assert.equal(await ground.identity.findKey(key.id), undefined)
    assert.deepEqual(await ground.identity.listKeys(unknown), [])
    assert.deepEqual(await listOwn(ground, unknown), [])
    await ground.makeTenant(unknown)
    assert.deepEqual(await ground.identity.listKeys(unknown), [])
    assert.equal(await ground.identity.createKey(key), 'created')
  })

  check('an unknown key is undefined, ids compared bytewise', async (ground) => {
    const tenant = await ground.makeTenant()
    const key = keyOf(ground, tenant, { id: `${ground.freshId()}k` })
    await ground.identity.createKey(key)
    for (const id of [ground.freshId(), key.id.toUpperCase(), `${key.id} `, `${key.id}k`, '']) {
      assert.equal(await ground.identity.findKey(id), undefined)
    }
  })

  check('revoked and expired keys are found and listed too', async (ground) => {
    const tenant = await ground.makeTenant()
    const revoked = keyOf(ground, tenant, { created: 1, revoked: 2 })
    const expired = keyOf(ground, tenant, { created: 2, expiresAt: 1 })
    for (const key of [revoked, expired]) {
      await ground.identity.createKey(key)
      assert.deepEqual(plain(await ground.identity.findKey(key.id)), plain(key))
    }
    const listed = await ground.identity.listKeys(tenant)
    assert.deepEqual(listed.map(plain), [revoked, expired].map(plain))
  })

  check('keys are listed oldest first, then by id', async (ground) => {
    const tenant = await ground.makeTenant()
    const stem = ground.freshId()
    const made = ['7b', '7B', '7a', '9c', '10A', '7aa', '7-', '7_'].map((tail) =>
      keyOf(ground, tenant, { id: stem + tail, created: Number.parseInt(tail, 10) }),
    )
    for (const key of made) await ground.identity.createKey(key)
    const listed = (await ground.identity.listKeys(tenant)).map(({ id }) => id.slice(stem.length))
    assert.deepEqual(listed, ['7-', '7B', '7_', '7a', '7aa', '7b', '9c', '10A'])
  })

  check('a list of keys goes on behind the last one, each key once', async (ground) => {
    const tenant = await ground.makeTenant()
    const made = Array.from({ length: 450 }, (_, at) =>
      keyOf(ground, tenant, { created: Math.floor(at / 3) }),
    )
    await Promise.all(made.map((key) => ground.identity.createKey(key)))
    const listed: Key[] = []
    for (;;) {
      const page = await ground.identity.listKeys(tenant, listed.at(-1))
      if (page.length === 0) break
      listed.push(...page)
    }
    assert.deepEqual(
      listed.map(({ created, id }) => `${created} ${id}`),
      made
        .toSorted((one, other) => one.created - other.created || bytewise(one.id, other.id))
        .map(({ created, id }) => `${created} ${id}`),
    )
  })

  check('a list of keys holds those of one tenant and no other', async (ground) => {
    const stem = ground.freshId()
    const tenants = await Promise.all(
      ['a', 'A', 'aa', 'a_', 'a.', 'a-'].map((tail) => ground.makeTenant(stem + tail)),
    )
    const keys = tenants.map((tenant) => keyOf(ground, tenant))
    for (const key of keys) await ground.identity.createKey(key)
    for (const [at, tenant] of tenants.entries()) {
      const listed = await ground.identity.listKeys(tenant)
      assert.deepEqual(listed.map(plain), [plain(keys[at])])
    }
  })

  check('a key is revoked the first time only', async (ground) => {
    const tenant = await ground.makeTenant()
    const [key, other] = [keyOf(ground, tenant), keyOf(ground, tenant)]
    for (const each of [key, other]) await ground.identity.createKey(each)
    for (const at of [70, 60, 80]) {
      const answered = await ground.identity.revokeKey(key.id, undefined, at)
      assert.deepEqual(plain(answered), plain({ ...key, revoked: 70 }))
      assert.deepEqual(plain(await ground.identity.findKey(key.id)), plain(answered))
    }
    assert.deepEqual(plain(await ground.identity.findKey(other.id)), plain(other))
  })

  check('of many who revoke one key at once, all are told the one time', async (ground) => {
    const key = keyOf(ground, await ground.makeTenant())
    await ground.identity.createKey(key)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) => ground.identity.revokeKey(key.id, undefined, 100 - at)),
    )
    const times = new Set(answers.map((each) => each?.revoked))
    times.add((await ground.identity.findKey(key.id))?.revoked)
    assert.equal(times.size, 1)
    assert.notEqual([...times][0], undefined)
  })

  check('revoking an unknown key is undefined', async (ground) => {
    assert.equal(await ground.identity.revokeKey(ground.freshId(), undefined, 1), undefined)
  })

  check(
    'what another process did is seen within a second, what was known aside',
    async (ground) => {
      const tenant = await ground.makeTenant()
      const other = await ground.openBeside()
      const key = keyOf(ground, tenant)
      assert.equal(await ground.identity.createKey(key), 'created')
      assert.deepEqual(plain(await other.identity.findKey(key.id)), plain(key))
      assert.equal((await ground.identity.findKey(key.id))?.revoked, undefined)
      await other.identity.revokeKey(key.id, undefined, 9)
      await ground.withinSecond(async () => {
        assert.equal((await ground.identity.findKey(key.id))?.revoked, 9)
      })
    },
  )
}

function checkKnown(check: Check): void {
  check('a key is found by the hash of its text as it is by its id', async (ground) => {
    const tenant = await ground.makeTenant()
    const alive = keyOf(ground, tenant, { label: 'Zoë 😀', expiresAt: latest, lastUsed: 7 })
    const ended = keyOf(ground, tenant, { revoked: 2, expiresAt: 1 })
    for (const key of [alive, ended]) {
      assert.equal(await ground.identity.findKeyByHash(key.hash), undefined)
      await ground.identity.createKey(key)
      for (let again = 0; again < 2; again++) {
        assert.deepEqual(plain(await ground.identity.findKeyByHash(key.hash)), plain(key))
        // Bytes are bytes, whatever holds them.
        const copy = Buffer.from(key.hash)
        assert.deepEqual(plain(await ground.identity.findKeyByHash(copy)), plain(key))
      }
    }
  })

  check('a hash that no key has is undefined, be it of one bit', async (ground) => {
    const key = keyOf(ground, await ground.makeTenant())
    await ground.identity.createKey(key)
    assert.notEqual(await ground.identity.findKeyByHash(key.hash), undefined)
    for (const [at, bit] of [
      [0, 1],
      [0, 128],
      [15, 8],
      [31, 1],
    ] as const) {
      const other = Uint8Array.from(key.hash)
      other[at] = (other[at] ?? 0) ^ bit
      assert.equal(await ground.identity.findKeyByHash(other), undefined)
    }
    for (const other of [key.hash.slice(0, 31), new Uint8Array(32), new Uint8Array()]) {
      assert.equal(await ground.identity.findKeyByHash(other), undefined)
    }
    assert.equal(await ground.identity.findKey(Buffer.from(key.hash).toString('hex')), undefined)
  })

  check('a key of an id or a hash that is there is known, and nothing changed', async (ground) => {
    const [tenant, other] = [await ground.makeTenant(), await ground.makeTenant()]
    const key = keyOf(ground, tenant, { revoked: 3 })
    assert.equal(await ground.identity.createKey(key), 'created')
    const fresh = keyOf(ground, tenant)
    for (const known of [
      key,
      { ...fresh, id: key.id },
      { ...fresh, hash: key.hash },
      { ...fresh, id: key.id, tenant: other },
      { ...fresh, hash: key.hash, tenant: other, label: 'another' },
    ]) {
      assert.equal(await ground.identity.createKey(known), 'known')
      assert.deepEqual(plain(await ground.identity.findKey(key.id)), plain(key))
      assert.deepEqual(plain(await ground.identity.findKeyByHash(key.hash)), plain(key))
      assert.equal(await ground.identity.findKey(fresh.id), undefined)
      assert.equal(await ground.identity.findKeyByHash(fresh.hash), undefined)
      assert.deepEqual((await ground.identity.listKeys(tenant)).map(plain), [plain(key)])
      assert.deepEqual(await ground.identity.listKeys(other), [])
    }
    assert.equal(await ground.identity.createKey(fresh), 'created')
  })

  check('of many who bring one key along at once, one is told created', async (ground) => {
    const tenant = await ground.makeTenant()
    const { hash } = keyOf(ground, tenant)
    const doors = [ground.identity, (await ground.openBeside()).identity] as const
    const keys = Array.from({ length: 20 }, () => keyOf(ground, tenant, { hash }))
    const outcomes = await Promise.all(keys.map((key, at) => doors[at % 2 ? 1 : 0].createKey(key)))
    assert.deepEqual(outcomes.toSorted(), ['created', ...Array(19).fill('known')])
    const listed = await ground.identity.listKeys(tenant)
    assert.deepEqual(listed.map(plain), [plain(keys[outcomes.indexOf('created')])])
  })
}

function checkUse(check: Check): void {
  check('use moves forward, never back', async (ground) => {
    const key = keyOf(ground, await ground.makeTenant())
    await ground.identity.createKey(key)
    for (const [at, expected] of [
      [50, 50],
      [40, 50],
      [50, 50],
      [latest, latest],
    ] as const) {
      await ground.identity.recordUse(new Map([[key.id, at]]))
      const found = await ground.identity.findKey(key.id)
      assert.deepEqual(plain(found), plain({ ...key, lastUsed: expected }))
    }
  })

  check('use of many keys is recorded at once, each by itself', async (ground) => {
    const tenant = await ground.makeTenant()
    const keys = Array.from({ length: 50 }, () => keyOf(ground, tenant, { lastUsed: 25 }))
    for (const key of keys) await ground.identity.createKey(key)
    await ground.identity.recordUse(new Map(keys.map(({ id }, at) => [id, at] as const)))
    for (const [at, { id }] of keys.entries()) {
      assert.equal((await ground.identity.findKey(id))?.lastUsed, Math.max(25, at))
    }
  })

  check('use of unknown keys is passed over', async (ground) => {
    const key = keyOf(ground, await ground.makeTenant())
    await ground.identity.createKey(key)
    const unknown = [ground.freshId(), ground.freshId()] as const
    await ground.identity.recordUse(
      new Map([
        [unknown[0], 5],
        [key.id, 6],
        [unknown[1], 7],
      ]),
    )
    assert.equal((await ground.identity.findKey(key.id))?.lastUsed, 6)
    for (const id of unknown) assert.equal(await ground.identity.findKey(id), undefined)
    await ground.identity.recordUse(new Map())
    assert.equal((await ground.identity.findKey(key.id))?.lastUsed, 6)
  })

  check('a revoked key stays revoked when its use is recorded', async (ground) => {
    const key = keyOf(ground, await ground.makeTenant())
    await ground.identity.createKey(key)
    await ground.identity.revokeKey(key.id, undefined, 3)
    await ground.identity.recordUse(new Map([[key.id, 4]]))
    const found = await ground.identity.findKey(key.id)
    assert.deepEqual(plain(found), plain({ ...key, revoked: 3, lastUsed: 4 }))
  })
}

async function listOwn({ identity }: Ground, stem: string): Promise<readonly Tenant[]> {
  return (await identity.listTenants()).filter(({ id }) => id.startsWith(stem))
}
