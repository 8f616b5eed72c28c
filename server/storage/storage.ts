/**
 * Opens the engine that a store URL names, backs it up and restores it. Whoever needs storage gets
 * it from here, as the rooms' ports, and never learns which engine is behind them.
 */
import { resolve } from 'node:path'
import { StartRefused } from '../contract/errors.ts'
import type { BackupMade, Restored, Storage } from './engine.ts'
import type { SqliteBackupOptions } from './sqlite/backup.ts'
import { backUpSqlite } from './sqlite/backup.ts'
import type { ServerLock } from './sqlite/lock.ts'
import { findServerLock, lockPathOf } from './sqlite/lock.ts'
import type { SqliteStorageOptions } from './sqlite/open.ts'
import { openSqliteStorage } from './sqlite/open.ts'
import type { SqliteRestoreOptions } from './sqlite/restore.ts'
import { restoreSqlite } from './sqlite/restore.ts'

/** Which store. */
type Place = {
  /** `sqlite:` or `sqlite:FILE`, the file relative to `dataFolder`. */
  readonly url: string
  /** Made where `make` is set, and by a restore; its parents are not. */
  readonly dataFolder: string
}

export type StorageOptions = Omit<SqliteStorageOptions, 'path' | 'folder'> & Place
export type BackupOptions = Omit<SqliteBackupOptions, 'path'> & Place
export type RestoreOptions = Omit<SqliteRestoreOptions, 'path' | 'folder'> & Place

/** Rejects with `StartRefused` where the store must not be used. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { url, dataFolder, ...rest } = options
  return openSqliteStorage({ ...rest, path: pathOf({ url, dataFolder }), folder: dataFolder })
}

/**
 * Makes a backup, beside a server or alone, of a store of this schema or an older one. Rejects with
 * `StartRefused` where the store cannot be read or is damaged, and with a `Refusal` for the file:
 * `Conflict` where it is there, `StorageFull`, `BadRequest` for a place where none can be made.
 */
export async function backUpStorage(options: BackupOptions): Promise<BackupMade> {
  const { url, dataFolder, ...rest } = options
  return backUpSqlite({ ...rest, path: pathOf({ url, dataFolder }) })
}

/**
 * Puts a backup in the place of the store, while no server runs. Rejects with `StartRefused` where
 * one does, or the file is no backup or damaged; with `Conflict` where there is data already.
 */
export async function restoreStorage(options: RestoreOptions): Promise<Restored> {
  const { url, dataFolder, ...rest } = options
  return restoreSqlite({ ...rest, path: pathOf({ url, dataFolder }), folder: dataFolder })
}

/** The lock of a server on this store; undefined where one holds it. Throws `StartRefused`. */
export function findStorageLock(place: Place): ServerLock | undefined {
  return findServerLock(lockPathOf(pathOf(place)), 0)
}

function pathOf({ url, dataFolder }: Place): string {
  if (!url.startsWith('sqlite:')) {
    throw new StartRefused(
      'TENANTRY_STORE names a store that this Tenantry does not open. ' +
        'Set it to sqlite: or sqlite:FILE.',
    )
  }
  const file = url.slice('sqlite:'.length)
  return resolve(dataFolder, file === '' ? 'tenantry.sqlite' : file)
}
