/**
 * A sync that fails, a new start, and then the power. What the failed sync was to put on the disk
 * is still in the system's memory, whole for everyone who reads it, and no later sync puts it
 * there. A server that went on behind it would lose all it acknowledges since.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { DemoServer } from '../support/demo-server.ts'
import { startDemo, startDemoServer, whenServing } from '../support/demo-server.ts'
import { makeFolder } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import type { Instant, Policy } from './disk.ts'
import { disksAt } from './disk.ts'
import type { DiskEvent } from './disk-events.ts'
import { diskEventsOf } from './disk-events.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import { openAll, sentenceOf } from './rebuilt-disks.ts'
import { readTrace, straceCommand, straceNeed, traceableEnvironment } from './strace.ts'
import type { Ledger } from './write-load.ts'
import { drawText, makeLedger, sendWrite } from './write-load.ts'

/** Syncs of a server that serves; those before them are of its start. */
const failedSyncs = { short: [14, 25], full: [11, 12, 13, 14, 16, 18, 20, 23, 26, 30] } as const

const writesEach = 40
const textMaxBytes = 20_000

/** A server ends within a second of such a fault; the gate `fsync` holds it to that. */
const endMaxMs = 5000

export const writeback: Gate = {
  name: 'writeback',
  about: 'A sync fails, a server starts again and acknowledges, and then the power goes.',
  target: '0 lost, 0 corrupt of what was acknowledged before and behind a failed sync',
  needs: [straceNeed],
  run,
  control: {
    title: 'goes on in the log that it finds',
    breakages: [
      {
        file: 'server/storage/sqlite/database.ts',
        from: '  if (alone) moveWholeLog(connection, path)\n',
        to: '',
      },
    ],
  },
}

async function run({ build, short, seed, tell }: GateOptions): Promise<Verdict> {
  const random = seededRandom(seed)
  const failures: string[] = []
  let opened = 0
  let before = 0
  let behind = 0
  for (const k of short ? failedSyncs.short : failedSyncs.full) {
    const folder = makeFolder()
    try {
      const ledger = makeLedger()
      const events = await record(build, folder.path, k, ledger, random)
      before += events.acknowledgedBefore
      behind += ledger.acknowledged.size - events.acknowledgedBefore
      const instants = drawInstants(events, ledger)
      const disks = disksAt(events.all, instants, folder.path, random)
      const findings = await openAll(build, folder.path, disks, ledger, tell)
      opened += instants.length
      failures.push(...findings.map((found) => `sync ${k}: ${sentenceOf(found)}`))
      tell(findings[0] === undefined ? `sync ${k}: as it must` : `sync ${k}: ${failures.at(-1)}`)
    } finally {
      folder.remove()
    }
  }
  if (behind === 0) failures.push('nothing was acknowledged behind a failed sync')
  return {
    figures: { 'acknowledged before': before, behind, 'disks opened': opened },
    failures,
  }
}

type Recorded = { readonly all: DiskEvent[]; readonly acknowledgedBefore: number }

/** One server until its k-th sync fails, and the next one as long as it is asked to write. */
async function record(
  build: string,
  folder: string,
  k: number,
  ledger: Ledger,
  random: () => number,
): Promise<Recorded> {
  const data = join(folder, 'data')
  const traces = [join(folder, 'trace-1'), join(folder, 'trace-2')] as const
  const inject = `fsync,fdatasync:error=EIO:when=${k}`
  const first = startDemo(data, {
    build,
    wrap: straceCommand(traces[0], { inject }),
    env: traceableEnvironment,
  })
  try {
    await write(await whenServing(first), 0, ledger, random)
    await Promise.race([first.ended, wait(endMaxMs)])
  } finally {
    await first.stop('SIGKILL')
  }
  const acknowledgedBefore = ledger.acknowledged.size
  const next = await startDemoServer(data, {
    build,
    wrap: straceCommand(traces[1]),
    env: traceableEnvironment,
  })
  try {
    await write(next, writesEach, ledger, random)
    // What it does at its end comes behind every instant at which the power goes.
    const { status, err } = await next.running.stop()
    if (status !== 0) throw new Error(`the second server ended with ${status}: ${err}`)
  } finally {
    await next.running.stop('SIGKILL')
  }
  const [one = [], two = []] = traces.map((trace) => diskEventsOf(readTrace(trace).calls, folder))
  const last = Math.max(0, ...one.map(({ ended }) => ended))
  const shifted = two.map((event) => ({
    ...event,
    began: event.began + last + 1,
    ended: event.ended + last + 1,
  }))
  rmSync(data, { recursive: true })
  return { all: [...one, ...shifted], acknowledgedBefore }
}

/** One after the other, until they are all answered or the server is gone. */
async function write(
  server: DemoServer,
  from: number,
  ledger: Ledger,
  random: () => number,
): Promise<void> {
  for (let number = from + 1; number <= from + writesEach; number++) {
    const text = drawText(random, textMaxBytes)
    const document = `d${number % 7}`
    const attempt = sendWrite(server, { id: `w${number}`, document, method: 'POST', text }, ledger)
    const answered = await attempt.then(
      ({ status }) => status < 300,
      () => false,
    )
    if (!answered) return
  }
}

/** Behind the last acknowledgement, and behind some of those of the second server. */
function drawInstants({ all, acknowledgedBefore }: Recorded, ledger: Ledger): Instant[] {
  const acknowledgements = all.flatMap((event, at) =>
    event.kind === 'acknowledge' && ledger.acknowledged.has(event.requestId) ? [at + 1] : [],
  )
  const ofSecond = acknowledgements.slice(acknowledgedBefore)
  const places = [ofSecond[0], ofSecond[Math.floor(ofSecond.length / 2)], ofSecond.at(-1)]
  const policies: readonly Policy[] = ['dropped', 'torn', 'kept']
  return places.flatMap((at) => policies.map((policy) => ({ at: at ?? all.length, policy })))
}
