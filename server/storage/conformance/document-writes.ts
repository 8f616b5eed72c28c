/** The promises of `write` and `read`: decided by the rule book, alone, all of it or nothing. */
import assert from 'node:assert/strict'
import type { DocumentAddress } from '../../contract/names.ts'
import { tenantDocument } from '../../contract/names.ts'
import type { Resource, Tombstone } from '../../documents/resource.ts'
import { etagOfBase, etagOfLive } from '../../documents/resource.ts'
import type { WriteCommand } from '../../documents/write.ts'
import { decideWrite } from '../../documents/write.ts'
import {
  addressOf,
  commandOf,
  listAll,
  numbersTo,
  recordOf,
  writeResource,
} from './document-commands.ts'
import { history, refused } from './document-histories.ts'
import type { Check, Ground } from './engine.ts'
import { refusalOf } from './engine.ts'

/** Declares the checks. */
export function checkWrites(check: Check): void {
  checkDecisions(check)
  checkRefusals(check)
  checkRaces(check)
}

function checkDecisions(check: Check): void {
  check('a write does what decideWrite decides, and can be read', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    let current: Resource | Tombstone | undefined
    for (const command of history) {
      const { resource, change } = decideWrite(current, command)
      const outcome = await ground.documents.write(address, command)
      assert.deepEqual(outcome, { resource, action: change.action, replayed: false })
      current = resource
      const read = resource.base === undefined ? undefined : resource
      assert.deepEqual(await ground.documents.read(address), read)
    }
  })

  check('a live version makes its base where there is none', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const command = commandOf({ part: 'live', content: { lit: true } })
    const { resource } = decideWrite(undefined, command)
    const outcome = await ground.documents.write(address, command)
    assert.deepEqual(outcome, { resource, action: 'create', replayed: false })
    assert.deepEqual(await ground.documents.read(address), resource)
  })

  check('conditions are decided on what is there', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const write = (said: Parameters<typeof commandOf>[0]) =>
      ground.documents.write(address, commandOf(said))
    const { resource } = await write({ content: { n: 1 }, live: { n: 1 } })
    assert.ok(resource.live)
    const tags = [etagOfBase(resource), etagOfLive(resource.live)] as const
    const written = await write({ content: { n: 2 }, conditions: { ifMatch: [tags[0]] } })
    assert.equal(written.resource.revision, 2)
    const live = { part: 'live', conditions: { ifMatch: [tags[1]] } } as const
    assert.equal((await write(live)).resource.revision, 3)
    assert.equal((await refusalOf(write(live))).code, 'PreconditionFailed')
  })

  check('where nothing was written there is undefined', async (ground) => {
    const tenant = await ground.makeTenant()
    await ground.documents.write(addressOf(tenant, 'lamp'), commandOf())
    for (const address of [
      addressOf(tenant, 'Lamp'),
      addressOf(tenant, 'lam'),
      addressOf(tenant, 'lamp', 'Things'),
      addressOf(tenant, 'things', 'lamp'),
      tenantDocument(tenant),
    ]) {
      assert.equal(await ground.documents.read(address), undefined)
    }
  })

  check('the document of a tenant is in no collection', async (ground) => {
    const tenant = await ground.makeTenant()
    const command = commandOf({ content: { name: 'Acme' } })
    const { resource } = await ground.documents.write(tenantDocument(tenant), command)
    assert.deepEqual(await ground.documents.read(tenantDocument(tenant)), resource)
    assert.deepEqual(await ground.documents.list(addressOf(tenant, 'x'), undefined), [])
    const [change] = await recordOf(ground, tenant)
    assert.deepEqual([change?.collection, change?.document], ['', ''])
  })

  check('an acknowledged write is seen by every opening of the store', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const other = await ground.openBeside()
    for (const n of numbersTo(5)) {
      const { resource } = await ground.documents.write(address, commandOf({ content: { n } }))
      assert.deepEqual(await other.documents.read(address), resource)
      assert.equal((await other.documents.listChanges(address.tenant, 0, 10)).length, n)
    }
    const { documents } = await ground.openBeside()
    assert.deepEqual(await documents.read(address), await ground.documents.read(address))
  })

  check('a write of another process is seen within a second', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const other = await ground.openBeside()
    for (const n of numbersTo(3)) {
      const { resource } = await other.documents.write(address, commandOf({ content: { n } }))
      await ground.withinSecond(async () => {
        assert.deepEqual(await ground.documents.read(address), resource)
      })
    }
  })

  check('who saw a write in a list sees it in every read from then on', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    await ground.documents.write(address, commandOf({ content: { n: 0 } }))
    const writes = numbersTo(40).map((n) =>
      ground.documents.write(address, commandOf({ content: { n } })),
    )
    let written = false
    const end = Promise.all(writes).finally(() => {
      written = true
    })
    while (!written) {
      const [listed] = await ground.documents.list(address, undefined)
      const read = await ground.documents.read(address)
      assert.ok((read?.revision ?? 0) >= (listed?.resource.revision ?? 0))
      await ground.pause()
    }
    await end
  })

  check('base, live version, revision and record move together', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const last = 60
    const writes = (async () => {
      for (const n of numbersTo(last)) {
        await ground.documents.write(address, commandOf({ content: { n }, live: { n } }))
      }
    })()
    let seen = 0
    let written = false
    const end = writes.finally(() => {
      written = true
    })
    while (!written) {
      const read = await ground.documents.read(address)
      const [listed] = await ground.documents.list(address, undefined)
      for (const resource of [read, listed?.resource]) {
        if (resource === undefined) continue
        const n = resource.revision
        assert.ok(n >= seen, 'a revision was taken back')
        assertTogether(resource)
        const [change] = await ground.documents.listChanges(address.tenant, n - 1, 1)
        assert.deepEqual([change?.position, change?.revision, change?.version], [n, n, n])
        assert.deepEqual([change?.base, change?.live], [`{"n":${n}}`, `{"n":${n}}`])
        seen = n
      }
      // Reads may never wait for anything; a write does, and so lets the others go on.
      await ground.identity.recordUse(new Map())
    }
    await end
    assert.ok(seen > 0, 'nothing was read meanwhile')
  })
}

