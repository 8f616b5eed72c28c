/** How keys end: revoked within a tenant, or rotated, where the new one is kept beside the old. */
import assert from 'node:assert/strict'
import type { TenantId } from '../../contract/names.ts'
import { parseTenantId } from '../../contract/names.ts'
import type { Rotation } from '../../identity/rotation.ts'
import { decideRotation } from '../../identity/rotation.ts'
import type { Key } from '../../identity/store.ts'
import type { Check, Ground } from './engine.ts'
import { keyOf, plain } from './identity-samples.ts'

/** Declares the checks. */
export function checkEnds(check: Check): void {
  checkRevoking(check)
  checkRotations(check)
  checkRaces(check)
}

function checkRevoking(check: Check): void {
  check("revoking another tenant's key is undefined, and leaves it untouched", async (ground) => {
    const stem = ground.freshId()
    const tenant = await ground.makeTenant(`${stem}a`)
    const others = [await ground.makeTenant(`${stem}A`), await ground.makeTenant(`${stem}aa`)]
    const key = keyOf(ground, tenant)
    await ground.identity.createKey(key)
    for (const other of [...others, parseTenantId(ground.freshId())]) {
      assert.equal(await ground.identity.revokeKey(key.id, other, 5), undefined)
      assert.deepEqual(plain(await ground.identity.findKey(key.id)), plain(key))
      assert.deepEqual(plain(await ground.identity.findKeyByHash(key.hash)), plain(key))
    }
    const revoked = await ground.identity.revokeKey(key.id, tenant, 6)
    assert.deepEqual(plain(revoked), plain({ ...key, revoked: 6 }))
    // Nor is it told that it was revoked.
    assert.equal(await ground.identity.revokeKey(key.id, others[0], 7), undefined)
  })

  check('a revoked key is so by id, by hash and in the list', async (ground) => {
    const tenant = await ground.makeTenant()
    const key = keyOf(ground, tenant)
    await ground.identity.createKey(key)
    // Remembered by both before.
    await ground.identity.findKey(key.id)
    await ground.identity.findKeyByHash(key.hash)
    await ground.identity.revokeKey(key.id, tenant, 6)
    const revoked = plain({ ...key, revoked: 6 })
    assert.deepEqual(plain(await ground.identity.findKey(key.id)), revoked)
    assert.deepEqual(plain(await ground.identity.findKeyByHash(key.hash)), revoked)
    assert.deepEqual((await ground.identity.listKeys(tenant)).map(plain), [revoked])
  })

  check('what another process revoked is so by its hash within a second', async (ground) => {
    const tenant = await ground.makeTenant()
    const other = await ground.openBeside()
    const key = keyOf(ground, tenant)
    await ground.identity.createKey(key)
    assert.equal((await ground.identity.findKeyByHash(key.hash))?.revoked, undefined)
    await other.identity.revokeKey(key.id, tenant, 6)
    await ground.withinSecond(async () => {
      assert.equal((await ground.identity.findKeyByHash(key.hash))?.revoked, 6)
    })
  })
}

