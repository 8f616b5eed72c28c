/**
 * One server on one data folder. The lock is SQLite's own on a file beside the data: the system
 * lets go of it when the process ends, however it ends, so there is no stale lock to clean up.
 */
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { StartRefused } from '../../contract/errors.ts'
import { isBusy, refuseStart } from './database.ts'
import { realNameOf } from './folders.ts'

export type ServerLock = { release(): void }

/** Longer than a command borrows it for, shorter than anyone minds waiting to be refused. */
const commandMaxMs = 1000

/** Of the file under the name that it has without links, so that two names are one lock. */
export function lockPathOf(path: string): string {
  return `${realNameOf(path)}.lock`
}

/** For a server. Throws `StartRefused` when another one holds it. */
export function takeServerLock(path: string): ServerLock {
  const taken = lockOrFault(path, commandMaxMs)
  if (taken instanceof Error) throw heldByAnother(path, taken)
  return taken
}

/**
 * For a command, which borrows it while it opens the store, and for any file that is there to be
 * locked; undefined where it is held for longer than this one waits. Throws `StartRefused` where
 * it cannot be locked.
 */
export function findLock(path: string, waitMaxMs: number): ServerLock | undefined {
  const taken = lockOrFault(path, waitMaxMs)
  return taken instanceof Error ? undefined : taken
}

/**
 * Whether somebody holds it, without taking it: a server that starts meanwhile has to wait for this
 * no longer than for one look at an empty file. Throws SQLite's error where it cannot be asked.
 */
export function isLockHeld(path: string): boolean {
  if (!existsSync(path)) return false
  const file = new DatabaseSync(path, { readOnly: true })
  try {
    file.prepare('SELECT 1 FROM sqlite_schema').get()
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw error
  } finally {
    file.close()
  }
}

/** The lock, or why it is not to be had because another process holds it. */
function lockOrFault(path: string, busyTimeoutMs: number): ServerLock | Error {
  return refuseStart(path, () => {
    const file = new DatabaseSync(path)
    try {
      file.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
      file.exec('BEGIN EXCLUSIVE')
    } catch (error) {
      file.close()
      if (error instanceof Error && isBusy(error)) return error
      throw error
    }
    return { release: () => file.close() }
  })
}

function heldByAnother(path: string, cause: Error): StartRefused {
  return new StartRefused(
    `Another Tenantry has the data at ${path.replace(/\.lock$/, '')}. Stop it first, ` +
      'or give this one a data folder of its own: --data or TENANTRY_DATA.',
    { inUse: true, cause },
  )
}
