/**
 * Copies a store, as it is at one moment, into one file, while others write to it. A read
 * transaction is held on the connection that is copied from: so SQLite's steps all see that moment,
 * and never begin anew however much is written. Until the last step the log is not reused.
 */
import { closeSync, openSync, realpathSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { backup } from 'node:sqlite'
import { StartRefused } from '../../contract/errors.ts'
import type { OnCopied } from '../engine.ts'
import { appliedNumber, openExisting } from './database.ts'
import { watchFiles } from './file-identity.ts'
import { refuseRestoring } from './restoring.ts'
import { openSource } from './sources.ts'

export type SnapshotOptions = {
  readonly busyTimeoutMs: number
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly onCopied: OnCopied
}

/**
 * 8 MiB: few enough steps that the way between the threads costs nothing, and small enough that
 * one is seen to move.
 */
const pagesAtOnce = 2048

/**
 * Makes the file `to`, which must not be there; on the disk when it resolves, with no log beside
 * it. Gives when the moment was. Rejects with `StartRefused` where there is nothing to copy, or
 * with SQLite's error.
 */
export async function copySnapshot(
  path: string,
  to: string,
  { busyTimeoutMs, now, onCopied }: SnapshotOptions,
): Promise<number> {
  // Made here, so that it is its owner's alone whatever the process allows others.
  closeSync(openSync(to, 'wx', 0o600))
  const source = openSource(path, busyTimeoutMs)
  try {
    if (appliedNumber(source) === 0) throw nothingYet(path)
    const place = realpathSync(path)
    // Who asks first has made the log and the shared memory by then.
    source.exec('BEGIN')
    const before = stateOf(source)
    const areFilesThere = watchFiles(['', '-wal', '-shm'].map((tail) => place + tail))
    refuseRestoring(place)
    const takenAt = now()
    await backup(source, to, {
      rate: pagesAtOnce,
      progress: ({ totalPages, remainingPages }) =>
        onCopied({ step: 'copying', done: totalPages - remainingPages, all: totalPages }),
    })
    onCopied({ step: 'copying', done: 1, all: 1 })
    source.exec('COMMIT')
    if (!areFilesThere()) {
      throw new StartRefused(`${path} was removed or replaced while it was copied; try again.`)
    }
    closeIntoOneFile(to, before)
    return takenAt
  } finally {
    source.close()
  }
}

/** What a copy of this moment must have: by this it is known as one of this store. */
function stateOf(connection: DatabaseSync): string {
  const ask = (sql: string) => Object.values(connection.prepare(sql).get() ?? {}).join()
  return [
    ask('PRAGMA user_version'),
    ask('PRAGMA page_count'),
    ask('SELECT count(*), max(created), sum(checksum) FROM tenants'),
    ask('SELECT count(*), max(created), sum(checksum) FROM keys'),
    ask('SELECT rowid, checksum FROM changes ORDER BY rowid DESC LIMIT 1'),
  ].join(' ')
}

function closeIntoOneFile(path: string, wanted: string): void {
  const copy = openExisting(path)
  try {
    const mode = copy.prepare('PRAGMA journal_mode = DELETE').get()?.journal_mode
    if (mode !== 'delete') throw new Error(`the copy at ${path} is in mode ${mode}`)
    const found = stateOf(copy)
    if (found !== wanted) throw new Error(`the copy at ${path} has ${found}, not ${wanted}`)
  } finally {
    copy.close()
  }
}

function nothingYet(path: string): StartRefused {
  return new StartRefused(
    `${path} holds no data: its first start was cut off. Start the server once, and try again.`,
  )
}
