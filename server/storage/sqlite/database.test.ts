/**
 * The connections to the file: the settings that make a write durable, what each may do, and which
 * of their errors are told.
 */
import assert from 'node:assert/strict'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import {
  firstOf,
  makeFolder,
  openFile,
  settingsOf,
  tablesOf,
} from '../../../test/support/sqlite-files.ts'
import { StartRefused } from '../../contract/errors.ts'
import { isLibraryTrusted, readsTelling } from './database.ts'

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
    transaction(() => writer.exec("INSERT INTO tenants VALUES ('t', 1, 'check', 0)"))
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
    writer.exec("INSERT INTO tenants VALUES ('t', 1, 'check', 0)")
    for (const sql of [
      "INSERT INTO tenants VALUES ('u', 1, 'check', 0)",
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
      writer.exec("INSERT INTO tenants VALUES ('t', 1, 'check', 0)")
      assert.equal(count(), 0)
    })
    assert.equal(count(), 1)
  })

  test('a transaction that throws is rolled back, and the next one runs', (context) => {
    const { reader, writer, transaction } = openFile(context)
    const fault = new Error('a fault')
    const attempt = () =>
      transaction(() => {
        writer.exec("INSERT INTO tenants VALUES ('t', 1, 'check', 0)")
        throw fault
      })
    assert.throws(attempt, (error) => error === fault)
    assert.equal(writer.isTransaction, false)
    assert.equal(firstOf(reader, 'SELECT count(*) FROM tenants'), 0)
    transaction(() => writer.exec("INSERT INTO tenants VALUES ('u', 1, 'check', 0)"))
    assert.equal(firstOf(reader, 'SELECT count(*) FROM tenants'), 1)
  })

  test('what is not alone makes nothing, and migrates nothing', (context) => {
    const path = join(makeFolder(), 'db')
    const refused = () =>
      assert.throws(
        () => openFile(context, path, { alone: false }),
        (error) => error instanceof StartRefused && error.inUse,
      )
    refused()
    assert.equal(existsSync(path), false)
    writeFileSync(path, '')
    refused()
    assert.deepEqual(tablesOf(path), [])
    openFile(context, path).close()
    openFile(context, path, { alone: false }).close()
  })

  test('what is alone leaves nothing in the log, what is not leaves it', (context) => {
    const path = join(makeFolder(), 'db')
    const { writer, transaction } = openFile(context, path)
    const size = () => statSync(`${path}-wal`).size
    transaction(() => writer.exec("INSERT INTO tenants VALUES ('t', 1, 'check', 0)"))
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

test('a library is trusted from 3.51.3 on', () => {
  for (const version of ['3.51.3', '3.51.10', '3.52.0', '3.100.0', '4.0.0', '3.51.3.1']) {
    assert.equal(isLibraryTrusted(version), true, version)
  }
  for (const version of ['3.51.2', '3.51', '3.51.0', '3.50.9', '3.9.99', '2.99.99', '3', '']) {
    assert.equal(isLibraryTrusted(version), false, version)
  }
})
