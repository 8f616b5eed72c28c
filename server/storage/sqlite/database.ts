/**
 * SQLite itself: opening with every promise asserted, transactions, its errors in our words. One
 * connection writes; readers have one of their own, read-only, and see what is committed and
 * nothing else.
 */
import { existsSync } from 'node:fs'
import type { SQLOutputValue } from 'node:sqlite'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { Refusal, StartRefused } from '../../contract/errors.ts'
import { pendingMigrations, readMigrations } from '../migrate.ts'

export type Row = { readonly [column: string]: SQLOutputValue }

export type SqliteWriter = {
  readonly connection: DatabaseSync
  /** Runs it in one durable transaction: commits what it returns from, rolls back what throws. */
  transaction<Result>(run: () => Result): Result
}

export type SqliteOptions = {
  /** How long a writer waits for another process's commit. */
  readonly busyTimeoutMs: number
  /** Nobody else has the store open to serve it, nor will while this opens. */
  readonly alone: boolean
}

/** Earlier ones can corrupt the log when a checkpoint meets a reset of it. */
export const libraryMin = [3, 51, 3] as const

/** When the log has so many pages (4 MiB), they are moved into the file: SQLite's own measure. */
const checkpointPages = 1000

/** A log that had to grow, because a reader held on to it, is cut to this when it begins again. */
const logSizeKeptBytes = 64 * 1_048_576

/** Where our migrations are. */
export const migrationsFolder = new URL('./migrations/', import.meta.url)

/**
 * Opens or makes the database for writing. Throws `StartRefused` where the file, its schema or the
 * library cannot be trusted with writes; a file that is refused stays as it was.
 */
export function openWriter(path: string, { busyTimeoutMs, alone }: SqliteOptions): SqliteWriter {
  assertLibrary()
  return refuseStart(path, () => {
    assertOurs(path)
    // Only who is alone may begin a store: a restore may just be putting one in its place.
    if (!alone && !existsSync(path)) {
      const message = `${path} is being made or replaced by another process; try again.`
      throw new StartRefused(message, { inUse: true })
    }
    const connection = alone ? new DatabaseSync(path) : openExisting(path)
    try {
      configure(connection, busyTimeoutMs)
      checkMaker(connection, path)
      connection.exec('PRAGMA journal_mode = WAL')
      connection.exec('PRAGMA synchronous = FULL')
      // By itself SQLite checkpoints behind commits and says nothing when that fails.
      connection.exec('PRAGMA wal_autocheckpoint = 0')
      connection.exec(`PRAGMA journal_size_limit = ${logSizeKeptBytes}`)
      if (alone) moveWholeLog(connection, path)
      migrate(connection, path, alone)
      assertDurable(connection, path)
      return { connection, transaction: (run) => inTransaction(connection, run) }
    } catch (error) {
      connection.close()
      throw error
    }
  })
}

/** Opens a database that a writer has opened before. Throws `StartRefused`. */
export function openReader(path: string, busyTimeoutMs: number): DatabaseSync {
  return refuseStart(path, () => {
    const connection = new DatabaseSync(path, { readOnly: true })
    configure(connection, busyTimeoutMs)
    return connection
  })
}

/** Runs what opens this file, and turns SQLite's errors into a sentence for the operator. */
export function refuseStart<Result>(path: string, run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    if (!isSqliteError(error)) throw error
    if (isBusy(error)) {
      throw new StartRefused(`${path} is being written to by another process; try again.`, {
        inUse: true,
        cause: error,
      })
    }
    if (isFull(error)) {
      throw new StartRefused(`${path} cannot be opened: the disk is full. Make room on it.`, {
        cause: error,
      })
    }
    const isFile = error.errcode === notDatabaseCode
    const reason = isFile ? 'it is no SQLite database' : `SQLite says: ${error.message}`
    const isDamaged = isFile || primaryCode(error) === corruptCode
    const mend = isDamaged
      ? 'Check the path; if that is right the file is damaged: restore a backup'
      : 'Check the path and its rights'
    throw new StartRefused(`${path} cannot be opened: ${reason}. ${mend}.`, { cause: error })
  }
}

/** Whether another process holds what was wanted. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && [busyCode, lockedCode].includes(primaryCode(error))
}

/**
 * Runs a read at once, within the call, and lets SQLite's errors out in our words only. Whoever
 * looks into a cache, reads and keeps relies on nothing coming between.
 */
export type Read = <Result>(run: () => Result) => Promise<Result>

/** `onBroken` is told of errors after which nothing of this file can be trusted. */
export function readsTelling(onBroken: (fault: unknown) => void): Read {
  return async (run) => {
    try {
      return run()
    } catch (error) {
      if (isBroken(error)) onBroken(error)
      throw isSqliteError(error) ? ours(error) : error
    }
  }
}

