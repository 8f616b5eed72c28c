/**
 * Loaded into a server that is measured, before its own code (`node --import`): collects all
 * garbage and prints what is left in use, on SIGUSR2. The heap of the writer's thread counts too,
 * which loads this as well and is asked over a channel.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { BroadcastChannel, isMainThread } from 'node:worker_threads'

/** What one answer says, in bytes and counts. */
export type InUse = {
  readonly rss: number
  readonly heap: number
  /** Of the writer's thread. */
  readonly writerHeap: number
  /** Buffers outside of both heaps. */
  readonly buffers: number
  /** Those that were set and have neither fired nor been cancelled; Node tells of few of them. */
  readonly timers: number
  /** Sockets and what else keeps the loop alive, by kind. */
  readonly resources: { readonly [kind: string]: number }
}

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
const channel = new BroadcastChannel('leak-watch') as BroadcastChannel & {
  onmessage: (event: { readonly data: unknown }) => void
  unref(): void
}
const timers = isMainThread ? followTimers() : undefined
if (isMainThread) watch()
else channel.onmessage = ({ data }) => data === 'ask' && channel.postMessage(heapInUse())
// Behind the listener, which would keep the process alive.
channel.unref()

function heapInUse(): number {
  // What a first collection finalises, a second one takes.
  collect()
  collect()
  return process.memoryUsage().heapUsed
}

function watch(): void {
  channel.onmessage = ({ data }) => {
    if (typeof data !== 'number') return
    const heap = heapInUse()
    const { rss, arrayBuffers } = process.memoryUsage()
    const resources: { [kind: string]: number } = {}
    for (const kind of process.getActiveResourcesInfo()) {
      resources[kind] = (resources[kind] ?? 0) + 1
    }
    const all: InUse = {
      rss,
      heap,
      writerHeap: data,
      buffers: arrayBuffers,
      timers: timers?.size ?? 0,
      resources,
    }
    process.stdout.write(`in use ${JSON.stringify(all)}\n`)
  }
  process.on('SIGUSR2', () => channel.postMessage('ask'))
}

/** Puts itself before the timers of the process; gives those that are running. */
function followTimers(): ReadonlySet<NodeJS.Timeout> {
  const running = new Set<NodeJS.Timeout>()
  const { setTimeout: set, clearTimeout: clear } = globalThis
  const setCounted = (
    action: (...more: unknown[]) => void,
    delayMs?: number,
    ...more: unknown[]
  ) => {
    const timer = set(() => {
      running.delete(timer)
      action(...more)
    }, delayMs)
    running.add(timer)
    return timer
  }
  const clearCounted = (timer: NodeJS.Timeout) => {
    running.delete(timer)
    clear(timer)
  }
  Object.assign(globalThis, { setTimeout: setCounted, clearTimeout: clearCounted })
  return running
}
