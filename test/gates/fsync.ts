/**
 * A sync that fails. The kernel may have thrown away what it could not write and call the next
 * sync a success, so the only safe answer is to stop: nothing may be acknowledged behind it, and
 * the next start finds out what is there.
 */
import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { DemoServer } from '../support/demo-server.ts'
import { startDemo, startDemoServer, whenServing } from '../support/demo-server.ts'
import { makeFolder } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import { diskEventsOf } from './disk-events.ts'
import type { BrokenControl, Gate, GateOptions, Verdict } from './gate.ts'
import { checkStore } from './store-check.ts'
import type { Call, Trace } from './strace.ts'
import { acknowledgedBy, descriptorPathOf, readTrace, straceCommand, straceNeed } from './strace.ts'
import type { Ledger } from './write-load.ts'
import { drawText, makeLedger, sendWrite } from './write-load.ts'

const failedSyncs = 40
/** The first ones are those of a start; from about the tenth on, those of writes. */
const failedSyncsShort = [1, 4, 7, 12]
/** So large that within the forty the log is moved into the file more than once. */
const textMaxBytes = 400_000
const writesMax = 45
const exitMaxMs = 1000
const exitStatus = 70

/** A build that goes on where the disk did not take a commit. */
export const swallowedCommit: BrokenControl = {
  title: 'swallows the error of a commit',
  breakages: [
    {
      file: 'server/storage/sqlite/database.ts',
      from: "    writer.exec('COMMIT')\n",
      to: "    try { writer.exec('COMMIT') } catch {}\n",
    },
  ],
}

export const fsync: Gate = {
  name: 'fsync',
  about: `EIO on the k-th sync of a server, k = 1…${failedSyncs}, and on all of its folder.`,
  target: `0 acknowledgements after it; exit ≤ 1 s; ${failedSyncs} of ${failedSyncs} recover`,
  needs: [straceNeed],
  run,
  control: swallowedCommit,
}

/** What became of one server. */
type Outcome = {
  /** What failed, and what the server was doing. */
  readonly place: string
  readonly failures: readonly string[]
  readonly exitMs?: number | undefined
}

async function run({ build, short, seed, tell }: GateOptions): Promise<Verdict> {
  const moved = await findCheckpoint(build, seededRandom(seed))
  if (moved > failedSyncs) throw new Error(`the log is moved at sync ${moved} only`)
  tell(`the log is moved into the file at sync ${moved}`)
  const ks = short
    ? [...failedSyncsShort, moved - 1, moved, moved + 1]
    : Array.from({ length: failedSyncs }, (_, at) => at + 1)
  const outcomes: Outcome[] = []
  let recovered = 0
  const attempt = async (
    name: string,
    fail: (data: string, ledger: Ledger) => Promise<Outcome>,
  ) => {
    const folder = makeFolder()
    const data = join(folder.path, 'data')
    const ledger = makeLedger()
    try {
      const { place, failures, exitMs } = await fail(data, ledger)
      const lost = await recover(build, data, ledger)
      if (lost.length === 0) recovered++
      const all = [...failures, ...lost].map((failure) => `${name} (${place}): ${failure}`)
      outcomes.push({ place, failures: all, exitMs })
      tell(all[0] ?? `${name} (${place}): as it must`)
    } finally {
      folder.remove()
    }
  }
  for (const k of ks) {
    // The same writes every time, so that k counts through the syncs of one run.
    const random = seededRandom(seed)
    await attempt(`sync ${k}`, (data, ledger) => failSync(build, data, k, ledger, random))
  }
  await attempt('every sync of the folder', (data) => failFolder(build, data))
  const exits = outcomes.flatMap(({ exitMs }) => exitMs ?? [])
  const places = Object.entries(Object.groupBy(outcomes, ({ place }) => place))
  return {
    figures: {
      recovered: `${recovered} of ${outcomes.length}`,
      'longest until exit, ms': Math.round(Math.max(0, ...exits)),
      ...Object.fromEntries(places.map(([place, of = []]) => [`failed ${place}`, of.length])),
    },
    failures: outcomes.flatMap(({ failures }) => failures),
  }
}

/** In a run without a fault: the first sync that is of the file, not the log, while it writes. */
async function findCheckpoint(build: string, random: () => number): Promise<number> {
  const folder = makeFolder()
  const data = join(folder.path, 'data')
  const traceFile = `${data}.trace`
  const wrap = straceCommand(traceFile, { trace: 'fsync,fdatasync' })
  const running = startDemo(data, { build, wrap })
  try {
    await writeUntilBroken(await whenServing(running), makeLedger(), random)
    await running.stop('SIGKILL')
    const { calls, main } = readTrace(traceFile)
    const ofWriter = calls.filter(({ thread }) => thread !== main)
    const at = ofWriter.findIndex((call) => descriptorPathOf(call)?.endsWith('.sqlite'))
    return at < 0 ? Number.POSITIVE_INFINITY : at + 1
  } finally {
    await running.stop('SIGKILL')
    folder.remove()
  }
}

