/**
 * The composition root: clock, randomness and timers are made here and handed down, and storage,
 * operations and doors are wired to each other. It wires, and decides nothing.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Dependencies } from './call.ts'
import { call } from './call.ts'
import type { Config } from './config.ts'
import { Refusal } from './contract/errors.ts'
import type { StartTimer } from './contract/timer.ts'
import { makeRunningRepeats } from './documents/idempotency.ts'
import { makeAdmission } from './http/admission.ts'
import type { HttpNeeds } from './http/handle.ts'
import { listenForMetrics } from './http/metrics.ts'
import type { ListenAt } from './http/server.ts'
import { listen } from './http/server.ts'
import { giveTurns } from './http/turns.ts'
import { makeKeyRate } from './identity/key-rate.ts'
import type { IdentityNeeds } from './identity/keys.ts'
import { gatherLastUsed } from './identity/last-used.ts'
import { makeSigner, secretBytes } from './identity/signing.ts'
import { writeTo } from './observe/destination.ts'
import type { Tell } from './observe/events.ts'
import { logTo } from './observe/log.ts'
import { makeMetrics } from './observe/metrics.ts'
import type { Storage, StorageListener } from './storage/engine.ts'
import { openStorage } from './storage/storage.ts'

/** What a process gets from outside itself. Tests hand in one that stands still. */
export type World = {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly random: (bytes: number) => Uint8Array
  readonly startTimer: StartTimer
  /** Resolves after so many milliseconds. Unlike a timer it keeps the process alive until then. */
  readonly wait: (delayMs: number) => Promise<void>
  /** Resolves when all that waits for the loop has had its turn. */
  readonly nextTurn: () => Promise<void>
}

