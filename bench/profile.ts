/**
 * Where the time of one workload goes: the server under V8's profiler, and its hottest functions,
 * those of the main thread and of the writer's. Shares leave out the time that a thread waited.
 */
import { globSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Run, Store } from './contestants.ts'
import { loadsWith, startServer } from './contestants.ts'
import { measureLoad } from './load.ts'
import type { Workload } from './workloads.ts'

const root = pathToFileURL(join(import.meta.dirname, '../')).href
const placesShown = 25
const sampleMicros = 200

/** Long enough for start and compilation to be small beside it. */
const loadSeconds = 15

/** Throws for what is no workload of a server. */
export async function profile(
  { name, does }: Workload,
  store: Store,
  run: Run,
  seconds = loadSeconds,
): Promise<string> {
  if (does.kind !== 'load' || does.on === 'bare') throw new Error(`${name} is not of the server`)
  const folder = join(run.folder, 'profiles')
  mkdirSync(folder)
  // By the environment, since the writer's thread takes no flags of the main script.
  const flags = `--cpu-prof --cpu-prof-dir=${folder} --cpu-prof-interval=${sampleMicros}`
  const { url, process } = await startServer(does.on, store, run, { NODE_OPTIONS: flags })
  run.progress(`profiling ${name} for ${seconds} s`)
  const figures = await measureLoad(
    { url, pid: process.pid },
    loadsWith(store.key)[does.load],
    seconds,
  )
  await process.stop()
  const head = `${name} under the profiler: ${Math.round(figures.rate ?? 0)} requests/s\n`
  // Its names end with the numbers of thread and profile.
  const files = globSync(`${folder}/*.cpuprofile`).sort()
  return [
    head,
    ...files.map((file, at) => describe(at === 0 ? 'main thread' : 'writer', file)),
  ].join('\n')
}

type CpuProfile = {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
    }
  }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

function describe(thread: string, file: string): string {
  const { nodes, samples, timeDeltas }: CpuProfile = JSON.parse(readFileSync(file, 'utf8'))
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const functions = new Map<string, number>()
  const files = new Map<string, number>()
  let busy = 0
  for (const [at, id] of samples.entries()) {
    const { functionName, url = '', lineNumber = 0 } = frames.get(id) ?? {}
    if (functionName === '(idle)') continue
    const micros = timeDeltas[at] ?? 0
    const name = functionName || '(anonymous)'
    const path = url.replace(root, '')
    busy += micros
    add(functions, path === '' ? name : `${name} ${path}:${lineNumber + 1}`, micros)
    // What has no file is V8's and Node's own, in C++.
    add(files, path || name, micros)
  }
  return `${thread}: busy for ${Math.round(busy / 1000)} ms
by function, its native calls included where they have no name
${hottest(functions, busy)}
by file
${hottest(files, busy)}
`
}

function add(sums: Map<string, number>, key: string, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value)
}

function hottest(sums: ReadonlyMap<string, number>, whole: number): string {
  return [...sums]
    .sort(([, one], [, other]) => other - one)
    .slice(0, placesShown)
    .map(([place, micros]) => `${((micros / whole) * 100).toFixed(1).padStart(6)} %  ${place}`)
    .join('\n')
}
