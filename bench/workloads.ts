/**
 * What is measured, and what is wanted of it, as data. A workload that is compared with another is
 * never measured without it: only ratios within one round survive a noisy machine.
 */
import type { Limit } from './spread.ts'
import type { SqliteRequest } from './sqlite.ts'

/** Plain is without log and metrics, shipped with both; writes have a server of their own. */
export type ServerName = 'plain' | 'shipped' | 'writing' | 'large'

export type LoadName = 'get' | 'post' | 'put' | 'list'

export type Workload = {
  readonly name: string
  readonly title: string
  readonly does:
    | { readonly kind: 'load'; readonly load: LoadName; readonly on: ServerName | 'bare' }
    | { readonly kind: 'sqlite'; readonly request: Omit<SqliteRequest, 'seconds'> }
    /** Measured by itself, before the rounds. */
    | { readonly kind: 'start' }
  /** The name of the workload that it is compared with. */
  readonly against?: string
}

export const workloads: readonly Workload[] = [
  load('get-bare', 'GET, bare', 'get', 'bare'),
  load('get-plain', 'GET, plain', 'get', 'plain', 'get-bare'),
  load('get', 'GET, as shipped', 'get', 'shipped', 'get-bare'),
  load('get-large', 'GET, plain, in the large store', 'get', 'large', 'get-plain'),
  load('post-bare', 'POST, bare', 'post', 'bare'),
  load('post', 'POST, as shipped', 'post', 'writing', 'post-bare'),
  load('put-bare', 'PUT, bare', 'put', 'bare'),
  load('put', 'PUT, as shipped', 'put', 'writing', 'put-bare'),
  load('list-bare', 'list of 1000, bare', 'list', 'bare'),
  load('list', 'list of 1000, as shipped', 'list', 'shipped', 'list-bare'),
  sqlite('sqlite-write', 'SQLite alone, a write a commit', { run: 'write', batch: 1 }),
  sqlite('sqlite-write-32', 'SQLite alone, 32 writes a commit', { run: 'write', batch: 32 }),
  sqlite('sqlite-read', 'SQLite alone, a read a transaction', { run: 'read', batch: 32 }),
  { name: 'start', title: 'start on the large store', does: { kind: 'start' } },
]

export type FigureName =
  | 'rate'
  | 'cpuMicros'
  | 'p50Ms'
  | 'p99Ms'
  | 'bytesPerSecond'
  | 'rssMegabytes'
  | 'readyMs'
  | 'othersCores'

export type Figures = { readonly [Name in FigureName]?: number }

export type Target = {
  readonly title: string
  readonly of: string
  readonly figure: FigureName
  /** Judged as the ratio to the same figure of this workload in the same round. */
  readonly against?: string
  /** Judged at this quantile alone, where a median would hide what matters. */
  readonly at?: number
  readonly limit: Limit
}

export const targets: readonly Target[] = [
  cpu('GET, plain: CPU against bare', 'get-plain', 'get-bare', 1.5),
  cpu('GET, as shipped: CPU against bare', 'get', 'get-bare', 2),
  cpu('POST, as shipped: CPU against bare', 'post', 'post-bare', 3),
  cpu('PUT, as shipped: CPU against bare', 'put', 'put-bare', 3.5),
  {
    title: 'list of 1000: bytes a second against bare',
    of: 'list',
    figure: 'bytesPerSecond',
    against: 'list-bare',
    limit: { atLeast: 0.5 },
  },
  cpu('GET in the large store: CPU against the small', 'get-large', 'get-plain', 1.3),
  {
    title: 'ready in ms, on the large store (p95)',
    of: 'start',
    figure: 'readyMs',
    at: 0.95,
    limit: { atMost: 1000 },
  },
  {
    title: 'resident MB when ready, large store',
    of: 'start',
    figure: 'rssMegabytes',
    limit: { atMost: 300 },
  },
  {
    title: 'resident MB after GET load, large store',
    of: 'get-large',
    figure: 'rssMegabytes',
    limit: { atMost: 300 },
  },
]

/** Those of these names, and those that they are compared with. Throws for an unknown name. */
export function selectWorkloads(names: readonly string[]): readonly Workload[] {
  const known = new Map(workloads.map((each) => [each.name, each]))
  const wanted = new Set<string>()
  const add = (name: string) => {
    const found = known.get(name.toLowerCase())
    if (found === undefined) {
      throw new Error(`There is no workload ${name}; there are ${[...known.keys()].join(', ')}.`)
    }
    wanted.add(found.name)
    if (found.against !== undefined) add(found.against)
  }
  for (const name of names) add(name)
  return workloads.filter(({ name }) => names.length === 0 || wanted.has(name))
}

function load(
  name: string,
  title: string,
  what: LoadName,
  on: ServerName | 'bare',
  against?: string,
): Workload {
  const does = { kind: 'load', load: what, on } as const
  return against === undefined ? { name, title, does } : { name, title, does, against }
}

function sqlite(name: string, title: string, request: Omit<SqliteRequest, 'seconds'>): Workload {
  return { name, title, does: { kind: 'sqlite', request } }
}

function cpu(title: string, of: string, against: string, atMost: number): Target {
  return { title, of, figure: 'cpuMicros', against, limit: { atMost } }
}
