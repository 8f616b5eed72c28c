/** The promises about deletes: gone from reads and lists, and decided upon as a tombstone. */
import assert from 'node:assert/strict'
import { tenantDocument } from '../../contract/names.ts'
import { etagOfBase } from '../../documents/resource.ts'
import { decideWrite } from '../../documents/write.ts'
import {
  addressOf,
  commandOf,
  listAll,
  numbersTo,
  recordOf,
  writeEach,
  writeResource,
} from './document-commands.ts'
import type { Check } from './engine.ts'
import { refusalOf } from './engine.ts'

const deleting = commandOf({ mode: 'delete', by: 'cli:deleter', requestId: 'delete-1' })

/** Declares the checks. */
export function checkDeletes(check: Check): void {
  checkGone(check)
  checkTombstones(check)
  checkRaces(check)
}

function checkGone(check: Check): void {
  check('what was deleted is in no read and no list', async (ground) => {
    const tenant = await ground.makeTenant()
    await writeEach(ground, tenant, ['a', 'b', 'c'])
    const address = addressOf(tenant, 'b')
    const listed = async () => (await listAll(ground, address)).map(({ document }) => document)
    // Remembered or not, before and after.
    assert.deepEqual(await listed(), ['a', 'b', 'c'])
    assert.notEqual(await ground.documents.read(address), undefined)
    await ground.documents.write(address, deleting)
    assert.equal(await ground.documents.read(address), undefined)
    assert.deepEqual(await listed(), ['a', 'c'])
    assert.deepEqual(await ground.documents.listNames(address, undefined, 9), ['a', 'c'])
    const other = await ground.openBeside()
    assert.equal(await other.documents.read(address), undefined)
    assert.deepEqual(await other.documents.listNames(address, undefined, 9), ['a', 'c'])
  })

  check('a collection whose last document was deleted is as one that never was', async (ground) => {
    const tenant = await ground.makeTenant()
    const address = addressOf(tenant, 'lamp')
    await ground.documents.write(address, commandOf({ live: { lit: true } }))
    await ground.documents.write(address, deleting)
    assert.deepEqual(await listAll(ground, address), [])
    assert.deepEqual(await ground.documents.listNames(address, undefined, 9), [])
  })

  check('a delete takes this document and no other', async (ground) => {
    const [tenant, other] = [await ground.makeTenant(), await ground.makeTenant()]
    const gone = addressOf(tenant, 'lamp')
    const kept = [
      addressOf(tenant, 'Lamp'),
      addressOf(tenant, 'lamp '),
      addressOf(tenant, 'lamp', 'Things'),
      addressOf(other, 'lamp'),
      tenantDocument(tenant),
    ]
    for (const address of [gone, ...kept]) await ground.documents.write(address, commandOf())
    const before = await Promise.all(kept.map((address) => ground.documents.read(address)))
    await ground.documents.write(gone, deleting)
    for (const [at, address] of kept.entries()) {
      assert.deepEqual(await ground.documents.read(address), before[at])
    }
    assert.equal((await recordOf(ground, other)).length, 1)
  })

  check('the document of a tenant is deleted and made again like every other', async (ground) => {
    const address = tenantDocument(await ground.makeTenant())
    await ground.documents.write(address, commandOf({ versioned: false }))
    await ground.documents.write(address, { ...deleting, versioned: false })
    assert.equal(await ground.documents.read(address), undefined)
    const again = await writeResource(ground, address, commandOf({ versioned: false }))
    assert.equal(again.revision, 3)
  })

  check('a live version that was deleted is gone, and its base is there', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    await ground.documents.write(address, commandOf({ content: { n: 1 }, live: { n: 2 } }))
    const resource = await writeResource(ground, address, { ...deleting, part: 'live' })
    assert.deepEqual([resource.live, resource.base.content], [undefined, '{"n":1}'])
    assert.deepEqual(await ground.documents.read(address), resource)
    assert.deepEqual(await listAll(ground, address), [{ document: address.document, resource }])
  })

  check('a live version made again is stamped no earlier than before', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const { at } = commandOf()
    await ground.documents.write(address, commandOf({ live: {} }))
    await ground.documents.write(address, { ...deleting, part: 'live', at: at + 9 })
    // As it is kept, not as it is remembered.
    const other = await ground.openBeside()
    const off = await other.documents.read(address)
    assert.deepEqual([off?.base.updated, off?.live], [at, undefined])
    const again = await writeResource(other, address, commandOf({ part: 'live', at: at - 9 }))
    assert.deepEqual([again.base.updated, again.live?.updated], [at, at + 9])
    assert.deepEqual(await ground.openBeside().then((it) => it.documents.read(address)), again)
  })

  check('a delete of another process is seen within a second', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    await ground.documents.write(address, commandOf())
    const other = await ground.openBeside()
    assert.notEqual(await ground.documents.read(address), undefined)
    assert.equal((await listAll(ground, address)).length, 1)
    await other.documents.write(address, deleting)
    await ground.withinSecond(async () => {
      assert.equal(await ground.documents.read(address), undefined)
      assert.deepEqual(await listAll(ground, address), [])
    })
  })

  check('who missed a document in a list misses it in every read from then on', async (ground) => {
    const tenant = await ground.makeTenant()
    for (const n of numbersTo(25)) {
      const address = addressOf(tenant, `d${n}`)
      await ground.documents.write(address, commandOf({ content: { n } }))
      assert.notEqual(await ground.documents.read(address), undefined)
      let deleted = false
      const end = ground.documents.write(address, deleting).finally(() => {
        deleted = true
      })
      while (!deleted) {
        // For some milliseconds nobody else has a turn, so that no acknowledgement comes between.
        const until = performance.now() + 4
        while (performance.now() < until) {
          const names = await ground.documents.listNames(address, undefined, 99)
          const listed = await ground.documents.list(address, undefined)
          const read = await ground.documents.read(address)
          const missed = names.length === 0 || listed.length === 0
          assert.ok(!missed || read === undefined, 'a read showed what a list did not')
        }
        await ground.pause()
      }
      await end
    }
  })

  check('what exists throughout a list is in it once, whatever is deleted', async (ground) => {
    const tenant = await ground.makeTenant()
    const names = numbersTo(60).map((n) => `d${String(n).padStart(2, '0')}`)
    await writeEach(ground, tenant, names, { text: 'x'.repeat(60_000) })
    const kept = names.filter((_, at) => at % 3 !== 0)
    const going = names.filter((_, at) => at % 3 === 0)
    const listed = await listAll(ground, addressOf(tenant, 'x'), async () => {
      for (const name of going.splice(0, 3)) {
        await ground.documents.write(addressOf(tenant, name), deleting)
      }
      const last = going.pop()
      if (last !== undefined) await ground.documents.write(addressOf(tenant, last), deleting)
    })
    const found = listed.map(({ document }) => document)
    assert.deepEqual(
      found.filter((name) => kept.includes(name)),
      kept,
    )
    assert.equal(new Set(found).size, found.length)
    assert.ok(found.length < names.length, 'nothing was deleted before it was listed')
  })
}

