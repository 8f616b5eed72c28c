/** The promises of `listChanges`, and that no method shows one tenant another. */
import assert from 'node:assert/strict'
import { tenantDocument } from '../../contract/names.ts'
import type { RecordedChange } from '../../documents/store.ts'
import type { WriteCommand } from '../../documents/write.ts'
import { decideWrite } from '../../documents/write.ts'
import {
  addressOf,
  commandOf,
  listAll,
  numbersTo,
  recordOf,
  writeEach,
} from './document-commands.ts'
import type { Check } from './engine.ts'
import { refusalOf } from './engine.ts'

/** Declares the checks. */
export function checkRecord(check: Check): void {
  check('the record has a row for each write, as the write said', async (ground) => {
    const tenant = await ground.makeTenant()
    const expected: RecordedChange[] = []
    for (const [address, command] of [
      [tenantDocument(tenant), commandOf({ content: { name: 'Acme' } })],
      [addressOf(tenant, 'lamp'), commandOf({ content: { n: 1 }, live: { n: 2 } })],
      [addressOf(tenant, 'lamp', 'other'), commandOf({ part: 'live', by: 'cli:Zoë 😀' })],
      [addressOf(tenant, 'lamp'), commandOf({ mode: 'merge', content: { m: 3 } })],
      [addressOf(tenant, 'lamp'), commandOf({ part: 'live', content: { n: 2 }, requestId: '2' })],
      [addressOf(tenant, 'lamp'), commandOf({ part: 'live', mode: 'merge', content: { m: 3 } })],
      [addressOf(tenant, 'lamp'), commandOf({ at: 1 })],
      [addressOf(tenant, 'lamp'), commandOf({ mode: 'mergePatch', content: { p: 1 } })],
      [addressOf(tenant, 'lamp'), commandOf({ part: 'live', mode: 'jsonPatch', content: [] })],
      [addressOf(tenant, 'lamp'), commandOf({ part: 'live', mode: 'delete', by: 'cli:z' })],
      [addressOf(tenant, 'lamp'), commandOf({ mode: 'delete' })],
    ] as const) {
      const before = await ground.documents.read(address)
      const { change } = decideWrite(before, command)
      await ground.documents.write(address, command)
      const { collection, document } = address
      expected.push({ position: expected.length + 1, collection, document, ...change })
    }
    assert.deepEqual(await recordOf(ground, tenant), expected)
  })

  check('positions are 1 to n without gaps, whoever writes at once', async (ground) => {
    const tenants = [await ground.makeTenant(), await ground.makeTenant()] as const
    const stale: WriteCommand = commandOf({ conditions: { ifMatch: ['"9-00000000"'] } })
    const attempts = numbersTo(150).map((n) => {
      // Every third is refused; the second tenant writes every fifth.
      const address = addressOf(tenants[n % 5 ? 0 : 1], `d${n % 20}`)
      return ground.documents.write(address, n % 3 ? commandOf({ content: { n } }) : stale)
    })
    const outcomes = await Promise.allSettled(attempts)
    for (const [at, tenant] of tenants.entries()) {
      const mine = numbersTo(150).filter((n) => (n % 5 ? 0 : 1) === at && n % 3 !== 0)
      for (const n of mine) assert.equal(outcomes[n - 1]?.status, 'fulfilled')
      const record = await recordOf(ground, tenant)
      assert.deepEqual(
        record.map(({ position }) => position),
        numbersTo(mine.length),
      )
      const written = record.map(({ base }) => JSON.parse(base ?? '').n)
      assert.deepEqual(
        written.toSorted((one, other) => one - other),
        mine,
      )
    }
  })

  check('positions of a tenant do not depend on other tenants', async (ground) => {
    const [one, other] = [await ground.makeTenant(), await ground.makeTenant()]
    await writeEach(ground, one, ['a', 'b', 'c'])
    await writeEach(ground, other, ['a'])
    await writeEach(ground, one, ['d'])
    await writeEach(ground, other, ['b'])
    assert.deepEqual(
      (await recordOf(ground, other)).map(({ position }) => position),
      [1, 2],
    )
    assert.deepEqual(
      (await recordOf(ground, one)).map(({ position }) => position),
      [1, 2, 3, 4],
    )
  })

  check('the record is in the order of the writes of each document', async (ground) => {
    const tenant = await ground.makeTenant()
    const names = ['a', 'b', 'c']
    await Promise.all(
      numbersTo(60).map((n) =>
        ground.documents.write(addressOf(tenant, names[n % 3] ?? ''), commandOf({ live: { n } })),
      ),
    )
    const record = await recordOf(ground, tenant)
    for (const name of names) {
      const rows = record.filter(({ document }) => document === name)
      assert.deepEqual(
        rows.map(({ revision, version }) => [revision, version]),
        numbersTo(20).map((n) => [n, n]),
      )
    }
  })

  check('changes come above a position, in order, up to a limit', async (ground) => {
    const tenant = await ground.makeTenant()
    await writeEach(ground, tenant, numbersTo(12).map(String))
    const positions = async (after: number, limit: number) =>
      (await ground.documents.listChanges(tenant, after, limit)).map(({ position }) => position)
    assert.deepEqual(await positions(0, 3), [1, 2, 3])
    assert.deepEqual(await positions(3, 1), [4])
    assert.deepEqual(await positions(9, 3), [10, 11, 12])
    assert.deepEqual(await positions(10, 100), [11, 12])
    assert.deepEqual(await positions(12, 100), [])
    assert.deepEqual(await positions(99, 100), [])
    assert.deepEqual(await positions(0, 0), [])
  })

  check('the record of a tenant that wrote nothing is empty', async (ground) => {
    const tenant = await ground.makeTenant()
    assert.deepEqual(await recordOf(ground, tenant), [])
  })

  check('nothing is inserted behind what a reader of the record has', async (ground) => {
    const tenant = await ground.makeTenant()
    const other = await ground.openBeside()
    const doors = [ground.documents, other.documents] as const
    const writes = (async () => {
      for (const round of numbersTo(10)) {
        const batch = numbersTo(10).map((n) =>
          doors[n % 2 ? 1 : 0].write(addressOf(tenant, `${round}.${n}`), commandOf()),
        )
        await Promise.all(batch)
      }
    })()
    const seen: number[] = []
    let written = false
    const end = writes.finally(() => {
      written = true
    })
    for (let rows: readonly RecordedChange[] = []; !written || rows.length > 0; ) {
      // Reads may never wait for anything; a write does, and so lets the others go on. It comes
      // first: what is read once all is written is read to the end.
      await ground.identity.recordUse(new Map())
      rows = await ground.documents.listChanges(tenant, seen.at(-1) ?? 0, 7)
      seen.push(...rows.map(({ position }) => position))
      assert.ok(seen.length <= 100, 'the record has no end')
    }
    await end
    assert.deepEqual(seen, numbersTo(100))
    assert.equal((await recordOf(ground, tenant)).length, 100)
  })

  check('one tenant never sees another, by any method', async (ground) => {
    const stem = ground.freshId()
    const tenants = await Promise.all(
      ['t', 'T', 'tt', 't_', 't.', 't-', 't1'].map((tail) => ground.makeTenant(stem + tail)),
    )
    for (const [at, tenant] of tenants.entries()) {
      const address = addressOf(tenant, 'lamp')
      assert.equal(await ground.documents.read(address), undefined)
      assert.equal(await ground.documents.read(tenantDocument(tenant)), undefined)
      assert.deepEqual(await ground.documents.list(address, undefined), [])
      assert.deepEqual(await ground.documents.listNames(address, undefined, 9), [])
      assert.deepEqual(await recordOf(ground, tenant), [])
      const merge = commandOf({ mode: 'merge', content: { at } })
      assert.equal((await refusalOf(ground.documents.write(address, merge))).code, 'NotFound')

      const command = commandOf({ content: { at }, conditions: { ifNoneMatch: '*' } })
      const { resource } = await ground.documents.write(address, command)
      assert.equal(resource.revision, 1)
      await ground.documents.write(tenantDocument(tenant), command)
      await ground.documents.write(addressOf(tenant, `own ${at}`), command)
    }
    for (const [at, tenant] of tenants.entries()) {
      const content = JSON.stringify({ at })
      const address = addressOf(tenant, 'lamp')
      for (const each of [address, tenantDocument(tenant)]) {
        assert.equal((await ground.documents.read(each))?.base.content, content)
      }
      const names = await ground.documents.listNames(address, undefined, 9)
      assert.deepEqual(names, ['lamp', `own ${at}`])
      const listed = await listAll(ground, address)
      assert.deepEqual(
        listed.map(({ document, resource }) => [document, resource.base.content]),
        [
          ['lamp', content],
          [`own ${at}`, content],
        ],
      )
      const record = await recordOf(ground, tenant)
      assert.deepEqual(
        record.map(({ position, base }) => [position, base]),
        [
          [1, content],
          [2, content],
          [3, content],
        ],
      )
    }
  })
}
