/**
 * Lists and their parts, over a store in memory whose pages are as short or long as it likes: each
 * document once, in order, and the next part where this one ended. SEED=n repeats the random ones.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { seed, tellSeed } from '../../test/support/seed.ts'
import type { CollectionName, DocumentName, TenantId } from '../contract/names.ts'
import type { Query } from '../contract/paging.ts'
import { makeSigner } from '../identity/signing.ts'
import { listDocuments } from './list.ts'
import type { DocumentStore, ListedDocument } from './store.ts'

fc.configureGlobal({ seed })
tellSeed()

const signer = makeSigner(new Uint8Array(32), 'cursor')
const nextTurn = async () => {}
const things = { tenant: 'acme' as TenantId, collection: 'things' as CollectionName }

function bytewise(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

/** `pageOf` says how many documents the store reads at once when so many are wanted. */
function storeOf(names: Set<string>, pageOf = (most: number) => most) {
  const asked: string[] = []
  const behind = (after: string | undefined) =>
    [...names].sort(bytewise).filter((name) => after === undefined || bytewise(name, after) > 0)
  const listed = (document: string): ListedDocument => ({
    document: document as DocumentName,
    resource: {
      revision: 1,
      version: 0,
      base: { content: JSON.stringify({ document }), updated: 1, updatedBy: 'check' },
      live: undefined,
    },
  })
  const unused = () => assert.fail('it is not asked for')
  const documents: DocumentStore = {
    write: unused,
    read: unused,
    listCollections: unused,
    listChanges: unused,
    dropKept: unused,
    async list(_, after, most = 500) {
      asked.push('list')
      return behind(after)
        .slice(0, Math.max(1, pageOf(most)))
        .map(listed)
    },
    async listNames(_, after, most) {
      asked.push('names')
      return behind(after).slice(0, most) as DocumentName[]
    },
  }
  return { documents, asked }
}

/** Asks as the door does: where the next part begins, then the pages. */
async function partOf(documents: DocumentStore, query: Query, collection = things) {
  const answer = listDocuments(collection, query, { documents, signer, nextTurn })
  assert.ok(answer.kind === 'list')
  const next = await answer.findNext?.()
  const pieces: string[] = []
  for await (const page of answer.pages) {
    assert.notEqual(page.length, 0, 'an empty page')
    pieces.push(Buffer.from(page).toString())
  }
  const entries: { id: string; data: { document: string } }[] = JSON.parse(`[${pieces.join()}]`)
  for (const { id, data } of entries) assert.equal(data.document, id)
  return { names: entries.map(({ id }) => id), next }
}

test('without a limit it is all of them, and no other part', async () => {
  for (const count of [0, 1, 3, 1200]) {
    const names = new Set(Array.from({ length: count }, (_, at) => `d${at}`))
    const { documents, asked } = storeOf(names)
    const { names: found, next } = await partOf(documents, {})
    assert.deepEqual(found, [...names].sort(bytewise))
    assert.equal(next, undefined)
    assert.ok(!asked.includes('names'))
  }
})

test('with a cursor and no limit it is all that comes behind', async () => {
  const { documents } = storeOf(new Set(['a', 'b', 'c', 'd']))
  const { next } = await partOf(documents, { limit: 2 })
  assert.ok(next?.cursor !== undefined)
  const { names, next: last } = await partOf(documents, { cursor: next.cursor })
  assert.deepEqual([names, last], [['c', 'd'], undefined])
})

test('a full last part has no empty one behind it', async () => {
  const { documents } = storeOf(new Set(['a', 'b', 'c', 'd']))
  const first = await partOf(documents, { limit: 2 })
  assert.deepEqual([first.names, first.next?.limit], [['a', 'b'], 2])
  const second = await partOf(documents, first.next ?? {})
  assert.deepEqual([second.names, second.next], [['c', 'd'], undefined])
  assert.equal((await partOf(documents, { limit: 4 })).next, undefined)
  assert.equal((await partOf(documents, { limit: 5 })).next, undefined)
})

test('a part of an empty collection is empty, and the last', async () => {
  const { documents } = storeOf(new Set())
  assert.deepEqual(await partOf(documents, { limit: 5 }), { names: [], next: undefined })
})

test('nothing is read before it is asked for, and no documents for the next part', async () => {
  const { documents, asked } = storeOf(new Set(['a', 'b']))
  const answer = listDocuments(things, { limit: 1 }, { documents, signer, nextTurn })
  assert.deepEqual(asked, [])
  assert.ok(answer.kind === 'list')
  await answer.findNext?.()
  assert.deepEqual(asked, ['names'])
})

