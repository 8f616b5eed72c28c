/** What a backup of a store holds, and what a store that is restored from it is, as checks. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { TenantId } from '../../contract/names.ts'
import type { RecordedChange } from '../../documents/store.ts'
import type { Key } from '../../identity/store.ts'
import { addressOf, commandOf, numbersTo, recordOf, writeEach } from './document-commands.ts'
import type { Check, Engine, Ground, OpenStore } from './engine.ts'
import { suite } from './engine.ts'
import { keyOf } from './identity-samples.ts'

type Keys = [Key, Key, Key]

/** Declares the suite for this engine. */
export function backupConforms(engine: Engine): void {
  suite(engine, 'backup', (check) => {
    checkMoment(check)
    checkAll(check)
  })
}

function checkMoment(check: Check): void {
  check('a backup holds what was acknowledged before, nothing sent after', async (ground) => {
    const tenant = await ground.makeTenant()
    const before = numbersTo(50).map((n) => `d${n}`)
    await writeEach(ground, tenant, before, { n: 1 })
    const restore = await ground.backUp()
    await writeEach(ground, tenant, [...before, 'later'], { n: 2 })
    const restored = await restore()
    assert.deepEqual(await contentsOf(restored, tenant, before), Array(50).fill('{"n":1}'))
    assert.equal(await restored.documents.read(addressOf(tenant, 'later')), undefined)
    assert.equal((await recordOf(restored, tenant)).length, 50)
    assert.equal((await recordOf(ground, tenant)).length, 101)
  })

  check('of writes at the same time it holds the first few, each of them whole', async (ground) => {
    const tenant = await ground.makeTenant()
    const live = { n: 'x'.repeat(2000) }
    let going = true
    const writers = numbersTo(8).map(async (writer) => {
      for (let n = 0; going; n++) {
        const address = addressOf(tenant, `d${(writer * 7 + n) % 20}`)
        await ground.documents.write(address, commandOf({ content: { writer, n }, live }))
      }
    })
    const restores = [await ground.backUp(), await ground.backUp(), await ground.backUp()]
    going = false
    await Promise.all(writers)
    const record = await recordOf(ground, tenant)
    let least = 0
    for (const restore of restores) {
      const restored = await restore()
      const found = await recordOf(restored, tenant)
      assert.ok(found.length >= least, 'a later backup holds less')
      least = found.length
      assert.deepEqual(found, record.slice(0, found.length))
      for (const change of lastChanges(found)) {
        const resource = await restored.documents.read({ tenant, ...change })
        assert.deepEqual(
          [resource?.base.content, resource?.live?.content, resource?.revision],
          [change.base, change.live, change.revision],
        )
      }
    }
    assert.ok(least > 0, 'nothing was written meanwhile, so it proves nothing')
  })
}

function checkAll(check: Check): void {
  check('a restored store has the keys as they were, alive or ended', async (ground) => {
    const tenant = await ground.makeTenant()
    const [a, b, c] = ['a', 'b', 'c'].map((label, created) =>
      keyOf(ground, tenant, { label, created }),
    ) as Keys
    for (const key of [a, b]) await ground.identity.createKey(key)
    await ground.identity.revokeKey(a.id, tenant, 7)
    const restore = await ground.backUp()
    await ground.identity.revokeKey(b.id, tenant, 9)
    await ground.identity.createKey(c)
    const { identity } = await restore()
    const keys = await identity.listKeys(tenant)
    assert.deepEqual(
      keys.map(({ label, revoked }) => [label, revoked]),
      [
        ['a', 7],
        ['b', undefined],
      ],
    )
    assert.ok((await identity.listTenants()).some(({ id }) => id === tenant))
  })

  check('a restored store has the secrets of the one that was backed up', async (ground) => {
    const name = ground.freshId()
    const secret = await ground.keepSecret(name, hashOf(name), 5)
    const restored = await (await ground.backUp())()
    assert.deepEqual([...(await restored.keepSecret(name, hashOf('other'), 9))], [...secret])
  })

  check('a restored store goes on where the backup ended', async (ground) => {
    const tenant = await ground.makeTenant()
    await writeEach(ground, tenant, ['a', 'b', 'a'])
    await ground.documents.write(addressOf(tenant, 'b'), commandOf({ mode: 'delete' }))
    const restored = await (await ground.backUp())()
    await writeEach(restored, tenant, ['a', 'b'])
    const record = await recordOf(restored, tenant)
    assert.deepEqual(
      record.map(({ position, document, revision }) => [position, document, revision]).slice(4),
      [
        [5, 'a', 3],
        [6, 'b', 3],
      ],
    )
    assert.equal((await recordOf(ground, tenant)).length, 4)
  })

  check('many backups after each other leave the store as it was', async (ground) => {
    const tenant = await ground.makeTenant()
    await writeEach(ground, tenant, ['a'])
    const before = await stateOf(ground, tenant)
    for (const _ of numbersTo(3)) await ground.backUp()
    assert.deepEqual(await stateOf(ground, tenant), before)
    await writeEach(ground, tenant, ['a'])
    assert.equal((await recordOf(ground, tenant)).length, 2)
  })
}

/** The last row of each document. */
function lastChanges(record: readonly RecordedChange[]) {
  return new Map(record.map((change) => [change.document, change])).values()
}

async function contentsOf({ documents }: OpenStore, tenant: TenantId, names: readonly string[]) {
  const resources = names.map((name) => documents.read(addressOf(tenant, name)))
  return (await Promise.all(resources)).map((resource) => resource?.base.content)
}

async function stateOf(ground: Ground, tenant: TenantId) {
  return {
    record: await recordOf(ground, tenant),
    health: await ground.readHealth(),
    keys: await ground.identity.listKeys(tenant),
  }
}

function hashOf(text: string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(text).digest())
}
