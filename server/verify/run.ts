/**
 * One run over one server: it is reached, checked, looked at as a whole, and left as it was. Checks
 * share nothing but the server, so that one which fails does not take others with it.
 */
import type { StartTimer } from '../contract/timer.ts'
import type { Check, Fact, Level, Outcome, Watch } from './check.ts'
import { NotAsked, Unmet } from './check.ts'
import { checks, watches } from './checks.ts'
import type { LeftBehind } from './cleanup.ts'
import { cleanUp } from './cleanup.ts'
import type { Client } from './client.ts'
import { answerMaxBytes, openClient, TooLarge } from './client.ts'
import type { Answered } from './exchange.ts'
import type { Probe } from './probe.ts'
import { makeProbe } from './probe.ts'
import { reach } from './reach.ts'
import type { Ground, Site } from './site.ts'
import { groundOf } from './site.ts'

export type VerifyNeeds = {
  readonly startTimer: StartTimer
  /** Resolves after so long, and keeps the process alive until then. */
  readonly wait: (delayMs: number) => Promise<void>
  readonly random: (bytes: number) => Uint8Array
}

export type VerifyOptions = {
  readonly levels: readonly Level[]
  /** For all of it but the cleaning up. */
  readonly timeMaxMs: number
  /** Asks no more, and cleans up. */
  readonly stop: AbortSignal
  readonly onProgress: (done: number, all: number) => void
}

export type Result = Fact & {
  readonly outcome: Outcome
  /** What the check was answered, in the order in which it asked; nothing of a watch. */
  readonly answers: readonly Answered[]
}

export type Run = {
  readonly site: Site
  readonly ground: Ground
  /** In the order of `checks`, watches behind. */
  readonly results: readonly Result[]
  /** What each check was answered, in the order in which it asked; by place in `checks`. */
  readonly answers: ReadonlyMap<number, readonly Answered[]>
  readonly leftBehind: LeftBehind | undefined
}

/** Enough to be quick over a slow link, too few to be felt by a server that works. */
const lanes = 4

/** Of one request. Servers that take longer are found out, not waited for. */
const requestTimeMaxMs = 10_000

/** Of one request: a server that was asked hundreds of times is warm. */
const cleanUpRequestTimeMaxMs = 5000

/** What is left is told when this is not enough. */
const cleanUpTimeMaxMs = 60_000

/** After so many requests in a row without an answer the server is taken to be gone. */
const silentMax = 8

/** All answers of a run are kept until its end. No server that works comes to so much. */
const answersMaxBytes = 32 * 1_048_576

