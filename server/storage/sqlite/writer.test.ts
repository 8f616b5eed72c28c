/**
 * The writer as a whole, its thread and its disk: whoever sends much, what comes of it in one
 * commit stays small, others get their turn, and nothing that was taken in is without an end.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { openTestStorage } from '../../../test/support/storage.ts'
import { documentOf } from '../../../test/support/stored-samples.ts'
import type { DocumentAddress } from '../../contract/names.ts'
import { parseTenantId } from '../../contract/names.ts'
import { commandOf } from '../conformance/document-commands.ts'
import type { Storage } from '../engine.ts'
import type { StorageOptions } from '../storage.ts'

const tenants = ['acme', 'globex']

function makeFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-writer-'))
  context.after(() => rmSync(folder, { recursive: true }))
  return folder
}

async function open(context: TestContext, options: Partial<StorageOptions> = {}) {
  const storage = await openTestStorage(makeFolder(context), { tenants, ...options })
  context.after(() => storage.close())
  return storage
}

/** The code with which it was refused; undefined when it was done. */
async function codeOf(write: Promise<unknown>): Promise<string | undefined> {
  try {
    await write
    return undefined
  } catch (error) {
    return (error as { code: string }).code
  }
}

/**
 * How many of these writes are answered before one of another tenant is, and how all of them ended.
 * That one is sent when the second of them is answered: the first went alone, the others together.
 */
async function countBefore(storage: Storage, writes: readonly Promise<unknown>[]) {
  let answered = 0
  const ends = writes.map(async (write) => {
    const code = await codeOf(write)
    answered++
    return code
  })
  await ends[1]
  await storage.documents.write(documentOf('small', parseTenantId('globex')), commandOf())
  return { before: answered, ends: await Promise.all(ends) }
}

test('patches that are refused hold the writer no longer than one commit', async (context) => {
  const storage = await open(context)
  const large = documentOf('large')
  await storage.documents.write(large, commandOf({ content: { l: Array(19_000).fill(1) } }))
  const copies = Array.from({ length: 26 }, (_, n) => ({ op: 'copy', from: '/l', path: `/${n}` }))
  const patches = Array.from({ length: 150 }, () =>
    storage.documents.write(large, commandOf({ content: copies, mode: 'jsonPatch' })),
  )
  const { before, ends } = await countBefore(storage, patches)
  assert.deepEqual(new Set(ends), new Set(['PayloadTooLarge']))
  // One alone, one commit's, those of the commit under way, and those that share the next one.
  assert.ok(before < 60, `${before} of 150 came before`)
})

describe('of 200 merges at once into documents of 1 MB', () => {
  let before = 0
  let logBytes = 0
  test('all are done', async (context) => {
    const storage = await open(context)
    const documents = ['a', 'b', 'c', 'd'].map((name) => documentOf(name))
    for (const address of documents) {
      await storage.documents.write(
        address,
        commandOf({ content: { text: 'x'.repeat(1_000_000) } }),
      )
    }
    const merges = Array.from({ length: 200 }, (_, n) =>
      storage.documents.write(
        documents[n % 4] as DocumentAddress,
        commandOf({ content: { n }, mode: 'merge' }),
      ),
    )
    const counted = await countBefore(storage, merges)
    assert.deepEqual(new Set(counted.ends), new Set([undefined]))
    before = counted.before
    logBytes = statSync(`${storage.place}-wal`).size
  })

  test('a small write waits for one commit of a batch, not for all of them', () => {
    assert.ok(before > 0 && before < 60, `${before} of 200 came before`)
  })

  test('the log is moved between the commits of one batch', () => {
    // What is in all of them is ten times as much.
    assert.ok(logBytes > 0 && logBytes < 40_000_000, `the log grew to ${logBytes} bytes`)
  })
})

test('a write that fits is written beside one that does not', async (context) => {
  const storage = await open(context, { sizeMaxBytes: 4 * 1_048_576 })
  const write = (name: string, characters: number) =>
    codeOf(
      storage.documents.write(
        documentOf(name),
        commandOf({ content: { text: 'x'.repeat(characters) } }),
      ),
    )
  let filled = 0
  while ((await write(`fill-${filled}`, 200_000)) === undefined) filled++
  assert.ok(filled > 2, 'it was full at once')
  const names = Array.from({ length: 30 }, (_, n) => `${n % 3 === 1 ? 'large' : 'small'}-${n}`)
  // The first goes alone, and the others share a batch.
  const ends = await Promise.all(
    ['small-first', ...names].map((name) => write(name, name.startsWith('large') ? 900_000 : 10)),
  )
  const expected = names.map((name) => (name.startsWith('large') ? 'StorageFull' : undefined))
  assert.deepEqual(ends, [undefined, ...expected])
  for (const name of names) {
    const found = await storage.documents.read(documentOf(name))
    assert.equal(found !== undefined, name.startsWith('small'), name)
  }
})

test('a closing store drops what waits and finishes what is under way', async (context) => {
  const folder = makeFolder(context)
  const storage = await openTestStorage(folder, { tenants })
  const lamp = documentOf('lamp')
  const text = 'x'.repeat(1_000_000)
  const write = (n: number) =>
    codeOf(storage.documents.write(lamp, commandOf({ content: { n, text } })))
  const first = write(0)
  // More than one batch, and more than one commit, of which the first batch goes behind this one.
  const others = Array.from({ length: 20 }, (_, n) => write(n + 1))
  assert.equal(await first, undefined)
  const closed = storage.close()
  const ends = await Promise.all(others)
  await closed
  const done = ends.filter((code) => code === undefined).length
  assert.ok(done > 1 && done < 6, `${done} were done`)
  const expected = ends.map((_, at) => (at < done ? undefined : 'Unavailable'))
  assert.deepEqual(ends, expected)
  assert.equal(await codeOf(storage.documents.write(lamp, commandOf())), 'Unavailable')
  const again = await openTestStorage(folder, { tenants })
  context.after(() => again.close())
  assert.equal((await again.documents.read(lamp))?.revision, done + 1)
})
