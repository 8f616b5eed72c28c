/**
 * One call on the data folder that fails, wherever it is: a write of a page, a sync, an open. A
 * full disk is survived and anything else is not, but either way what was acknowledged is there,
 * and what was refused changed nothing. How fast a server stops is the gate `fsync`.
 */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { DemoServer } from '../support/demo-server.ts'
import { startDemo, startDemoServer, whenServing } from '../support/demo-server.ts'
import type { Finished } from '../support/process.ts'
import { makeFolder } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import { swallowedCommit } from './fsync.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import { checkStore } from './store-check.ts'
import type { Call } from './strace.ts'
import { descriptorPathOf, readTrace, straceCommand, straceNeed } from './strace.ts'
import type { Ledger } from './write-load.ts'
import { drawText, makeLedger, sendWrite } from './write-load.ts'

type Workload = { readonly writes: number; readonly textMaxBytes: number }

/** Many commits of a few pages. */
const small: Workload = { writes: 60, textMaxBytes: 300 }
/** Fewer of many pages, so that the log is moved into the file among them. */
const large: Workload = { writes: 25, textMaxBytes: 400_000 }

/**
 * What is survived may fail many times in one run: beyond a start, whose calls fail one by one,
 * each so-manieth.
 */
const startCalls = 40
const failsEvery = 40
/** Most of the time goes into starts, which wait for the disk. */
const atOnce = 3
const exitStatus = 70
const endMaxMs = 5000

const files = [
  '',
  ...['', '-wal', '-shm', '-journal', '.lock', '.lock-journal'].map(
    (end) => `tenantry.sqlite${end}`,
  ),
]

/** Calls that fail with this error, each in a run of its own. */
type Faults = {
  readonly call: 'pwrite64' | 'fsync' | 'openat'
  readonly error: 'EIO' | 'ENOSPC' | 'EMFILE'
  readonly workload: Workload
  /** Whether this call, in a run without a fault, is one of those that fail. */
  readonly picks: (call: Call) => boolean
  /** How many of them are drawn, where not all are tried. */
  readonly sample?: number
}

const everyOne = () => true
const ofFile = (call: Call) => descriptorPathOf(call)?.endsWith('.sqlite') === true

const classes: readonly Faults[] = [
  { call: 'pwrite64', error: 'EIO', workload: small, picks: everyOne },
  { call: 'pwrite64', error: 'ENOSPC', workload: small, picks: everyOne },
  { call: 'fsync', error: 'EIO', workload: small, picks: everyOne },
  { call: 'fsync', error: 'ENOSPC', workload: small, picks: everyOne },
  { call: 'pwrite64', error: 'EIO', workload: large, picks: ofFile, sample: 24 },
  { call: 'pwrite64', error: 'ENOSPC', workload: large, picks: ofFile, sample: 24 },
  { call: 'openat', error: 'EIO', workload: small, picks: everyOne },
  { call: 'openat', error: 'ENOSPC', workload: small, picks: everyOne },
  { call: 'openat', error: 'EMFILE', workload: small, picks: everyOne },
]
const sampleShort = 4

export const iofail: Gate = {
  name: 'iofail',
  about: 'A pwrite, sync or open on the data folder that fails, for every one of a workload.',
  target: '0 lost, 0 invented, 0 corrupt; 507 where the disk is full; every end in order',
  needs: [straceNeed],
  run,
  control: swallowedCommit,
}

async function run({ build, short, seed, tell }: GateOptions): Promise<Verdict> {
  const random = seededRandom(seed)
  const folder = makeFolder()
  try {
    const store = join(folder.path, 'store')
    await (await startDemoServer(store, { build })).running.stop()
    const failures: string[] = []
    const figures: { [name: string]: string } = {}
    for (const faults of classes) {
      const { call, error, workload } = faults
      const name = `${call} ${error}${workload === large ? ', moving the log' : ''}`
      const start = (inject?: string) => runOnce({ build, store, seed, faults, inject })
      const ks = drawCalls((await start()).calls, faults, short, random)
      const ends = new Map<string, number>()
      await inParallel(ks, async (k) => {
        const again = isSurvived(faults) && k > startCalls ? `+${failsEvery}` : ''
        const ran = await start(`${call}:error=${error}:when=${k}${again}`)
        const { end, wrongs } = judge(ran, faults)
        ends.set(end, (ends.get(end) ?? 0) + 1)
        failures.push(...wrongs.map((wrong) => `${name} at ${k}, ${end}: ${wrong}`))
      })
      figures[name] = [...ends].map(([end, count]) => `${count} ${end}`).join(', ')
      tell(`${name}: ${figures[name]}`)
    }
    return { figures, failures }
  } finally {
    folder.remove()
  }
}

/** The numbers of the calls to fail, counted for each thread by itself, as strace does. */
function drawCalls(
  calls: readonly Call[],
  faults: Faults,
  short: boolean,
  random: () => number,
): number[] {
  const counts = new Map<number, number>()
  const ks = new Set<number>()
  for (const call of calls.filter(({ name }) => name === faults.call)) {
    const k = (counts.get(call.thread) ?? 0) + 1
    counts.set(call.thread, k)
    // Beyond it come those that fail in the same runs.
    if (faults.picks(call) && !(isSurvived(faults) && k > startCalls + failsEvery)) ks.add(k)
  }
  const drawn = [...ks]
  const wanted = short ? sampleShort : (faults.sample ?? drawn.length)
  while (drawn.length > wanted) drawn.splice(Math.floor(random() * drawn.length), 1)
  return drawn
}

