/**
 * Whatever comes in is answered as the contract says, or refused in its shape, and the server lives
 * on: drawn and mutated requests, pipelined on connections that are kept, and bytes that are no
 * requests on connections of their own. Each answer is looked at whole; a case that fails is
 * printed whole.
 */
import { readFileSync } from 'node:fs'
import { refusals } from '../../server/contract/errors.ts'
import { fillStore, startFilledServer } from '../support/filled-server.ts'
import type { Running } from '../support/process.ts'
import { makeFolder } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import { askAll, Wire } from '../support/wire.ts'
import type { WireAnswer } from '../support/wire-answer.ts'
import type { Outgoing } from '../support/wire-request.ts'
import { outgoing, wireBytes } from '../support/wire-request.ts'
import type { Means } from './fuzz-cases.ts'
import { drawBytes, drawRequest } from './fuzz-cases.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'

type Form = {
  /** Requests whose framing is right. */
  readonly requests: number
  /** Bytes that may be anything. */
  readonly streams: number
}

const full: Form = { requests: 95_000, streams: 10_000 }
const short: Form = { requests: 2700, streams: 300 }

/** Cases that fail are printed whole, but no more than one reads. */
const printedMax = 5

const pace = { lanes: 8, depth: 8 }

/** A server that remembers 64 MiB of documents, and is in the middle of its work. */
const memoryMaxMb = 600

export const fuzz: Gate = {
  name: 'fuzz',
  about: 'Drawn and mutated requests of every operation, and bytes that are no requests.',
  target: `0 × 5xx, 0 answers of a wrong shape, 0 crashes, memory ≤ ${memoryMaxMb} MB`,
  needs: [],
  run,
  control: {
    title: 'fails on a key that is empty',
    breakages: [
      {
        file: 'server/contract/json.ts',
        from: '    if (key === \'"__proto__"\') this.fail(',
        to: `    if (key === '""') throw new Error('planted')
    if (key === '"__proto__"') this.fail(`,
      },
    ],
  },
}

async function run({ build, short: isShort, seed, tell }: GateOptions): Promise<Verdict> {
  const form = isShort ? short : full
  const random = seededRandom(seed)
  const report: Report = { failures: [], statuses: new Map(), tell }
  const folder = makeFolder()
  let running: Running | undefined
  try {
    const scopes = ['provisioning:*', 'keys:*']
    const wanted = Array.from({ length: 20 }, () => ({ tenant: 'north', scopes }))
    const [key, ...others] = await fillStore(folder.path, ['north'], wanted)
    const server = await startFilledServer(folder.path, { build })
    running = server.running
    const means: Means = {
      tenant: 'north',
      keyText: key?.text ?? '',
      keyIds: others.map(({ id }) => id),
      etags: [],
      cursors: [],
    }
    await sendRequests(server.port, means, form.requests, random, report)
    await sendStreams(server.port, means, form.streams, random, report)
    const memoryMb = memoryOf(running)
    // What ended it explains all that came after.
    const failures = [...(await checkAlive(server.port, running)), ...report.failures]
    if (memoryMb > memoryMaxMb) failures.push(`the server holds ${memoryMb} MB in the end`)
    const answered = [...report.statuses].toSorted(([one], [other]) => one - other)
    const figures = {
      cases: form.requests + form.streams,
      answers: answered.map(([status, count]) => `${count} × ${status}`).join(' '),
      'memory (MB)': memoryMb,
      wrong: failures.length,
    }
    return { figures, failures }
  } finally {
    await running?.stop('SIGKILL')
    folder.remove()
  }
}

type Report = {
  readonly failures: string[]
  readonly statuses: Map<number, number>
  readonly tell: GateOptions['tell']
}

async function sendRequests(
  port: number,
  means: Means,
  count: number,
  random: () => number,
  report: Report,
): Promise<void> {
  function* draw(): Generator<Outgoing> {
    for (let drawn = 0; drawn < count; drawn++) yield outgoing(drawRequest(means, random))
  }
  await askAll(port, draw(), pace, (answer, request, at) => {
    const wrong = typeof answer === 'string' ? answer : wrongOf(answer, request.method)
    if (typeof answer !== 'string') {
      note(report, answer)
      learn(means, answer)
    }
    if (wrong !== undefined) fail(report, `request ${at}`, request.bytes, wrong)
    if ((at + 1) % 10_000 === 0) report.tell(`${at + 1} of ${count} requests`)
  })
}

