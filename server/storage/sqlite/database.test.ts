/**
 * Holds what is particular to SQLite: the settings that make a write durable, who may open the
 * data beside whom, and that its errors and transactions stay inside.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { after, describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { openTestStorage } from '../../../test/support/storage.ts'
import { Refusal, StartRefused } from '../../contract/errors.ts'
import { bodySizeMaxBytes } from '../../contract/limits.ts'
import { parseCollectionName, parseDocumentName, parseTenantId } from '../../contract/names.ts'
import type { WriteCommand } from '../../documents/write.ts'
import type { Storage } from '../engine.ts'
import { isLibraryTrusted, openReader, openWriter, readsTelling, refuseStart } from './database.ts'

const root = mkdtempSync(join(tmpdir(), 'tenantry-sqlite-'))
after(() => rmSync(root, { recursive: true }))

describe('the connections', () => {
  const wanted = {
    journal_mode: 'wal',
    synchronous: 2,
    foreign_keys: 1,
    trusted_schema: 0,
    busy_timeout: 1234,
  }

  test('the writer has every safe setting after a first write', (context) => {
    const { writer, transaction } = openFile(context)
    transaction(() => writer.exec("INSERT INTO tenants VALUES ('t', 1, 'check', 0, NULL, NULL)"))
    assert.deepEqual(settingsOf(writer, Object.keys(wanted)), wanted)
  })

  test('the reader has every safe setting too', (context) => {
    const { reader } = openFile(context)
    assert.deepEqual(settingsOf(reader, Object.keys(wanted)), wanted)
  })

  test('the settings hold when the file is opened again', (context) => {
    const path = join(makeFolder(), 'db')
    openFile(context, path).close()
    const { writer } = openFile(context, path)
    assert.deepEqual(settingsOf(writer, Object.keys(wanted)), wanted)
  })

  test('the reader cannot write', (context) => {
    const { reader, writer } = openFile(context)
    writer.exec("INSERT INTO tenants VALUES ('t', 1, 'check', 0, NULL, NULL)")
    for (const sql of [
      "INSERT INTO tenants VALUES ('u', 1, 'check', 0, NULL, NULL)",
      'DELETE FROM tenants',
      'DROP TABLE keys',
      'PRAGMA user_version = 9',
    ]) {
      assert.throws(() => reader.exec(sql), /readonly database/)
    }
    assert.deepEqual(firstOf(reader, 'SELECT count(*) FROM tenants'), 1)
  })

  test('the reader sees what is committed and nothing else', (context) => {
    const { reader, writer, transaction } = openFile(context)
    const count = () => firstOf(reader, 'SELECT count(*) FROM tenants')
    transaction(() => {
      writer.exec("INSERT INTO tenants VALUES ('t', 1, 'check', 0, NULL, NULL)")
      assert.equal(count(), 0)
    })
    assert.equal(count(), 1)
  })

  test('a transaction that throws is rolled back, and the next one runs', (context) => {
    const { reader, writer, transaction } = openFile(context)
    const fault = new Error('a fault')
    const attempt = () =>
      transaction(() => {
        writer.exec("INSERT INTO tenants VALUES ('t', 1, 'check', 0, NULL, NULL)")
        throw fault
      })
    assert.throws(attempt, (error) => error === fault)
    assert.equal(writer.isTransaction, false)
    assert.equal(firstOf(reader, 'SELECT count(*) FROM tenants'), 0)
    transaction(() => writer.exec("INSERT INTO tenants VALUES ('u', 1, 'check', 0, NULL, NULL)"))
    assert.equal(firstOf(reader, 'SELECT count(*) FROM tenants'), 1)
  })

  test('what is not alone migrates nothing', (context) => {
    const path = join(makeFolder(), 'db')
    assert.throws(
      () => openFile(context, path, { alone: false }),
      (error) => error instanceof StartRefused && error.inUse,
    )
    assert.deepEqual(tablesOf(path), [])
    openFile(context, path).close()
    openFile(context, path, { alone: false }).close()
  })

  test('what is alone leaves nothing in the log, what is not leaves it', (context) => {
    const path = join(makeFolder(), 'db')
    const { writer, transaction } = openFile(context, path)
    const size = () => statSync(`${path}-wal`).size
    transaction(() => writer.exec("INSERT INTO tenants VALUES ('t', 1, 'check', 0, NULL, NULL)"))
    const before = size()
    openFile(context, path, { alone: false })
    assert.ok(size() >= before)
    openFile(context, path)
    // Its own first write, by which it looks whether all is durable.
    assert.ok(size() < before, `${size()} bytes are left of ${before}`)
  })
})

test('a read that meets a failed disk or file is told, any other is not', async () => {
  const told: unknown[] = []
  const read = readsTelling((fault) => told.push(fault))
  const failing = (errcode: number) => {
    const error = Object.assign(new Error('from SQLite'), { errcode })
    return read(() => {
      throw error
    })
  }
  // IOERR with its extended READ and FSYNC, CORRUPT, NOTADB.
  for (const errcode of [10, 266, 1034, 11, 26]) {
    await assert.rejects(failing(errcode), { message: `SQLite failed with code ${errcode}` })
  }
  assert.equal(told.length, 5)
  await assert.rejects(failing(5), { code: 'Unavailable' })
  await assert.rejects(failing(13), { code: 'StorageFull' })
  await assert.rejects(failing(1), { message: 'SQLite failed with code 1' })
  assert.equal(told.length, 5)
})

test('of more writes than may wait some are told to come back, the others done', async (on) => {
  const storage = await openIn(on, { tenants: [acme] })
  const text = 'x'.repeat(1_000_000)
  const attempts = Array.from({ length: 100 }, (_, n) =>
    storage.documents.write(lamp, commandOf(JSON.stringify({ n, text }))),
  )
  const ends = await Promise.allSettled(attempts)
  const refused = ends.filter((end) => end.status === 'rejected')
  assert.ok(refused.length > 20 && refused.length < 50, `${refused.length} were refused`)
  for (const { reason } of refused) assert.equal(reason.code, 'Unavailable')
  assert.equal((await storage.documents.read(lamp))?.revision, 100 - refused.length)
})

test('a write that cannot cross to the writer is rejected, the next one done', async (on) => {
  const storage = await openIn(on, { tenants: [acme] })
  const strange = { ...commandOf('{}'), by: (() => 'a function') as unknown as string }
  await assert.rejects(storage.documents.write(lamp, strange), { name: 'DataCloneError' })
  assert.equal((await storage.documents.write(lamp, commandOf('{}'))).resource.revision, 1)
})

describe('a row that is not as it was written', () => {
  const turned: { readonly [table: string]: string } = {
    documents: `UPDATE documents SET content = '{"n":2}'`,
    'documents, moved to another name': "UPDATE documents SET document = 'lamp2'",
    'documents, in a stamp': 'UPDATE documents SET updated = updated + 1',
    changes: `UPDATE changes SET content = '{"n":2}'`,
    tenants: 'UPDATE tenants SET created = created + 1',
    keys: `UPDATE keys SET scopes = '["keys:*"]'`,
    'keys, alive again': 'UPDATE keys SET revoked = NULL',
  }
  for (const [what, sql] of Object.entries(turned)) {
    test(`is a fault to whoever reads it, and to nobody else: ${what}`, async (context) => {
      // A command, which remembers nothing.
      const storage = await openIn(context, { as: 'command' })
      await storage.identity.createTenant({ id: acme, created: 1, createdBy: 'check' })
      await storage.identity.createKey(keyOf('k1'))
      await storage.identity.revokeKey('k1', undefined, 5)
      await storage.documents.write(lamp, commandOf('{"n":1}'))
      const reads: { readonly [table: string]: () => Promise<unknown> } = {
        documents: () => storage.documents.list(lamp, undefined),
        changes: () => storage.documents.listChanges(acme, 0, 9),
        tenants: () => storage.identity.listTenants(),
        keys: () => storage.identity.findKey('k1'),
      }
      for (const read of Object.values(reads)) await read()
      alter(storage.place, sql)
      for (const [table, read] of Object.entries(reads)) {
        if (what.startsWith(table)) await assert.rejects(read(), /fails its checksum/)
        else await read()
      }
      if (!what.startsWith('documents')) return
      const address = what.endsWith('name')
        ? { ...lamp, document: parseDocumentName('lamp2') }
        : lamp
      await assert.rejects(storage.documents.read(address), /a stored document fails its checksum/)
      await assert.rejects(storage.documents.write(address, commandOf('{}')), /fails its checksum/)
    })
  }
})

test('a library is trusted from 3.51.3 on', () => {
  for (const version of ['3.51.3', '3.51.10', '3.52.0', '3.100.0', '4.0.0', '3.51.3.1']) {
    assert.equal(isLibraryTrusted(version), true, version)
  }
  for (const version of ['3.51.2', '3.51', '3.51.0', '3.50.9', '3.9.99', '2.99.99', '3', '']) {
    assert.equal(isLibraryTrusted(version), false, version)
  }
})

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
    await server.documents.write(lamp, commandOf('{}'))
    assert.equal((await command.documents.read(lamp))?.revision, 1)
  })

  test('a command takes no lock that keeps a server from starting', async (context) => {
    const dataFolder = makeFolder()
    await openIn(context, { dataFolder, as: 'command' })
    await openIn(context, { dataFolder })
  })
})

describe('a busy store', () => {
  const busyTimeoutMs = 80
  const writes: { readonly [name: string]: (storage: Storage) => Promise<unknown> } = {
    write: ({ documents }) => documents.write(lamp, commandOf('{"n":2}')),
    createTenant: ({ identity }) =>
      identity.createTenant({ id: parseTenantId('other'), created: 1, createdBy: 'check' }),
    createKey: ({ identity }) => identity.createKey(keyOf('k2')),
    revokeKey: ({ identity }) => identity.revokeKey('k1', undefined, 5),
    recordUse: ({ identity }) => identity.recordUse(new Map([['k1', 5]])),
  }

  for (const [name, write] of Object.entries(writes)) {
    test(`${name} is Unavailable after its time, leaves no trace, and works later`, async (on) => {
      const storage = await openIn(on, { busyTimeoutMs })
      await storage.identity.createTenant({ id: acme, created: 1, createdBy: 'check' })
      await storage.identity.createKey(keyOf('k1'))
      await storage.documents.write(lamp, commandOf('{"n":1}'))
      const before = await everything(storage)

      const lock = holdLock(on, storage.place)
      const start = performance.now()
      await assert.rejects(
        write(storage),
        (error) => error instanceof Refusal && error.code === 'Unavailable',
      )
      const waitedMs = performance.now() - start
      assert.ok(waitedMs >= busyTimeoutMs - 5 && waitedMs < 5000, `it waited ${waitedMs} ms`)
      assert.deepEqual(await everything(storage), before)

      lock.close()
      await write(storage)
      assert.notDeepEqual(await everything(storage), before)
    })
  }

  test('reads go on', async (context) => {
    const storage = await openIn(context, { busyTimeoutMs, tenants: [acme] })
    await storage.documents.write(lamp, commandOf('{"n":1}'))
    const lock = holdLock(context, storage.place)
    lock.exec('DELETE FROM documents')
    assert.equal((await storage.documents.read(lamp))?.base.content, '{"n":1}')
    assert.equal((await storage.documents.list(lamp, undefined)).length, 1)
    assert.equal((await storage.documents.listChanges(acme, 0, 9)).length, 1)
    assert.equal((await storage.identity.listTenants()).length, 1)
  })
})

test("no error of SQLite's gets out by itself", async (context) => {
  const storage = await openIn(context)
  await storage.identity.createTenant({ id: acme, created: 1, createdBy: 'check' })
  alter(storage.place, 'DROP TABLE documents; DROP TABLE changes; DROP TABLE keys')
  const attempts = [
    storage.documents.write(lamp, commandOf('{}')),
    storage.documents.read(lamp),
    storage.documents.list(lamp, undefined),
    storage.documents.listChanges(acme, 0, 1),
    storage.identity.findKey('k'),
    storage.identity.createKey(keyOf('k')),
  ]
  for (const [outcome] of await Promise.all(attempts.map((each) => Promise.allSettled([each])))) {
    assert.ok(outcome?.status === 'rejected')
    const { reason } = outcome
    assert.ok(!(reason instanceof Refusal), 'a fault of ours is no refusal')
    assert.equal('errcode' in reason, false)
    assert.match(reason.message, /^SQLite failed with code \d+$/)
    assert.match(String(reason.cause), /no such table/)
  }
})

test('no read keeps a transaction open, not even a list that was left early', async (context) => {
  const storage = await openIn(context)
  const { documents, identity } = storage
  await identity.createTenant({ id: acme, created: 1, createdBy: 'check' })
  const large = commandOf(JSON.stringify({ text: 'x'.repeat(600_000) }))
  for (const name of ['a', 'b', 'c', 'd']) await documents.write(documentOf(name), large)
  const reads: { readonly [name: string]: () => Promise<unknown> } = {
    'a list left early': async () => {
      const page = await documents.list(lamp, undefined)
      assert.ok(page.length < 4, 'the page must end before the list')
    },
    'a list read to its end': () => documents.list(lamp, documentOf('c').document),
    'a read': () => documents.read(documentOf('a')),
    'a read of nothing': () => documents.read(documentOf('z')),
    'a record read in part': () => documents.listChanges(acme, 0, 1),
    'a list of tenants': () => identity.listTenants(),
    'a key that is unknown': () => identity.findKey('k'),
    'keys of a tenant': () => identity.listKeys(acme),
    'a write': () => documents.write(documentOf('e'), commandOf('{}')),
    'a revocation': () => identity.revokeKey('k', undefined, 1),
  }
  for (const [name, read] of Object.entries(reads)) {
    await read()
    // So that the log holds something that the read, were it open, would not have seen.
    await documents.write(documentOf('later'), commandOf('{}'))
    const other = new DatabaseSync(storage.place)
    const answer = other.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
    other.close()
    assert.deepEqual({ ...answer }, { busy: 0, log: 0, checkpointed: 0 }, name)
  }
})

test('close lets go of the file: no log is left beside it', async (context) => {
  const { place } = await openIn(context, { closed: true })
  assert.equal(existsSync(place), true)
  assert.equal(existsSync(`${place}-wal`), false)
})

const acme = parseTenantId('acme')
const lamp = documentOf('lamp')

function documentOf(name: string) {
  const collection = parseCollectionName('things')
  return { tenant: acme, collection, document: parseDocumentName(name) }
}

function commandOf(content: string): WriteCommand {
  return {
    part: 'base',
    mode: 'replace',
    versioned: true,
    mergeDepth: 'deep',
    repeat: undefined,
    content,
    live: undefined,
    conditions: {},
    by: 'cli:check',
    at: 1,
    requestId: 'request-1',
    sizeMaxBytes: bodySizeMaxBytes,
  }
}

function keyOf(id: string) {
  return {
    id,
    tenant: acme,
    hash: new Uint8Array(32).fill(Number.parseInt(id.slice(1), 36) || 0),
    scopes: ['provisioning:*'],
    label: 'a key',
    created: 1,
    createdBy: 'check',
    expiresAt: undefined,
    lastUsed: undefined,
    revoked: undefined,
    rotatedTo: undefined,
  }
}

async function everything({ documents, identity }: Storage) {
  return {
    tenants: await identity.listTenants(),
    keys: await identity.listKeys(acme),
    lamp: await documents.read(lamp),
    record: await documents.listChanges(acme, 0, 99),
  }
}

function makeFolder(): string {
  return mkdtempSync(join(root, 'data-'))
}

/** Open until the test ends, or `closed` when this returns. */
async function openIn(
  context: TestContext,
  {
    closed,
    dataFolder = makeFolder(),
    ...options
  }: Parameters<typeof openTestStorage>[1] & { dataFolder?: string; closed?: true } = {},
): Promise<Storage> {
  const opened = await openTestStorage(dataFolder, options)
  let open = true
  const close = async () => {
    if (open) await opened.close()
    open = false
  }
  if (closed) await close()
  context.after(close)
  return { ...opened, close }
}

