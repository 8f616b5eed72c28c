/**
 * Opens the engine that a store URL names. Whoever needs storage gets it from here, as the rooms'
 * ports, and never learns which engine is behind them.
 */
import { resolve } from 'node:path'
import { StartRefused } from '../contract/errors.ts'
import type { Storage } from './engine.ts'
import type { ServerLock } from './sqlite/lock.ts'
import { findServerLock, lockPathOf } from './sqlite/lock.ts'
import type { SqliteStorageOptions } from './sqlite/open.ts'
import { openSqliteStorage } from './sqlite/open.ts'

export type StorageOptions = Omit<SqliteStorageOptions, 'path' | 'folder'> & {
  /** `sqlite:` or `sqlite:FILE`, the file relative to `dataFolder`. */
  readonly url: string
  /** Made where `make` is set; its parents are not. */
  readonly dataFolder: string
}

/** Rejects with `StartRefused` where the store must not be used. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { url, dataFolder, ...rest } = options
  return openSqliteStorage({ ...rest, path: pathOf(url, dataFolder), folder: dataFolder })
}

/** The lock of a server on this store; undefined where one holds it. Throws `StartRefused`. */
export function findStorageLock({
  url,
  dataFolder,
}: Pick<StorageOptions, 'url' | 'dataFolder'>): ServerLock | undefined {
  return findServerLock(lockPathOf(pathOf(url, dataFolder)), 0)
}

function pathOf(url: string, dataFolder: string): string {
  if (!url.startsWith('sqlite:')) {
    throw new StartRefused(
      'TENANTRY_STORE names a store that this Tenantry does not open. ' +
        'Set it to sqlite: or sqlite:FILE.',
    )
  }
  const file = url.slice('sqlite:'.length)
  return resolve(dataFolder, file === '' ? 'tenantry.sqlite' : file)
}