function checkRefusals(check: Check): void {
  for (const { title, before, command, code } of refused) {
    check(`a refused write leaves no trace: ${title}`, async (ground) => {
      const address = addressOf(await ground.makeTenant(), 'lamp')
      for (const each of before) await ground.documents.write(address, each)
      const untouched = await everything(ground, address)

      const refusal = await refusalOf(ground.documents.write(address, command))
      assert.equal(refusal.code, code)
      assert.deepEqual(await everything(ground, address), untouched)

      const next = commandOf({ content: { versions: {} } })
      const { resource } = await ground.documents.write(address, next)
      assert.equal(resource.revision, before.length + 1)
      const positions = (await recordOf(ground, address.tenant)).map(({ position }) => position)
      assert.deepEqual(positions, numbersTo(before.length + 1))
    })
  }

  check('a refusal comes through as decideWrite made it', async (ground) => {
    for (const { before, command } of refused) {
      const address = addressOf(await ground.makeTenant(), 'lamp')
      let current: Resource | Tombstone | undefined
      for (const each of before) {
        current = (await ground.documents.write(address, each)).resource
      }
      const expected = await refusalOf(Promise.try(() => decideWrite(current, command)))
      const actual = await refusalOf(ground.documents.write(address, command))
      assert.equal(actual.code, expected.code)
      assert.equal(actual.message, expected.message)
      assert.deepEqual(actual.details, expected.details)
    }
  })
}