test('many names are read in pieces, and the loop turns between them', async () => {
  const names = Array.from({ length: 1300 }, (_, at) => `d${String(at).padStart(4, '0')}`)
  const { documents, asked } = storeOf(new Set(names))
  const counting: DocumentStore = {
    ...documents,
    listNames: (collection, after, most) => {
      asked.push(String(most))
      return documents.listNames(collection, after, most)
    },
  }
  const turning = async () => {
    asked.push('turn')
  }
  for (const [limit, expected] of [
    [1200, ['500', 'names', 'turn', '500', 'names', 'turn', '201', 'names']],
    [5000, ['500', 'names', 'turn', '500', 'names', 'turn', '500', 'names']],
    [499, ['500', 'names']],
  ] as const) {
    asked.length = 0
    const needs = { documents: counting, signer, nextTurn: turning }
    const answer = listDocuments(things, { limit }, needs)
    assert.ok(answer.kind === 'list')
    const next = await answer.findNext?.()
    assert.deepEqual([asked, next !== undefined], [expected, limit < names.length])
    const pieces: string[] = []
    for await (const page of answer.pages) pieces.push(Buffer.from(page).toString())
    const entries: { id: string }[] = JSON.parse(`[${pieces.join()}]`)
    assert.deepEqual(
      entries.map(({ id }) => id),
      names.slice(0, limit),
    )
  }
})

test('the limit may change from part to part', async () => {
  const { documents } = storeOf(new Set(['a', 'b', 'c', 'd', 'e']))
  const first = await partOf(documents, { limit: 1 })
  const second = await partOf(documents, { ...first.next, limit: 3 })
  assert.deepEqual([second.names, second.next?.limit], [['b', 'c', 'd'], 3])
})

describe('a cursor is refused', () => {
  test('in another collection, and of another tenant', async () => {
    const { documents } = storeOf(new Set(['a', 'b']))
    const { next } = await partOf(documents, { limit: 1 })
    const others = [
      { ...things, collection: 'Things' as CollectionName },
      { ...things, tenant: 'globex' as TenantId },
      { tenant: 'things' as TenantId, collection: 'acme' as CollectionName },
    ]
    for (const other of others) {
      const run = () => listDocuments(other, next ?? {}, { documents, signer, nextTurn })
      assert.throws(run, { code: 'BadRequest', message: /not one of this list/ })
    }
  })

  test('when it is empty or made up', () => {
    const { documents } = storeOf(new Set(['a']))
    for (const cursor of ['', 'a', 'YQ', 'YQ.', `YQ.${signer.sign('a')}`]) {
      const run = () => listDocuments(things, { cursor }, { documents, signer, nextTurn })
      assert.throws(run, { code: 'BadRequest' })
    }
  })
})

const anyNames = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }), {
  maxLength: 25,
})

test('parts of any size over pages of any size hold each document once, in order', async () => {
  const anyPage = fc.constantFrom(
    (most: number) => most,
    () => 1,
    () => 2,
    () => 500,
    (most: number) => most + 3,
  )
  const limits = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 })
  await fc.assert(
    fc.asyncProperty(anyNames, anyPage, limits, async (all, pageOf, sizes) => {
      const { documents } = storeOf(new Set(all), pageOf)
      const found: string[] = []
      let query: Query | undefined = { limit: sizes[0] ?? 1 }
      for (let at = 1; query !== undefined; at++) {
        const limit: number = query.limit ?? 1
        const { names, next } = await partOf(documents, query)
        assert.equal(names.length, Math.min(limit, all.length - found.length))
        found.push(...names)
        query = next && { ...next, limit: sizes[at % sizes.length] ?? 1 }
        assert.equal(query === undefined, found.length === all.length)
      }
      assert.deepEqual(found, all.toSorted(bytewise))
    }),
    { numRuns: 500 },
  )
})

test('what exists throughout all parts is in one of them, whatever comes and goes', async () => {
  const anyChange = fc.tuple(
    fc.boolean(),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2 }),
  )
  const changes = fc.array(fc.array(anyChange, { maxLength: 4 }), { minLength: 1, maxLength: 20 })
  const anyLimit = fc.integer({ min: 1, max: 4 })
  await fc.assert(
    fc.asyncProperty(anyNames, changes, anyLimit, async (all, steps, limit) => {
      const names = new Set(all)
      const throughout = new Set(all)
      const { documents } = storeOf(names, () => 2)
      let step = 0
      const disturb = () => {
        for (const [comes, name] of steps[step++ % steps.length] ?? []) {
          if (comes) names.add(name)
          else if (names.delete(name)) throughout.delete(name)
        }
      }
      const found: string[] = []
      let query: Query | undefined = { limit }
      for (let parts = 0; query !== undefined && parts < 200; parts++) {
        const answer = listDocuments(things, query, { documents, signer, nextTurn })
        assert.ok(answer.kind === 'list')
        query = await answer.findNext?.()
        disturb()
        let size = 0
        for await (const page of answer.pages) {
          const entries: { id: string }[] = JSON.parse(`[${Buffer.from(page)}]`)
          found.push(...entries.map(({ id }) => id))
          size += entries.length
          disturb()
        }
        assert.ok(size <= limit, 'a part over its limit')
      }
      assert.deepEqual(found, found.toSorted(bytewise))
      assert.equal(new Set(found).size, found.length)
      const missing = [...throughout].filter((name) => !found.includes(name))
      assert.deepEqual(missing, [])
    }),
    { numRuns: 500 },
  )
})
