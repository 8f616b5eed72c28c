/**
 * The composition root: storage, operations and doors are wired to each other, and to the world.
 * It wires, and decides nothing.
 */
import { readFileSync } from 'node:fs'
import type { Dependencies } from './call.ts'
import { call } from './call.ts'
import type { Config } from './config.ts'
import { Refusal } from './contract/errors.ts'
import { repeat } from './contract/timer.ts'
import { dropAllKept, makeRunningRepeats } from './documents/idempotency.ts'
import type { FaultRule } from './faults.ts'
import { drawFrom, withFaults } from './faults.ts'
import { makeAdmission } from './http/admission.ts'
import { makeDocsPage, makeFile } from './http/docs-page.ts'
import type { HttpNeeds } from './http/handle.ts'
import { listenForMetrics } from './http/metrics.ts'
import { makeInterfaceDocument } from './http/openapi.ts'
import { makeRequestIds } from './http/request-id.ts'
import type { ListenAt } from './http/server.ts'
import { listen } from './http/server.ts'
import { giveTurns } from './http/turns.ts'
import { makeKeyRate } from './identity/key-rate.ts'
import { gatherLastUsed } from './identity/last-used.ts'
import { makeSigner, secretBytes } from './identity/signing.ts'
import { writeTo } from './observe/destination.ts'
import type { Tell } from './observe/events.ts'
import { logTo } from './observe/log.ts'
import { makeMetrics } from './observe/metrics.ts'
import { examples, operations } from './operations.ts'
import { contractVersion } from './service.ts'
import type { Storage, StorageListener, UpgradeState } from './storage/engine.ts'
import { openConfigured } from './stores.ts'
import type { World } from './world.ts'
import { systemWorld } from './world.ts'

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

export type AskedFaults = {
  readonly rules: readonly FaultRule[]
  /** The same seed draws the same faults for the same requests in the same order. */
  readonly seed: number
  /** Until then none is met, so that what a sandbox begins with can be written. */
  readonly areArmed: () => boolean
}

export type ServerOptions = {
  readonly world: World
  readonly tell: Tell
  /** The disk or the file of the store failed: nothing may be acknowledged from here on. */
  readonly onBroken: (fault: unknown) => void
  /** Other bounds of time than the contract's, for tests. */
  readonly at?: Partial<ListenAt> | undefined
  /** Runs before anyone is listened to: nobody sees what is there before it is done. */
  readonly prepare?: ((storage: Storage) => Promise<void>) | undefined
  /** Puts something between the server and its store, such as faults. */
  readonly wrap?: ((storage: Storage) => Storage) | undefined
  /** Faults that clients are to meet. */
  readonly faults?: AskedFaults | undefined
}

/** A crash forgets so much of "last used"; more often would write to the disk for nothing. */
const lastUsedFlushMs = 10_000

/** What is kept for a day may be kept for some minutes more. */
const dropKeptMs = 5 * 60_000

/** A log should not fill with it. */
const upgradeLineMs = 10_000

/** The product's own version, from its package. */
export const build: string = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
).version

/** The interface document as JSON; `serverUrl` is relative to where it is read. */
export function interfaceDocument(serverUrl = '/'): string {
  const needs = { operations, examples, version: contractVersion, serverUrl }
  return JSON.stringify(makeInterfaceDocument(needs))
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
  const make = config.newStore === 'make'
  const opened = await openConfigured(config, world, { as: 'server', make, listener })
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
    await options.prepare?.(storage)
    const told =
      metricsPort === 'none' || metrics === undefined
        ? undefined
        : await listenForMetrics({ host, port: metricsPort }, metrics, tell)
    if (told !== undefined) closing.push(told.close)
    const secret = await storage.keepSecret('signing', world.random(secretBytes), world.now())
    const dependencies: Dependencies = {
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
      readInterfaceDocument: once(() => makeFile('application/json', interfaceDocument())),
      docsPage: makeDocsPage(),
    }
    const http = await listen(
      { host, port: config.port, ...options.at },
      httpNeeds(config, world, tell, callOver(dependencies, options)),
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

async function dropKept({ documents }: Storage, { now }: World, tell: Tell): Promise<void> {
  await dropAllKept(documents, now).catch((fault: unknown) => {
    tell({ event: 'background-faulted', task: 'drop outcomes that were kept', fault })
  })
}

/** The one path that requests walk, behind the faults that were asked for. */
function callOver(dependencies: Dependencies, { world, faults }: ServerOptions): HttpNeeds['call'] {
  const plain: HttpNeeds['call'] = (request) => call(request, dependencies)
  if (faults === undefined) return plain
  const { startTimer } = world
  const faulty = withFaults(plain, faults.rules, { draw: drawFrom(faults.seed), startTimer })
  return (request) => (faults.areArmed() ? faulty : plain)(request)
}

function httpNeeds(
  { numbers, bodySizeMaxBytes, corsOrigins, trustProxy, inFlightMax }: Config,
  { random, startTimer, nextTurn }: World,
  tell: Tell,
  call: HttpNeeds['call'],
): HttpNeeds {
  return {
    call,
    numbers,
    bodySizeMaxBytes,
    corsOrigins,
    trustProxy,
    admission: makeAdmission(inFlightMax),
    makeRequestId: makeRequestIds(random),
    startTimer,
    nextTurn,
    ownTurn: giveTurns(nextTurn),
    tell,
  }
}

/** Made when it is first asked for: the document would take a tenth of the start. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
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
    onUpgrade: tellUpgrade(tell),
  }
}

/** Its beginning, its end, and in between now and then how far it is. */
function tellUpgrade(tell: Tell): StorageListener['onUpgrade'] {
  let last: { readonly state: UpgradeState['state']; readonly at: number } | undefined
  return ({ state, from, to, backup, done, all }) => {
    const at = performance.now()
    if (last?.state === state && at - last.at < upgradeLineMs) return
    last = { state, at }
    const percent = Math.floor((100 * done) / all)
    tell({ event: 'store-upgrade', state, from, to, backup, percent })
  }
}
