/** A schema that others changed, and indexes that do not say what their tables say. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { newestSchema, openFormerStore } from '../../../test/support/former-store.ts'
import {
  backUpTestStorage,
  openTestStorage,
  restoreTestStorage,
} from '../../../test/support/storage.ts'
import { StartRefused } from '../../contract/errors.ts'
import { commandOf } from '../conformance/document-commands.ts'
import { examineStorage } from '../storage.ts'
import { schemaFaults } from './schema.ts'

/** Never comes to an end, where it is read. */
const endless = 'WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n'

const writable = (sql: string) =>
  `PRAGMA writable_schema = ON; ${sql}; PRAGMA writable_schema = RESET`

const changes: readonly (readonly [sql: string, says: RegExp])[] = [
  ['DROP INDEX keys_by_tenant', /there is no such index: keys_by_tenant, which schema 3 has/],
  ['DROP TABLE former_tenants', /there is no such table: former_tenants, which schema 3 has/],
  ['CREATE TABLE notes (x)', /table: notes is not of/],
  ['CREATE INDEX quick ON keys (label)', /index: quick is not of/],
  ['CREATE VIEW v AS SELECT 1', /view: v is not of/],
  ['CREATE TRIGGER t AFTER INSERT ON keys BEGIN DELETE FROM changes; END', /trigger: t is not of/],
  [`DROP TABLE tombstones; CREATE VIEW tombstones AS ${endless}`, /view: tombstones is not/],
  [
    'DROP INDEX changes_by_version; CREATE INDEX changes_by_version ON changes (tenant)',
    /index: changes_by_version is otherwise than/,
  ],
  [
    writable("UPDATE sqlite_schema SET sql = replace(sql, '> 0', '> 1') WHERE name = 'documents'"),
    /table: documents is otherwise than/,
  ],
  [
    'CREATE TABLE t AS SELECT * FROM tenants; DROP TABLE tenants; ALTER TABLE t RENAME TO tenants',
    /table: tenants is otherwise than/,
  ],
  ['PRAGMA user_version = 1', /table: tombstones is not of Tenantry's schema 1/],
]

test('a schema that is not ours is told, and not restored', async (on) => {
  for (const [sql, says] of changes) {
    const { folder, data, backup } = await makeStore(on)
    for (const file of [join(data, 'tenantry.sqlite'), backup]) change(file, sql)
    for (const quick of [false, true]) {
      const errors = await errorsOf(data, quick)
      assert.ok(
        errors.some((what) => says.test(what)),
        `${sql}: ${errors.join()}`,
      )
    }
    const refused = (error: unknown) => error instanceof StartRefused && says.test(error.message)
    await assert.rejects(restoreTestStorage(join(folder, 'new'), backup), refused, sql)
    assert.equal(existsSync(join(folder, 'new/tenantry.sqlite')), false)
    await assert.rejects(backUpTestStorage(data, join(folder, 'again')), refused, sql)
    assert.equal(existsSync(join(folder, 'again')), false)
  }
})

test('the schema of every version of ours is its own', (on) => {
  for (let schema = 1; schema <= newestSchema; schema++) {
    const former = openFormerStore(join(makeFolder(on), 'data'), schema)
    assert.deepEqual(schemaFaults(former), [])
    former.close()
  }
})

test('spaces, comments and what SQLite makes by itself are no fault of a schema', async (on) => {
  const { data } = await makeStore(on)
  change(
    join(data, 'tenantry.sqlite'),
    `DROP INDEX keys_by_tenant; ANALYZE;
     CREATE INDEX "keys_by_tenant"  ON keys (tenant, /* by time */ created, -- then by name
       id); VACUUM`,
  )
  assert.deepEqual(await errorsOf(data, false), [])
})

test('a row that its index does not name is told', async (on) => {
  const { data } = await makeStore(on)
  const file = join(data, 'tenantry.sqlite')
  emptyIndex(file, 'changes_by_version')
  const says = /row 1 missing from index changes_by_version/
  assert.match((await errorsOf(data, false)).join(), says)
  const served = await openTestStorage(data)
  on.after(() => served.close())
  assert.match((await errorsOf(data, false)).join(), says)
})

/** Takes all cells out of the one page that the index has. */
function emptyIndex(file: string, index: string): void {
  const connection = new DatabaseSync(file, { readOnly: true })
  const { rootpage } =
    connection.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(index) ?? {}
  const { page_size: pageBytes } = connection.prepare('PRAGMA page_size').get() ?? {}
  connection.close()
  const bytes = readFileSync(file)
  // Their number is at the third byte of a leaf.
  bytes.writeUInt16BE(0, (Number(rootpage) - 1) * Number(pageBytes) + 3)
  writeFileSync(file, bytes)
}

function change(file: string, sql: string): void {
  const connection = new DatabaseSync(file, {
    enableForeignKeyConstraints: false,
    defensive: false,
  })
  connection.exec(sql)
  connection.close()
}

async function errorsOf(dataFolder: string, quick: boolean): Promise<readonly string[]> {
  const options = { quick, now: 1_800_000_000_000, onProgress() {} }
  const { findings } = await examineStorage({ url: 'sqlite:', dataFolder }, options)
  return findings.filter(({ severity }) => severity === 'error').map(({ what }) => what)
}

async function makeStore(on: TestContext) {
  const folder = makeFolder(on)
  const data = join(folder, 'data')
  const storage = await openTestStorage(data, { tenants: ['acme'] })
  const address = { tenant: 'acme', collection: 'c', document: 'd' } as never
  await storage.documents.write(address, commandOf({ content: { n: 1 }, live: {} }))
  await storage.close()
  const backup = join(folder, 'backup')
  await backUpTestStorage(data, backup)
  return { folder, data, backup }
}

function makeFolder(on: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-schema-'))
  on.after(() => rmSync(folder, { recursive: true }))
  return folder
}