/** The k-th sync of each thread fails, once. */
async function failSync(
  build: string,
  data: string,
  k: number,
  ledger: Ledger,
  random: () => number,
): Promise<Outcome> {
  const traceFile = `${data}.trace`
  const wrap = straceCommand(traceFile, {
    trace: 'fsync,fdatasync,write,writev,sendto,sendmsg,openat,mkdir,unlink,pwrite64',
    textBytes: 512,
    inject: `fsync,fdatasync:error=EIO:when=${k}`,
  })
  const running = startDemo(data, { build, wrap })
  const serving = await whenServing(running).catch(() => undefined)
  if (serving !== undefined) await writeUntilBroken(serving, ledger, random)
  await Promise.race([running.ended, wait(exitMaxMs * 2)])
  await running.stop('SIGKILL')
  return judge(readTrace(traceFile), data, serving !== undefined)
}

/** SQLite keeps it to itself when it cannot sync a folder, so whoever uses it has to look. */
async function failFolder(build: string, data: string): Promise<Outcome> {
  const inject = 'fsync,fdatasync:error=EIO'
  const wrap = straceCommand(`${data}.trace`, { inject, only: [data] })
  const running = startDemo(data, { build, wrap })
  const serves = await whenServing(running).then(
    () => true,
    () => false,
  )
  const { status } = await running.stop('SIGKILL')
  const place = 'starting, the data folder'
  if (serves) return { place, failures: ['it serves, and nothing in its folder may last'] }
  return { place, failures: status === 0 ? ['it ended with 0'] : [] }
}

/** One write after the other, so that what was answered is behind what was written. */
async function writeUntilBroken(
  server: DemoServer,
  ledger: Ledger,
  random: () => number,
): Promise<void> {
  for (let number = 1; number <= writesMax; number++) {
    const text = drawText(random, textMaxBytes)
    const document = `d${number % 5}`
    const write = { id: `w${number}`, document, method: 'POST', text } as const
    const status = await sendWrite(server, write, ledger).then(
      (answer) => answer.status,
      () => undefined,
    )
    if (status === undefined) return
  }
}

/** What the trace says of the sync that failed, and of all that came after it. */
function judge(trace: Trace, data: string, hasServed: boolean): Outcome {
  const failed = findFailed(trace, data)
  if (failed === undefined) {
    return trace.calls.some(({ isInjected }) => isInjected)
      ? { place: 'a folder, without harm', failures: [] }
      : { place: 'nowhere', failures: ['there was no such sync'] }
  }
  const failures: string[] = []
  const acknowledged = trace.calls
    .filter(({ began }) => began > failed.ended)
    .flatMap((call) => acknowledgedBy(call))
  if (acknowledged.length > 0) {
    failures.push(`${acknowledged.length} acknowledgements followed it`)
  }
  const end = trace.main === undefined ? undefined : trace.ends.get(trace.main)
  const isRight = hasServed ? end?.status === exitStatus : typeof end?.status === 'number'
  const exitMs = isRight && end ? (end.at - failed.endedAt) * 1000 : undefined
  if (exitMs === undefined || end?.status === 0) {
    failures.push(`the server ended with ${end?.status}`)
  } else if (exitMs > exitMaxMs) {
    failures.push(`the server ended ${exitMs.toFixed(0)} ms after it`)
  }
  const file = descriptorPathOf(failed) ?? ''
  const what = file === dirname(data) ? 'the parent folder' : basename(file)
  return { failures, place: `${hasServed ? 'serving' : 'starting'}, ${what}`, exitMs }
}

/**
 * The first that failed and mattered. SQLite hides it when it cannot sync a folder; that is no
 * harm where no name of the store is new since the last sync of that folder, nor where somebody
 * syncs it again before anything is acknowledged.
 */
function findFailed({ calls }: Trace, data: string): Call | undefined {
  return calls.find((call, at) => {
    if (!call.isInjected) return false
    const path = descriptorPathOf(call)
    if (path !== data && path !== dirname(data)) return true
    const later = calls.slice(at + 1)
    const next = later.find((other) => acknowledgedBy(other).length > 0 || isSyncOf(other, path))
    return hasNewNames(calls.slice(0, at), path, data) && !(next && isSyncOf(next, path))
  })
}

function isSyncOf(call: Call, path: string): boolean {
  return call.name.endsWith('sync') && descriptorPathOf(call) === path && call.gives === 0
}

/** Whether the store's names in this folder differ from those at its last sync. */
function hasNewNames(calls: readonly Call[], folder: string, data: string): boolean {
  const present = new Set<string>()
  let isNew = false
  const naming = calls.filter(({ name }) => !name.includes('write'))
  for (const event of diskEventsOf(naming, dirname(data))) {
    if (event.kind === 'sync' && event.path === folder) isNew = false
    if (event.kind !== 'create' && event.kind !== 'remove') continue
    const isOfStore = event.path === data || /\.sqlite(-wal)?$/.test(event.path)
    const isThere = event.kind === 'create'
    if (present.has(event.path) === isThere) continue
    if (isThere) present.add(event.path)
    else present.delete(event.path)
    if (isOfStore && dirname(event.path) === folder) isNew = true
  }
  return isNew
}

/** Whether the next start serves, and everything acknowledged is there. */
async function recover(build: string, data: string, ledger: Ledger): Promise<string[]> {
  try {
    const again = await startDemoServer(data, { build })
    const { status, err } = await again.running.stop()
    if (status !== 0) return [`the next run ended with ${status}: ${err}`]
  } catch (error) {
    return [`it does not start again: ${error instanceof Error ? error.message : error}`]
  }
  const due = new Set(ledger.acknowledged.keys())
  const findings = await checkStore(build, data, { ...ledger, due })
  return findings.map(({ sentence }) => sentence)
}
