/**
 * The only file that touches `node:sqlite`: opening with every promise asserted, transactions, and
 * SQLite's errors in our words. One connection writes; readers have one of their own, read-only,
 * and see what is committed and nothing else.
 */
import type { SQLOutputValue, StatementSync } from 'node:sqlite'
import { DatabaseSync } from 'node:sqlite'
import { Refusal, StartRefused } from '../../contract/errors.ts'
import { pendingMigrations, readMigrations } from '../migrate.ts'

export type Row = { readonly [column: string]: SQLOutputValue }
export type Statement = StatementSync

export type SqliteDatabase = {
  readonly reader: DatabaseSync
  readonly writer: DatabaseSync
  /** Runs it in one durable transaction: commits what it returns from, rolls back what throws. */
  transaction<Result>(run: () => Result): Result
  close(): void
}

export type SqliteOptions = {
  /** How long a writer waits for another process's commit. */
  readonly busyTimeoutMs: number
  /** Runs pending migrations inside; throws `StartRefused` where they must not run now. */
  readonly guardMigration: (run: () => void) => void
}

/** Earlier ones can corrupt the log when a checkpoint meets a reset of it. */
const libraryMin = [3, 51, 3] as const

const migrationsFolder = new URL('./migrations/', import.meta.url)

/**
 * Opens or makes the database. Throws `StartRefused` where the file, its schema or the library
 * cannot be trusted with writes.
 */
export function openDatabase(path: string, options: SqliteOptions): SqliteDatabase {
  const writer = openWriter(path, options)
  let reader: DatabaseSync
  try {
    migrate(writer, path, options.guardMigration)
    assertDurable(writer, path)
    reader = new DatabaseSync(path, { readOnly: true })
    configure(reader, options.busyTimeoutMs)
  } catch (error) {
    writer.close()
    throw error
  }
  return {
    reader,
    writer,
    transaction: (run) => inTransaction(writer, run),
    close() {
      reader.close()
      writer.close()
    },
  }
}

/** Runs it, and lets SQLite's errors out in our words only. */
export function translate<Result>(run: () => Result): Result {
  try {
    return run()
  } catch (error) {
    throw isSqliteError(error) ? ours(error) : error
  }
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

type SqliteError = Error & { readonly errcode: number }

const busyCode = 5
const lockedCode = 6
const notDatabaseCode = 26

function openWriter(path: string, { busyTimeoutMs }: SqliteOptions): DatabaseSync {
  assertLibrary()
  let writer: DatabaseSync | undefined
  try {
    writer = new DatabaseSync(path)
    configure(writer, busyTimeoutMs)
    writer.exec('PRAGMA journal_mode = WAL')
    writer.exec('PRAGMA synchronous = FULL')
    return writer
  } catch (error) {
    writer?.close()
    if (!isSqliteError(error)) throw error
    const reason =
      error.errcode === notDatabaseCode
        ? 'it is no SQLite database'
        : `SQLite says: ${error.message}`
    throw new StartRefused(`${path} cannot be opened: ${reason}. Check the path and its rights.`, {
      cause: error,
    })
  }
}

function configure(connection: DatabaseSync, busyTimeoutMs: number): void {
  connection.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
  connection.exec('PRAGMA foreign_keys = ON')
  connection.exec('PRAGMA trusted_schema = OFF')
}

function migrate(writer: DatabaseSync, path: string, guard: SqliteOptions['guardMigration']): void {
  const all = readMigrations(migrationsFolder)
  if (pendingMigrations(all, appliedNumber(writer), path).length === 0) return
  guard(() =>
    inTransaction(writer, () => {
      // Read again under the lock: another process may have been faster.
      for (const { number, sql } of pendingMigrations(all, appliedNumber(writer), path)) {
        writer.exec(sql)
        writer.exec(`PRAGMA user_version = ${number}`)
      }
    }),
  )
}

function appliedNumber(writer: DatabaseSync): number {
  return Number(pragma(writer, 'user_version'))
}

/** Asks after a first write: some builds and defaults only show their true setting then. */
function assertDurable(writer: DatabaseSync, path: string): void {
  inTransaction(writer, () => writer.exec(`PRAGMA user_version = ${appliedNumber(writer)}`))
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

function assertLibrary(): void {
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

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number'
}

function ours(error: SqliteError): Error {
  // Extended codes carry the primary one in their lowest byte.
  const primary = error.errcode & 0xff
  if (primary === busyCode || primary === lockedCode) {
    return new Refusal('Unavailable', 'The store is busy; try again shortly.', { cause: error })
  }
  return new Error(`SQLite failed with code ${error.errcode}`, { cause: error })
}
