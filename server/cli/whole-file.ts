/**
 * Files that appear whole or not at all: written beside their name, synced, then renamed. What a
 * process leaves that is killed in between is named `FILE.partial-…`, and nobody takes it for FILE.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isNoRoom, Refusal } from '../contract/errors.ts'

/**
 * Runs `write` with a path that does not exist yet; the file that it makes there becomes `file`.
 * Throws `Conflict` where that is there already, unless `force` lets it be replaced; a link is
 * followed. What fails leaves nothing behind.
 */
export async function writeWhole<Result>(
  file: string,
  force: boolean,
  write: (path: string) => Promise<Result>,
): Promise<Result> {
  const target = targetOf(file, force)
  // The process's own, so that two at once do not meet; ours alone, since none has two.
  const partial = `${target}.partial-${process.pid}`
  try {
    rmSync(partial, { force: true })
    const result = await write(partial)
    sync(partial)
    targetOf(file, force)
    renameSync(partial, target)
    sync(dirname(target))
    return result
  } catch (error) {
    rmSync(partial, { force: true })
    throw unwritable(error, file)
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
  if (!force) {
    throw new Refusal(
      'Conflict',
      `${file} is there already and was left as it is; --force replaces it.`,
    )
  }
  return target
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
