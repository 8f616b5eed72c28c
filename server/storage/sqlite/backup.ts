/**
 * Makes a backup of a store: one file, which gets its name once all of it was made, is on the disk
 * and was read again; until then, and after a fall at any instant, there is none of that name.
 */
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { bytesText } from '../../contract/amounts.ts'
import { isNoRoom, Refusal, StartRefused } from '../../contract/errors.ts'
import type { BackupMade, OnCopied } from '../engine.ts'
import { refuseDataName } from './data-names.ts'
import { isFull, isSqliteError } from './database.ts'
import { realNameOf } from './folders.ts'
import { isThere, openPartial, sweepPartials } from './partial.ts'
import type { ReadBack } from './read-back.ts'
import { readBack } from './read-back.ts'
import { refuseRestoring } from './restoring.ts'
import { copySnapshot } from './snapshot.ts'

export type SqliteBackupOptions = {
  /** The store. */
  readonly path: string
  /** The backup to make. */
  readonly file: string
  /** Whether one is made also where rows of the store are damaged; it has them as they are. */
  readonly keepDamaged: boolean
  readonly busyTimeoutMs: number
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly onCopied: OnCopied
}

/** The promises are those of `BackupMade` in `storage/engine.ts`. */
export async function backUpSqlite(options: SqliteBackupOptions): Promise<BackupMade> {
  const { file, keepDamaged, onCopied } = options
  const path = realNameOf(options.path)
  refuseRestoring(path)
  if (!existsSync(path)) throw missing(options.path)
  checkPlace(file, path)
  try {
    sweepPartials(dirname(file))
    const partial = openPartial(file)
    try {
      const takenAt = await copySnapshot(path, partial.path, options)
      const found = readBack(partial.path, onCopied)
      const contents = contentsOf(found, `The data at ${options.path}`, keepDamaged)
      const { size: bytes } = statSync(partial.path)
      partial.publish()
      const { damaged, damagedCount } = found
      return { ...contents, file, bytes, takenAt, damaged, damagedCount }
    } finally {
      partial.remove()
    }
  } catch (error) {
    throw hasNoRoom(error) ? noRoom(file, path, error) : error
  }
}

/** That there is no store; the same for all who need one. */
export function missing(place: string): StartRefused {
  return new StartRefused(
    `There is no data at ${place}. Set --data or TENANTRY_DATA to the folder of the server; ` +
      'tenantry tenant create makes a new one.',
  )
}

/** What was found in `what`. Throws `StartRefused` where it is not sound, as far as allowed. */
export function contentsOf(
  { contents, broken, damaged, damagedCount }: ReadBack,
  what: string,
  allowDamaged: boolean,
) {
  if (contents === undefined) {
    throw new StartRefused(`${what} is broken, and nothing was made of it: ${broken.join('; ')}.`)
  }
  if (damagedCount > 0 && !allowDamaged) {
    const more = damagedCount > damaged.length ? ' and others' : ''
    throw new StartRefused(
      `${what} has rows that are not as they were written, ${damagedCount} in all: ` +
        `${damaged.join(', ')}${more}. Nothing was made of it; --damaged takes it as it is.`,
    )
  }
  return contents
}

/** Whether there was no room on the disk, whoever noticed. */
export function hasNoRoom(error: unknown): boolean {
  return isNoRoom(error) || (isSqliteError(error) && isFull(error))
}

function noRoom(file: string, path: string, cause: unknown): Refusal {
  const { size } = statSync(path)
  return new Refusal(
    'StorageFull',
    `There is no room for ${file}, which takes about ${bytesText(size)}. Nothing is left of it.`,
    { cause },
  )
}

function checkPlace(file: string, path: string): void {
  checkFolder(dirname(file))
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (found?.isDirectory()) {
    throw new Refusal('BadRequest', `${file} is a folder; name a file that is to be made in it.`)
  }
  refuseDataName(file, path)
  if (found !== undefined) throw isThere(file)
}

function checkFolder(folder: string): void {
  try {
    readdirSync(folder)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    throw new Refusal(
      'BadRequest',
      code === 'ENOENT'
        ? `There is no folder ${folder}. Make it, or name a file in one that is there.`
        : `${folder} cannot be read: ${message}. Choose another folder, or mend its rights.`,
      { cause },
    )
  }
}
