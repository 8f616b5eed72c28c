/**
 * Opens the engine that a store URL names, or only looks at the store. Whoever needs storage gets
 * it from here, as the rooms' ports, and never learns which engine is behind them.
 */
import { resolve } from 'node:path'
import { StartRefused } from '../contract/errors.ts'
import type { Examination, ExamineOptions, Storage } from './engine.ts'
import { examineSqlite } from './sqlite/examine.ts'
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
  const path = findSqliteFile(url, dataFolder)
  if (path === undefined) {
    throw new StartRefused(
      'TENANTRY_STORE names a store that this Tenantry does not open. ' +
        'Set it to sqlite: or sqlite:FILE.',
    )
  }
  return openSqliteStorage({ ...rest, path, folder: dataFolder })
}

/** Looks at a store without opening it to be used; what is wrong with it is what it finds. */
export async function examineStorage(
  { url, dataFolder }: Pick<StorageOptions, 'url' | 'dataFolder'>,
  options: ExamineOptions,
): Promise<Examination> {
  const path = findSqliteFile(url, dataFolder)
  if (path !== undefined) return examineSqlite(path, options)
  const what = 'TENANTRY_STORE names a store that this Tenantry does not open.'
  const mend = 'Set it to sqlite: or sqlite:FILE.'
  return { findings: [{ severity: 'error', check: 'store', what, mend }], facts: undefined }
}

/** Undefined for the URL of another engine. */
function findSqliteFile(url: string, dataFolder: string): string | undefined {
  if (!url.startsWith('sqlite:')) return undefined
  const file = url.slice('sqlite:'.length)
  return resolve(dataFolder, file === '' ? 'tenantry.sqlite' : file)
}
