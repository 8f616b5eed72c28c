/**
 * The composition root: clock, randomness and timers are made here and handed down, and storage,
 * operations and doors are wired to each other. It wires, and decides nothing.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Dependencies } from './call.ts'
import { call } from './call.ts'
import type { Config } from './config.ts'
import type { HttpServer, ListenAt } from './http/server.ts'
import { listen } from './http/server.ts'
import type { IdentityNeeds } from './identity/keys.ts'
import { gatherLastUsed } from './identity/last-used.ts'
import type { Tell } from './observe/events.ts'
import { logTo } from './observe/log.ts'
import type { Storage, StorageOptions } from './storage/storage.ts'
import { openStorage } from './storage/storage.ts'

/** What a process gets from outside itself. Tests hand in one that stands still. */
export type World = {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly random: (bytes: number) => Uint8Array
  /** Runs the action after so many milliseconds; what it returns cancels it. */
  readonly startTimer: (delayMs: number, action: () => void) => () => void
}

export const systemWorld: World = {
  now: Date.now,
  random: randomBytes,
  startTimer(delayMs, action) {
    const timer = setTimeout(action, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Tells the process's stderr. */
export const systemLog: Tell = logTo((line) => process.stderr.write(line), systemWorld.now)

export type RunningServer = {
  /** As `http://host:port`. */
  readonly address: string
  /** Where the data lies, for people. */
  readonly place: string
  /** Lets requests finish for at most `drainMs`, writes what is gathered, closes the store. */
  close(drainMs?: number): Promise<void>
}

/** 96 random bits: no two requests of a server's life share one. */
const requestIdBytes = 12

/** A crash forgets so much of "last used"; more often would write to the disk for nothing. */
const lastUsedFlushMs = 10_000

/** The product's own version, from its package. */
export const build: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version

/** Opens the store that the configuration names. Throws `StartRefused`. */
export async function openStore(
  { store, data, busyTimeoutMs }: Config,
  how: Pick<StorageOptions, 'as' | 'make' | 'onBroken'>,
): Promise<Storage> {
  return openStorage({ url: store, dataFolder: data, busyTimeoutMs, ...how })
}

/** What identity's rules borrow, over a store. */
export function identityNeeds({ identity }: Storage, { now, random }: World): IdentityNeeds {
  return { identity, now, random }
}

/** Serves an open store, and closes it in the end. Rejects when the address cannot be had. */
export async function startServer(
  config: Config,
  storage: Storage,
  { now, random, startTimer }: World,
  tell: Tell,
  at: Partial<ListenAt> = {},
): Promise<RunningServer> {
  const { identity, documents, place } = storage
  const lastUsed = gatherLastUsed(identity)
  const dependencies: Dependencies = {
    identity,
    documents,
    now,
    build,
    noteUse: lastUsed.note,
    mergeDepth: config.merge,
    bodySizeMaxBytes: config.bodySizeMaxBytes,
  }
  const http: HttpServer = await listen(
    { host: config.host, port: config.port, ...at },
    {
      call: (request) => call(request, dependencies),
      numbers: config.numbers,
      bodySizeMaxBytes: config.bodySizeMaxBytes,
      makeRequestId: () => Buffer.from(random(requestIdBytes)).toString('base64url'),
      startTimer,
      tell,
    },
  )
  const flush = () =>
    lastUsed.flush().catch((fault: unknown) => {
      tell({ event: 'background-faulted', task: 'write last use of keys', fault })
    })
  const stopFlushing = repeat(startTimer, lastUsedFlushMs, flush)
  tell({ event: 'server-started', address: http.address, store: place })
  return {
    address: http.address,
    place,
    async close(drainMs = config.drainMs) {
      await http.close(drainMs)
      stopFlushing()
      await flush()
      await storage.close()
      tell({ event: 'server-stopped' })
    },
  }
}

function repeat(
  startTimer: World['startTimer'],
  periodMs: number,
  action: () => Promise<void>,
): () => void {
  let stopped = false
  let cancel = () => {}
  const next = () => {
    cancel = startTimer(periodMs, () => void action().finally(() => stopped || next()))
  }
  next()
  return () => {
    stopped = true
    cancel()
  }
}
