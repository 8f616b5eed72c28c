/**
 * Puts a backup in the place of a store, for who holds the store alone. The backup is copied beside
 * it and the copy is read in full before anything is touched; then, behind a marker without which
 * nobody opens anything, the former files are moved aside and the copy gets its name. The former
 * store need not be in any state to be opened.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { bytesText } from '../../contract/amounts.ts'
import { Refusal, StartRefused } from '../../contract/errors.ts'
import type { OnCopied, Restored } from '../engine.ts'
import { contentsOf, hasNoRoom } from './backup.ts'
import { checkHeader } from './backup-header.ts'
import { identityOf } from './file-identity.ts'
import { makeFolder, realNameOf, syncFolder } from './folders.ts'
import { takeServerLock } from './lock.ts'
import { readBack } from './read-back.ts'
import { endRestoring, findRestoring, markRestoring } from './restoring.ts'
import { knownMigrations } from './sources.ts'

export type SqliteRestoreOptions = {
  /** The store. */
  readonly path: string
  /** Its folder, made if it is missing; its parents are not. */
  readonly folder: string
  /** The backup. */
  readonly file: string
  /** Whether a store that is there is put aside. */
  readonly replace: boolean
  /** Whether a backup is taken some of whose rows are damaged. */
  readonly keepDamaged: boolean
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly onCopied: OnCopied
}

/** What a store is made of, in the order in which it is moved. */
const parts = ['', '-wal', '-journal', '-shm', '.unclosed']

/** Those without which something of it would be lost. */
const precious = ['', '-wal', '-journal']

const chunkBytes = 4 * 1_048_576

/** The promises are those of `Restored` in `storage/engine.ts`. */
export async function restoreSqlite(options: SqliteRestoreOptions): Promise<Restored> {
  const { file, replace, folder } = options
  checkHeader(file)
  makeFolder(folder)
  const path = realNameOf(options.path)
  if (identityOf(path) === identityOf(file)) {
    throw new Refusal('BadRequest', `${file} is the data itself; name a backup of it.`)
  }
  const lock = takeServerLock(`${path}.lock`)
  try {
    const unfinished = findRestoring(path)
    if (unfinished === undefined && !replace) refuseData(path)
    const copy = `${path}.restoring-copy`
    try {
      const { contents, damaged, damagedCount } = copyAndRead(copy, options)
      const aside = putInPlace(path, copy, unfinished, options.now())
      const { schema } = contents
      const migrates = schema < knownMigrations().length
      const damage = { damaged, damagedCount }
      return { ...contents, ...damage, file, place: options.path, replaced: aside, migrates }
    } finally {
      rmSync(copy, { force: true })
    }
  } finally {
    lock.release()
  }
}

function copyAndRead(copy: string, options: SqliteRestoreOptions) {
  const { file, keepDamaged, onCopied } = options
  rmSync(copy, { force: true })
  try {
    copyFile(file, copy, onCopied)
  } catch (cause) {
    if (!hasNoRoom(cause)) throw cause
    const size = bytesText(statSync(file).size)
    const message = `There is no room for what ${file} holds, ${size}. Nothing was changed.`
    throw new Refusal('StorageFull', message, { cause })
  }
  const found = readBack(copy, onCopied)
  return { ...found, contents: contentsOf(found, file, keepDamaged) }
}

/** In pieces, so that it is seen to move; on the disk when it returns. */
function copyFile(from: string, to: string, onCopied: OnCopied): void {
  const source = openSync(from, 'r')
  try {
    const target = openSync(to, 'wx', 0o600)
    try {
      const { size: all } = statSync(from)
      const chunk = Buffer.alloc(chunkBytes)
      for (let done = 0; ; ) {
        const read = readSync(source, chunk)
        if (read === 0) break
        for (let at = 0; at < read; ) at += writeSync(target, chunk, at, read - at)
        done += read
        onCopied({ step: 'copying', done, all })
      }
      fsyncSync(target)
    } finally {
      closeSync(target)
    }
  } finally {
    closeSync(source)
  }
}

/** The folder in which the former files are from now on, if there are any. */
function putInPlace(
  path: string,
  copy: string,
  unfinished: ReturnType<typeof findRestoring>,
  at: number,
): string | undefined {
  // What an earlier restore put there, and was cut off before it could say so, is no former file.
  if (unfinished !== undefined && identityOf(path) === unfinished.copy) {
    rmSync(path, { force: true })
  }
  const there = parts.filter((tail) => identityOf(path + tail) !== 'none')
  const aside = unfinished?.aside ?? (isData(path) ? freeName(path, at) : undefined)
  markRestoring(path, { aside, copy: identityOf(copy) })
  try {
    if (aside === undefined) for (const tail of there) rmSync(path + tail)
    else moveAside(path, there, aside)
    renameSync(copy, path)
    // The names, before the marker goes that says that they cannot be trusted.
    syncFolder(dirname(path))
    endRestoring(path)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StartRefused(
      `${path} is half restored: ${reason}. Mend that, then run the same command again; until ` +
        'then the data is not served, and nothing of it is lost.',
      { cause },
    )
  }
  return aside
}

function moveAside(path: string, tails: readonly string[], aside: string): void {
  mkdirSync(aside, { recursive: true, mode: 0o700 })
  for (const tail of tails) {
    const name = join(aside, basename(path) + tail)
    // Where an earlier restore moved one already, this is a stranger's, and is kept too.
    renameSync(path + tail, identityOf(name) === 'none' ? name : `${name}.later`)
  }
  syncFolder(aside)
}

function freeName(path: string, at: number): string {
  const time = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  for (let count = 1; ; count++) {
    const name = `${path}.replaced-${time}${count === 1 ? '' : `-${count}`}`
    if (identityOf(name) === 'none') return name
  }
}

/** Whether something would be lost with the files that are there. */
function isData(path: string): boolean {
  return precious.some((tail) => {
    const found = statSync(path + tail, { throwIfNoEntry: false })
    return found !== undefined && (!found.isFile() || found.size > 0)
  })
}

function refuseData(path: string): void {
  if (!isData(path)) return
  throw new Refusal(
    'Conflict',
    `There is data at ${path}; nothing was changed. --replace puts it aside, in a folder beside ` +
      'it, and the backup in its place; --data names another folder.',
  )
}
