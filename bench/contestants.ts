/**
 * The servers of a run and their stores, and how one workload is measured on them. Each server has
 * a store of its own, so that what is written to one does not slow down reads of another.
 */
import { cpSync } from 'node:fs'
import { get, request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { findFreePort } from '../test/support/process.ts'
import type { BareAnswer } from './bare.ts'
import { measureConsumption, rssMegabytesOf } from './consumption.ts'
import { contentOf, hotCollectionPath, hotDocuments, hotPath, mergedInto } from './documents.ts'
import type { Load, LoadRequest } from './load.ts'
import { measureLoad } from './load.ts'
import type { Started } from './processes.ts'
import { start } from './processes.ts'
import type { SeedMessage } from './seed.ts'
import type { SqliteAnswer } from './sqlite.ts'
import type { Figures, LoadName, ServerName, Workload } from './workloads.ts'

export type Run = {
  /** Of this run alone; removed in the end. */
  readonly folder: string
  /** How many documents the large store has. */
  readonly largeDocuments: number
  readonly progress: (text: string) => void
}

export type Store = { readonly folder: string; readonly key: string }

export type Server = { readonly url: string; readonly process: Started }

export type Contestants = {
  measure(workload: Workload, seconds: number): Promise<Figures>
  stop(): Promise<void>
}

const script = (name: string) => join(import.meta.dirname, name)

/** What tells that a server is ready. */
const readyPath = '/ready'

const pollMs = 2

/** A new store of so many documents, filled by a process of its own. */
export async function seedStore(name: string, documents: number, run: Run): Promise<Store> {
  const folder = join(run.folder, name)
  const log = join(run.folder, `${name}.log`)
  const seeding = start([script('seed.ts'), folder, String(documents)], { log })
  const key = new Promise<string>((resolve) => {
    seeding.child.on('message', (message: SeedMessage) => {
      if ('key' in message) resolve(message.key)
      else run.progress(`seeding the ${name} store: ${message.written} of ${documents} documents`)
    })
  })
  return { folder, key: await seeding.orEnd(key) }
}

/** `tenantry serve` on this store, once it is ready, and how long that took. */
export async function startServer(
  server: ServerName,
  store: Store,
  run: Run,
  env: { readonly [variable: string]: string } = {},
): Promise<Server & { readonly readyMs: number }> {
  const isPlain = server === 'plain' || server === 'large'
  const settings = isPlain
    ? { TENANTRY_LOG: 'events' }
    : { TENANTRY_LOG: 'requests', TENANTRY_METRICS_PORT: String(await findFreePort()) }
  const began = performance.now()
  const started = start(['bin/tenantry.cjs', 'serve', '--json'], {
    log: join(run.folder, `${server}.log`),
    env: { TENANTRY_DATA: store.folder, TENANTRY_PORT: '0', ...settings, ...env },
  })
  const { address: url } = JSON.parse(await started.waitFor(/^.*\n/))
  while ((await statusOf(`${url}${readyPath}`)) !== 200) await wait(pollMs)
  return { url, process: started, readyMs: performance.now() - began }
}

/** Starts and stops a server; gives what it took. */
export async function measureStart(store: Store, run: Run): Promise<Figures> {
  const { readyMs, process } = await startServer('large', store, run)
  const rssMegabytes = rssMegabytesOf(process.pid)
  await process.stop()
  return { readyMs, rssMegabytes }
}

/** Starts all that these workloads need. The stores are used up: writes go to copies of small. */
export async function startContestants(
  workloads: readonly Workload[],
  stores: { readonly small: Store; readonly large: Store | undefined },
  run: Run,
): Promise<Contestants> {
  const servers = new Map<ServerName | 'bare', Server>()
  // The one that writes answers first, so that the bare server knows what to answer.
  const needed = new Set<ServerName | 'bare'>(['writing'])
  for (const { does } of workloads) if (does.kind === 'load') needed.add(does.on)
  for (const name of needed) {
    run.progress(`starting: ${name}`)
    if (name === 'bare') servers.set(name, await startBare(run))
    else {
      const store = name === 'large' ? stores.large : copyOf(name)
      if (store !== undefined) servers.set(name, await startServer(name, store, run))
    }
  }
  const loads = loadsWith(stores.small.key)
  const largeLoads = loadsWith(stores.large?.key ?? '')
  const writing = servers.get('writing')
  const sqlite = workloads.some(({ does }) => does.kind === 'sqlite') ? startSqlite() : undefined
  await sqlite?.waitFor(/ready/)

  function copyOf(name: string): Store {
    const folder = join(run.folder, name)
    cpSync(stores.small.folder, folder, { recursive: true })
    return { ...stores.small, folder }
  }

  function startSqlite(): Started {
    const file = join(copyOf('sqlite').folder, 'tenantry.sqlite')
    return start([script('sqlite.ts'), file], { log: join(run.folder, 'sqlite.log') })
  }

  return {
    async measure({ name, does }, seconds) {
      if (does.kind === 'sqlite' && sqlite !== undefined) {
        const consumed = measureConsumption(sqlite.pid)
        const asked = { ...does.request, seconds }
        const { count, ms } = (await sqlite.ask(asked)) as SqliteAnswer
        const { cpuMs, othersCores } = consumed()
        return { rate: (count / ms) * 1000, cpuMicros: (cpuMs / count) * 1000, othersCores }
      }
      const server = does.kind === 'load' ? servers.get(does.on) : undefined
      if (does.kind !== 'load' || server === undefined) throw new Error(`nobody runs ${name}`)
      const load = (does.on === 'large' ? largeLoads : loads)[does.load]
      if (does.on === 'bare' && writing !== undefined) {
        await server.process.ask(await answerOf(writing, load))
      }
      return measureLoad({ url: server.url, pid: server.process.pid }, load, seconds)
    },
    async stop() {
      for (const { process } of servers.values()) await process.stop()
      await sqlite?.stop()
    },
  }
}

/** What is asked by each load: every request of a round another hot document. */
export function loadsWith(key: string): { readonly [Name in LoadName]: Load } {
  const authorised = { Authorization: `Bearer ${key}` }
  const typed = { ...authorised, 'Content-Type': 'application/json' }
  const all = Array.from({ length: hotDocuments }, (_, hot) => hot)
  const reads = (pathOf: (hot: number) => string): LoadRequest[] =>
    all.map((hot) => ({ method: 'GET', path: pathOf(hot), headers: authorised }))
  const writes = (method: 'POST' | 'PUT', bodyOf: (hot: number) => string): LoadRequest[] =>
    all.map((hot) => ({ method, path: hotPath(hot), headers: typed, body: bodyOf(hot) }))
  return {
    get: { requests: reads(hotPath), statuses: [200] },
    list: { requests: reads(hotCollectionPath), statuses: [200] },
    post: { requests: writes('POST', contentOf), statuses: [200, 201] },
    put: { requests: writes('PUT', mergedInto), statuses: [200] },
  }
}

async function startBare(run: Run): Promise<Server> {
  const process = start([script('bare.ts')], { log: join(run.folder, 'bare.log') })
  const { address: url } = JSON.parse(await process.waitFor(/^.*\n/))
  return { url, process }
}

/** Headers that every server of `node:http` says by itself, and what a list is sent by. */
const ownHeaders = ['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length']

/** What the server answers to such a request. */
function answerOf({ url }: Server, { requests }: Load): Promise<BareAnswer> {
  const { method, path, headers, body } = requests[requests.length >> 1] as LoadRequest
  return new Promise((resolve, reject) => {
    const size = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }
    const sent = httpRequest(
      `${url}${path}`,
      { method, headers: { ...headers, ...size } },
      (answer) => {
        const chunks: Uint8Array[] = []
        answer.on('data', (chunk: Uint8Array) => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () => {
          const bytes = Buffer.concat(chunks)
          const raw = answer.rawHeaders
          const pairs = raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1] ?? '']] : []))
          const kept = pairs.filter(([name = '']) => !ownHeaders.includes(name.toLowerCase()))
          resolve({
            status: answer.statusCode ?? 0,
            headers: Object.fromEntries([...kept, ['Content-Length', String(bytes.length)]]),
            body: bytes.toString(),
          })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    get(url, (answer) => resolve(answer.resume().statusCode)).on('error', () => resolve(undefined))
  })
}