/** Rejects with `CannotVerify` when there is nothing to verify; what it made is removed then. */
export async function verify(
  site: Site,
  { levels, timeMaxMs, stop, onProgress }: VerifyOptions,
  needs: VerifyNeeds,
): Promise<Run> {
  const ground = groundOf(site, Buffer.from(needs.random(8)).toString('hex'))
  const times = { ...needs, requestTimeMaxMs: Math.min(requestTimeMaxMs, timeMaxMs / 2) }
  const client = openClient(site.base, times)
  const halt = { reason: undefined as string | undefined }
  const end = (reason: string) => {
    halt.reason ??= reason
    client.close()
  }
  const cancel = needs.startTimer(timeMaxMs, () => end(`${timeMaxMs / 1000} s are over`))
  const onStop = () => end('it was stopped')
  stop.addEventListener('abort', onStop)

  const written = new Set<string>()
  const answers = new Map<number, Promise<Answered | undefined>[]>()
  let silent = 0
  let answeredBytes = 0
  const count = (bytes: number) => {
    silent = 0
    answeredBytes += bytes
    if (answeredBytes > answersMaxBytes) end('the server answered with over 32 MiB in all')
  }
  const probeAt = (place: number) => {
    const kept: Promise<Answered | undefined>[] = []
    answers.set(place, kept)
    const keep = (asked: Promise<Answered>) => {
      kept.push(
        asked.then(
          (answered) => {
            count(answered.text.length)
            return answered
          },
          (error: unknown) => {
            if (error instanceof TooLarge) count(answerMaxBytes)
            else if (++silent >= silentMax) end('the server does not answer any more')
            return undefined
          },
        ),
      )
    }
    const mayMake = (path: string) => void written.add(path)
    return makeProbe(place, { site, ground, client, keep, mayMake, wait: needs.wait })
  }

  const outcomes: Outcome[] = []
  const outcomeOf = async (check: Check, place: number): Promise<Outcome> => {
    if (check.needs === 'readerKey' && site.readerKey === undefined) return withoutReader
    if (halt.reason !== undefined) return notAsked(halt.reason)
    const outcome = await runCheck(check, probeAt(place))
    // What failed because it was stopped says nothing of the server.
    return halt.reason === undefined || outcome.kind === 'holds' ? outcome : notAsked(halt.reason)
  }
  const askAll = async () => {
    await reach(probeAt(-1))
    const all = checks.filter(({ level }) => levels.includes(level)).length
    let next = 0
    let done = 0
    const lane = async () => {
      while (next < checks.length) {
        const place = next++
        const check = checks[place] as Check
        if (!levels.includes(check.level)) continue
        outcomes[place] = await outcomeOf(check, place)
        onProgress(++done, all)
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
  }
  // Whatever comes of it, what was made is removed.
  const fault = await askAll().then(
    () => undefined,
    (error: unknown) => ({ error }),
  )
  cancel()
  stop.removeEventListener('abort', onStop)
  client.close()
  const leftBehind = await leave(site, ground, written, needs)
  if (fault !== undefined) throw fault.error

  const kept = new Map<number, readonly Answered[]>()
  for (const [place, each] of answers) {
    kept.set(
      place,
      (await Promise.all(each)).filter((answered) => answered !== undefined),
    )
  }
  const results = checks.map((check, place) =>
    resultOf(check, outcomes[place] ?? leftOut, kept.get(place)),
  )
  const watched = watches.map((watch) => {
    if (!levels.includes(watch.level)) return resultOf(watch, leftOut)
    const seen = [...kept].flatMap(([place, all]) =>
      isWatched(watch.level, checks[place]?.level) ? all : [],
    )
    const outcome = look(watch, seen)
    return resultOf(watch, outcome.kind === 'notAsked' && watch.isRare ? leftOut : outcome)
  })
  const all = [...results, ...watched].filter(({ outcome }) => outcome !== leftOut)
  return { site, ground, results: all, answers: kept, leftBehind }
}

/** Of checks at a level that nobody asked for; they are not told of. */
const leftOut: Outcome = { kind: 'notAsked', reason: '', isChoice: true }

const withoutReader: Outcome = {
  kind: 'notAsked',
  reason: 'it needs a second key that reads and may not write: --reader-key-file FILE',
  isChoice: true,
}

function notAsked(reason: string): Outcome {
  return { kind: 'notAsked', reason, isChoice: false }
}

async function runCheck(check: Check, probe: Probe): Promise<Outcome> {
  try {
    await check.run(probe)
    return { kind: 'holds' }
  } catch (error) {
    if (error instanceof Unmet) {
      return { kind: 'fails', mismatch: error.mismatch, answered: error.answered }
    }
    if (error instanceof NotAsked) {
      return { kind: 'notAsked', reason: error.message, isChoice: error.isChoice }
    }
    throw new Error(`the check "${check.title}" is faulty`, { cause: error })
  }
}

function resultOf(
  { operation, level, clause, title }: Fact,
  outcome: Outcome,
  answers: readonly Answered[] = [],
): Result {
  return { operation, level, clause, title, outcome, answers }
}

/** What the published document fixes is looked for in answers to what it fixes. */
function isWatched(watch: Level, check: Level | undefined): boolean {
  return watch !== 'published' || check === 'published'
}

function look({ look }: Watch, seen: readonly Answered[]): Outcome {
  let holds = false
  for (const answered of seen) {
    const verdict = look(answered)
    if (verdict === 'holds') holds = true
    else if (verdict !== undefined) return { kind: 'fails', mismatch: verdict, answered }
  }
  return holds ? { kind: 'holds' } : notAsked('no answer was of the kind that it is about')
}

async function leave(
  site: Site,
  { home }: Ground,
  written: ReadonlySet<string>,
  needs: VerifyNeeds,
): Promise<LeftBehind | undefined> {
  if (written.size === 0) return undefined
  const client: Client = openClient(site.base, {
    ...needs,
    requestTimeMaxMs: cleanUpRequestTimeMaxMs,
  })
  const cancel = needs.startTimer(cleanUpTimeMaxMs, client.close)
  try {
    return await cleanUp(site, { client, wait: needs.wait }, written, home)
  } finally {
    cancel()
    client.close()
  }
}
