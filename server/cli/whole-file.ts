/**
 * Files that appear whole or not at all: written beside their name, synced, then named. What a
 * process leaves that is killed in between is `FILE.partial-<number>`; nobody takes it for FILE.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isNoRoom, Refusal } from '../contract/errors.ts'
import { systemWorld } from '../world.ts'

/**
 * Runs `write` with the path of an empty file, its owner's alone; what it writes there becomes
 * `file`. Throws `Conflict` where that is there, before or by then, unless `force` lets it be
 * replaced; a link is followed. What fails leaves nothing behind.
 */
export async function writeWhole<Result>(
  file: string,
  force: boolean,
  write: (path: string) => Promise<Result>,
): Promise<Result> {
  const target = targetOf(file, force)
  const partial = makePartial(target, file)
  try {
    const result = await write(partial)
    sync(partial)
    targetOf(file, force)
    if (force) renameSync(partial, target)
    else giveName(partial, target, file)
    sync(dirname(target))
    return result
  } catch (error) {
    throw unwritable(error, file)
  } finally {
    rmSync(partial, { force: true })
  }
}

/** By chance, since in containers all have one pid; and what is there already is a stranger's. */
function makePartial(target: string, file: string): string {
  const number = Buffer.from(systemWorld.random(8)).readBigUInt64BE()
  const partial = `${target}.partial-${number}`
  try {
    closeSync(openSync(partial, 'wx', 0o600))
  } catch (error) {
    throw unwritable(error, file)
  }
  return partial
}

/** A link, unlike a rename, never takes the name from another file. */
function giveName(partial: string, target: string, file: string): void {
  try {
    linkSync(partial, target)
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') throw isTaken(file)
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL'].includes(code)) throw error
    // A file system without links, as on many a memory stick; that it is free was looked at.
    renameSync(partial, target)
  }
}

function targetOf(file: string, force: boolean): string {
  const found = lstatSync(file, { throwIfNoEntry: false })
  if (found === undefined) return resolve(file)
  if (found.isSymbolicLink() && !existsSync(file)) {
    throw new Refusal('Conflict', `${file} is a link to nothing; name the file itself.`)
  }
  const target = realpathSync(file)
  if (!lstatSync(target).isFile()) {
    throw new Refusal('Conflict', `${file} is there and is no file; name one that can be made.`)
  }
  if (!force) throw isTaken(file)
  return target
}

function isTaken(file: string): Refusal {
  const message = `${file} is there already and was left as it is; --force replaces it.`
  return new Refusal('Conflict', message)
}

function sync(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } catch (error) {
    // Some file systems sync no folders.
    if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
  } finally {
    closeSync(descriptor)
  }
}

/** What the system says of a file that cannot be written, as a refusal; any other error as is. */
export function unwritable(error: unknown, file: string): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException
  if (error instanceof Refusal || code === undefined || syscall === undefined) return error
  const reason = reasons[code] ?? `the system says ${code}`
  const refusal = isNoRoom(error) ? 'StorageFull' : 'BadRequest'
  return new Refusal(refusal, `${file} cannot be written: ${reason}.`, { cause: error })
}

const reasons: { readonly [code: string]: string } = {
  ENOENT: 'its folder is not there; make it first',
  ENOTDIR: 'its folder is a file',
  EACCES: 'this user may not; check the rights of its folder',
  EPERM: 'this user may not; check the rights of its folder',
  EROFS: 'it is on a disk that is only read',
  ENOSPC: 'the disk is full; make room on it',
  EDQUOT: 'the quota of this user is used up; make room',
  EFBIG: 'no file may become so large there',
}
