/**
 * One server on one data folder. The lock is SQLite's own on a file beside the data: the system
 * lets go of it when the process ends, however it ends, so there is no stale lock to clean up.
 */
import { DatabaseSync } from 'node:sqlite'
import { StartRefused } from '../../contract/errors.ts'
import { isBusy, refuseStart } from './database.ts'

export type ServerLock = { release(): void }

/** Throws `StartRefused` when another process holds it. Waits for nobody. */
export function takeServerLock(path: string): ServerLock {
  return refuseStart(path, () => {
    const file = new DatabaseSync(path)
    try {
      file.exec('PRAGMA busy_timeout = 0')
      file.exec('BEGIN EXCLUSIVE')
    } catch (error) {
      file.close()
      throw isBusy(error) ? heldByAnother(path, error) : error
    }
    return { release: () => file.close() }
  })
}

function heldByAnother(path: string, cause: unknown): StartRefused {
  return new StartRefused(
    `Another Tenantry serves the data at ${path.replace(/\.lock$/, '')}. Stop it first, ` +
      'or give this one a data folder of its own: --data or TENANTRY_DATA.',
    { inUse: true, cause },
  )
}