function checkRaces(check: Check): void {
  check('of many merges at once into one document none is lost', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    await ground.documents.write(address, commandOf({ content: { kept: true } }))
    await Promise.all(numbersTo(200).map((n) => ground.documents.write(address, mergeOf(n))))
    await assertAllKept(ground, address, 200)
  })

  check('of merges through two openings of the store none is lost', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    await ground.documents.write(address, commandOf({ content: { kept: true } }))
    const doors = [ground.documents, (await ground.openBeside()).documents] as const
    await Promise.all(numbersTo(100).map((n) => doors[n % 2 ? 1 : 0].write(address, mergeOf(n))))
    await ground.withinSecond(() => assertAllKept(ground, address, 100))
  })

  check('of many who create one document at once, one wins', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const winner = await raceOf(ground, address, { ifNoneMatch: '*' })
    assert.equal((await ground.documents.read(address))?.revision, 1)
    assert.equal((await ground.documents.read(address))?.base.content, `{"n":${winner}}`)
    assert.equal((await recordOf(ground, address.tenant)).length, 1)
  })

  check('of many who saw the same ETag, one wins', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const resource = await writeResource(ground, address, commandOf())
    const winner = await raceOf(ground, address, { ifMatch: [etagOfBase(resource)] })
    assert.equal((await ground.documents.read(address))?.revision, 2)
    assert.equal((await ground.documents.read(address))?.base.content, `{"n":${winner}}`)
    assert.equal((await recordOf(ground, address.tenant)).length, 2)
  })

  check('of many who publish at once, each is given a number of its own', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const outcomes = await Promise.all(
      numbersTo(40).map((n) =>
        ground.documents.write(address, commandOf({ part: 'live', content: { n } })),
      ),
    )
    const given = outcomes.map(({ resource }) => resource.version)
    assert.deepEqual(
      given.toSorted((one, other) => one - other),
      numbersTo(40),
    )
    assert.equal((await ground.documents.read(address))?.version, 40)
  })
}

function mergeOf(n: number): WriteCommand {
  return commandOf({ mode: 'merge', content: { [`m${n}`]: n }, requestId: `request-${n}` })
}

async function assertAllKept(ground: Ground, address: DocumentAddress, count: number) {
  const resource = await ground.documents.read(address)
  const expected = Object.fromEntries(numbersTo(count).map((n) => [`m${n}`, n]))
  assert.deepEqual(JSON.parse(resource?.base.content ?? ''), { kept: true, ...expected })
  assert.equal(resource?.revision, count + 1)
  const record = await recordOf(ground, address.tenant)
  const revisions = record.map(({ revision }) => revision)
  assert.deepEqual(revisions, numbersTo(count + 1))
  assert.equal(new Set(record.slice(1).map(({ requestId }) => requestId)).size, count)
}

/** The number of the one writer of 20 who was not refused. */
async function raceOf(
  { documents }: Ground,
  address: DocumentAddress,
  conditions: WriteCommand['conditions'],
): Promise<number> {
  const attempts = numbersTo(20).map((n) =>
    documents.write(address, commandOf({ content: { n }, conditions })),
  )
  const outcomes = await Promise.allSettled(attempts)
  const winners = numbersTo(20).filter((n) => outcomes[n - 1]?.status === 'fulfilled')
  assert.equal(winners.length, 1)
  for (const n of numbersTo(20)) {
    if (n === winners[0]) continue
    assert.equal((await refusalOf(attempts[n - 1] as Promise<unknown>)).code, 'PreconditionFailed')
  }
  return winners[0] ?? 0
}

function assertTogether({ revision, version, base, live }: Resource): void {
  assert.equal(version, revision)
  assert.equal(live?.revision, revision)
  assert.equal(base.content, `{"n":${revision}}`)
  assert.equal(live?.content, base.content)
}

async function everything(ground: Ground, address: DocumentAddress) {
  return {
    read: await ground.documents.read(address),
    listed: await listAll(ground, address),
    record: await recordOf(ground, address.tenant),
  }
}
