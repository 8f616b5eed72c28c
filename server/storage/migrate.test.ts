/** Holds that migrations are read whole and in order, and never run on newer data. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { StartRefused } from '../contract/errors.ts'
import { pendingMigrations, readMigrations } from './migrate.ts'

const three = [1, 2, 3].map((number) => ({ number, name: `000${number}-m`, sql: `-- ${number}` }))

test('on new data all migrations are pending, in order', () => {
  assert.deepEqual(pendingMigrations(three, 0, 'the store'), three)
})

test('what was applied is pending no more', () => {
  assert.deepEqual(pendingMigrations(three, 1, 'the store'), three.slice(1))
  assert.deepEqual(pendingMigrations(three, 2, 'the store'), three.slice(2))
  assert.deepEqual(pendingMigrations(three, 3, 'the store'), [])
})

test('data of a newer version is refused in a sentence that says how to mend it', () => {
  for (const applied of [4, 5, 1000]) {
    assert.throws(
      () => pendingMigrations(three, applied, '/data/store'),
      (error) =>
        error instanceof StartRefused &&
        !error.inUse &&
        error.message.startsWith('/data/store was written by a newer Tenantry') &&
        error.message.includes(`its schema is ${applied}, and this one knows 3`) &&
        error.message.includes('Run that version, or point this one at other data'),
    )
  }
})

test('migrations are read in the order of their numbers, with name and text', (context) => {
  const folder = folderOf(context, {
    '0002-more.sql': 'SELECT 2;',
    '0010-tenth.sql': 'SELECT 10;',
    '0001-core.sql': "SELECT 'é😀';",
    ...Object.fromEntries([3, 4, 5, 6, 7, 8, 9].map((n) => [`000${n}-m.sql`, `SELECT ${n};`])),
  })
  const migrations = readMigrations(folder)
  assert.deepEqual(
    migrations.map(({ number }) => number),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  )
  assert.deepEqual(migrations[0], { number: 1, name: '0001-core', sql: "SELECT 'é😀';" })
  assert.deepEqual(migrations[9], { number: 10, name: '0010-tenth', sql: 'SELECT 10;' })
})

test('files that are no SQL are passed over', (context) => {
  const folder = folderOf(context, { '0001-core.sql': '', 'README.md': '', '0003-x.sql.swp': '' })
  assert.deepEqual(
    readMigrations(folder).map(({ name }) => name),
    ['0001-core'],
  )
})

const broken: readonly { title: string; files: readonly string[]; fault: RegExp }[] = [
  {
    title: 'a number that is missing',
    files: ['0001-a.sql', '0003-c.sql'],
    fault: /migration 2 is missing, found 0003-c\.sql/,
  },
  {
    title: 'a first number that is not 1',
    files: ['0002-b.sql'],
    fault: /migration 1 is missing, found 0002-b\.sql/,
  },
  { title: 'a number zero', files: ['0000-a.sql', '0001-b.sql'], fault: /found 0000-a\.sql/ },
  { title: 'a doubled number', files: ['0001-a.sql', '0001-b.sql'], fault: /found 0001-b\.sql/ },
  { title: 'a file without a number', files: ['0001-a.sql', 'core.sql'], fault: /found core\.sql/ },
]

for (const { title, files, fault } of broken) {
  test(`${title} is a fault that names the file`, (context) => {
    const folder = folderOf(context, Object.fromEntries(files.map((file) => [file, ''])))
    assert.throws(() => readMigrations(folder), fault)
  })
}

test('the migrations of SQLite are numbered from 1 and say something', () => {
  const migrations = readMigrations(new URL('./sqlite/migrations/', import.meta.url))
  assert.ok(migrations.length > 0)
  for (const [at, { number, sql }] of migrations.entries()) {
    assert.equal(number, at + 1)
    assert.notEqual(sql.trim(), '')
  }
})

function folderOf(context: TestContext, files: { readonly [name: string]: string }): URL {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-migrations-'))
  context.after(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return pathToFileURL(`${folder}/`)
}
