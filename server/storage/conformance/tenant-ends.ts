/**
 * What it means to be a `TenantEndStore`, as checks that any engine must pass. When a promise in
 * `identity/store.ts` changes, this file changes with it; the engines follow.
 */
import assert from 'node:assert/strict'
import { parseCollectionName, type TenantId, tenantDocument } from '../../contract/names.ts'
import type { Key } from '../../identity/store.ts'
import { addressOf, commandOf, numbersTo, recordOf, writeEach } from './document-commands.ts'
import type { Check, Engine, Ground, OpenStore } from './engine.ts'
import { refusalOf, suite } from './engine.ts'
import { keyOf, plain } from './identity-samples.ts'

/** Declares the suite for this engine. */
export function tenantEndStoreConforms(engine: Engine): void {
  suite(engine, 'ends of tenants', (check) => {
    checkEnding(check)
    checkWritesBehind(check)
    checkDropping(check)
    checkMeasures(check)
  })
}

function checkEnding(check: Check): void {
  check('a tenant that was ended is listed no more, and none of its keys found', async (ground) => {
    const stem = ground.freshId()
    const [tenant, other] = [
      await ground.makeTenant(`${stem}t`),
      await ground.makeTenant(`${stem}T`),
    ]
    const [key, theirs] = [await makeKey(ground, tenant), await makeKey(ground, other)]
    // Remembered before.
    await ground.identity.findKey(key.id)
    await ground.identity.findKeyByHash(key.hash)
    const ended = await ground.tenantEnds.endTenant(tenant, 7, 'cli:Zoë')
    const expected = { id: tenant, created: 1, createdBy: 'check', ended: 7, endedBy: 'cli:Zoë' }
    assert.deepEqual(ended, { ...expected, gone: false })
    for (const door of [ground, await ground.openBeside()]) {
      assert.deepEqual(await tenantsOf(door, stem), [other])
      assert.equal(await door.identity.findKey(key.id), undefined)
      assert.equal(await door.identity.findKeyByHash(key.hash), undefined)
      assert.deepEqual(await door.identity.listKeys(tenant), [])
      assert.deepEqual(plain(await door.identity.findKey(theirs.id)), plain(theirs))
    }
  })

  check('what another process ended is seen within a second', async (ground) => {
    const tenant = await ground.makeTenant()
    const other = await ground.openBeside()
    const key = await makeKey(ground, tenant)
    assert.ok(await ground.identity.findKey(key.id))
    assert.ok(await ground.identity.findKeyByHash(key.hash))
    await other.tenantEnds.endTenant(tenant, 7, 'check')
    await ground.withinSecond(async () => {
      assert.equal(await ground.identity.findKey(key.id), undefined)
      assert.equal(await ground.identity.findKeyByHash(key.hash), undefined)
    })
  })

  check('a tenant is ended the first time only, whoever does at once', async (ground) => {
    const tenant = await ground.makeTenant()
    const doors = [ground, await ground.openBeside()] as const
    const outcomes = await Promise.all(
      numbersTo(10).map((n) => doors[n % 2 ? 0 : 1].tenantEnds.endTenant(tenant, n, `cli:${n}`)),
    )
    const first = outcomes[0]
    assert.ok(first !== undefined && first.endedBy === `cli:${first.ended}`)
    for (const outcome of outcomes) assert.deepEqual(outcome, first)
    assert.deepEqual(await endedOf(ground, tenant), [first])
  })

  check('an unknown tenant is not ended, and nothing of it is dropped or freed', async (ground) => {
    const stem = ground.freshId()
    const tenant = await ground.makeTenant(`${stem}t`)
    const key = await makeKey(ground, tenant)
    for (const id of [`${stem}T`, `${stem}tt`, stem] as TenantId[]) {
      assert.equal(await ground.tenantEnds.endTenant(id, 7, 'check'), undefined)
      assert.equal(await ground.tenantEnds.dropOfTenant(id), 0)
      assert.equal(await ground.tenantEnds.freeTenant(id), false)
      assert.deepEqual(await endedOf(ground, id), [])
    }
    assert.deepEqual(plain(await ground.identity.findKey(key.id)), plain(key))
  })

  check('keys of an ended tenant are neither made nor ended nor rotated', async (ground) => {
    const tenant = await ground.makeTenant()
    const key = await makeKey(ground, tenant)
    await ground.tenantEnds.endTenant(tenant, 7, 'check')
    assert.equal(await ground.identity.createKey(keyOf(ground, tenant)), 'noTenant')
    for (const owner of [tenant, undefined]) {
      assert.equal(await ground.identity.revokeKey(key.id, owner, 8), undefined)
      const { id, hash } = keyOf(ground, tenant)
      const next = { id, hash, created: 8, createdBy: 'cli:check' }
      const rotation = { tenant: owner, next, overlapMs: 0, at: 8 }
      assert.equal(await ground.identity.rotateKey(key.id, rotation), 'unknown')
    }
    const made = ground.identity.createKey({
      ...keyOf(ground, tenant),
      createdBy: `apikey:${key.id}`,
    })
    assert.equal((await refusalOf(made)).code, 'Unauthenticated')
  })
}

