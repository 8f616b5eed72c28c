/**
 * Power loss: a server is recorded under load, with every write, sync and acknowledgement; then
 * the disk is rebuilt as it may look at hundreds of instants and opened. The recording is made
 * once, so an instant costs no start of a server, only of its store. A seed repeats what is sent
 * and where the power goes, but not how the server's threads take turns.
 */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DemoServer } from '../support/demo-server.ts'
import { startDemoServer } from '../support/demo-server.ts'
import { makeFolder } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import type { Instant, Policy } from './disk.ts'
import { disksAt } from './disk.ts'
import type { DiskEvent } from './disk-events.ts'
import { diskEventsOf } from './disk-events.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import { openAll, sentenceOf } from './rebuilt-disks.ts'
import type { Finding } from './store-check.ts'
import { readTrace, straceCommand, straceNeed, traceableEnvironment } from './strace.ts'
import type { Ledger } from './write-load.ts'
import { drawText, makeLedger, sendWrite } from './write-load.ts'

const clients = 16
const documentsPerClient = 3
const textMaxBytes = 7000

export const powerloss: Gate = {
  name: 'powerloss',
  about: 'The disk of a recorded server, rebuilt as power loss may leave it, and opened.',
  target: '0 lost, 0 corrupt at ≥ 600 instants, in < 60 s',
  needs: [straceNeed],
  run,
  control: {
    title: 'commits with synchronous = NORMAL',
    breakages: [
      {
        file: 'server/storage/sqlite/database.ts',
        from: "connection.exec('PRAGMA synchronous = FULL')",
        to: "connection.exec('PRAGMA synchronous = NORMAL')",
      },
      {
        file: 'server/storage/sqlite/database.ts',
        from: 'synchronous: 2,',
        to: 'synchronous: 1,',
      },
    ],
  },
}

async function run({ build, short, seed, tell }: GateOptions): Promise<Verdict> {
  const began = performance.now()
  const random = seededRandom(seed)
  const folder = makeFolder()
  try {
    const ledger = makeLedger()
    const events = await record(build, folder.path, short ? 400 : 1000, ledger, random)
    const instants = drawInstants(events, ledger, short ? 60 : 600, random)
    tell(`${events.length} events recorded, ${ledger.acknowledged.size} of them acknowledgements`)
    const disks = disksAt(events, instants, folder.path, random)
    const findings = await openAll(build, folder.path, disks, ledger, tell)
    const seconds = (performance.now() - began) / 1000
    const resets = countLogResets(events)
    const count = (wanted: Finding['kind']) =>
      findings
        .filter(({ kind }) => kind === wanted)
        .reduce((sum, { sentences }) => sum + sentences.length, 0)
    const failures = findings.map(sentenceOf)
    if (resets < (short ? 1 : 2)) failures.push(`the log was reset ${resets} times only`)
    if (!short && seconds > 60) failures.push(`it took ${seconds.toFixed(0)} s`)
    return {
      figures: {
        instants: instants.length,
        acknowledged: ledger.acknowledged.size,
        'writes and syncs': events.length - ledger.acknowledged.size,
        'log resets': resets,
        lost: count('lost'),
        corrupt: count('corrupt'),
        invented: count('invented'),
        seconds: Math.round(seconds),
      },
      failures,
    }
  } finally {
    folder.remove()
  }
}

/** From a data folder that is not there yet, to an orderly stop. */
async function record(
  build: string,
  folder: string,
  writes: number,
  ledger: Ledger,
  random: () => number,
): Promise<DiskEvent[]> {
  const data = join(folder, 'data')
  const traceFile = join(folder, 'trace')
  const wrap = straceCommand(traceFile)
  const server = await startDemoServer(data, { build, wrap, env: traceableEnvironment })
  try {
    await load(server, writes, ledger, random)
    const { status, err } = await server.running.stop()
    if (status !== 0) throw new Error(`the recorded server ended with ${status}: ${err}`)
  } finally {
    await server.running.stop('SIGKILL')
  }
  const events = diskEventsOf(readTrace(traceFile).calls, folder)
  rmSync(data, { recursive: true })
  return events
}

async function load(server: DemoServer, writes: number, ledger: Ledger, random: () => number) {
  let begun = 0
  const client = async (number: number) => {
    for (let turn = 0; begun < writes; turn++) {
      const id = `w${++begun}`
      // The first documents are this client's own; the last one is everybody's.
      const own = turn % (documentsPerClient + 1)
      const document = own === documentsPerClient ? 'shared' : `c${number}-${own}`
      const method = turn > documentsPerClient && random() < 0.5 ? 'PUT' : 'POST'
      const text = drawText(random, textMaxBytes)
      const answer = await sendWrite(server, { id, document, method, text }, ledger)
      if (answer.status >= 300) throw new Error(`a write was answered ${answer.text}`)
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)))
}

/** Half of them just after an acknowledgement; of the rest, some while it starts and ends. */
function drawInstants(
  events: readonly DiskEvent[],
  ledger: Ledger,
  count: number,
  random: () => number,
): Instant[] {
  const acknowledgements = events.flatMap((event, at) =>
    event.kind === 'acknowledge' && ledger.acknowledged.has(event.requestId) ? [at + 1] : [],
  )
  if (acknowledgements.length !== ledger.acknowledged.size) {
    throw new Error(
      `the trace has ${acknowledgements.length} acknowledgements, ` +
        `the clients had ${ledger.acknowledged.size}`,
    )
  }
  const first = acknowledgements[0] ?? 0
  const last = acknowledgements.at(-1) ?? 0
  const between = (from: number, to: number) => from + Math.floor(random() * (to - from + 1))
  return Array.from({ length: count }, (_, number) => {
    const policy = (['dropped', 'torn', 'kept'] as const)[number % 3] as Policy
    const at =
      number < count / 2
        ? acknowledgements[between(0, acknowledgements.length - 1)]
        : number < count * 0.6
          ? between(0, first)
          : number < count * 0.65
            ? between(last, events.length)
            : between(first, last)
    return { at: at ?? 0, policy }
  })
}

/** The log begins anew with its header, which is written at the beginning of the file. */
function countLogResets(events: readonly DiskEvent[]): number {
  const headers = events.filter(
    (event) => event.kind === 'write' && event.path.endsWith('-wal') && event.offset === 0,
  )
  return headers.length - 1
}
