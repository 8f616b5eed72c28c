/**
 * Folders of `tenantry dev --ephemeral`: made for one run, and removed when its process ends. One
 * that was killed leaves its folder behind; the next run removes it, but only what it can tell for
 * certain from anything else.
 */
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { settings } from '../config.ts'
import { StartRefused } from '../contract/errors.ts'
import { findServerLock } from '../stores.ts'
import { systemWorld } from '../world.ts'

const prefix = 'tenantry-ephemeral-'
const markName = 'ephemeral'
const markText = 'The data of one run of tenantry dev --ephemeral, which removes this folder.\n'

/** A run takes its lock a moment after it made its folder; until then nobody holds it. */
const youngMs = 60_000

/** A new folder for data. It is removed when this process ends, unless that is killed. */
export function makeEphemeralFolder(): string {
  const parent = tmpdir()
  removeStale(parent)
  try {
    const folder = mkdtempSync(join(parent, prefix))
    // Whichever way it ends: in order, by a second signal, by a fault.
    process.on('exit', () => remove(folder))
    writeFileSync(join(folder, markName), markText, { mode: 0o600, flag: 'wx' })
    return folder
  } catch (cause) {
    throw new StartRefused(
      `No folder for the data can be made in ${parent}: ${(cause as Error).message}. ` +
        'Set TMPDIR to one that can be written.',
      { cause },
    )
  }
}

function removeStale(parent: string): void {
  for (const name of namesIn(parent)) {
    if (!/^tenantry-ephemeral-[A-Za-z0-9]{6}$/.test(name)) continue
    const folder = join(parent, name)
    try {
      if (!isOurs(folder) || isYoung(folder)) continue
      const lock = findServerLock({ data: folder, store: settings.store.default })
      if (lock === undefined) continue
      remove(folder)
      lock.release()
    } catch {
      // Whatever it is, it hinders nobody; and another run may be removing it now.
    }
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** A folder, and no link to one, that only this user can enter, with our mark in it. */
function isOurs(folder: string): boolean {
  const { mode, uid } = lstatSync(folder)
  const isPrivate = (mode & 0o077) === 0 && uid === process.getuid?.()
  if (!isPrivate || !lstatSync(folder).isDirectory()) return false
  const mark = join(folder, markName)
  return lstatSync(mark).isFile() && readFileSync(mark, 'utf8') === markText
}

function isYoung(folder: string): boolean {
  return systemWorld.now() - statSync(join(folder, markName)).mtimeMs < youngMs
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  } catch {
    // The next run tries again.
  }
}
