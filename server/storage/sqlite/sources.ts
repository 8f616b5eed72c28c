/**
 * Opening what is there for its content, whichever of our schemas it has: for backups, and for
 * what is done before a store is migrated. Nothing of it is changed.
 */
import { existsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { Migration } from '../migrate.ts'
import { readMigrations } from '../migrate.ts'
import {
  appliedNumber,
  assertLibrary,
  assertOurs,
  checkMaker,
  configure,
  migrationsFolder,
  moveWholeLog,
  openExisting,
  refuseStart,
} from './database.ts'

/**
 * Opens the store for reading all of it, whichever schema of ours it has, and changes nothing of
 * it. It may write, so that who closes last leaves no log behind, and SQLite makes none for us.
 * Throws `StartRefused`.
 */
export function openSource(path: string, busyTimeoutMs: number): DatabaseSync {
  assertLibrary()
  return refuseStart(path, () => {
    assertOurs(path)
    const connection = openExisting(path)
    try {
      configure(connection, busyTimeoutMs)
      connection.exec('PRAGMA wal_autocheckpoint = 0')
      connection.exec('PRAGMA query_only = ON')
      checkMaker(connection, path)
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  })
}

export type PendingSchema = { readonly from: number; readonly to: number }

/**
 * From which schema the next opening would bring this store to which; undefined where there is
 * nothing to bring. Where there is, all of its log is moved into the file first: for who is alone.
 */
export function findPending(path: string, busyTimeoutMs: number): PendingSchema | undefined {
  if (!existsSync(path)) return undefined
  return refuseStart(path, () => {
    const to = knownMigrations().length
    const isPending = (from: number) => from > 0 && from < to
    const said = assertOurs(path)
    if (said !== undefined && !isPending(said)) return undefined
    const connection = openExisting(path)
    try {
      configure(connection, busyTimeoutMs)
      checkMaker(connection, path)
      const from = appliedNumber(connection)
      if (!isPending(from)) return undefined
      moveWholeLog(connection, path)
      return { from, to }
    } finally {
      connection.close()
    }
  })
}

/** The migrations that this Tenantry knows. */
export function knownMigrations(): readonly Migration[] {
  return readMigrations(migrationsFolder)
}