function checkWritesBehind(check: Check): void {
  check('no write lands in a tenant that was ended, be it under way already', async (ground) => {
    const tenant = await ground.makeTenant()
    const key = await makeKey(ground, tenant)
    const lamp = addressOf(tenant, 'lamp')
    await ground.documents.write(lamp, commandOf())
    const ended = ground.tenantEnds.endTenant(tenant, 7, 'check')
    const late = (by: string, code: string) =>
      numbersTo(10).flatMap((n) =>
        [
          commandOf({ by }),
          commandOf({ by, mode: 'merge' }),
          commandOf({ by, mode: 'delete' }),
        ].map(async (command) => {
          const address = command.mode === 'replace' ? addressOf(tenant, `late-${n}`) : lamp
          assert.equal((await refusalOf(ground.documents.write(address, command))).code, code)
        }),
      )
    const refused = [
      ...late(`apikey:${key.id}`, 'Unauthenticated'),
      ...late('cli:check', 'NotFound'),
    ]
    await ended
    await Promise.all(refused)
    assert.equal((await recordOf(ground, tenant)).length, 1)
    const beside = (await ground.openBeside()).documents.write(lamp, commandOf())
    assert.equal((await refusalOf(beside)).code, 'NotFound')
  })

  check('a write by a key that is gone lands nowhere', async (ground) => {
    const [tenant, other] = [await ground.makeTenant(), await ground.makeTenant()]
    const key = await makeKey(ground, tenant)
    for (const [by, owner] of [
      [`apikey:${ground.freshId()}`, tenant],
      [`apikey:${key.id}`, other],
      [`apikey:${key.id.toUpperCase()}`, tenant],
      ['apikey:', tenant],
    ] as const) {
      const write = ground.documents.write(addressOf(owner, 'lamp'), commandOf({ by }))
      assert.equal((await refusalOf(write)).code, 'Unauthenticated')
    }
    for (const each of [tenant, other]) assert.deepEqual(await recordOf(ground, each), [])
  })
}