function openFile(context: TestContext, path = join(makeFolder(), 'db'), { alone = true } = {}) {
  const { connection: writer, transaction } = openWriter(path, {
    busyTimeoutMs: 1234,
    alone,
  })
  const reader = openReader(path, 1234)
  const close = closeOnce(context, () => {
    reader.close()
    writer.close()
  })
  return { reader, writer, transaction, close }
}

function closeOnce(context: TestContext, close: () => void): () => void {
  let open = true
  const once = () => {
    if (open) close()
    open = false
  }
  context.after(once)
  return once
}

/** Another writer with its transaction open; closing it rolls back. */
function holdLock(context: TestContext, path: string, how = 'IMMEDIATE') {
  const other = new DatabaseSync(path)
  const close = closeOnce(context, () => other.close())
  other.exec(`BEGIN ${how}`)
  return { close, exec: (sql: string) => other.exec(sql) }
}

/** A thread that holds the lock for so long, whatever this one waits for. */
async function holdLockFor(context: TestContext, path: string, durationMs: number) {
  const script = `
    const { DatabaseSync } = require('node:sqlite')
    const { parentPort, workerData } = require('node:worker_threads')
    const file = new DatabaseSync(workerData.path)
    file.exec('BEGIN EXCLUSIVE')
    parentPort.postMessage('held')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, workerData.durationMs)
    file.close()`
  const worker = new Worker(script, { eval: true, workerData: { path, durationMs } })
  const exited = once(worker, 'exit')
  context.after(() => exited)
  await once(worker, 'message')
}

