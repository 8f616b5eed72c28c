/**
 * No accepted request holds the event loop for long, or everybody waits for it. Each hostile case
 * is measured several times, inside the server, and its smallest hold counts: a busy machine only
 * ever adds to it. What is a little over the bound gets more tries, some time apart: on a shared
 * machine a bad moment lasts for a second or two.
 */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { exchangeBytes } from '../support/counting-client.ts'
import type { DemoServer } from '../support/demo-server.ts'
import { startDemoServer } from '../support/demo-server.ts'
import { makeFolder } from '../support/process.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import type { ListSizes, StallCase } from './stall-cases.ts'
import { stallCases } from './stall-cases.ts'

const holdMaxMs = 50

/** What holds the loop for longer than this does so by itself, whatever else the machine does. */
const noiseMaxMs = 4 * holdMaxMs

/** How many tries what is over the bound gets in all, and how long it waits between them. */
const triesOverMax = 20
const betweenTriesMs = 500

type Form = ListSizes & { readonly tries: number }

const full: Form = { large: 500, small: 5000, tries: 3 }
const short: Form = { large: 40, small: 1000, tries: 2 }

export const stall: Gate = {
  name: 'stall',
  about: 'Hostile bodies, lists and heads of requests, within all limits and beyond them.',
  target: `the worst holds the event loop for ≤ ${holdMaxMs} ms`,
  needs: [],
  run,
  control: {
    title: 'has no limit of size and members',
    breakages: [
      {
        file: 'server/contract/limits.ts',
        from: 'export const bodySizeMaxBytes = 1_048_576',
        to: 'export const bodySizeMaxBytes = 16 * 1_048_576',
      },
      {
        file: 'server/contract/limits.ts',
        from: 'export const bodyMembersMax = 20_000',
        to: 'export const bodyMembersMax = 2_000_000',
      },
    ],
  },
}

async function run({ build, short: isShort, tell }: GateOptions): Promise<Verdict> {
  const form = isShort ? short : full
  const folder = makeFolder()
  let server: DemoServer | undefined
  try {
    const watch = join(import.meta.dirname, 'loop-watch.ts')
    server = await startDemoServer(folder.path, {
      build,
      env: { NODE_OPTIONS: `--import ${watch}` },
    })
    const ask = questions(server)
    const failures: { holdMs: number; failure: string }[] = []
    let worst = { holdMs: 0, title: 'none' }
    const cases = stallCases(form)
    for (const [at, one] of cases.entries()) {
      const { holdMs, wrong } = await measure(one, server, ask, form)
      tell(`${at + 1} of ${cases.length}: ${holdMs.toFixed(1).padStart(7)} ms  ${one.title}`)
      if (holdMs > worst.holdMs) worst = { holdMs, title: one.title }
      if (holdMs > holdMaxMs) {
        failures.push({ holdMs, failure: `${holdMs} ms of event loop went to ${one.title}` })
      }
      for (const failure of wrong) failures.push({ holdMs: 0, failure })
    }
    failures.sort((one, other) => other.holdMs - one.holdMs)
    return {
      figures: { 'worst hold (ms)': worst.holdMs, of: worst.title, cases: cases.length },
      failures: failures.map(({ failure }) => failure),
    }
  } finally {
    await server?.running.stop('SIGKILL')
    folder.remove()
  }
}

type Measured = { readonly holdMs: number; readonly wrong: readonly string[] }

async function measure(
  { title, prepare, sends, answered }: StallCase,
  server: DemoServer,
  ask: () => Promise<number>,
  { tries }: Form,
): Promise<Measured> {
  await prepare?.(server)
  const wrong = new Set<string>()
  let holdMs = Number.POSITIVE_INFINITY
  const mayBeNoise = () => holdMs > holdMaxMs && holdMs < noiseMaxMs
  for (let turn = 0; turn < tries || (mayBeNoise() && turn < triesOverMax); turn++) {
    if (turn >= tries) await delay(betweenTriesMs)
    const all = sends(server)
    await ask()
    const answers = await Promise.all(all.map((bytes) => exchangeBytes(server.port, bytes)))
    holdMs = Math.min(holdMs, await ask())
    for (const { status } of answers) {
      const isRefused = status >= 400 && status < 500
      const fits = answered === 'refused' ? isRefused : status < 400
      if (!fits) wrong.add(`${title} was answered with ${status}`)
    }
  }
  return { holdMs, wrong: [...wrong] }
}

/** Asks `loop-watch.ts` for the longest hold since it was last asked, in milliseconds. */
function questions({ running }: DemoServer): () => Promise<number> {
  let asked = 0
  return async () => {
    const answer = new RegExp(`^held ${++asked} (.*)\\n`, 'm')
    running.child.kill('SIGUSR2')
    return Number(answer.exec(await running.waitFor(answer))?.[1])
  }
}
