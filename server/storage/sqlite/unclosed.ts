/**
 * A file beside the data while a server has it open: one that finds it there knows that the last
 * one ended without warning, or before its own check had passed. The log of SQLite would say so
 * too, but the next command that closes the store moves it away.
 */
import { closeSync, openSync, rmSync } from 'node:fs'
import { StartRefused } from '../../contract/errors.ts'

export type Unclosed = {
  /** Whether it was there already. */
  readonly wasThere: boolean
  /** At an orderly end, once nothing is left to be checked. */
  remove(): void
}

/** Makes the file; who opens the store makes its name last. Throws `StartRefused`. */
export function markUnclosed(path: string): Unclosed {
  return { wasThere: make(path), remove: () => rmSync(path, { force: true }) }
}

/** Whether it was there. */
function make(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600))
    return false
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST') return true
    throw new StartRefused(`${path} cannot be made: ${message}. Check the folder and its rights.`, {
      cause,
    })
  }
}
