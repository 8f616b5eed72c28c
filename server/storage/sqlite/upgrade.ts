/**
 * The backup that is made before an older store is migrated: beside the data, complete, read
 * back, and there under its name before the first migration begins. For who holds the store alone.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { bytesText } from '../../contract/amounts.ts'
import { StartRefused } from '../../contract/errors.ts'
import type { StorageListener } from '../engine.ts'
import { contentsOf, hasNoRoom } from './backup.ts'
import { identityOf } from './file-identity.ts'
import { openPartial, sweepPartials } from './partial.ts'
import { readBack } from './read-back.ts'
import { copySnapshot } from './snapshot.ts'
import { findPending } from './sources.ts'

/** An older store, and where its backup lies. */
export type Upgrade = { readonly from: number; readonly to: number; readonly backup: string }

/**
 * Backs up a store that the next opening will migrate; undefined where it will not. `path` is its
 * name without links. Rejects with `StartRefused` where no backup can be made; the store is as it
 * was then.
 */
export async function backUpBeforeUpgrade(
  path: string,
  busyTimeoutMs: number,
  listener: Pick<StorageListener, 'onUpgrade'>,
): Promise<Upgrade | undefined> {
  const pending = findPending(path, busyTimeoutMs)
  if (pending === undefined) return undefined
  const name = `${path}.before-schema-${pending.to}`
  const there = takeName(name, path)
  const upgrade = { ...pending, backup: there.name }
  if (there.isDone) return upgrade
  const tell = (done: number, all: number) =>
    listener.onUpgrade({ ...upgrade, state: 'backing up', done, all })
  tell(0, 1)
  try {
    await copy(path, upgrade, busyTimeoutMs, tell)
  } catch (error) {
    throw hasNoRoom(error) ? noRoom(path, upgrade, error) : error
  }
  return upgrade
}

async function copy(
  path: string,
  { backup }: Upgrade,
  busyTimeoutMs: number,
  tell: (done: number, all: number) => void,
): Promise<void> {
  sweepPartials(dirname(path))
  const partial = openPartial(backup)
  try {
    const onCopied = ({ done, all }: { done: number; all: number }) => tell(done, all)
    await copySnapshot(path, partial.path, { busyTimeoutMs, now: () => 0, onCopied })
    // Rows that are damaged do not stop a server either, and this is what can be gone back to.
    contentsOf(readBack(partial.path, onCopied), `The data at ${path}`, true)
    partial.publish()
  } finally {
    partial.remove()
  }
}

/**
 * The first name that is free. What has it already may be the backup of a start that was cut off
 * before it migrated, and is taken then; or one of an earlier migration, and is left alone.
 */
function takeName(name: string, path: string): { name: string; isDone: boolean } {
  for (let count = 1; ; count++) {
    const numbered = count === 1 ? name : `${name}-${count}`
    if (identityOf(numbered) === 'none') return { name: numbered, isDone: false }
    if (hasSamePages(numbered, path)) return { name: numbered, isDone: true }
  }
}

/** SQLite counts in it how often a file was changed, by whom, and in which mode it is written. */
const headerBytes = 100

const chunkBytes = 1_048_576

/** Whether one is a copy of the other, all of which is in its file. */
function hasSamePages(one: string, other: string): boolean {
  if (statSync(one).size !== statSync(other).size) return false
  const descriptors = [openSync(one, 'r'), openSync(other, 'r')] as const
  const chunks = [Buffer.alloc(chunkBytes), Buffer.alloc(chunkBytes)] as const
  try {
    for (let at = headerBytes; ; ) {
      const read = readSync(descriptors[0], chunks[0], 0, chunkBytes, at)
      const same = readSync(descriptors[1], chunks[1], 0, chunkBytes, at) === read
      if (!same || chunks[0].compare(chunks[1], 0, read, 0, read) !== 0) return false
      if (read === 0) return true
      at += read
    }
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor)
  }
}

function noRoom(path: string, { from, to, backup }: Upgrade, cause: unknown): StartRefused {
  const size = bytesText(statSync(path).size)
  return new StartRefused(
    `${path} is of an older Tenantry (schema ${from}), and there is no room for the backup that ` +
      `is made before it is brought to schema ${to}: ${backup} takes about ${size}, and to ` +
      `migrate may take as much again. Make room on that disk; nothing was changed.`,
    { cause },
  )
}
