/**
 * Opens the engine that a store URL names, examines it, backs it up, restores it. Whoever needs
 * storage gets it from here, as the rooms' ports, and never learns which engine is behind them.
 */
import { resolve } from 'node:path'
import { StartRefused } from '../contract/errors.ts'
import type { BackupMade, Examination, ExamineOptions, Restored, Storage } from './engine.ts'
import type { SqliteBackupOptions } from './sqlite/backup.ts'
import { backUpSqlite } from './sqlite/backup.ts'
import { refuseDataName } from './sqlite/data-names.ts'
import { examineSqlite } from './sqlite/examine.ts'
import type { ServerLock } from './sqlite/lock.ts'
import { findLock, lockPathOf } from './sqlite/lock.ts'
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

/** Throws `BadRequest` where this file is the store's, or has a name that the store may give. */
export function refuseStorageName(place: Place, file: string): void {
  refuseDataName(file, pathOf(place))
}

/** The lock of a server on this store; undefined where one holds it. Throws `StartRefused`. */
export function findStorageLock(place: Place): ServerLock | undefined {
  return findLock(lockPathOf(pathOf(place)), 0)
}

/** Looks at a store without opening it to be used; what is wrong with it is what it finds. */
export async function examineStorage(place: Place, options: ExamineOptions): Promise<Examination> {
  const path = findStorageFile(place)
  if (path !== undefined) return examineSqlite(path, options)
  const { what, mend } = otherEngine
  return { findings: [{ severity: 'error', check: 'store', what, mend }], facts: undefined }
}

const otherEngine = {
  what: 'TENANTRY_STORE names a store that this Tenantry does not open.',
  mend: 'Set it to sqlite: or sqlite:FILE.',
}

function pathOf(place: Place): string {
  const path = findStorageFile(place)
  if (path === undefined) throw new StartRefused(`${otherEngine.what} ${otherEngine.mend}`)
  return path
}

/** The file that the store is in, there or not; undefined for the URL of another engine. */
export function findStorageFile({ url, dataFolder }: Place): string | undefined {
  if (!url.startsWith('sqlite:')) return undefined
  const file = url.slice('sqlite:'.length)
  return resolve(dataFolder, file === '' ? 'tenantry.sqlite' : file)
}