/** A write that finds the disk full is refused, and the next one may find room. */
function isSurvived({ call, error, workload }: Faults): boolean {
  return call === 'pwrite64' && error === 'ENOSPC' && workload === small
}

type Ran = {
  /** Of the answers that were no acknowledgements; undefined where the connection broke. */
  readonly refusals: readonly (number | undefined)[]
  readonly served: boolean
  /** Whether it ended before it was told to. */
  readonly endedByItself: boolean
  /** In the seconds of the trace. */
  readonly toldAt: number
  readonly finished: Finished
  readonly calls: readonly Call[]
  /** What its store is not as it has to be. */
  readonly findings: readonly string[]
}

type Run = {
  readonly build: string
  /** A data folder to begin with; it is copied. */
  readonly store: string
  readonly seed: number
  readonly faults: Faults
  readonly inject: string | undefined
}

async function runOnce({ build, store, seed, faults, inject }: Run): Promise<Ran> {
  const { call, workload } = faults
  const folder = makeFolder()
  const data = join(folder.path, 'data')
  const traceFile = join(folder.path, 'trace')
  cpSync(store, data, { recursive: true })
  const only = call === 'openat' ? files.map((file) => join(data, file)) : []
  const fault = inject === undefined ? {} : { inject }
  const wrap = straceCommand(traceFile, { trace: call, textBytes: 200, only, ...fault })
  const running = startDemo(data, { build, wrap })
  try {
    const ledger = makeLedger()
    const server = await whenServing(running).catch(() => undefined)
    const refusals = server === undefined ? [] : await writeInTurn(server, workload, ledger, seed)
    const isBroken = server === undefined || refusals.includes(undefined)
    await Promise.race([running.ended, wait(isBroken ? endMaxMs : 0)])
    const endedByItself = running.child.exitCode !== null
    const toldAt = Date.now() / 1000
    const finished = await running.stop()
    const due = new Set(ledger.acknowledged.keys())
    const found = await checkStore(build, data, { ...ledger, due })
    return {
      refusals,
      served: server !== undefined,
      endedByItself,
      finished,
      toldAt,
      calls: readTrace(traceFile).calls,
      findings: found.map(({ sentence }) => sentence),
    }
  } finally {
    await running.stop('SIGKILL')
    folder.remove()
  }
}

async function writeInTurn(
  server: DemoServer,
  { writes, textMaxBytes }: Workload,
  ledger: Ledger,
  seed: number,
): Promise<(number | undefined)[]> {
  // The same writes in every run, so that the k-th call is the same call.
  const random = seededRandom(seed)
  const refusals: (number | undefined)[] = []
  for (let number = 1; number <= writes; number++) {
    const text = drawText(random, textMaxBytes)
    const write = { id: `w${number}`, document: `d${number % 7}`, method: 'POST', text } as const
    try {
      const { status } = await sendWrite(server, write, ledger)
      if (status >= 300) refusals.push(status)
    } catch {
      return [...refusals, undefined]
    }
  }
  return refusals
}

/** What the server did, in two words, and what of it was wrong. */
function judge(ran: Ran, { error, call }: Faults): { end: string; wrongs: string[] } {
  const { refusals, served, endedByItself, finished, findings } = ran
  const wrongs = [...findings]
  const allowed = error === 'ENOSPC' ? [507, undefined] : [undefined]
  for (const status of new Set(refusals)) {
    if (!allowed.includes(status)) wrongs.push(`a write was answered ${status}`)
  }
  if (!served) {
    // A sentence for the operator, and no stack.
    const said = finished.err.trimEnd().split('\n').at(-1) ?? ''
    if (!/^\{"code":"StartRefused"|"event":"store-broken"/.test(said)) {
      wrongs.push(`it says: ${said.slice(0, 200)}`)
    }
    if (finished.status === 0 || finished.status === null) wrongs.push('its status says nothing')
    return { end: `refused to start with ${finished.status}`, wrongs }
  }
  if (endedByItself) {
    if (finished.status !== exitStatus) wrongs.push(finished.err.slice(-200))
    return { end: `ended with ${finished.status}`, wrongs }
  }
  const { status } = finished
  if (ran.calls.some(({ isInjected, beganAt }) => isInjected && beganAt > ran.toldAt)) {
    // All answers are out: whether it is told or not, the next start has the log.
    if (status !== 0 && status !== exitStatus) wrongs.push(`it ended with ${status}`)
    return { end: 'failed while it stopped', wrongs }
  }
  if (status !== 0) wrongs.push(`told to stop, it ended with ${status}`)
  if (refusals.length > 0) return { end: `refused with ${refusals[0]}`, wrongs }
  if (error === 'EIO' && call !== 'openat' && ran.calls.some(isOfStore)) {
    wrongs.push('it went on after an I/O error of its store')
  }
  return { end: 'went on', wrongs }
}

/** The index of the log is made anew at a start, and the lock has no content. */
function isOfStore(call: Call): boolean {
  return call.isInjected && /\.sqlite(-wal)?$/.test(descriptorPathOf(call) ?? '')
}

async function inParallel<Item>(items: readonly Item[], run: (item: Item) => Promise<void>) {
  const waiting = [...items]
  const work = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await run(item)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
}