export const systemWorld: World = {
  now: Date.now,
  random: randomBytes,
  startTimer(delayMs, action) {
    const timer = setTimeout(action, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
  wait: (delayMs) => new Promise((resolve) => void setTimeout(resolve, delayMs)),
  nextTurn: () => new Promise((resolve) => void setImmediate(resolve)),
}

/** Where events go that are told to people. */
export type Log = {
  readonly tell: Tell
  /** Hands what was told to the system, for a process that is about to end. */
  readonly flush: () => void
}

/** Events on the process's stderr. */
export function openSystemLog({ log }: Config): Log {
  const destination = writeTo(process.stderr.fd, systemWorld.startTimer)
  return { tell: logTo(destination.write, systemWorld.now, log), flush: destination.flushSync }
}

export type RunningServer = {
  /** As `http://host:port`. */
  readonly address: string
  readonly storage: Storage
  /** Lets requests finish for at most `drainMs`, writes what is gathered, closes the store. */
  close(drainMs?: number): Promise<void>
}

export type ServerOptions = {
  readonly world: World
  readonly tell: Tell
  /** The disk or the file of the store failed: nothing may be acknowledged from here on. */
  readonly onBroken: (fault: unknown) => void
  /** Other bounds of time than the contract's, for tests. */
  readonly at?: Partial<ListenAt> | undefined
  /** Puts something between the server and its store, such as faults. */
  readonly wrap?: ((storage: Storage) => Storage) | undefined
}

/** 96 random bits: no two requests of a server's life share one. */
const requestIdBytes = 12

/** Drawn at once: asking the system for each id costs more than all else that is done for it. */
const requestIdsAtOnce = 256

/** A crash forgets so much of "last used"; more often would write to the disk for nothing. */
const lastUsedFlushMs = 10_000

/** What is kept for a day may be kept for some minutes more. */
const dropKeptMs = 5 * 60_000

/** The product's own version, from its package. */
export const build: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version

/** Opens the store that the configuration names, as a command does. Throws `StartRefused`. */
export function openStore(config: Config, make: boolean): Promise<Storage> {
  // A command's own promises are rejected, and say all there is to say.
  const listener = { onBroken() {}, onCommit() {}, onFull() {}, onCheck() {} }
  return open(config, systemWorld, { as: 'command', make, listener })
}

/** What identity's rules borrow, over a store. */
export function identityNeeds({ identity }: Storage, { now, random }: World): IdentityNeeds {
  return { identity, now, random }
}

/**
 * Opens the store that the configuration names, and serves it. Rejects with `StartRefused`, or with
 * the system's error when an address cannot be had; the store is closed then.
 */
export async function startServer(config: Config, options: ServerOptions): Promise<RunningServer> {
  const { world, onBroken } = options
  const { metricsPort, host } = config
  const metrics = metricsPort === 'none' ? undefined : makeMetrics(() => storage.readSizes(), build)
  const tell: Tell = (event) => {
    options.tell(event)
    metrics?.tell(event)
  }
  const listener = storageEvents(tell, onBroken)
  const opened = await open(config, world, { as: 'server', make: true, listener })
  const storage = options.wrap?.(opened) ?? opened
  const lastUsed = gatherLastUsed(storage.identity)
  const flush = () =>
    lastUsed.flush().catch((fault: unknown) => {
      tell({ event: 'background-faulted', task: 'write last use of keys', fault })
    })
  let drainMs = config.drainMs
  let stopping = false
  const closing: (() => Promise<void> | void)[] = [() => storage.close(), flush]
  const close = async () => {
    stopping = true
    for (const step of closing.splice(0).reverse()) await step()
  }
  const readReadiness = async () => {
    if (stopping) throw new Refusal('Unavailable', 'The server is stopping; ask another.')
    return storage.readHealth()
  }
  try {
    const told =
      metricsPort === 'none' || metrics === undefined
        ? undefined
        : await listenForMetrics({ host, port: metricsPort }, metrics, tell)
    if (told !== undefined) closing.push(told.close)
    const secret = await storage.keepSecret('signing', world.random(secretBytes), world.now())
    const http = await listen(
      { host, port: config.port, ...options.at },
      httpNeeds(config, world, tell, {
        identity: storage.identity,
        documents: storage.documents,
        now: world.now,
        random: world.random,
        signer: makeSigner(secret, 'cursor'),
        nextTurn: world.nextTurn,
        runningRepeats: makeRunningRepeats(),
        takeRate: makeKeyRate(config.keyRate, world.now),
        build,
        noteUse: lastUsed.note,
        mergeDepth: config.merge,
        bodySizeMaxBytes: config.bodySizeMaxBytes,
        readReadiness,
      }),
    )
    closing.push(repeat(world.startTimer, lastUsedFlushMs, flush))
    closing.push(repeat(world.startTimer, dropKeptMs, () => dropKept(storage, world, tell)))
    closing.push(() => http.close(drainMs))
    const { address } = http
    tell({ event: 'server-started', address, store: storage.place, metrics: told?.address })
    return {
      address,
      storage,
      async close(mostMs) {
        drainMs = mostMs ?? drainMs
        await close()
        tell({ event: 'server-stopped' })
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

function open(
  { store, data, busyTimeoutMs, storeMaxBytes, cacheMaxBytes }: Config,
  { startTimer }: World,
  how: { as: 'server' | 'command'; make: boolean; listener: StorageListener },
): Promise<Storage> {
  return openStorage({
    url: store,
    dataFolder: data,
    busyTimeoutMs,
    sizeMaxBytes: storeMaxBytes,
    cacheMaxBytes,
    startTimer,
    ...how,
  })
}

/** What is over its time is dropped in small pieces, so that writes between them do not wait. */
async function dropKept({ documents }: Storage, { now }: World, tell: Tell): Promise<void> {
  try {
    while ((await documents.dropKept(now())) > 0);
  } catch (fault) {
    tell({ event: 'background-faulted', task: 'drop outcomes that were kept', fault })
  }
}

function httpNeeds(
  { numbers, bodySizeMaxBytes, corsOrigins, trustProxy, inFlightMax }: Config,
  { random, startTimer, nextTurn }: World,
  tell: Tell,
  dependencies: Dependencies,
): HttpNeeds {
  return {
    call: (request) => call(request, dependencies),
    numbers,
    bodySizeMaxBytes,
    corsOrigins,
    trustProxy,
    admission: makeAdmission(inFlightMax),
    makeRequestId: requestIds(random),
    startTimer,
    nextTurn,
    ownTurn: giveTurns(nextTurn),
    tell,
  }
}

function requestIds(random: World['random']): () => string {
  let drawn = Buffer.alloc(0)
  let at = 0
  return () => {
    if (at === drawn.length) {
      drawn = Buffer.from(random(requestIdBytes * requestIdsAtOnce))
      at = 0
    }
    at += requestIdBytes
    return drawn.toString('base64url', at - requestIdBytes, at)
  }
}

function storageEvents(tell: Tell, onBroken: (fault: unknown) => void): StorageListener {
  return {
    onBroken(fault) {
      tell({ event: 'store-broken', fault })
      onBroken(fault)
    },
    onCommit: (commit) => tell({ event: 'commit-made', ...commit }),
    onFull: (full) => tell({ event: full ? 'store-full' : 'store-has-room' }),
    onCheck: (state) => tell({ event: 'store-check', state }),
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
