/**
 * Folders and names on the disk: made, made to last, and freed of links. SQLite does not say when
 * it cannot sync a folder, and knows nothing of the name of the folder that its file is in.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { StartRefused } from '../../contract/errors.ts'

/** Makes the folder of the data where it is missing. Throws `StartRefused`. */
export function makeFolder(folder: string): void {
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

/** Makes the names in it last. Throws `StartRefused`. */
export function syncFolder(folder: string): void {
  try {
    syncFile(folder)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    // A parent that may not be read was not made by us; some file systems sync no folders.
    if (code === 'EACCES' || code === 'EPERM' || code === 'EINVAL') return
    throw new StartRefused(`${folder} cannot be made to last: ${message}. Check its disk.`, {
      cause,
    })
  }
}

/** Makes what is in it last. Throws the system's error. */
export function syncFile(path: string): void {
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * The name without links that the file has, or would have if it were made under this one: a link
 * whose file is gone still says where that has to be.
 */
export function realNameOf(path: string): string {
  try {
    return realpathSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const target = findTarget(path)
  if (target !== undefined) return realNameOf(resolve(dirname(path), target))
  const folder = dirname(path)
  return folder === path ? path : join(realNameOf(folder), basename(path))
}

function findTarget(link: string): string | undefined {
  try {
    return readlinkSync(link)
  } catch {
    // It is none, or is not there.
    return undefined
  }
}
