/**
 * Documents out as lines and in again, over a map that keeps the real rules: what is planned is
 * what is done, what is there already is not written, and a fault changes nothing.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setImmediate as oneTurn } from 'node:timers/promises'
import type { DocumentMap } from '../../test/support/document-map.ts'
import { makeDocumentMap } from '../../test/support/document-map.ts'
import { Refusal } from '../contract/errors.ts'
import type { CollectionName } from '../contract/names.ts'
import { parseTenantId } from '../contract/names.ts'
import { exportDocuments } from './export.ts'
import type { ImportNeeds } from './import.ts'
import { changesShown, faultsShown, planImport, writeImport } from './import.ts'
import { splitLines } from './lines.ts'

const tenant = parseTenantId('acme')

const bot = (id: string, data: object = {}) => ({ collection: 'bots', id, data })
const live = (content: object, rest: object = {}) => ({ ...rest, versions: { current: content } })
const empty = { created: 0, replaced: 0, unchanged: 0, liveKept: 0 }

describe('an import', () => {
  test('writes what is not there, replaces what differs, and leaves what is equal', async () => {
    const documents = makeDocumentMap()
    const first = [{ data: { plan: 'gold' } }, bot('a', { n: 1 }), bot('b', live({ n: 2 }))]
    assert.deepEqual((await importOf(documents, first)).tally, { ...empty, created: 3 })
    const again = await importOf(documents, first)
    assert.deepEqual(again.tally, { ...empty, unchanged: 3 })
    const second = [first[0], bot('a', { n: 2 }), first[2], bot('c')].filter(Boolean)
    const tally = { ...empty, created: 1, replaced: 1, unchanged: 2 }
    assert.deepEqual((await importOf(documents, second)).tally, tally)
    assert.deepEqual(documents.written.slice(3), ['bots/a', 'bots/c'])
  })

  test('leaves a live version that a line does not speak of, and counts it', async () => {
    const documents = makeDocumentMap()
    await importOf(documents, [bot('a', live({ n: 1 }, { m: 1 })), bot('b', live({ n: 2 }))])
    const tally = { ...empty, replaced: 1, unchanged: 1, liveKept: 2 }
    const bare = [bot('a', { m: 2 }), bot('b')]
    assert.deepEqual((await planOf(documents, bare)).tally, tally)
    assert.deepEqual((await importOf(documents, bare)).tally, tally)
    const lines = await exportOf(documents)
    assert.match(lines, /"id":"a","data":\{"m":2,"versions":\{"current":\{"n":1\}\}\}/)
  })

  test('replaces a live version alone that differs', async () => {
    const documents = makeDocumentMap()
    await importOf(documents, [bot('a', live({ n: 1 }))])
    const { tally } = await importOf(documents, [bot('a', live({ n: 2 }))])
    assert.deepEqual(tally, { ...empty, replaced: 1 })
    assert.match(await exportOf(documents), /"current":\{"n":2\}/)
  })

  test('takes the order of members for a difference, as GET shows it', async () => {
    const documents = makeDocumentMap()
    await importOf(documents, [bot('a', { n: 1, m: 1 })])
    const other = [bot('a', { m: 1, n: 1 })]
    assert.equal((await importOf(documents, other)).tally.replaced, 1)
    assert.match(await exportOf(documents), /\{"m":1,"n":1\}/)
  })

  test('is planned as it is done, and a plan writes nothing', async () => {
    const documents = makeDocumentMap()
    await importOf(documents, [bot('a'), bot('b', { n: 1 }), bot('c', live({}))])
    const lines = [{ data: {} }, bot('a'), bot('b', { n: 2 }), bot('c'), bot('d', live({ n: 1 }))]
    const before = [...documents.written]
    const plan = await planOf(documents, lines)
    assert.deepEqual(documents.written, before)
    assert.deepEqual(
      plan.changes.map(({ outcome, address }) => [outcome, address.document]),
      [
        ['created', ''],
        ['replaced', 'b'],
        ['created', 'd'],
      ],
    )
    assert.deepEqual((await importOf(documents, lines)).tally, plan.tally)
  })

  test('of many lines shows the first of its changes', async () => {
    const lines = Array.from({ length: changesShown + 5 }, (_, n) => bot(`b${n}`))
    const plan = await planOf(makeDocumentMap(), lines)
    assert.equal(plan.changes.length, changesShown)
    assert.equal(plan.changes[0]?.address.document, 'b0')
    assert.equal(plan.tally.created, lines.length)
  })

  test('reads lines with the stamps of a server, which sets its own', async () => {
    const documents = makeDocumentMap()
    const data = { n: 1, updated: 5, updatedBy: 'apikey:x', versions: { current: { updated: 1 } } }
    await importOf(documents, [bot('a', data)])
    assert.equal(
      await exportOf(documents),
      '{"collection":"bots","id":"a","data":{"n":1,"versions":{"current":{}}}}\n',
    )
    assert.match(await exportOf(documents, undefined, true), /"updated":1000,"updatedBy":"cli:me"/)
  })
})

describe('a file with faults', () => {
  test('is told with all of its lines that are at fault, in their order', async () => {
    const documents = makeDocumentMap()
    await importOf(documents, [bot('live', live({}))])
    const plan = await planOf(documents, [
      bot('a'),
      '{"collection":"bots","id":"b","data":[]}',
      bot('live', { versions: 'text' }),
      bot('c', { versions: { current: 1 } }),
      bot('big', { text: 'x'.repeat(5000) }),
      bot('a', { n: 1 }),
      bot('long', { text: 'x'.repeat(lineMaxBytes) }),
    ])
    assert.equal(plan.faultCount, 6)
    assert.deepEqual(
      plan.faults.map(({ number, reason }) => [number, reason.slice(0, 40)]),
      [
        [2, 'The data must be a JSON object.'],
        [3, 'Beside a live version the member version'],
        [4, 'The live version, versions.current, must'],
        [5, 'The document would have 5011 bytes, and '],
        [6, 'Line 1 names the same document; keep one'],
        [7, 'The line is too long: 4096 bytes are the'],
      ],
    )
  })

  test('is told in part when there are many', async () => {
    const plan = await planOf(
      makeDocumentMap(),
      Array.from({ length: 100 }, () => '{}'),
    )
    assert.equal(plan.faultCount, 100)
    assert.equal(plan.faults.length, faultsShown)
  })
})

describe('an import that is cut off', () => {
  const many = Array.from({ length: 2000 }, (_, n) => bot(`b${String(n).padStart(4, '0')}`, { n }))

  test('by a write that fails says which line, and the next one completes it', async () => {
    let full = true
    const documents = makeDocumentMap(async ({ document }) => {
      await Promise.resolve()
      if (full && document >= 'b0700') throw new Refusal('StorageFull', 'There is no room.')
    })
    const end = await importOf(documents, many)
    assert.ok(typeof end.cut === 'object')
    assert.equal(end.cut.number, 701)
    assert.ok(end.cut.error instanceof Refusal && end.cut.error.code === 'StorageFull')
    assert.equal(end.tally.created, 700)
    assert.equal(documents.written.length, 700)
    full = false
    const tally = { ...empty, created: 1300, unchanged: 700 }
    assert.deepEqual((await importOf(documents, many)).tally, tally)
    assert.equal(documents.written.length, 2000)
  })

  test('by a signal waits for what is under way, and begins no more', async () => {
    let stopped = false
    const documents = makeDocumentMap(async () => {
      await oneTurn()
      stopped = documents.written.length > 300
    })
    const end = await importOf(documents, many, () => stopped)
    assert.equal(end.cut, 'stopped')
    assert.equal(end.tally.created, documents.written.length)
    assert.ok(end.tally.created < 1000, `${end.tally.created}`)
  })

  test('by a signal while it is checked has written nothing', async () => {
    const documents = makeDocumentMap()
    let asked = 0
    const plan = await planImport(
      linesOf(many),
      needsOf(documents, () => ++asked > 50),
    )
    assert.equal(plan.stopped, true)
    assert.equal(documents.written.length, 0)
  })

  test('has few writes under way at once, and little text', async () => {
    let underWay = 0
    let most = 0
    const documents = makeDocumentMap(async () => {
      most = Math.max(most, ++underWay)
      await oneTurn()
      underWay--
    })
    await importOf(documents, many)
    assert.ok(most > 100 && most <= 256, `${most} writes at once`)
    most = 0
    const large = Array.from({ length: 20 }, (_, n) => bot(`l${n}`, { text: 'x'.repeat(900_000) }))
    await writeImport(linesOf(large), { ...needsOf(documents), rules: roomy })
    assert.ok(most > 1 && most <= 4, `${most} large writes at once`)
  })
})

describe('an export', () => {
  const names = ['z', 'a', 'é', '😀', '\uffee', 'B', 'aa', ' ', '"', '\u2028', 'x%2Fy']
  const lines = [
    ...names.flatMap((collection) => names.map((id) => ({ collection, id, data: { id } }))),
    { data: { own: true } },
  ]

  test('is in bytewise order, the own document first, and equal once it was imported', async () => {
    const [one, other] = [makeDocumentMap(), makeDocumentMap()]
    await importOf(one, lines)
    const text = await exportOf(one)
    const ordered = names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    const expected = [
      '{"data":{"own":true}}\n',
      ...ordered.flatMap((collection) =>
        ordered.map((id) => `${JSON.stringify({ collection, id, data: { id } })}\n`),
      ),
    ]
    assert.equal(text, expected.join(''))
    await writeImport(splitLines([Buffer.from(text)], 100_000), needsOf(other))
    assert.equal(await exportOf(other), text)
  })

  test('of some collections has those alone, each once, in their order', async () => {
    const documents = makeDocumentMap()
    await importOf(documents, lines)
    const text = await exportOf(documents, ['z', 'B', 'z'])
    const found = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).collection)
    assert.deepEqual([...new Set(found)], ['B', 'z'])
    assert.equal(found.length, 2 * names.length)
  })

  test('of a collection that is not there is refused before its first line', async () => {
    const documents = makeDocumentMap()
    await importOf(documents, lines)
    await assert.rejects(exportOf(documents, ['a', 'boats']), /no collection "boats"/)
  })

  test('of nothing is nothing', async () => {
    assert.equal(await exportOf(makeDocumentMap()), '')
  })
})

const rules = { mergeDepth: 'deep', bodySizeMaxBytes: 4096 } as const
const lineMaxBytes = 1_000_000
const roomy = { ...rules, bodySizeMaxBytes: 1_048_576 }

function needsOf(documents: DocumentMap, isStopped = () => false): ImportNeeds {
  return {
    documents,
    tenant,
    rules,
    numbers: 'refuse',
    by: 'cli:me',
    requestId: 'import-1',
    now: () => 1000,
    isStopped,
    onLines() {},
  }
}

function linesOf(lines: readonly (object | string | undefined)[]) {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  return splitLines([Buffer.from(text.join('\n'))], lineMaxBytes)
}

const planOf = (documents: DocumentMap, lines: readonly (object | string)[]) =>
  planImport(linesOf(lines), needsOf(documents))

const importOf = (
  documents: DocumentMap,
  lines: readonly (object | undefined)[],
  isStopped?: () => boolean,
) => writeImport(linesOf(lines), needsOf(documents, isStopped))

async function exportOf(
  documents: DocumentMap,
  collections?: readonly string[],
  stamps = false,
): Promise<string> {
  const names = collections as readonly CollectionName[] | undefined
  let text = ''
  for await (const page of exportDocuments({ tenant, collections: names, stamps }, documents)) {
    assert.equal(page.text.split('\n').length - 1, page.documents)
    text += page.text
  }
  return text
}
