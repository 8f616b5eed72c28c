/** The promises of `list` and `listNames`: bytewise order, every document once, page by page. */
import assert from 'node:assert/strict'
import type { DocumentName } from '../../contract/names.ts'
import {
  addressOf,
  commandOf,
  listAll,
  numbersTo,
  orderedNames,
  writeEach,
} from './document-commands.ts'
import type { Check } from './engine.ts'
import { bytewise } from './engine.ts'

/** Declares the checks. */
export function checkLists(check: Check): void {
  check('the list of an unknown collection is empty', async (ground) => {
    const tenant = await ground.makeTenant()
    assert.deepEqual(await ground.documents.list(addressOf(tenant, 'x'), undefined), [])
    await writeEach(ground, tenant, ['lamp'])
    for (const collection of ['Things', 'thing', 'things2', 'lamp']) {
      const other = addressOf(tenant, 'x', collection)
      assert.deepEqual(await ground.documents.list(other, undefined), [])
    }
  })

  check('a list shows what a read shows', async (ground) => {
    const tenant = await ground.makeTenant()
    const plain = addressOf(tenant, 'plain')
    const live = addressOf(tenant, 'with a live version')
    await ground.documents.write(plain, commandOf({ content: { n: 1 } }))
    await ground.documents.write(live, commandOf({ content: { n: 2 }, live: { n: 3 } }))
    await ground.documents.write(live, commandOf({ mode: 'merge', content: { m: 4 } }))
    assert.deepEqual(await listAll(ground, plain), [
      { document: plain.document, resource: await ground.documents.read(plain) },
      { document: live.document, resource: await ground.documents.read(live) },
    ])
  })

  check('a list is in bytewise order', async (ground) => {
    const tenant = await ground.makeTenant()
    const expected = orderedNames.toSorted(bytewise)
    assert.notDeepEqual(expected, orderedNames.toSorted(), 'UTF-16 would have the same order')
    await writeEach(ground, tenant, orderedNames)
    const listed = await listAll(ground, addressOf(tenant, 'x'))
    assert.deepEqual(
      listed.map(({ document }) => document),
      expected,
    )
  })

  check('a list begins bytewise after a name, be it there or not', async (ground) => {
    const tenant = await ground.makeTenant()
    const names = orderedNames.toSorted(bytewise)
    const [there, absent] = [names.filter((_, at) => at % 2), names.filter((_, at) => at % 2 === 0)]
    await writeEach(ground, tenant, there)
    for (const after of [...there, ...absent]) {
      const page = await ground.documents.list(addressOf(tenant, 'x'), after as DocumentName)
      const expected = there.filter((name) => bytewise(name, after) > 0)
      assert.deepEqual(
        page.map(({ document }) => document),
        expected.slice(0, page.length),
      )
      assert.equal(page.length > 0, expected.length > 0)
    }
  })

  check('pages cover more documents than one holds, each once', async (ground) => {
    const tenant = await ground.makeTenant()
    const collection = addressOf(tenant, 'x')
    const names: string[] = []
    do {
      const more = numbersTo(200).map((n) => `d${names.length + n}`)
      await writeEach(ground, tenant, more)
      names.push(...more)
      assert.ok(names.length <= 5000, 'a page has no end')
    } while ((await ground.documents.list(collection, undefined)).length === names.length)
    const listed = (await listAll(ground, collection)).map(({ document }) => document)
    assert.deepEqual(listed, names.toSorted(bytewise))
  })

  check('pages cover documents of 900 KB, each once and whole', async (ground) => {
    const tenant = await ground.makeTenant()
    const collection = addressOf(tenant, 'x')
    const contentOf = (n: number) => ({ n, text: String(n % 10).repeat(900_000) })
    for (const n of numbersTo(6)) {
      const part = n % 2 ? 'base' : 'live'
      const command = commandOf({ part, content: contentOf(n) })
      await ground.documents.write(addressOf(tenant, `d${n}`), command)
    }
    await writeEach(ground, tenant, ['d0', 'd2 small', 'd9'])
    const listed = await listAll(ground, collection)
    const names = listed.map(({ document }) => document)
    assert.deepEqual(names, ['d0', 'd1', 'd2', 'd2 small', 'd3', 'd4', 'd5', 'd6', 'd9'])
    for (const n of numbersTo(6)) {
      const resource = listed.find(({ document }) => document === `d${n}`)?.resource
      const text = (n % 2 ? resource?.base : resource?.live)?.content
      assert.ok(text === JSON.stringify(contentOf(n)), `d${n} is not whole`)
    }
  })

  check('a page of large documents is short', async (ground) => {
    const tenant = await ground.makeTenant()
    const content = { text: 'x'.repeat(900_000) }
    for (const n of numbersTo(12)) await writeEach(ground, tenant, [`d${n}`], content)
    const page = await ground.documents.list(addressOf(tenant, 'x'), undefined)
    assert.ok(page.length > 0 && page.length <= 6, `${page.length} documents in one page`)
  })

  check('what exists throughout a list is in it once, whatever is written', async (ground) => {
    const tenant = await ground.makeTenant()
    const names = numbersTo(50).map((n) => `d${String(n).padStart(2, '0')}`)
    await writeEach(ground, tenant, names, { text: 'x'.repeat(60_000) })
    const unseen = new Set(names)
    let pages = 0
    const listed = await listAll(ground, addressOf(tenant, 'x'), async (page) => {
      for (const { document } of page) unseen.delete(document)
      // Not for ever: each of these would lengthen the list that it disturbs.
      if (++pages > 5) return
      const here = page.at(-1)?.document ?? ''
      // New names on both sides of the place, and longer rows that must move, seen and unseen.
      await writeEach(ground, tenant, [`a${pages}`, `${here}!`, `z${pages}`])
      const moved = [names[0], here, [...unseen][0], [...unseen].at(-1)]
      const there = moved.filter((name) => name !== undefined)
      await writeEach(ground, tenant, there, { text: 'y'.repeat(90_000 + pages) })
    })
    assert.ok(pages > 2, 'the list took too few pages to be disturbed')
    const found = listed.map(({ document }) => document)
    assert.deepEqual(found, found.toSorted(bytewise))
    assert.deepEqual(
      found.filter((name) => names.includes(name)),
      names,
    )
    assert.equal(new Set(found).size, found.length)
  })

  check('a list beside writers has every document that was there', async (ground) => {
    const tenant = await ground.makeTenant()
    const names = numbersTo(30).map((n) => `d${String(n).padStart(2, '0')}`)
    await writeEach(ground, tenant, names, { text: 'x'.repeat(90_000) })
    const other = await ground.openBeside()
    const writes = numbersTo(60).map((n) =>
      writeEach(other, tenant, [`d${String(n % 45).padStart(2, '0')}`], { n }),
    )
    const lists = [0, 1, 2].map(() => listAll(ground, addressOf(tenant, 'x')))
    for (const listed of await Promise.all(lists)) {
      const found = listed.map(({ document }) => document)
      assert.deepEqual(
        found.filter((name) => names.includes(name)),
        names,
      )
    }
    await Promise.all(writes)
  })
}