function checkRotations(check: Check): void {
  for (const [title, said, overlapMs] of [
    ['without an overlap the old key is revoked', {}, 0],
    ['with an overlap the old key expires at its end', {}, 60_000],
    [
      'with an overlap the old key expires no later than it would have',
      { expiresAt: 1500 },
      60_000,
    ],
  ] as const) {
    check(`a rotation does what decideRotation decides: ${title}`, async (ground) => {
      const tenant = await ground.makeTenant()
      const key = keyOf(ground, tenant, { scopes: ['voc:*', 'mcp:read'], lastUsed: 4, ...said })
      await ground.identity.createKey(key)
      await ground.identity.findKey(key.id)
      const rotation = rotationOf(ground, tenant, { overlapMs })
      const decision = decideRotation(key, rotation)
      assert.ok(typeof decision !== 'string')
      const outcome = await ground.identity.rotateKey(key.id, rotation)
      assert.deepEqual(plainOutcome(outcome), plain(decision.next))
      assert.deepEqual([decision.next.scopes, decision.next.lastUsed], [key.scopes, undefined])
      for (const [{ id, hash }, expected] of [
        [key, decision.old],
        [rotation.next, decision.next],
      ] as const) {
        assert.deepEqual(plain(await ground.identity.findKey(id)), plain(expected))
        assert.deepEqual(plain(await ground.identity.findKeyByHash(hash)), plain(expected))
      }
      const listed = await ground.identity.listKeys(tenant)
      assert.deepEqual(listed.map(plain), [decision.old, decision.next].map(plain))
      // Another opening sees the same.
      const other = await ground.openBeside()
      assert.deepEqual((await other.identity.listKeys(tenant)).map(plain), listed.map(plain))
    })
  }

  check('an unknown key is not rotated, nor that of another tenant', async (ground) => {
    const [tenant, foreign] = [await ground.makeTenant(), await ground.makeTenant()]
    const key = keyOf(ground, tenant)
    await ground.identity.createKey(key)
    for (const [id, by] of [
      [ground.freshId(), tenant],
      [key.id.toUpperCase(), tenant],
      [key.id, foreign],
    ] as const) {
      const rotation = rotationOf(ground, by)
      assert.equal(await ground.identity.rotateKey(id, rotation), 'unknown')
      assert.equal(await ground.identity.findKey(rotation.next.id), undefined)
    }
    assert.deepEqual((await ground.identity.listKeys(tenant)).map(plain), [plain(key)])
    assert.deepEqual(await ground.identity.listKeys(foreign), [])
  })

  check('a dead key is not rotated, and nothing changed', async (ground) => {
    const tenant = await ground.makeTenant()
    for (const dead of [{ revoked: 5 }, { expiresAt: 1000 }, { revoked: 0, expiresAt: 2000 }]) {
      const key = keyOf(ground, tenant, dead)
      await ground.identity.createKey(key)
      const rotation = rotationOf(ground, tenant)
      assert.equal(await ground.identity.rotateKey(key.id, rotation), 'dead')
      assert.deepEqual(plain(await ground.identity.findKey(key.id)), plain(key))
      assert.equal(await ground.identity.findKey(rotation.next.id), undefined)
    }
  })

  check('what another process rotated is seen within a second', async (ground) => {
    const tenant = await ground.makeTenant()
    const other = await ground.openBeside()
    for (const overlapMs of [0, 60_000]) {
      const key = keyOf(ground, tenant)
      await ground.identity.createKey(key)
      const known = await ground.identity.findKey(key.id)
      assert.deepEqual([known?.revoked, known?.expiresAt], [undefined, undefined])
      const rotation = rotationOf(ground, tenant, { overlapMs })
      const next = await other.identity.rotateKey(key.id, rotation)
      const end = overlapMs === 0 ? { revoked: 1000 } : { expiresAt: 61_000 }
      const expected = { ...end, rotatedTo: rotation.next.id }
      await ground.withinSecond(async () => {
        const old = await ground.identity.findKey(key.id)
        assert.deepEqual(plain(old), plain({ ...key, ...expected }))
        const found = await ground.identity.findKey(rotation.next.id)
        assert.deepEqual(plain(found), plainOutcome(next))
      })
    }
  })
}

function checkRaces(check: Check): void {
  check('the old key and the new one move together', async (ground) => {
    const tenant = await ground.makeTenant()
    const other = await ground.openBeside()
    let key = keyOf(ground, tenant)
    await ground.identity.createKey(key)
    let rotated = false
    const rotations = (async () => {
      for (let round = 0; round < 25; round++) {
        const outcome = await ground.identity.rotateKey(key.id, rotationOf(ground, tenant))
        assert.ok(typeof outcome !== 'string')
        key = outcome
      }
    })()
    const end = rotations.finally(() => {
      rotated = true
    })
    while (!rotated) {
      for (const { identity } of [ground, other]) {
        const alive = (await identity.listKeys(tenant)).filter((each) => each.revoked === undefined)
        assert.equal(alive.length, 1, `${alive.length} keys are alive`)
      }
      // Reads may never wait for anything; a write does, and so lets the others go on.
      await ground.identity.recordUse(new Map())
    }
    await end
    assert.equal((await ground.identity.listKeys(tenant)).length, 26)
  })

  check('of many who rotate one key at once without overlap, one does', async (ground) => {
    const tenant = await ground.makeTenant()
    const key = keyOf(ground, tenant)
    await ground.identity.createKey(key)
    const doors = [ground.identity, (await ground.openBeside()).identity] as const
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        doors[at % 2 ? 1 : 0].rotateKey(key.id, rotationOf(ground, tenant)),
      ),
    )
    const made = outcomes.filter((outcome) => typeof outcome !== 'string')
    assert.equal(made.length, 1)
    assert.equal(outcomes.filter((outcome) => outcome === 'dead').length, 19)
    const listed = await ground.identity.listKeys(tenant)
    const old = { ...key, revoked: 1000, rotatedTo: made[0]?.id }
    assert.deepEqual(listed.map(plain), [plain(old), plain(made[0])])
  })
}

/** To a key of a fresh id, at time 1000. */
function rotationOf(ground: Ground, tenant: TenantId, said: Partial<Rotation> = {}): Rotation {
  const { id, hash } = keyOf(ground, tenant)
  const next = { id, hash, created: 1000, createdBy: 'check' }
  return { tenant, next, overlapMs: 0, at: 1000, ...said }
}

function plainOutcome(outcome: Key | string) {
  assert.ok(typeof outcome !== 'string', `it is ${outcome}`)
  return plain(outcome)
}