function checkTombstones(check: Check): void {
  check('what was deleted is decided upon as a tombstone', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const made = commandOf({ content: { n: 1 }, live: { n: 1 }, at: 9000 })
    await ground.documents.write(address, made)
    const { resource: tombstone } = await ground.documents.write(address, { ...deleting, at: 9500 })
    assert.deepEqual(tombstone, {
      revision: 2,
      version: 1,
      updated: 9500,
      base: undefined,
      live: undefined,
    })
    const command = commandOf({ content: { n: 2 }, live: { n: 1 }, at: 5 })
    const { resource } = decideWrite(tombstone, command)
    const outcome = await ground.documents.write(address, command)
    assert.deepEqual(outcome, { resource, action: 'create', replayed: false })
    assert.deepEqual(await ground.documents.read(address), resource)
    assert.deepEqual([resource.revision, resource.version], [3, 2])
    assert.equal(resource.base?.updated, 9500)
  })

  check('deleted and made again and again, revisions and versions go on', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const etags = new Set<string>()
    for (const n of numbersTo(5)) {
      const resource = await writeResource(ground, address, commandOf({ live: {} }))
      assert.deepEqual([resource.revision, resource.version], [2 * n - 1, n])
      etags.add(etagOfBase(resource))
      await ground.documents.write(address, deleting)
    }
    assert.equal(etags.size, 5)
    // Another opening finds the tombstone too.
    const other = await ground.openBeside()
    assert.equal((await writeResource(other, address, commandOf())).revision, 11)
  })

  check('the record keeps what a deleted document held, and who deleted it', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    await ground.documents.write(address, commandOf({ content: { n: 1 }, live: { n: 2 } }))
    await ground.documents.write(address, { ...deleting, part: 'live' })
    await ground.documents.write(address, deleting)
    const [made, off, gone, ...more] = await recordOf(ground, address.tenant)
    assert.deepEqual([made?.base, made?.live], ['{"n":1}', '{"n":2}'])
    assert.deepEqual(more, [])
    for (const [change, part] of [
      [off, 'live'],
      [gone, 'base'],
    ] as const) {
      assert.deepEqual([change?.action, change?.part], ['delete', part])
      assert.deepEqual([change?.by, change?.requestId], ['cli:deleter', 'delete-1'])
      assert.deepEqual(
        [change?.base, change?.live, change?.version],
        [undefined, undefined, undefined],
      )
    }
    assert.deepEqual([off?.revision, gone?.revision, gone?.position], [2, 3, 3])
  })
}

function checkRaces(check: Check): void {
  check('of many who delete at once, one wins', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    await ground.documents.write(address, commandOf({ live: {} }))
    const doors = [ground.documents, (await ground.openBeside()).documents] as const
    const attempts = numbersTo(20).map((n) =>
      doors[n % 2 ? 1 : 0].write(address, { ...deleting, requestId: `request-${n}` }),
    )
    const outcomes = await Promise.allSettled(attempts)
    const winners = outcomes.filter(({ status }) => status === 'fulfilled')
    assert.equal(winners.length, 1)
    for (const [at, { status }] of outcomes.entries()) {
      if (status === 'fulfilled') continue
      assert.equal((await refusalOf(attempts[at] as Promise<unknown>)).code, 'NotFound')
    }
    const record = await recordOf(ground, address.tenant)
    assert.deepEqual(
      record.map(({ action, revision }) => [action, revision]),
      [
        ['create', 1],
        ['delete', 2],
      ],
    )
  })

  check('of creations, merges and deletes at once none is lost or done twice', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const commands = numbersTo(90).map((n) => {
      if (n % 3 === 0) return deleting
      if (n % 3 === 1) return commandOf({ content: { n }, conditions: { ifNoneMatch: '*' } })
      return commandOf({ mode: 'merge', content: { [`m${n}`]: n } })
    })
    const outcomes = await Promise.allSettled(
      commands.map((command) => ground.documents.write(address, command)),
    )
    const done = outcomes.filter(({ status }) => status === 'fulfilled').length
    const record = await recordOf(ground, address.tenant)
    assert.deepEqual(
      record.map(({ revision }) => revision),
      numbersTo(done),
    )
    let isThere = false
    for (const { action } of record) {
      assert.equal(action === 'create', !isThere, 'an action that cannot come here')
      isThere = action !== 'delete'
    }
    assert.equal((await ground.documents.read(address)) !== undefined, isThere)
  })
}
