/**
 * Stores of SQLite in folders of their own, opened and looked into from the side: their tables,
 * their locks, and other processes that hold them.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { after } from 'node:test'
import { Worker } from 'node:worker_threads'
import { StartRefused } from '../../server/contract/errors.ts'
import type { Storage } from '../../server/storage/engine.ts'
import { openReader, openWriter } from '../../server/storage/sqlite/database.ts'
import { openTestStorage } from './storage.ts'

const root = mkdtempSync(join(tmpdir(), 'tenantry-sqlite-'))

after(() => rmSync(root, { recursive: true }))

/** A new folder, which goes when all tests of the file are done. */
export function makeFolder(): string {
  return mkdtempSync(join(root, 'data-'))
}

/** Open until the test ends, or `closed` when this returns. */
export async function openIn(
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

/** Reader and writer of a file, open until the test ends. */
export function openFile(
  context: TestContext,
  path = join(makeFolder(), 'db'),
  { alone = true } = {},
) {
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
export function holdLock(context: TestContext, path: string, how = 'IMMEDIATE') {
  const other = new DatabaseSync(path)
  const close = closeOnce(context, () => other.close())
  other.exec(`BEGIN ${how}`)
  return { close, exec: (sql: string) => other.exec(sql) }
}

/** A thread that holds the lock for so long, whatever this one waits for. */
export async function holdLockFor(context: TestContext, path: string, durationMs: number) {
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
export function alter(path: string, sql: string): void {
  const other = new DatabaseSync(path)
  other.exec(sql)
  other.close()
}

/** The names of its tables. */
export function tablesOf(path: string): unknown[] {
  const other = new DatabaseSync(path)
  const rows = other.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  other.close()
  return rows.map(({ name }) => name)
}

/** What these settings of a connection are. */
export function settingsOf(connection: DatabaseSync, names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, firstOf(connection, `PRAGMA ${name}`)]))
}

/** The first value of the first row. */
export function firstOf(connection: DatabaseSync, sql: string): unknown {
  return Object.values(connection.prepare(sql).get() ?? {})[0]
}

/** Why it did not start; fails when it did, or said so in other words. */
export async function refusedStart(open: () => Promise<unknown>): Promise<StartRefused> {
  try {
    await open()
  } catch (error) {
    assert.ok(error instanceof StartRefused, `not refused in our words: ${error}`)
    return error
  }
  assert.fail('it started')
}

/** A process of its own that holds the data folder as a server does. */
export async function serveElsewhere(context: TestContext, dataFolder: string) {
  const storage = new URL('storage.ts', import.meta.url).href
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
