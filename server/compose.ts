/**
 * The composition root: clock, randomness and timers are made here and handed down, and storage,
 * operations and doors are wired to each other. It wires, and decides nothing.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Config } from './config.ts'
import type { StartTimer } from './http/body.ts'
import type { HttpServer, ListenAt } from './http/server.ts'
import { listen } from './http/server.ts'
import type { RandomBytes } from './identity/key-text.ts'
import type { IdentityNeeds } from './identity/keys.ts'
import { gatherLastUsed } from './identity/last-used.ts'
import type { Tell } from './observe/events.ts'
import { logTo } from './observe/log.ts'
import type { Storage } from './storage/storage.ts'
import { openStorage } from './storage/storage.ts'

/** What a process gets from outside itself. Tests hand in one that stands still. */
export type World = {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly random: RandomBytes
  readonly startTimer: StartTimer
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

/** An open store, as commands know it. */
export type Store = Storage

export type RunningServer = {
  /** As `http://host:port`. */
  readonly address: string
  /** Lets requests finish, writes what is gathered, closes the store. */
  close(): Promise<void>
}

/** How often gathered uses of keys are written. */
const lastUsedFlushMs = 10_000

/** The product's own version, from its package. */
export const build: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version

/** Opens the store that the configuration names. Throws `StartRefused`. */
export function openStore(
  { store, data, busyTimeoutMs }: Config,
  how: { as: 'server' | 'command'; make: boolean },
): Store {
  return openStorage({ url: store, dataFolder: data, busyTimeoutMs, ...how })
}

/** What identity's commands borrow, over a store. */
export function identityNeeds({ identity }: Store, { now, random }: World): IdentityNeeds {
  return { identity, now, random }
}

/** Serves an open store, and closes it in the end. Rejects when the address cannot be had. */
export async function startServer(
  config: Config,
  storage: Store,
  { now, random, startTimer }: World,
  tell: Tell,
  at: Partial<ListenAt> = {},
): Promise<RunningServer> {
  const { identity, documents, place } = storage
  const lastUsed = gatherLastUsed(identity)
  const http: HttpServer = await listen(
    { host: config.host, port: config.port, ...at },
    {
      identity,
      documents,
      now,
      startTimer,
      tell,
      build,
      noteUse: lastUsed.note,
      makeRequestId: () => Buffer.from(random(12)).toString('base64url'),
      mergeDepth: config.merge,
      numbers: config.numbers,
      bodySizeMaxBytes: config.bodySizeMaxBytes,
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
    async close() {
      await http.close(config.drainMs)
      stopFlushing()
      await flush()
      storage.close()
      tell({ event: 'server-stopped' })
    },
  }
}

function repeat(startTimer: StartTimer, periodMs: number, action: () => Promise<void>): () => void {
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
