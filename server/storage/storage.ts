/**
 * Opens the engine that a store URL names. Whoever needs storage gets it from here, as the rooms'
 * ports, and never learns which engine is behind them.
 */
import { resolve } from 'node:path'
import { StartRefused } from '../contract/errors.ts'
import type { Storage } from './engine.ts'
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
  if (!url.startsWith('sqlite:')) {
    throw new StartRefused(
      'TENANTRY_STORE names a store that this Tenantry does not open. ' +
        'Set it to sqlite: or sqlite:FILE.',
    )
  }
  const file = url.slice('sqlite:'.length)
  const path = resolve(dataFolder, file === '' ? 'tenantry.sqlite' : file)
  return openSqliteStorage({ ...rest, path, folder: dataFolder })
}
