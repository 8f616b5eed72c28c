/**
 * Opens a store in a SQLite file: lock, migrations, the writer's thread, a reader, and what they
 * remember. What is opened here is closed in the opposite order, at the end or when a step fails.
 */
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { StartRefused } from '../../contract/errors.ts'
import type { StartTimer } from '../../contract/timer.ts'
import type { Storage, StorageListener } from '../engine.ts'
import { missing } from './backup.ts'
import type { SqliteWriter } from './database.ts'
import { openReader, openWriter, readsTelling, refuseStart } from './database.ts'
import { documentsOn, makeDocumentCache } from './documents.ts'
import { makeFolder, realNameOf, syncFolder } from './folders.ts'
import type { HealthKeeper } from './health.ts'
import { hasLog, keepHealth, readSizes } from './health.ts'
import { cachedKeysMax, identityOn, makeKeyCache } from './identity.ts'
import { makeListCache } from './list-cache.ts'
import type { ServerLock } from './lock.ts'
import { findLock, lockPathOf, takeServerLock } from './lock.ts'
import { countRecord } from './record-size.ts'
import { refuseRestoring } from './restoring.ts'
import { tenantEndsOn } from './tenant-ends.ts'
import { markUnclosed } from './unclosed.ts'
import type { Upgrade } from './upgrade.ts'
import { backUpBeforeUpgrade } from './upgrade.ts'
import type { Writer } from './writer.ts'
import { startWriter } from './writer.ts'

export type SqliteStorageOptions = {
  readonly path: string
  /** The folder of the file, made if it is missing and `make` is set; its parents are not. */
  readonly folder: string
  /** Servers exclude each other; commands open the store beside one. */
  readonly as: 'server' | 'command'
  /** Whether a store that is not there is made. */
  readonly make: boolean
  readonly busyTimeoutMs: number
  /** How large a server lets the file grow; 0: as the disk allows. */
  readonly sizeMaxBytes: number
  /** About how much of the documents a server remembers. */
  readonly cacheMaxBytes: number
  readonly startTimer: StartTimer
  readonly listener: StorageListener
}

/** How often other processes' writes are looked for: what they revoke ends within a second. */
const lookPeriodMs = 250

