/**
 * A server that has answered many requests holds no more than one that has answered some: memory,
 * file handles, timers and sockets stay flat. Between stretches of load it is left in peace for a
 * moment, garbage is collected, and what is still in use is read; the middle of the first third of
 * these readings is compared with that of the last, so that one odd reading decides nothing.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { DemoServer } from '../support/demo-server.ts'
import { startDemoServer } from '../support/demo-server.ts'
import { makeFolder } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import type { RawClient } from '../support/raw-client.ts'
import { openRawClient } from '../support/raw-client.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import { makeLeakLoad } from './leak-load.ts'
import type { InUse } from './leak-watch.ts'

const requestsFull = 200_000
const requestsShort = 20_000
const clients = 32

/** Clients that are too slow, all the time, each cut and followed by another. */
const slowClients = 6

/** As much as a third of the load comes before the first reading: caches fill, code is compiled. */
const warmUpPart = 1 / 3

/** A multiple of three. */
const readingsFull = 12
const readingsShort = 6

/** What is on its way out when the load pauses is gone by then. */
const settleMs = 1000

const mb = 1_000_000

/**
 * How much more the last third may have in use than the first. Of the heap, what grows by 150 bytes
 * for each request of the short form is found, and by 12 in the full one. The memory of the process
 * is in the hands of its allocators, and wanders by many MB; the clients' connections that are kept
 * alive are now more and now less.
 */
const bounds = {
  'heap (MB)': 1,
  "writer's heap (MB)": 1,
  'buffers (MB)': 1,
  'memory (MB)': 40,
  'file handles': 8,
  timers: 4,
  sockets: 8,
} as const

type Figure = keyof typeof bounds
type Reading = { readonly [Name in Figure]: number }

const figureNames = Object.keys(bounds) as Figure[]

export const leak: Gate = {
  name: 'leak',
  about: `${requestsFull} requests of every operation, refused, broken off, slow, repeated.`,
  target: figureNames.map((name) => `${name} + ≤ ${bounds[name]}`).join(', '),
  needs: [],
  run,
  control: {
    title: 'forgets no connection',
    breakages: [
      {
        file: 'server/http/connection.ts',
        from: "      socket.once('close', () => known.delete(socket))\n",
        to: '',
      },
    ],
  },
}

async function run({ build, short, seed, tell }: GateOptions): Promise<Verdict> {
  const requests = short ? requestsShort : requestsFull
  const readings = short ? readingsShort : readingsFull
  const folder = makeFolder()
  let server: DemoServer | undefined
  const slow = new AbortController()
  try {
    const watch = join(import.meta.dirname, 'leak-watch.ts')
    server = await startDemoServer(folder.path, {
      build,
      // Small, so that it is full long before the first reading.
      env: { NODE_OPTIONS: `--import ${watch}`, TENANTRY_CACHE_MAX_BYTES: '2000000' },
    })
    const load = makeLeakLoad(server, seededRandom(seed))
    for (let client = 0; client < slowClients; client++) keepSlow(server, slow.signal)
    const read = readerOf(server)
    const runTo = async (part: number) => {
      const all = Array.from({ length: clients }, async (_, client) => {
        while (load.count() < requests * part) await load.turn(client)
      })
      await Promise.all(all)
    }
    await runTo(warmUpPart)
    const missing = load.missing()
    if (missing.length > 0) throw new Error(`the load has no request for ${missing.join(', ')}`)
    const found: Reading[] = []
    for (let reading = 1; reading <= readings; reading++) {
      await runTo(warmUpPart + (reading / readings) * (1 - warmUpPart))
      const one = await read()
      found.push(one)
      const said = figureNames.map((name) => `${name} ${one[name]}`)
      tell(`${load.count()} of ${requests} requests: ${said.join(', ')}`)
    }
    return judge(found, load.count())
  } finally {
    slow.abort()
    await server?.running.stop('SIGKILL')
    folder.remove()
  }
}

function judge(found: readonly Reading[], count: number): Verdict {
  const third = Math.floor(found.length / 3)
  const figures: { [name: string]: number | string } = { requests: count }
  const failures: string[] = []
  for (const name of figureNames) {
    const first = middleOf(found.slice(0, third).map((reading) => reading[name]))
    const last = middleOf(found.slice(-third).map((reading) => reading[name]))
    figures[name] = `${first} → ${last}`
    if (last - first > bounds[name]) {
      failures.push(`${name} went from ${first} to ${last} in ${count} requests`)
    }
  }
  return { figures, failures }
}

function middleOf(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

/** Asks `leak-watch.ts` for what is in use, once the server had a moment of peace. */
function readerOf({ running }: DemoServer): () => Promise<Reading> {
  let asked = 0
  return async () => {
    await wait(settleMs)
    const answer = new RegExp(`(?:in use [^]*){${++asked}}\\n$`)
    running.child.kill('SIGUSR2')
    const out = await running.waitFor(answer)
    const inUse: InUse = JSON.parse(out.slice(out.lastIndexOf('in use ') + 7))
    const { TCPSocketWrap: sockets = 0 } = inUse.resources
    return {
      'heap (MB)': inMb(inUse.heap),
      "writer's heap (MB)": inMb(inUse.writerHeap),
      'buffers (MB)': inMb(inUse.buffers),
      'memory (MB)': inMb(inUse.rss),
      'file handles': readdirSync(`/proc/${running.child.pid}/fd`).length,
      timers: inUse.timers,
      sockets,
    }
  }
}

function inMb(bytes: number): number {
  return Math.round((bytes / mb) * 100) / 100
}

/** A head that is never finished; when it is cut, the next one begins. */
function keepSlow(server: DemoServer, stop: AbortSignal): void {
  const next = async () => {
    let client: RawClient
    try {
      client = await openRawClient(server.port)
    } catch {
      return
    }
    const trickle = () => void client.socket.write('X: y\r\n')
    client.socket.write('GET /health HTTP/1.1\r\nHost: x\r\n')
    const trickling = setInterval(trickle, 1000)
    const end = () => client.socket.destroy()
    stop.addEventListener('abort', end)
    await client.closed
    stop.removeEventListener('abort', end)
    clearInterval(trickling)
    if (!stop.aborted) void next()
  }
  void next()
}
