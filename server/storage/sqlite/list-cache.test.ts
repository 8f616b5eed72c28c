/**
 * Which pages are found again, and that no write is ever missing from one. SEED=n repeats it. What
 * is remembered and for how long is `cache.test.ts`'s.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { seed, tellSeed } from '../../../test/support/seed.ts'
import { parseDocumentName } from '../../contract/names.ts'
import type { ListCache, Page } from './list-cache.ts'
import { makeListCache } from './list-cache.ts'

tellSeed()

const things = 'acme/things'
const others = 'acme/others'
const lamp = parseDocumentName('lamp')

/** More than these tests put in. */
const roomy = () => makeListCache(10_000_000)

function pageOf(content = '{}'): Page {
  const base = { content, updated: 1, updatedBy: 'apikey:check' }
  return [{ document: lamp, resource: { revision: 1, version: 0, base, live: undefined } }]
}

/** A write from its beginning to its end. */
const write = (cache: ListCache, collection: string) => cache.begin(collection)()

describe('a page', () => {
  test('is found again for its collection and its beginning only', () => {
    const cache = roomy()
    const [first, second] = [pageOf(), pageOf()]
    cache.keep(things, undefined, first)
    cache.keep(things, lamp, second)
    assert.equal(cache.find(things, undefined), first)
    assert.equal(cache.find(things, lamp), second)
    assert.equal(cache.find(others, undefined), undefined)
    assert.equal(cache.find(things, parseDocumentName('lamp2')), undefined)
  })

  test('is not found while its collection is written, nor ever after', () => {
    const cache = roomy()
    for (const after of [undefined, lamp]) cache.keep(things, after, pageOf())
    const end = cache.begin(things)
    for (const after of [undefined, lamp]) assert.equal(cache.find(things, after), undefined)
    end()
    for (const after of [undefined, lamp]) assert.equal(cache.find(things, after), undefined)
  })

  test('that was read during a write is not kept', () => {
    const cache = roomy()
    const end = cache.begin(things)
    cache.keep(things, undefined, pageOf())
    assert.equal(cache.find(things, undefined), undefined)
    end()
    assert.equal(cache.find(things, undefined), undefined)
  })

  test('is kept again once the last of several writes has ended', () => {
    const cache = roomy()
    const [endOne, endOther] = [cache.begin(things), cache.begin(things)]
    endOther()
    cache.keep(things, undefined, pageOf())
    assert.equal(cache.find(things, undefined), undefined)
    endOne()
    const page = pageOf()
    cache.keep(things, undefined, page)
    assert.equal(cache.find(things, undefined), page)
  })

  test('of another collection is found during a write and after it', () => {
    const cache = roomy()
    const [page, later] = [pageOf(), pageOf()]
    cache.keep(others, undefined, page)
    const end = cache.begin(things)
    assert.equal(cache.find(others, undefined), page)
    cache.keep(others, lamp, later)
    end()
    assert.equal(cache.find(others, undefined), page)
    assert.equal(cache.find(others, lamp), later)
  })

  test('of any collection is forgotten when another process may have written', () => {
    const cache = roomy()
    cache.keep(things, undefined, pageOf())
    cache.keep(others, lamp, pageOf())
    cache.forget()
    assert.equal(cache.find(things, undefined), undefined)
    assert.equal(cache.find(others, lamp), undefined)
  })

  test('that says that a collection is empty is not kept, one that says where it ends is', () => {
    const cache = roomy()
    cache.keep(things, undefined, [])
    cache.keep(things, lamp, [])
    assert.equal(cache.find(things, undefined), undefined)
    assert.deepEqual(cache.find(things, lamp), [])
  })

  test('is kept up to half of the size, by the text that is in it', () => {
    // Two bytes a character.
    const cache = makeListCache(400_000)
    const [small, large] = [pageOf('x'.repeat(90_000)), pageOf('x'.repeat(100_000))]
    cache.keep(things, undefined, small)
    cache.keep(others, undefined, large)
    assert.equal(cache.find(things, undefined), small)
    assert.equal(cache.find(others, undefined), undefined)
  })
})

test('no old page comes back when more collections are written than it can know', () => {
  const cache = roomy()
  const old = 'acme/old'
  const end = cache.begin(things)
  cache.keep(old, undefined, pageOf())
  write(cache, old)
  for (let n = 0; n < 12_000; n++) write(cache, `acme/${n}`)
  assert.equal(cache.find(old, undefined), undefined)
  // Nor did it let go of the one that is being written.
  cache.keep(things, undefined, pageOf())
  assert.equal(cache.find(things, undefined), undefined)
  end()
  assert.equal(cache.find(things, undefined), undefined)
})

test('whatever is done, it finds what was kept since the last write, nothing else', () => {
  const action = fc.record({
    kind: fc.constantFrom('keep', 'keep', 'begin', 'end', 'forget'),
    collection: fc.constantFrom(things, others),
    after: fc.constantFrom(undefined, lamp),
    which: fc.nat(),
  })
  const property = fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
    const cache = roomy()
    const model = [things, others].map((collection) => ({
      collection,
      pages: new Map<typeof lamp | undefined, Page>(),
      ends: [] as (() => void)[],
    }))
    for (const { kind, collection, after, which } of actions) {
      const one = model.find((each) => each.collection === collection)
      assert.ok(one !== undefined)
      const { pages, ends } = one
      if (kind === 'keep') {
        const page = pageOf()
        cache.keep(collection, after, page)
        if (ends.length === 0) pages.set(after, page)
      } else if (kind === 'begin') {
        ends.push(cache.begin(collection))
        pages.clear()
      } else if (kind === 'forget') {
        cache.forget()
        for (const each of model) each.pages.clear()
      } else {
        const [end] = ends.splice(which % ends.length, 1)
        end?.()
      }
      for (const { collection, pages } of model) {
        for (const each of [undefined, lamp]) {
          assert.equal(cache.find(collection, each), pages.get(each), `${collection} ${each}`)
        }
      }
    }
  })
  fc.assert(property, { seed, numRuns: 300 })
})
