/**
 * The place where a file is made before it gets its name: a folder beside it that says so, with a
 * lock in it. The system lets go of the lock when its maker ends, however it ends; so what a killed
 * one left is known from what is still being made, in containers too, where all have one pid.
 */
import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { isNoRoom, Refusal } from '../../contract/errors.ts'
import { identityOf } from './file-identity.ts'
import { syncFile, syncFolder } from './folders.ts'
import type { ServerLock } from './lock.ts'
import { findLock } from './lock.ts'

export type Partial = {
  /** Where the file is to be made, with whatever SQLite needs beside it meanwhile. */
  readonly path: string
  /**
   * Gives the file its name, on the disk, whole; it is the only file left by then. Throws
   * `Conflict`, and leaves it alone, where something has that name already.
   */
  publish(): void
  /** Removes what was made and has no name yet; let go of once. */
  remove(): void
}

const suffix = '.tenantry-partial'
const lockName = 'lock'
const copyName = 'copy'

/** All that may lie in one beside the lock. */
const names = ['', '-journal', '-wal', '-shm'].map((tail) => copyName + tail)

/** Another who finds the place left behind looks into it for less. */
const lockWaitMs = 1000

/** Each try ends in a lock, a refusal, or another process's having tidied up in between. */
const triesMax = 50

/** Throws `Unavailable` where the same file is being made, and `BadRequest` for its folder. */
export function openPartial(file: string): Partial {
  const folder = file + suffix
  const lock = lockFolder(file, folder)
  const path = join(folder, copyName)
  try {
    removeContents(folder)
  } catch (error) {
    lock.release()
    throw error
  }
  return {
    path,
    publish() {
      syncFile(path)
      giveName(path, file)
      syncFolder(dirname(file))
    },
    remove: () => tidy(folder, lock),
  }
}

/**
 * Removes what killed makers left in this folder, and nothing that is still being made. Never
 * throws: what it cannot remove hinders nobody.
 */
export function sweepPartials(folder: string): void {
  attempt(() => {
    for (const name of readdirSync(folder).filter((each) => each.endsWith(suffix))) {
      attempt(() => sweep(join(folder, name)))
    }
  })
}

function sweep(left: string): void {
  const whose = whoseIs(left)
  // What another user put there, or has rights in, may lead anywhere.
  if (whose === 'open') removeEmpty(left)
  if (whose !== 'ours alone') return
  const lockPath = join(left, lockName)
  const identity = identityOf(lockPath)
  // Cut off before it had a lock, or behind that.
  if (identity === 'none') removeEmpty(left)
  const lock = identity === 'none' ? 'gone' : lockNamed(lockPath, identity, 0)
  if (typeof lock !== 'string') tidy(left, lock)
}

function attempt(run: () => void): void {
  try {
    run()
  } catch {
    // It stays as it is; the next one tries again.
  }
}

function lockFolder(file: string, folder: string): ServerLock {
  const lockPath = join(folder, lockName)
  for (let tries = 0; tries < triesMax; tries++) {
    makeFolderOf(file, folder)
    const identity = makeLockFile(lockPath)
    if (identity === undefined) continue
    const lock = lockNamed(lockPath, identity, lockWaitMs)
    if (lock === 'held') break
    if (lock !== 'gone') return lock
  }
  throw new Refusal('Unavailable', `${file} is being made by another process at this moment.`)
}

/** A lock on a file that lost its name to who had it before would exclude nobody. */
function lockNamed(path: string, identity: string, waitMs: number): ServerLock | 'held' | 'gone' {
  try {
    const lock = findLock(path, waitMs)
    if (lock === undefined || identityOf(path) === identity) return lock ?? 'held'
    lock.release()
  } catch (error) {
    if (identityOf(path) === identity) throw error
  }
  return 'gone'
}

function makeFolderOf(file: string, folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 })
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') {
      refuseForeign(folder)
      return
    }
    if (isNoRoom(cause)) throw cause
    throw new Refusal(
      'BadRequest',
      `${dirname(file)} cannot be written to: ${message}. Choose another folder, or mend it.`,
      { cause },
    )
  }
}

/** What is made in the folder of another is his to read, to change, and to lead away. */
function refuseForeign(folder: string): void {
  if (['ours alone', 'gone'].includes(whoseIs(folder))) return
  throw new Refusal(
    'BadRequest',
    `${folder} is there already, and is no folder of this user alone: what is made in it could ` +
      'be read or changed by others. Remove it, or choose another name.',
  )
}

/** `open` is a real folder of this user's in which others have rights; links are not followed. */
function whoseIs(folder: string): 'ours alone' | 'open' | 'foreign' | 'gone' {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  if (found === undefined) return 'gone'
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) return 'foreign'
  return (found.mode & 0o077) === 0 ? 'ours alone' : 'open'
}

/** Its identity; undefined where the folder was removed meanwhile. */
function makeLockFile(path: string): string | undefined {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    // It is not opened here: to close it again would let go of a lock of this process on it.
    if (code !== 'EEXIST') throw error
  }
  return identityOf(path)
}

/** A link, unlike a rename, never takes the name from another file. */
function giveName(path: string, file: string): void {
  try {
    linkSync(path, file)
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') throw isThere(file, cause)
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'].includes(code)) throw cause
    // A file system without links, as on many a memory stick: our own lock keeps ours away.
    if (identityOf(file) !== 'none') throw isThere(file, cause)
    renameSync(path, file)
  }
}

/** That something has the name already. */
export function isThere(file: string, cause?: unknown): Refusal {
  const message = `${file} is there already; nothing was changed. Choose another name.`
  return new Refusal('Conflict', message, { cause })
}

function removeContents(folder: string): void {
  for (const name of names) rmSync(join(folder, name), { force: true })
}

function tidy(folder: string, lock: ServerLock): void {
  removeContents(folder)
  for (const tail of ['-journal', '']) rmSync(join(folder, lockName + tail), { force: true })
  // Now: until then SQLite keeps a journal of its own beside the lock.
  lock.release()
  removeEmpty(folder)
}

/** Files that others put there are theirs. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (!['ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR'].includes(code)) throw error
  }
}