/** Rejects with `StartRefused` where the store must not be used. */
export async function openSqliteStorage(options: SqliteStorageOptions): Promise<Storage> {
  const { path, as, busyTimeoutMs, listener, startTimer } = options
  if (options.make) makeFolder(options.folder)
  // Under the name that the file has without links, so that two names are one lock.
  const realPath = realNameOf(path)
  refuseRestoring(realPath)
  if (!options.make && !existsSync(path)) throw missing(path)
  const lockPath = lockPathOf(path)
  const lock = as === 'server' ? takeServerLock(lockPath) : undefined
  const closing: (() => Promise<void> | void)[] = [() => lock?.release()]
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step()
  }
  let broken = false
  const onBroken = (fault: unknown) => {
    broken = true
    listener.onBroken(fault)
  }
  // A command remembers nothing: it asks once, and has no timer that looks for others' writes.
  const serves = as === 'server'
  const halfBytes = serves ? options.cacheMaxBytes / 2 : 0
  const documentCache = makeDocumentCache(halfBytes)
  const listCache = makeListCache(halfBytes)
  const keyCache = makeKeyCache(serves ? cachedKeysMax : 0)
  const forget = () => {
    documentCache.forget()
    listCache.forget()
    keyCache.forget()
  }
  try {
    const unclosed = serves ? markUnclosed(`${realPath}.unclosed`) : undefined
    const mustCheck = unclosed?.wasThere || (serves && hasLog(path))
    let health: HealthKeeper | undefined
    closing.push(() => {
      if (!broken && !(health?.owesCheck ?? mustCheck)) unclosed?.remove()
    })
    const writer = await startMigrated(options, realPath, lock !== undefined, {
      onBroken,
      onOthersWrite: forget,
      onCommit: listener.onCommit,
      onFull: () => health?.noteFull(),
    })
    closing.push(() => writer.close())
    // Closed before the writer: who closes last moves the log into the file, and a reader may not.
    const reader = openReader(path, busyTimeoutMs)
    closing.push(() => reader.close())
    const read = readsTelling(onBroken)
    const ports = refuseStart(path, () => ({
      identity: identityOn(reader, read, writer, keyCache),
      tenantEnds: tenantEndsOn(reader, read, writer, forget),
      documents: documentsOn(reader, read, writer, documentCache, listCache),
    }))
    health = keepHealth(path, mustCheck, writer, startTimer, { ...listener, onBroken })
    closing.push(health.stop)
    if (serves) closing.push(lookForWrites(writer, forget, startTimer))
    const record = refuseStart(path, () => countRecord(reader, read, startTimer))
    closing.push(record.stop)
    const probe = reader.prepare('SELECT 1 FROM tenants LIMIT 1')
    return {
      ...ports,
      place: path,
      keepSecret: (name, candidate, at) => writer.run('keepSecret', name, candidate, at),
      readHealth: async () => {
        await read(() => probe.get())
        return health.readHealth()
      },
      readSizes: () => readSizes(path, writer, record),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Migrates on this thread, where a refusal is one, and starts the writer's on what is ready. */
async function startMigrated(
  options: SqliteStorageOptions,
  realPath: string,
  locked: boolean,
  listener: Parameters<typeof startWriter>[1],
): Promise<Writer> {
  const { path, as, busyTimeoutMs, startTimer } = options
  const lockPath = lockPathOf(path)
  const migrating = locked
    ? await openAlone(options, realPath)
    : await openForCommand(options, realPath)
  try {
    // SQLite says nothing when it cannot sync a folder, and knows nothing of the folder's own name.
    syncFolder(dirname(path))
    syncFolder(dirname(dirname(path)))
    const watched = as === 'server' ? [lockPath] : []
    // A command has to be able to end a key when there is no room for documents any more.
    const sizeMaxBytes = as === 'server' ? options.sizeMaxBytes : 0
    return await startWriter({ path, busyTimeoutMs, sizeMaxBytes, watched }, listener, startTimer)
  } finally {
    migrating.connection.close()
  }
}

/** A command must not migrate beneath a running server, nor move the log away from it. */
async function openForCommand(
  options: SqliteStorageOptions,
  realPath: string,
): Promise<SqliteWriter> {
  const { path, busyTimeoutMs } = options
  const lockPath = lockPathOf(path)
  const lock = findLock(lockPath, 0)
  if (lock !== undefined) return openAndRelease(options, realPath, lock)
  try {
    const beside = openWriter(path, { busyTimeoutMs, alone: false })
    return closedIfRestoring(realPath, beside)
  } catch (error) {
    if (!(error instanceof StartRefused && error.inUse)) throw error
    // It may be another command that brings the store up to date: that is done in a moment.
    const later = findLock(lockPath, busyTimeoutMs)
    if (later === undefined) throw error
    return openAndRelease(options, realPath, later)
  }
}

async function openAndRelease(
  options: SqliteStorageOptions,
  realPath: string,
  borrowed: ServerLock,
): Promise<SqliteWriter> {
  try {
    return await openAlone(options, realPath)
  } finally {
    borrowed.release()
  }
}

/** With the lock in hand: nobody else migrates, and nobody restores. */
async function openAlone(
  { path, busyTimeoutMs, listener }: SqliteStorageOptions,
  realPath: string,
): Promise<SqliteWriter> {
  refuseRestoring(realPath)
  const upgrade: Upgrade | undefined = await backUpBeforeUpgrade(realPath, busyTimeoutMs, listener)
  const writer = openWriter(path, { busyTimeoutMs, alone: true })
  if (upgrade !== undefined) listener.onUpgrade({ ...upgrade, state: 'migrated', done: 1, all: 1 })
  return writer
}

/** Who holds the lock may be a restore, which moves files that this one has just opened. */
function closedIfRestoring(realPath: string, writer: SqliteWriter): SqliteWriter {
  try {
    refuseRestoring(realPath)
    return writer
  } catch (error) {
    writer.connection.close()
    throw error
  }
}

/** While the writer owes an answer nothing is remembered for longer than a period either. */
function lookForWrites(writer: Writer, forget: () => void, startTimer: StartTimer): () => void {
  let cancel = () => {}
  const next = () => {
    cancel = startTimer(lookPeriodMs, () => {
      if (!writer.look()) forget()
      next()
    })
  }
  next()
  return () => cancel()
}
