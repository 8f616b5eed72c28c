/**
 * Who may open the data beside whom, and what is refused at the start: other files, newer data, a
 * second server.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import {
  alter,
  holdLock,
  holdLockFor,
  makeFolder,
  openIn,
  refusedStart,
  serveElsewhere,
  tablesOf,
} from '../../../test/support/sqlite-files.ts'
import { acme, keyOf, lamp } from '../../../test/support/stored-samples.ts'
import { commandOf } from '../conformance/document-commands.ts'
import { refuseStart } from './database.ts'

describe('what is refused at the start', () => {
  test('a file that is no database, which stays as it was', async (context) => {
    const dataFolder = makeFolder()
    const path = join(dataFolder, 'tenantry.sqlite')
    writeFileSync(path, 'This is a letter to my aunt. '.repeat(200))
    const before = readFileSync(path)
    const error = await refusedStart(() => openIn(context, { dataFolder }))
    assert.match(error.message, /it is no SQLite database\. Check the path/)
    assert.ok(error.message.includes(path))
    assert.equal(error.inUse, false)
    assert.ok(readFileSync(path).equals(before))
  })

  test('a folder where the file should be', async (context) => {
    const dataFolder = makeFolder()
    mkdirSync(join(dataFolder, 'tenantry.sqlite'))
    const error = await refusedStart(() => openIn(context, { dataFolder }))
    assert.match(error.message, /cannot be opened: .*Check the path and its rights/)
  })

  test('a full disk, which is no matter of rights', () => {
    const connection = new DatabaseSync(':memory:')
    connection.exec('PRAGMA max_page_count = 1')
    const fill = () => connection.exec('CREATE TABLE songs (title)')
    assert.throws(() => refuseStart('/data/tenantry.sqlite', fill), {
      name: 'StartRefused',
      message: '/data/tenantry.sqlite cannot be opened: the disk is full. Make room on it.',
    })
    connection.close()
  })

  test('a database that says it was migrated and was not', async (context) => {
    const dataFolder = makeFolder()
    const path = join(dataFolder, 'tenantry.sqlite')
    alter(path, 'CREATE TABLE songs (title); PRAGMA user_version = 1; PRAGMA journal_mode = WAL')
    await refusedStart(() => openIn(context, { dataFolder }))
    assert.deepEqual(tablesOf(path), ['songs'])
  })

  for (const mode of ['WAL', 'DELETE']) {
    test(`data of a newer version in journal mode ${mode}, unchanged`, async (context) => {
      const dataFolder = makeFolder()
      const { place } = await openIn(context, { dataFolder, closed: true })
      alter(place, `PRAGMA user_version = 999; PRAGMA journal_mode = ${mode}`)
      const before = readFileSync(place)
      for (const as of ['server', 'command'] as const) {
        const error = await refusedStart(() => openIn(context, { dataFolder, as }))
        assert.match(error.message, /newer Tenantry: its schema is 999/)
        assert.match(error.message, /Run that version, or point this one at other data/)
        assert.ok(readFileSync(place).equals(before), 'the file was changed')
      }
    })
  }

  test('data of a newer version whose log was not moved yet, unchanged', async (context) => {
    const dataFolder = makeFolder()
    const { place } = await openIn(context, { dataFolder, closed: true })
    const other = new DatabaseSync(place)
    other.exec('PRAGMA user_version = 999')
    // Copied while it is open: what a crash of the newer version would leave.
    const copy = makeFolder()
    for (const file of ['tenantry.sqlite', 'tenantry.sqlite-wal']) {
      writeFileSync(join(copy, file), readFileSync(join(dataFolder, file)))
    }
    other.close()
    const before = ['tenantry.sqlite', 'tenantry.sqlite-wal'].map((file) =>
      readFileSync(join(copy, file)),
    )
    const error = await refusedStart(() => openIn(context, { dataFolder: copy }))
    assert.match(error.message, /newer Tenantry: its schema is 999/)
    const after = ['tenantry.sqlite', 'tenantry.sqlite-wal'].map((file) =>
      readFileSync(join(copy, file)),
    )
    assert.deepEqual(after, before)
  })

  test('the database of another program, which stays as it was', async (context) => {
    const dataFolder = makeFolder()
    const path = join(dataFolder, 'tenantry.sqlite')
    alter(path, 'CREATE TABLE songs (title)')
    const before = readFileSync(path)
    assert.match(
      (await refusedStart(() => openIn(context, { dataFolder }))).message,
      /another program/,
    )
    assert.ok(readFileSync(path).equals(before))
  })

  test('a second server on one data folder, until the first has closed', async (context) => {
    const dataFolder = makeFolder()
    const first = await openIn(context, { dataFolder })
    const before = readFileSync(first.place)
    const error = await refusedStart(() => openIn(context, { dataFolder }))
    assert.equal(error.inUse, true)
    assert.match(error.message, /Stop it first, or give this one a data folder of its own/)
    assert.ok(readFileSync(first.place).equals(before))
    await first.close()
    await openIn(context, { dataFolder })
  })

  test('a server that was refused leaves no lock behind', async (context) => {
    const dataFolder = makeFolder()
    const path = join(dataFolder, 'tenantry.sqlite')
    writeFileSync(path, 'no database, and long enough to be taken for none')
    await refusedStart(() => openIn(context, { dataFolder }))
    rmSync(path)
    await openIn(context, { dataFolder })
  })

  test('two servers on two data folders are none of each other', async (context) => {
    await openIn(context, { dataFolder: makeFolder() })
    await openIn(context, { dataFolder: makeFolder() })
  })

  test('a second server beside another process, until that is killed', async (context) => {
    const dataFolder = makeFolder()
    const child = await serveElsewhere(context, dataFolder)
    assert.equal((await refusedStart(() => openIn(context, { dataFolder }))).inUse, true)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await openIn(context, { dataFolder })
  })

  test('a command that would migrate beneath a running server', async (context) => {
    const dataFolder = makeFolder()
    const { place } = await openIn(context, { dataFolder })
    // A server whose file was swapped for older data is as near as one comes with one schema.
    const older = { dataFolder, url: 'sqlite:older', busyTimeoutMs: 50 }
    const path = join(dataFolder, 'older')
    alter(path, 'PRAGMA journal_mode = WAL')
    const before = readFileSync(path)
    const lock = holdLock(context, `${path}.lock`, 'EXCLUSIVE')
    const error = await refusedStart(() => openIn(context, { ...older, as: 'command' }))
    assert.equal(error.inUse, true)
    assert.match(error.message, /Stop it first/)
    assert.ok(readFileSync(path).equals(before))
    assert.deepEqual(tablesOf(path), [])
    lock.close()
    await openIn(context, { ...older, as: 'command' })
    assert.ok(existsSync(place))
  })

  test('no command that meets another one bringing the data up to date, but later', async (on) => {
    const dataFolder = makeFolder()
    const path = join(dataFolder, 'tenantry.sqlite')
    alter(path, 'PRAGMA journal_mode = WAL')
    await holdLockFor(on, `${path}.lock`, 300)
    await openIn(on, { dataFolder, as: 'command' })
    assert.ok(tablesOf(path).includes('documents'))
  })

  test('data that another process is writing to for too long', async (context) => {
    const dataFolder = makeFolder()
    const { place } = await openIn(context, { dataFolder, closed: true })
    const lock = holdLock(context, place)
    for (const as of ['server', 'command'] as const) {
      const error = await refusedStart(() => openIn(context, { dataFolder, as, busyTimeoutMs: 20 }))
      assert.equal(error.inUse, true)
    }
    lock.close()
    await openIn(context, { dataFolder })
  })

  test('a lock file that cannot be opened, without blaming another server', async (context) => {
    const dataFolder = makeFolder()
    mkdirSync(join(dataFolder, 'tenantry.sqlite.lock'))
    const error = await refusedStart(() => openIn(context, { dataFolder }))
    assert.equal(error.inUse, false)
  })

  test('a lock file that is no database, without blaming another server', async (context) => {
    const dataFolder = makeFolder()
    writeFileSync(join(dataFolder, 'tenantry.sqlite.lock'), 'scribbled over '.repeat(99))
    const error = await refusedStart(() => openIn(context, { dataFolder }))
    assert.equal(error.inUse, false)
  })
})

describe('beside a running server', () => {
  test('a command reads and writes what the server does', async (context) => {
    const dataFolder = makeFolder()
    const server = await openIn(context, { dataFolder })
    const command = await openIn(context, { dataFolder, as: 'command' })
    const key = keyOf('k1')
    assert.equal(
      await command.identity.createTenant({ id: acme, created: 1, createdBy: 'c' }),
      true,
    )
    assert.equal(await command.identity.createKey(key), 'created')
    assert.equal((await server.identity.findKey('k1'))?.label, key.label)
    await server.documents.write(lamp, commandOf())
    assert.equal((await command.documents.read(lamp))?.revision, 1)
  })

  test('a command takes no lock that keeps a server from starting', async (context) => {
    const dataFolder = makeFolder()
    await openIn(context, { dataFolder, as: 'command' })
    await openIn(context, { dataFolder })
  })
})
