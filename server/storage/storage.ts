/**
 * Opens the engine that a store URL names. Whoever needs storage gets it from here, as the rooms'
 * ports, and never learns which engine is behind them.
 */
import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { StartRefused } from '../contract/errors.ts'
import type { DocumentStore } from '../documents/store.ts'
import type { IdentityStore } from '../identity/store.ts'
import { openReader, openWriter, readsTelling, refuseStart } from './sqlite/database.ts'
import { documentsOn } from './sqlite/documents.ts'
import { identityOn } from './sqlite/identity.ts'
import { takeServerLock } from './sqlite/lock.ts'
import type { Writer } from './sqlite/writer.ts'
import { startWriter } from './sqlite/writer.ts'

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
  /** Told that the disk or the file failed, and nothing may be acknowledged from here on. */
  readonly onBroken: (fault: unknown) => void
}

/** May make the folder, not its parents. Rejects with `StartRefused` where it must not be used. */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { busyTimeoutMs, onBroken } = options
  const place = sqlitePath(options)
  if (options.make) makeFolder(options.dataFolder)
  else if (!existsSync(place)) throw missing(place)
  // Under the name that the file has without links, so that two names are one lock.
  const lockPath = `${existsSync(place) ? realpathSync(place) : place}.lock`
  const lock = options.as === 'server' ? takeServerLock(lockPath) : undefined
  // What is opened here is closed in the opposite order, in the end or when a later step fails.
  const closing: (() => Promise<void> | void)[] = [() => lock?.release()]
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step()
  }
  try {
    const guardMigration = (run: () => void) => {
      // A server holds the lock already; a command must not migrate beneath a running server.
      const borrowed = lock === undefined ? takeServerLock(lockPath) : undefined
      try {
        run()
      } finally {
        borrowed?.release()
      }
    }
    const migrating = openWriter(place, { busyTimeoutMs, guardMigration })
    let writer: Writer
    try {
      writer = await startWriter({ path: place, busyTimeoutMs }, onBroken)
    } finally {
      migrating.connection.close()
    }
    closing.push(() => writer.close())
    // Closed before the writer: who closes last moves the log into the file, and a reader may not.
    const reader = openReader(place, busyTimeoutMs)
    closing.push(() => reader.close())
    const read = readsTelling(onBroken)
    const ports = refuseStart(place, () => ({
      identity: identityOn(reader, read, writer),
      documents: documentsOn(reader, read, writer),
    }))
    return { ...ports, place, close }
  } catch (error) {
    await close()
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
