/** The promise of `listCollections`: those with documents, bytewise, at the price of names. */
import assert from 'node:assert/strict'
import type { CollectionName, TenantId } from '../../contract/names.ts'
import { tenantDocument } from '../../contract/names.ts'
import type { DocumentStore } from '../../documents/store.ts'
import { addressOf, commandOf, numbersTo, orderedNames } from './document-commands.ts'
import type { Check } from './engine.ts'
import { bytewise } from './engine.ts'

/** Declares the checks. */
export function checkCollections(check: Check): void {
  check("a tenant without documents has no collections, whatever others' are", async (ground) => {
    const id = ground.freshId()
    const tenant = await ground.makeTenant(id)
    // Before and behind it, bytewise.
    for (const rival of [id.slice(0, -1), `${id}x`]) {
      await fill(ground, await ground.makeTenant(rival), ['things'])
    }
    assert.deepEqual(await ground.documents.listCollections(tenant, undefined, 9), [])
  })

  check("the tenant's own document is in no collection", async (ground) => {
    const tenant = await ground.makeTenant()
    const own = commandOf({ versioned: false, content: { n: 1 } })
    await ground.documents.write(tenantDocument(tenant), own)
    assert.deepEqual(await ground.documents.listCollections(tenant, undefined, 9), [])
    await fill(ground, tenant, ['things'])
    assert.deepEqual(await ground.documents.listCollections(tenant, undefined, 9), ['things'])
  })

  check('a collection ends with its last document, and begins again', async (ground) => {
    const tenant = await ground.makeTenant()
    const list = () => ground.documents.listCollections(tenant, undefined, 9)
    await fill(ground, tenant, ['a', 'b', 'c'])
    await ground.documents.write(addressOf(tenant, 'second', 'b'), commandOf())
    for (const document of ['first', 'second']) {
      assert.deepEqual(await list(), ['a', 'b', 'c'])
      const address = addressOf(tenant, document, 'b')
      await ground.documents.write(address, commandOf({ mode: 'delete' }))
    }
    assert.deepEqual(await list(), ['a', 'c'])
    // A live version alone makes a base, and with it the collection.
    await ground.documents.write(addressOf(tenant, 'first', 'b'), commandOf({ part: 'live' }))
    assert.deepEqual(await list(), ['a', 'b', 'c'])
  })

  check('collections are in bytewise order, each once', async (ground) => {
    const tenant = await ground.makeTenant()
    await fill(ground, tenant, orderedNames)
    for (const n of numbersTo(5)) {
      await ground.documents.write(addressOf(tenant, `more ${n}`, 'a'), commandOf())
    }
    const listed = await ground.documents.listCollections(tenant, undefined, 500)
    assert.deepEqual(listed, orderedNames.toSorted(bytewise))
  })

  check('collections begin bytewise after a name, be it there or not', async (ground) => {
    const tenant = await ground.makeTenant()
    const names = orderedNames.toSorted(bytewise)
    const there = names.filter((_, at) => at % 2)
    await fill(ground, tenant, there)
    for (const name of names) {
      const after = name as CollectionName
      assert.deepEqual(
        await ground.documents.listCollections(tenant, after, 500),
        there.filter((name) => bytewise(name, after) > 0),
      )
    }
  })

  check('there are as many collections as are wanted, if there are as many', async (ground) => {
    const tenant = await ground.makeTenant()
    const names = numbersTo(120).map((n) => `c${String(n).padStart(3, '0')}`)
    await fill(ground, tenant, names)
    for (const most of [1, 2, 119, 120, 121, 500]) {
      const found = await ground.documents.listCollections(tenant, undefined, most)
      assert.deepEqual(found, names.slice(0, most))
    }
    const after = 'c118' as CollectionName
    assert.deepEqual(await ground.documents.listCollections(tenant, after, 9), ['c119', 'c120'])
  })

  check('collections cost no more when they hold thousands of documents', async (ground) => {
    const timeOf = async (tenant: TenantId) => {
      const times: number[] = []
      for (const _ of numbersTo(15)) {
        const start = performance.now()
        await ground.documents.listCollections(tenant, undefined, 9)
        times.push(performance.now() - start)
      }
      return Math.min(...times)
    }
    const [small, large] = [await ground.makeTenant(), await ground.makeTenant()]
    for (const tenant of [small, large]) await fill(ground, tenant, ['a', 'b', 'c'])
    await Promise.all(
      numbersTo(6000).map((n) =>
        ground.documents.write(addressOf(large, `d${n}`, n % 2 ? 'a' : 'b'), commandOf()),
      ),
    )
    const [few, many] = [await timeOf(small), await timeOf(large)]
    assert.ok(many < few * 10 + 0.2, `${many} ms instead of ${few}`)
  })
}

async function fill(
  { documents }: { documents: DocumentStore },
  tenant: TenantId,
  collections: readonly string[],
): Promise<void> {
  await Promise.all(
    collections.map((name) => documents.write(addressOf(tenant, 'first', name), commandOf())),
  )
}
