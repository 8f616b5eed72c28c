/** What is signed with a key that was revoked: between the door and the disk a write may wait. */
import assert from 'node:assert/strict'
import type { TenantId } from '../../contract/names.ts'
import type { Key } from '../../identity/store.ts'
import { addressOf, commandOf, numbersTo, recordOf } from './document-commands.ts'
import type { Check, Ground } from './engine.ts'
import { refusalOf } from './engine.ts'
import { keyOf } from './identity-samples.ts'

/** Declares the checks. */
export function checkSigners(check: Check): void {
  check(
    'what a key asked for before it was revoked is refused if it comes after',
    async (ground) => {
      const tenant = await ground.makeTenant()
      const key = await makeKey(ground, tenant)
      const command = commandOf({ by: `apikey:${key.id}` })
      await ground.documents.write(addressOf(tenant, 'before'), command)
      const revoked = ground.identity.revokeKey(key.id, tenant, 5)
      const late = numbersTo(20).map((n) =>
        ground.documents.write(addressOf(tenant, `late-${n}`), command),
      )
      await revoked
      for (const each of late) assert.equal((await refusalOf(each)).code, 'Unauthenticated')
      assert.equal((await recordOf(ground, tenant)).length, 1)
    },
  )

  check('no key is made or rotated by a key that is revoked already', async (ground) => {
    const tenant = await ground.makeTenant()
    const [maker, other] = [await makeKey(ground, tenant), await makeKey(ground, tenant)]
    const by = `apikey:${maker.id}`
    await ground.identity.revokeKey(maker.id, tenant, 5)
    const made = ground.identity.createKey({ ...keyOf(ground, tenant), createdBy: by })
    assert.equal((await refusalOf(made)).code, 'Unauthenticated')
    const { id, hash } = keyOf(ground, tenant)
    const next = { id, hash, created: 6, createdBy: by }
    const rotated = ground.identity.rotateKey(other.id, { tenant, next, overlapMs: 0, at: 6 })
    assert.equal((await refusalOf(rotated)).code, 'Unauthenticated')
    assert.equal((await ground.identity.listKeys(tenant)).length, 2)
    assert.equal((await ground.identity.findKey(other.id))?.revoked, undefined)
  })

  check('a key that is rotated already is not rotated again', async (ground) => {
    const tenant = await ground.makeTenant()
    const key = await makeKey(ground, tenant)
    const rotate = (by: string) => {
      const { id, hash } = keyOf(ground, tenant)
      const next = { id, hash, created: 6, createdBy: by }
      return ground.identity.rotateKey(key.id, { tenant, next, overlapMs: 60_000, at: 6 })
    }
    const outcomes = await Promise.all(numbersTo(10).map((n) => rotate(`cli:${n}`)))
    const made = outcomes.filter((outcome) => typeof outcome === 'object')
    assert.equal(made.length, 1)
    assert.ok(outcomes.every((outcome) => typeof outcome === 'object' || outcome === 'rotated'))
    const old = await ground.identity.findKey(key.id)
    assert.deepEqual([old?.rotatedTo, old?.expiresAt], [made[0]?.id, 60_006])
    assert.equal(made[0]?.expiresAt, undefined)
    assert.equal((await ground.identity.listKeys(tenant)).length, 2)
  })
}

async function makeKey(ground: Ground, tenant: TenantId): Promise<Key> {
  const key = keyOf(ground, tenant)
  assert.equal(await ground.identity.createKey(key), 'created')
  return key
}