/** Each on a connection of its own, that is closed behind it; what comes back is all answers. */
async function sendStreams(
  port: number,
  means: Means,
  count: number,
  random: () => number,
  report: Report,
): Promise<void> {
  let drawn = 0
  const lane = async () => {
    const wire = new Wire(port)
    while (drawn < count) {
      const at = drawn++
      const request = drawRequest(means, random)
      // What an answer to HEAD has behind its head cannot be told where the method is not known.
      const method = request.method === 'HEAD' ? 'GET' : request.method
      const bytes = drawBytes(wireBytes({ ...request, method }), random)
      const { answers, end } = await wire.exchangeAll(bytes, method)
      for (const answer of answers) note(report, answer)
      const none = answers.length === 0 ? 'nothing came back' : undefined
      const wrong = end ?? none ?? answers.map((answer) => wrongOf(answer, method)).find(Boolean)
      if (wrong !== undefined) fail(report, `stream ${at}`, bytes, wrong)
      if ((at + 1) % 2500 === 0) report.tell(`${at + 1} of ${count} streams`)
    }
    wire.close()
  }
  await Promise.all(Array.from({ length: pace.lanes }, lane))
}

function note({ statuses }: Report, { status }: WireAnswer): void {
  statuses.set(status, (statuses.get(status) ?? 0) + 1)
}

/** What later requests may send back. */
function learn({ etags, cursors }: Means, { headers }: WireAnswer): void {
  const etag = headers.get('etag')?.join()
  const cursor = /cursor=([^>&]+)/.exec(headers.get('link')?.join() ?? '')?.[1]
  for (const [list, value] of [
    [etags, etag],
    [cursors, cursor],
  ] as const) {
    if (value === undefined) continue
    list.push(value)
    if (list.length > 200) list.shift()
  }
}

function fail({ failures, tell }: Report, what: string, bytes: Uint8Array, wrong: string): void {
  const text = JSON.stringify(Buffer.from(bytes).toString('latin1'))
  if (failures.length < printedMax) tell(`${what} failed; its bytes, as latin1: ${text}`)
  failures.push(`${what}: ${wrong}: ${text.slice(0, 2000)}`)
}

const codes = new Map(Object.entries(refusals).map(([code, { status }]) => [code, status]))

/** What is wrong with this answer, whatever was asked; undefined when nothing is. */
function wrongOf({ status, headers, body, head }: WireAnswer, method: string): string | undefined {
  const said = (name: string) => headers.get(name)?.join()
  const text = body.toString()
  const shown = `${status} ${JSON.stringify(head)} ${text.slice(0, 500)}`
  if (status >= 500) return `answered ${shown}`
  if (!/^[A-Za-z0-9._-]{1,128}$/.test(said('x-request-id') ?? '')) return `no request id: ${shown}`
  if (said('x-content-type-options') !== 'nosniff') return `no nosniff: ${shown}`
  if (said('cache-control') === undefined) return `no Cache-Control: ${shown}`
  const isBodiless = method === 'HEAD' || status === 204 || status === 304
  if (status < 400) {
    if (isBodiless) return undefined
    if (said('content-type')?.startsWith('text/html')) {
      return text.startsWith('<!doctype html>') ? undefined : `broken page: ${shown}`
    }
    if (said('content-type') !== 'application/json') return `no JSON: ${shown}`
    return isJson(text) ? undefined : `broken JSON: ${shown}`
  }
  if ((status === 405) !== (said('allow') !== undefined)) return `Allow is wrong: ${shown}`
  if ((status === 401) !== (said('www-authenticate') === 'Bearer')) return `no scheme: ${shown}`
  if (status === 429 && said('retry-after') === undefined) return `no Retry-After: ${shown}`
  if (said('cache-control') !== 'no-store') return `a refusal may be stored: ${shown}`
  if (said('content-type') !== 'application/json') return `a refusal is no JSON: ${shown}`
  if (method === 'HEAD') return undefined
  return isRefusal(text, status) ? undefined : `a refusal has another shape: ${shown}`
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function isRefusal(text: string, status: number): boolean {
  if (!isJson(text)) return false
  const { code, message, details, ...more } = JSON.parse(text)
  const isKnown = codes.get(code) === status && Object.keys(more).length === 0
  const isSentence = typeof message === 'string' && message.length > 0 && message.length < 1000
  const isPlaced =
    details === undefined ||
    (Array.isArray(details) &&
      details.every((each) => typeof each.pointer === 'string' && typeof each.reason === 'string'))
  return isKnown && isSentence && isPlaced
}

/** What the system counts for the process, in MB of 10^6. */
function memoryOf({ child }: Running): number {
  if (child.exitCode !== null || child.signalCode !== null) return 0
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
  return Math.round((Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024) / 1e6)
}

/** It answers, has met no fault, and ends in order. */
async function checkAlive(port: number, running: Running): Promise<string[]> {
  const failures: string[] = []
  const wire = new Wire(port)
  const [answer] = await wire.askEach([outgoing({ method: 'GET', target: '/ready' })])
  wire.close()
  if (typeof answer === 'string' || answer?.status !== 200) {
    failures.push(
      `in the end it is not ready: ${typeof answer === 'string' ? answer : answer?.body}`,
    )
  }
  const { status, err } = await running.stop()
  if (status !== 0) failures.push(`it ended with ${status}`)
  const faults = err.split('\n').filter((line) => /"event":"[a-z-]+-(faulted|broken)"/.test(line))
  for (const fault of faults.slice(0, 5)) failures.push(`it logged ${fault.slice(0, 1000)}`)
  return failures
}
