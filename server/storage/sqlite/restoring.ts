/**
 * The marker of a restore that is under way: a file beside the data, there from before the first
 * file is moved until behind the last. Whoever finds it opens nothing, since what lies there may
 * be half of one store and half of another, or nothing where there is a store to come.
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartRefused } from '../../contract/errors.ts'
import { syncFile, syncFolder } from './folders.ts'

export type Restoring = {
  /** The folder that the former files go to; undefined where there were none. */
  readonly aside: string | undefined
  /** The identity of the file that is to become the store. */
  readonly copy: string
}

/** Throws `StartRefused` where a restore of the store with this name was cut off, or is running. */
export function refuseRestoring(path: string): void {
  if (!existsSync(markerOf(path))) return
  const { aside } = findRestoring(path) ?? {}
  const former =
    aside === undefined ? '' : ` What was there before is in ${aside} and, in part, beside it.`
  throw new StartRefused(
    `${path} is half restored: a restore runs, or was cut off. Run tenantry restore again, with ` +
      `the same backup or another one; the data is served when it is done.${former}`,
  )
}

/** What was noted by the restore that was cut off; undefined where none was. */
export function findRestoring(path: string): Restoring | undefined {
  if (!existsSync(markerOf(path))) return undefined
  const { aside, copy } = notedIn(readFileSync(markerOf(path), 'utf8'))
  return { aside: typeof aside === 'string' ? aside : undefined, copy: String(copy) }
}

/** A marker that is empty or torn marks too, and says no more than that: no file is known of it. */
function notedIn(text: string): { readonly aside?: unknown; readonly copy?: unknown } {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}

/** From here on, through every fall of power, the store is not opened. */
export function markRestoring(path: string, restoring: Restoring): void {
  const fresh = `${markerOf(path)}.new`
  writeFileSync(fresh, `${JSON.stringify(restoring)}\n`, { mode: 0o600 })
  syncFile(fresh)
  renameSync(fresh, markerOf(path))
  syncFolder(dirname(path))
}

/** The store is whole again; what was done before this lasts already. */
export function endRestoring(path: string): void {
  rmSync(markerOf(path))
  syncFolder(dirname(path))
}

function markerOf(path: string): string {
  return `${path}.restoring`
}