/** Declares the checks of names, and of pages for who wants only a few. */
export function checkNames(check: Check): void {
  check('names are those of the list, in its order', async (ground) => {
    const tenant = await ground.makeTenant()
    const collection = addressOf(tenant, 'x')
    assert.deepEqual(await ground.documents.listNames(collection, undefined, 10), [])
    await writeEach(ground, tenant, orderedNames)
    await ground.documents.write(addressOf(tenant, 'lamp', 'other'), commandOf())
    const expected = orderedNames.toSorted(bytewise)
    assert.deepEqual(await ground.documents.listNames(collection, undefined, 5000), expected)
    assert.deepEqual(
      (await listAll(ground, collection)).map(({ document }) => document),
      expected,
    )
  })

  check('names begin bytewise after a name, be it there or not', async (ground) => {
    const tenant = await ground.makeTenant()
    const names = orderedNames.toSorted(bytewise)
    const there = names.filter((_, at) => at % 2)
    await writeEach(ground, tenant, there)
    for (const name of names) {
      const after = name as DocumentName
      assert.deepEqual(
        await ground.documents.listNames(addressOf(tenant, 'x'), after, 5000),
        there.filter((name) => bytewise(name, after) > 0),
      )
    }
  })

  check('there are as many names as are wanted, if there are as many', async (ground) => {
    const tenant = await ground.makeTenant()
    const collection = addressOf(tenant, 'x')
    // Far more than one page of any list, with documents that make its pages short.
    const names = numbersTo(1200).map((n) => `d${String(n).padStart(4, '0')}`)
    await writeEach(ground, tenant, names)
    await writeEach(ground, tenant, ['d0002', 'd0004'], { text: 'x'.repeat(900_000) })
    for (const most of [1, 2, 3, 499, 500, 501, 1000, 1199, 1200, 1201, 5001]) {
      const found = await ground.documents.listNames(collection, undefined, most)
      assert.deepEqual(found, names.slice(0, most))
    }
    const after = 'd1198' as DocumentName
    assert.deepEqual(await ground.documents.listNames(collection, after, 9), ['d1199', 'd1200'])
  })

  check('who wants only a few documents gets at least one, each once', async (ground) => {
    const tenant = await ground.makeTenant()
    const collection = addressOf(tenant, 'x')
    const names = numbersTo(40).map((n) => `d${String(n).padStart(2, '0')}`)
    await writeEach(ground, tenant, names)
    for (const most of [1, 2, 7, 39, 40, 41, 5000]) {
      const found: string[] = []
      for (;;) {
        const after = found.at(-1) as DocumentName | undefined
        const page = await ground.documents.list(collection, after, most)
        if (page.length === 0) break
        found.push(...page.map(({ document }) => document))
        assert.ok(found.length <= names.length, 'a document came twice')
      }
      assert.deepEqual(found, names)
    }
  })

  check('who wants only a few does not shorten the pages of others', async (ground) => {
    const tenant = await ground.makeTenant()
    const collection = addressOf(tenant, 'x')
    const names = numbersTo(40).map((n) => `d${String(n).padStart(2, '0')}`)
    await writeEach(ground, tenant, names)
    const whole = await ground.documents.list(collection, undefined)
    await writeEach(ground, tenant, ['d40'], { n: 1 })
    const few = await ground.documents.list(collection, undefined, 3)
    assert.equal((await ground.documents.list(collection, undefined)).length, whole.length)
    const again = await ground.documents.list(collection, undefined, 3)
    assert.deepEqual(again.slice(0, 3), few.slice(0, 3))
  })
}