function checkDropping(check: Check): void {
  check('rows of an ended tenant are dropped until none is left, and no others', async (ground) => {
    const stem = ground.freshId()
    const [tenant, ...others] = [
      await ground.makeTenant(`${stem}t`),
      await ground.makeTenant(`${stem}T`),
      await ground.makeTenant(`${stem}tt`),
    ]
    for (const each of [tenant, ...others]) await fill(ground, each)
    const before = await Promise.all(others.map((each) => everythingOf(ground, each)))
    assert.equal(await ground.tenantEnds.dropOfTenant(tenant), 0, 'of a tenant that lives')
    assert.equal(await ground.tenantEnds.freeTenant(tenant), false)
    assert.notEqual((await everythingOf(ground, tenant)).record.length, 0)

    await ground.tenantEnds.endTenant(tenant, 7, 'check')
    assert.equal(await ground.tenantEnds.freeTenant(tenant), false)
    assert.equal(await createAgain(ground, tenant), false)
    const dropped: number[] = []
    do dropped.push(await ground.tenantEnds.dropOfTenant(tenant))
    while (dropped.at(-1) !== 0)
    assert.ok(dropped.length > 2, 'all went at once')
    const left = await everythingOf(ground, tenant)
    assert.deepEqual(left, { keys: [], documents: [], own: undefined, record: [] })
    assert.deepEqual(await Promise.all(others.map((each) => everythingOf(ground, each))), before)
    assert.deepEqual(
      (await endedOf(ground, tenant)).map(({ gone }) => gone),
      [false],
    )
  })

  check('an id that was freed begins with nothing, and its end stays told', async (ground) => {
    const tenant = await ground.makeTenant()
    const beside = await ground.openBeside()
    for (const round of [1, 2]) {
      const key = await fill(ground, tenant)
      const lamp = addressOf(tenant, 'd-1')
      const repeated = commandOf({ repeat: repeatOf(`again-${round}`) })
      const first = await ground.documents.write(lamp, repeated)
      assert.equal((await ground.documents.write(lamp, repeated)).replayed, true)
      // Remembered by who has the store open.
      await everythingOf(ground, tenant)
      await beside.tenantEnds.endTenant(tenant, round, 'cli:check')
      assert.equal(await createAgain(ground, tenant), false)
      while ((await beside.tenantEnds.dropOfTenant(tenant)) > 0);
      assert.equal(await createAgain(ground, tenant), false, 'before it was freed')
      assert.equal(await beside.tenantEnds.freeTenant(tenant), true)
      assert.equal(await beside.tenantEnds.freeTenant(tenant), false)
      assert.equal(await createAgain(ground, tenant), true)
      await ground.withinSecond(async () => {
        const empty = { keys: [], documents: [], own: undefined, record: [] }
        assert.deepEqual(await everythingOf(ground, tenant), empty)
        assert.equal(await ground.identity.findKey(key.id), undefined)
      })
      const { resource, replayed } = await ground.documents.write(lamp, repeated)
      assert.deepEqual([resource.revision, resource.version, replayed], [1, 0, false])
      assert.notEqual(first.resource.revision, 1)
      assert.equal((await recordOf(ground, tenant))[0]?.position, 1)
      // A former key of this id is one again only where it is made again.
      assert.equal(await ground.identity.createKey(key), 'created')
      await ground.identity.revokeKey(key.id, tenant, 9)
      const ends = (await endedOf(ground, tenant)).map(({ ended, gone }) => [ended, gone])
      assert.deepEqual(
        ends,
        numbersTo(round).map((n) => [n, true]),
      )
    }
  })

  check('what two drop at once is dropped once', async (ground) => {
    const tenant = await ground.makeTenant()
    await writeEach(ground, tenant, numbersTo(600).map(String))
    const doors = [ground.tenantEnds, (await ground.openBeside()).tenantEnds] as const
    await ground.tenantEnds.endTenant(tenant, 7, 'check')
    const sums = await Promise.all(
      doors.map(async (door) => {
        let sum = 0
        for (let rows = 1; rows > 0; sum += rows) rows = await door.dropOfTenant(tenant)
        return sum
      }),
    )
    assert.equal(
      sums.reduce((one, other) => one + other),
      1200,
    )
  })
}