/** Whether the disk or the file failed, so that only a new start and its recovery may go on. */
export function isBroken(error: unknown): error is SqliteError {
  return isSqliteError(error) && brokenCodes.includes(primaryCode(error))
}

/** From here on the file, without the log, grows no further than this; 0 sets no bound. */
export function limitSize(connection: DatabaseSync, sizeMaxBytes: number): void {
  if (sizeMaxBytes === 0) return
  const pageBytes = Number(pragma(connection, 'page_size'))
  connection.exec(`PRAGMA max_page_count = ${Math.ceil(sizeMaxBytes / pageBytes)}`)
}

/** Throws `StorageFull` where fewer than so many pages are left within the bound of the size. */
export function refuseFull(connection: DatabaseSync, pagesMin: number): void {
  const number = (name: string) => Number(pragma(connection, name))
  const left = number('max_page_count') - number('page_count') + number('freelist_count')
  if (left < pagesMin) throw new Refusal('StorageFull', fullMessage)
}

/** Writes what is there already: the least that a transaction can put on the disk. */
export function rewriteNumber(connection: DatabaseSync): void {
  connection.exec(`PRAGMA user_version = ${appliedNumber(connection)}`)
}

/**
 * Runs it so that what it deletes is overwritten with zeros, in the file itself once the log has
 * been moved there: by itself SQLite leaves it in free pages until they are used again.
 */
export function overwriteDeleted<Result>(connection: DatabaseSync, run: () => Result): Result {
  connection.exec('PRAGMA secure_delete = ON')
  try {
    return run()
  } finally {
    connection.exec('PRAGMA secure_delete = OFF')
  }
}

/** Whether another process has written since this was last asked; our own writes do not count. */
export function watchOthersWrites(connection: DatabaseSync): () => boolean {
  const statement = connection.prepare('PRAGMA data_version')
  const ask = () => statement.get()?.data_version
  let last = ask()
  return () => {
    const before = last
    last = ask()
    return last !== before
  }
}

/** Moves the log into the file once it is long enough. Throws SQLite's error where that fails. */
export function checkpointOf(connection: DatabaseSync): () => void {
  const measure = connection.prepare('PRAGMA wal_checkpoint(NOOP)')
  const move = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)')
  return () => {
    const { log, checkpointed } = measure.get() ?? {}
    // What a reader still looks at is moved the next time.
    if (Number(log) >= checkpointPages && log !== checkpointed) move.get()
  }
}

/** Whether SQLite threw it, rather than we. */
export function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}

const fullMessage = 'The store is full; nothing was written. Reads go on.'

/** What callers see of an error of SQLite's. */
export function ours(error: SqliteError): Error {
  if (isBusy(error)) {
    return new Refusal('Unavailable', 'The store is busy; try again shortly.', { cause: error })
  }
  if (isFull(error)) {
    return new Refusal('StorageFull', fullMessage, { cause: error })
  }
  return new Error(`SQLite failed with code ${error.errcode}`, { cause: error })
}

/** The text in this column; throws if it is of another type, which no migration allows. */
export function textOf(row: Row, column: string): string {
  const value = row[column]
  if (typeof value !== 'string') throw new Error(`${column} holds no text`)
  return value
}

/** The integer in this column. */
export function integerOf(row: Row, column: string): number {
  const value = row[column]
  if (typeof value !== 'number') throw new Error(`${column} holds no integer`)
  return value
}

/** What `read` makes of this column, undefined where it is NULL. */
export function optional<Value>(
  row: Row,
  column: string,
  read: (row: Row, column: string) => Value,
): Value | undefined {
  return row[column] === null ? undefined : read(row, column)
}

/** Set by the first migration: the letters TNTY, by which `file` and we know our own. */
export const applicationId = 0x54_4e_54_59

export type SqliteError = Error & { readonly errcode: number }

const busyCode = 5
const lockedCode = 6
const fullCode = 13
export const notDatabaseCode = 26
/** SQLITE_READONLY_ROLLBACK. */
const readOnlyRollbackCode = 776
export const corruptCode = 11
/** IOERR, CORRUPT, NOTADB. */
const brokenCodes = [10, corruptCode, notDatabaseCode]

/** Sets what every connection has to have. */
export function configure(connection: DatabaseSync, busyTimeoutMs: number): void {
  connection.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
  connection.exec('PRAGMA foreign_keys = ON')
  connection.exec('PRAGMA trusted_schema = OFF')
}

/** Opens what is there for reading and writing; makes nothing. */
export function openExisting(path: string): DatabaseSync {
  const place = pathToFileURL(path)
  place.searchParams.set('mode', 'rw')
  return new DatabaseSync(place)
}

