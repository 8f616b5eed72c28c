/** What a file is read for before it may be called a backup: each kind of damage is found. */
import assert from 'node:assert/strict'
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { after, before, describe, test } from 'node:test'
import { backUpTestStorage, openTestStorage } from '../../../test/support/storage.ts'
import type { DocumentAddress, TenantId } from '../../contract/names.ts'
import { parseTenantId } from '../../contract/names.ts'
import { createKey, createTenant, rotateKey } from '../../identity/keys.ts'
import { systemWorld } from '../../world.ts'
import type { SaidCommand } from '../conformance/document-commands.ts'
import { commandOf } from '../conformance/document-commands.ts'
import { readBack } from './read-back.ts'
import { rowSums } from './row-sums.ts'

const tenant = parseTenantId('acme')

let filled = ''

describe('a file with a row of every kind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-read-back-'))
  before(async () => {
    filled = await fill(folder)
  })
  after(() => rmSync(folder, { recursive: true }))

  test('is sound, and every row of it is compared', async (context) => {
    const { file } = filledFile(context)
    const steps: unknown[] = []
    const found = readBack(file, (progress) => steps.push(progress))
    assert.deepEqual(steps, [{ step: 'checking', done: 1, all: 1 }])
    assert.deepEqual(found, {
      contents: { tenants: 1, documents: 1, newestChange: 2009, schema: 3 },
      broken: [],
      damaged: [],
      damagedCount: 0,
    })
    const tables = rowSums.map(({ table }) => table)
    for (const table of tables) assert.ok(countOf(file, table) > 0, `${table} is empty`)
  })

  test('has no table with a checksum that is left out', async (context) => {
    const { file } = filledFile(context)
    const connection = new DatabaseSync(file, { readOnly: true })
    const summed = connection
      .prepare(`SELECT m.name, c.name AS column FROM sqlite_schema m, pragma_table_info(m.name) c
        WHERE m.type = 'table' ORDER BY m.name`)
      .all()
    connection.close()
    const withSum = summed.filter(({ column }) => column === 'checksum').map(({ name }) => name)
    assert.deepEqual(withSum, rowSums.map(({ table }) => table).toSorted())
    // What is in no sum can be turned unseen; each of these has its reason in the code that sums.
    const leftOut = summed
      .filter(({ name, column }) => !columnsOf(String(name)).includes(String(column)))
      .map(({ name, column }) => `${name}.${column}`)
    assert.deepEqual(leftOut.toSorted(), ['changes.position', 'keys.last_used'])
  })

  for (const { table, columns, later } of rowSums) {
    for (const column of [...columns, ...(later ?? [])]) {
      test(`a turned ${column} of ${table} is found`, async (context) => {
        const { file } = filledFile(context)
        turn(file, table, column)
        const { damagedCount, damaged, broken } = readBack(file, () => {})
        assert.deepEqual([damagedCount, broken], [1, []])
        assert.equal(damaged.length, 1)
      })
    }
  }

  test('pages that are overwritten are found', async (context) => {
    const { file } = filledFile(context)
    const half = Math.floor(statSync(file).size / 8192) * 4096
    const descriptor = openSync(file, 'r+')
    writeSync(descriptor, Buffer.alloc(8192, 0x55), 0, 8192, half)
    closeSync(descriptor)
    assert.ok(readBack(file, () => {}).broken.length > 0)
  })

  test('a last page that is missing is found', async (context) => {
    const { file } = filledFile(context)
    truncateSync(file, statSync(file).size - 4096)
    const { contents, broken } = readBack(file, () => {})
    assert.equal(contents, undefined)
    assert.ok(broken.length > 0)
  })

  test('an index without one of its rows is found', async (context) => {
    const { file } = filledFile(context)
    const connection = new DatabaseSync(file, { defensive: false })
    const root = Number(
      connection.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'keys_by_tenant'").get()
        ?.rootpage,
    )
    connection.close()
    // Cells of a leaf: their number is at its third byte.
    const descriptor = openSync(file, 'r+')
    writeSync(descriptor, Buffer.from([0, 0]), 0, 2, (root - 1) * 4096 + 3)
    closeSync(descriptor)
    assert.match(readBack(file, () => {}).broken.join(), /keys_by_tenant/)
  })

  test('what is no database is broken, not a fault', (context) => {
    const folder = makeFolder(context)
    const file = join(folder, 'text')
    const descriptor = openSync(file, 'w')
    writeSync(descriptor, 'x'.repeat(5000))
    closeSync(descriptor)
    assert.match(readBack(file, () => {}).broken.join(), /SQLite says: .*not a database/)
    assert.equal(readFileSync(file, 'latin1'), 'x'.repeat(5000))
  })
})