function checkMeasures(check: Check): void {
  check('what there is of a tenant is counted, ended or not', async (ground) => {
    const tenant = await ground.makeTenant()
    const none = await ground.tenantEnds.measureTenant(tenant, () => {})
    const nothing = { documents: 0, liveVersions: 0, collections: 0, largest: [], changes: 0 }
    const noneElse = { newestChange: undefined, keys: 0, others: 0, bytes: 0 }
    assert.deepEqual(none, { ...nothing, ...noneElse })
    const content = { text: 'é'.repeat(500) }
    await ground.documents.write(tenantDocument(tenant), commandOf({ content, at: 5 }))
    await writeEach(ground, tenant, ['a', 'b', 'c'], content)
    for (const [name, collection] of [
      ['x', 'bots'],
      ['y', 'bots'],
      ['x', 'zoo'],
    ] as const) {
      await ground.documents.write(addressOf(tenant, name, collection), commandOf({ live: {} }))
    }
    const later = commandOf({ mode: 'delete', at: 1_800_000_000_009 })
    await ground.documents.write(addressOf(tenant, 'y', 'bots'), later)
    await makeKey(ground, tenant)
    await ground.documents.write(
      addressOf(tenant, 'a'),
      commandOf({ content, repeat: repeatOf('once') }),
    )
    await ground.makeTenant(`${tenant}x`)
    for (const ended of [false, true]) {
      if (ended) await ground.tenantEnds.endTenant(tenant, 7, 'check')
      let counted = 0
      const { bytes, ...sizes } = await ground.tenantEnds.measureTenant(tenant, (rows) => {
        counted += rows
      })
      assert.deepEqual(sizes, {
        documents: 6,
        liveVersions: 2,
        collections: 3,
        largest: [
          { collection: 'things', documents: 3 },
          { collection: 'bots', documents: 1 },
          { collection: 'zoo', documents: 1 },
        ],
        changes: 9,
        newestChange: 1_800_000_000_009,
        keys: 1,
        others: 2,
      })
      assert.ok(bytes > 9000 && bytes < 12_000, `${bytes} bytes`)
      assert.ok(counted >= 14, `${counted} rows were told`)
    }
  })

  check('of many collections the largest are named, and all counted', async (ground) => {
    const tenant = await ground.makeTenant()
    const writes = numbersTo(25).flatMap((n) =>
      numbersTo(n).map((each) =>
        ground.documents.write(addressOf(tenant, `d${each}`, `c${n}`), commandOf()),
      ),
    )
    await Promise.all(writes)
    const { documents, collections, largest } = await ground.tenantEnds.measureTenant(
      tenant,
      () => {},
    )
    assert.deepEqual([documents, collections], [325, 25])
    assert.deepEqual(
      largest.slice(0, 3).map((each) => each.collection),
      ['c25', 'c24', 'c23'],
    )
  })
}

async function makeKey(ground: Ground, tenant: TenantId): Promise<Key> {
  const key = keyOf(ground, tenant)
  assert.equal(await ground.identity.createKey(key), 'created')
  return key
}

/** Of everything that a tenant can have; gives one of its keys. */
async function fill(ground: Ground, tenant: TenantId): Promise<Key> {
  const key = await makeKey(ground, tenant)
  await makeKey(ground, tenant)
  await ground.documents.write(tenantDocument(tenant), commandOf({ content: { of: tenant } }))
  await writeEach(
    ground,
    tenant,
    numbersTo(300).map((n) => `d-${n}`),
    { of: tenant },
  )
  const lamp = addressOf(tenant, 'd-1')
  await ground.documents.write(lamp, commandOf({ live: { of: tenant } }))
  await ground.documents.write(addressOf(tenant, 'd-2'), commandOf({ mode: 'delete' }))
  const repeat = repeatOf('kept')
  await ground.documents.write(lamp, commandOf({ content: { of: tenant }, repeat }))
  return key
}

function repeatOf(key: string) {
  return { key, fingerprint: key, keptUntil: 1_900_000_000_000 }
}

/** What a tenant shows of itself by every method of the ports. */
async function everythingOf(ground: Ground, tenant: TenantId) {
  const things = { tenant, collection: parseCollectionName('things') }
  return {
    keys: (await ground.identity.listKeys(tenant)).map(plain),
    documents: await ground.documents.list(things, undefined),
    own: await ground.documents.read(tenantDocument(tenant)),
    record: await recordOf(ground, tenant),
  }
}

function createAgain({ identity }: Ground, id: TenantId): Promise<boolean> {
  return identity.createTenant({ id, created: 1, createdBy: 'check' })
}

async function tenantsOf({ identity }: Pick<OpenStore, 'identity'>, stem: string) {
  return (await identity.listTenants()).map(({ id }) => id).filter((id) => id.startsWith(stem))
}

async function endedOf({ tenantEnds }: Ground, tenant: TenantId) {
  return (await tenantEnds.listEndedTenants()).filter(({ id }) => id === tenant)
}
