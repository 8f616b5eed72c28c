/**
 * Opens the engine that a store URL names. Whoever needs storage gets it from here, as the rooms'
 * ports, and never learns which engine is behind them.
 */
import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { StartRefused } from '../contract/errors.ts'
import type { DocumentStore } from '../documents/store.ts'
import type { IdentityStore } from '../identity/store.ts'
import { openDatabase, refuseStart } from './sqlite/database.ts'
import { openDocuments } from './sqlite/documents.ts'
import { openIdentity } from './sqlite/identity.ts'
import { takeServerLock } from './sqlite/lock.ts'

export type Storage = {
  readonly identity: IdentityStore
  readonly documents: DocumentStore
  /** Where the data lies, for people. */
  readonly place: string
  close(): Promise<void>
}

export type StorageOptions = {
  /** `sqlite:` or `sqlite:FILE`, the file relative to `dataFolder`. */
  readonly url: string
  readonly dataFolder: string
  /** Servers exclude each other; commands open the store beside one. */
  readonly as: 'server' | 'command'
  /** Whether a store that is not there is made. */
  readonly make: boolean
  readonly busyTimeoutMs: number
}

/** May make the folder, not its parents. Throws `StartRefused` where it must not be used. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const place = sqlitePath(options)
  if (options.make) makeFolder(options.dataFolder)
  else if (!existsSync(place)) throw missing(place)
  // Under the name that the file has without links, so that two names are one lock.
  const lockPath = `${existsSync(place) ? realpathSync(place) : place}.lock`
  const lock = options.as === 'server' ? takeServerLock(lockPath) : undefined
  try {
    const database = openDatabase(place, {
      busyTimeoutMs: options.busyTimeoutMs,
      guardMigration: (run) => {
        // A server holds the lock already; a command must not migrate beneath a running server.
        const borrowed = lock === undefined ? takeServerLock(lockPath) : undefined
        try {
          run()
        } finally {
          borrowed?.release()
        }
      },
    })
    return {
      ...refuseStart(place, () => ({
        identity: openIdentity(database),
        documents: openDocuments(database),
      })),
      place,
      async close() {
        database.close()
        lock?.release()
      },
    }
  } catch (error) {
    lock?.release()
    throw error
  }
}

function sqlitePath({ url, dataFolder }: StorageOptions): string {
  if (!url.startsWith('sqlite:')) {
    throw new StartRefused(
      'TENANTRY_STORE names a store that this Tenantry does not open. ' +
        'Set it to sqlite: or sqlite:FILE.',
    )
  }
  const file = url.slice('sqlite:'.length)
  return resolve(dataFolder, file === '' ? 'tenantry.sqlite' : file)
}

function missing(place: string): StartRefused {
  return new StartRefused(
    `There is no data at ${place}. Set --data or TENANTRY_DATA to the folder of the server; ` +
      'tenantry tenant create makes a new one.',
  )
}

function makeFolder(folder: string): void {
  try {
    // Its parents are not made: a path that is mistyped should not become true.
    mkdirSync(folder, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return
    const reason = error instanceof Error ? error.message : String(error)
    throw new StartRefused(
      `The data folder ${folder} cannot be made: ${reason}. ` +
        'Make its parent, or set TENANTRY_DATA to a folder that can be written.',
      { cause: error },
    )
  }
}
