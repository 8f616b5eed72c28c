/**
 * One measurement over HTTP: 32 connections ask for some seconds, and it is read off what the
 * server's process spent on it. Fails unless every answer is the expected one: a benchmark of
 * errors is worthless.
 */
import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { measureConsumption, rssMegabytesOf } from './consumption.ts'
import type { Figures } from './workloads.ts'

export const connections = 32

export type Load = {
  readonly requests: readonly LoadRequest[]
  readonly statuses: readonly number[]
}

export type LoadRequest = {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly headers: { readonly [name: string]: string }
  readonly body?: string
}

/** What of autocannon is used; it brings no types. */
type Client = EventEmitter & { setRequests(requests: LoadRequest[]): void }
type Options = {
  readonly url: string
  readonly connections: number
  readonly duration: number
  /** It only looks every so often whether its time is over. */
  readonly sampleInt: number
  readonly setupClient: (client: Client) => void
}
type Outcome = { readonly errors: number; readonly timeouts: number }
const autocannon: (options: Options) => EventEmitter & Promise<Outcome> = createRequire(
  import.meta.url,
)('autocannon')

/** Measures the process `pid`, which serves `url`. */
export async function measureLoad(
  { url, pid }: { readonly url: string; readonly pid: number },
  { requests, statuses }: Load,
  seconds: number,
): Promise<Figures> {
  const tookMs: number[] = []
  const strange = new Map<number, number>()
  let bytes = 0
  let client = 0
  const setupClient = (each: Client) => {
    const first = client++
    each.setRequests(requests.filter((_, at) => at % connections === first % connections))
    each.on('response', (status: number, size: number, ms: number) => {
      if (!statuses.includes(status)) strange.set(status, (strange.get(status) ?? 0) + 1)
      bytes += size
      tookMs.push(ms)
    })
  }
  const stop = stayAwake()
  const consumed = measureConsumption(pid)
  const running = autocannon({ url, connections, duration: seconds, sampleInt: 50, setupClient })
  let began = 0
  running.once('start', () => {
    began = performance.now()
  })
  const { errors } = await running
  const ms = performance.now() - began
  const { cpuMs, othersCores } = consumed()
  stop()
  const count = tookMs.length
  if (errors > 0 || strange.size > 0 || count === 0) {
    const told = [...strange].map(([status, times]) => `${times} times ${status}`).join(', ')
    throw new Error(
      `${requests[0]?.method} ${requests[0]?.path} gave ${count} answers, ${errors} errors, ` +
        `strange statuses: ${told || 'none'}; figures of failures say nothing`,
    )
  }
  tookMs.sort((one, other) => one - other)
  return {
    rate: (count / ms) * 1000,
    cpuMicros: (cpuMs / count) * 1000,
    p50Ms: tookMs[Math.floor(count * 0.5)] ?? 0,
    p99Ms: tookMs[Math.floor(count * 0.99)] ?? 0,
    bytesPerSecond: (bytes / ms) * 1000,
    rssMegabytes: rssMegabytesOf(pid),
    othersCores,
  }
}

/**
 * Keeps this process from ever sleeping. A server that is slower than it would else wake it with
 * each answer, and pay for that as much as for a whole request of the bare server, which is fast
 * enough never to; clients on other machines make no server pay for waking them.
 */
function stayAwake(): () => void {
  let awake = true
  const turn = () => {
    if (awake) setImmediate(turn)
  }
  turn()
  return () => {
    awake = false
  }
}