/** Runs this on a connection of its own. */
function alter(path: string, sql: string): void {
  const other = new DatabaseSync(path)
  other.exec(sql)
  other.close()
}

function tablesOf(path: string): unknown[] {
  const other = new DatabaseSync(path)
  const rows = other.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  other.close()
  return rows.map(({ name }) => name)
}

function settingsOf(connection: DatabaseSync, names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, firstOf(connection, `PRAGMA ${name}`)]))
}

function firstOf(connection: DatabaseSync, sql: string): unknown {
  return Object.values(connection.prepare(sql).get() ?? {})[0]
}

async function refusedStart(open: () => Promise<unknown>): Promise<StartRefused> {
  try {
    await open()
  } catch (error) {
    assert.ok(error instanceof StartRefused, `not refused in our words: ${error}`)
    return error
  }
  assert.fail('it started')
}

/** A process of its own that holds the data folder as a server does. */
async function serveElsewhere(context: TestContext, dataFolder: string) {
  const storage = new URL('../../../test/support/storage.ts', import.meta.url).href
  const script = `
    import { openTestStorage } from ${JSON.stringify(storage)}
    await openTestStorage(${JSON.stringify(dataFolder)})
    process.stdin.resume()
    process.stdout.write('open')`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  context.after(() => child.kill('SIGKILL'))
  const [said] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  assert.equal(String(said), 'open', 'the other process did not open the store')
  return child
}