function columnsOf(table: string): readonly string[] {
  const sum = rowSums.find((each) => each.table === table)
  return [...(sum?.columns ?? []), ...(sum?.later ?? []), 'checksum']
}

/** A backup with rows in all tables, to be spoiled. */
function filledFile(context: TestContext) {
  const file = join(makeFolder(context), 'backup')
  copyFileSync(filled, file)
  return { file }
}

/** A backup of a store with rows in all tables. */
async function fill(folder: string): Promise<string> {
  const storage = await openTestStorage(join(folder, 'data'))
  const needs = { ...systemWorld, identity: storage.identity }
  await createTenant(tenant, 'cli:check', needs)
  const wanted = { tenant, scopes: ['voc:*'], label: 'l', expiresAt: systemWorld.now() + 1e9 }
  const { key } = await createKey(wanted, 'cli:check', needs)
  await rotateKey({ tenant, id: key.id, overlapMs: 0 }, 'cli:check', needs)
  await storage.keepSecret('signing', Uint8Array.from([1, 2, 3]), 5)
  const write = (document: string, said: SaidCommand) =>
    storage.documents.write(
      { tenant, collection: 'c', document } as DocumentAddress,
      commandOf({ content: { a: 1 }, live: { b: 2 }, at: 2000, ...said }),
    )
  const repeat = { key: 'key', fingerprint: 'print', keptUntil: 9e12 }
  await write('kept', { at: 2009, repeat })
  await write('gone', {})
  await write('gone', { mode: 'delete', live: undefined })
  const former = 'former' as TenantId
  await createTenant(former, 'cli:check', needs)
  await storage.tenantEnds.endTenant(former, 7, 'cli:check')
  assert.equal(await storage.tenantEnds.freeTenant(former), true)
  await storage.close()
  const file = join(folder, 'backup')
  await backUpTestStorage(join(folder, 'data'), file)
  return file
}

/** One row's, past all rules: a value that differs from what was there, of the same type. */
function turn(file: string, table: string, column: string): void {
  const connection = new DatabaseSync(file, { enableForeignKeyConstraints: false })
  connection.exec('PRAGMA ignore_check_constraints = ON')
  const [row] = connection.prepare(`SELECT *, typeof(${column}) AS is_of FROM ${table}`).all()
  const type = row?.is_of
  const value =
    type === 'integer'
      ? `${column} + 1`
      : type === 'blob'
        ? `zeroblob(length(${column}))`
        : type === 'null'
          ? wantsNumber(column)
            ? '1'
            : "'x'"
          : `${column} || 'x'`
  const one = table === 'changes' ? 'WHERE position = 1' : firstOf(connection, table)
  connection.exec(`UPDATE ${table} SET ${column} = ${value} ${one}`)
  connection.close()
}

function firstOf(connection: DatabaseSync, table: string): string {
  const [name = ''] = columnsOf(table)
  const { first } = connection.prepare(`SELECT min(${name}) AS first FROM ${table}`).get() ?? {}
  return `WHERE ${name} = '${first}'`
}

function wantsNumber(column: string): boolean {
  return /revision|version|updated$|revoked|expires_at|ended$/.test(column)
}

function countOf(file: string, table: string): number {
  const connection = new DatabaseSync(file, { readOnly: true })
  const { count } = connection.prepare(`SELECT count(*) AS count FROM ${table}`).get() ?? {}
  connection.close()
  return Number(count)
}

function makeFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-read-back-'))
  context.after(() => rmSync(folder, { recursive: true }))
  return folder
}