/**
 * Throws for the data of a newer Tenantry, and for a database that another program made. Gives its
 * schema, undefined where only who may write can tell.
 */
export function assertOurs(path: string): number | undefined {
  if (!existsSync(path)) return undefined
  // Read-only: a writer that closes would move a log that is not ours into the file.
  const reader = new DatabaseSync(path, { readOnly: true })
  try {
    checkMaker(reader, path)
    return appliedNumber(reader)
  } catch (error) {
    // A first start was cut off while it made the file: only who may write can roll that back, and
    // asks again then.
    if (!isSqliteError(error) || error.errcode !== readOnlyRollbackCode) throw error
    return undefined
  } finally {
    reader.close()
  }
}

/** Throws `StartRefused` for the data of a newer Tenantry, and for another program's. */
export function checkMaker(reader: DatabaseSync, path: string): void {
  pendingMigrations(readMigrations(migrationsFolder), appliedNumber(reader), path)
  const tables = reader.prepare('SELECT count(*) AS count FROM sqlite_schema').get()?.count
  if (tables === 0 || pragma(reader, 'application_id') === applicationId) return
  throw new StartRefused(
    `${path} is the database of another program. Point TENANTRY_DATA or TENANTRY_STORE elsewhere.`,
  )
}

/**
 * Moves all of the log that is found into the file, and begins a new one. Where a sync of the log
 * failed, the system still shows what it never wrote, and would never write it: whatever came
 * behind it in the log would be lost with the power.
 */
export function moveWholeLog(writer: DatabaseSync, path: string): void {
  const moved = writer.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
  if (moved?.busy === 0) return
  throw new StartRefused(`${path} is being used by another process; try again.`, { inUse: true })
}

function migrate(writer: DatabaseSync, path: string, alone: boolean): void {
  const all = readMigrations(migrationsFolder)
  if (pendingMigrations(all, appliedNumber(writer), path).length === 0) return
  if (!alone) {
    throw new StartRefused(
      `${path} is of an older Tenantry, and another process has it: a server, or one that brings ` +
        'it up to date. Stop it first, or try again.',
      { inUse: true },
    )
  }
  inTransaction(writer, () => {
    // Read again under the lock: another process may have been faster.
    for (const { number, sql } of pendingMigrations(all, appliedNumber(writer), path)) {
      writer.exec(sql)
      writer.exec(`PRAGMA user_version = ${number}`)
    }
  })
}

/** The number of the last migration that was applied; 0 for what is not made yet. */
export function appliedNumber(connection: DatabaseSync): number {
  return Number(pragma(connection, 'user_version'))
}

/** Asks after a first write: some builds and defaults only show their true setting then. */
function assertDurable(writer: DatabaseSync, path: string): void {
  inTransaction(writer, () => rewriteNumber(writer))
  const wanted = { journal_mode: 'wal', synchronous: 2, foreign_keys: 1, trusted_schema: 0 }
  for (const [name, value] of Object.entries(wanted)) {
    const found = pragma(writer, name)
    if (found !== value) {
      throw new StartRefused(
        `${path} would not be safe: PRAGMA ${name} is ${found} where ${value} is needed. ` +
          'Put the data on a local file system.',
      )
    }
  }
}

/** Throws `StartRefused` where SQLite is too old to be trusted. */
export function assertLibrary(): void {
  const probe = new DatabaseSync(':memory:')
  const version = String(probe.prepare('SELECT sqlite_version() AS version').get()?.version)
  probe.close()
  if (!isLibraryTrusted(version)) {
    throw new StartRefused(
      `The SQLite in this Node is ${version}; ${libraryMin.join('.')} is the oldest that is ` +
        'safe. Install a newer Node.',
    )
  }
}

/** Whether this version of SQLite is one whose log can be trusted. */
export function isLibraryTrusted(version: string): boolean {
  const parts = version.split('.').map(Number)
  for (const [at, least] of libraryMin.entries()) {
    const part = parts[at] ?? 0
    if (part !== least) return part > least
  }
  return true
}

function inTransaction<Result>(writer: DatabaseSync, run: () => Result): Result {
  writer.exec('BEGIN IMMEDIATE')
  try {
    const result = run()
    writer.exec('COMMIT')
    return result
  } catch (error) {
    if (writer.isTransaction) writer.exec('ROLLBACK')
    throw error
  }
}

function pragma(connection: DatabaseSync, name: string): SQLOutputValue | undefined {
  return Object.values(connection.prepare(`PRAGMA ${name}`).get() ?? {})[0]
}

/** Whether there is no room for what was written. */
export function isFull(error: SqliteError): boolean {
  return primaryCode(error) === fullCode
}

/** Extended codes carry the primary one in their lowest byte. */
function primaryCode({ errcode }: SqliteError): number {
  return errcode & 0xff
}
