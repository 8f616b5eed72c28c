/**
 * Clients that send or read as slowly as they can are cut, in time and with an answer where there
 * is room for one, and nobody else notices. How fast the others are served is measured before and
 * during, in one run, second by second, from when all of the slow are there: what it costs to ask
 * for much at once is no matter of slowness. What looks like harm is measured again, several times.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { DemoServer } from '../support/demo-server.ts'
import { demoHome, startDemoServer } from '../support/demo-server.ts'
import { send } from '../support/http.ts'
import { makeFolder } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import { answersIn } from '../support/wire-answer.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import type { Attacker } from './slow-attackers.ts'
import { attack, prepareSlow } from './slow-attackers.ts'

const attackers = 200
const cutMaxMs = 35_000
const ratioMax = 2

/** The others are watched until the first bodies and readers are cut. */
const attackedMs = 28_000

/** Of what was sent to them before they were cut; a list would leave megabytes behind. */
const keptMaxBytes = 1_048_576

/** How often it looks who is still connected. */
const lookMs = 200

/** Linux's table may leave a connection out while others come and go; not for so long. */
const unseenMs = 1200

/** The others: so many clients, each with a pause between its requests. */
const others = { count: 8, pauseMs: 10, writesPart: 0.2 }

type Form = { readonly rounds: number; readonly calmMs: number }

const full: Form = { rounds: 3, calmMs: 15_000 }
const short: Form = { rounds: 1, calmMs: 4000 }

/** The attackers come within this time, and the first answers fill the system's buffers. */
const comingMs = 3000

/** What is over the ratio is measured so many times more, each time for so long. */
const repeatsMax = 3
const repeatMs = 8000

export const slow: Gate = {
  name: 'slow',
  about: `${attackers} connections that send heads or bodies, or read answers, very slowly.`,
  target: `all cut ≤ 35 s, heads ≤ 13 s, with 408 where it is due; others' p99 ≤ ${ratioMax} ×`,
  needs: [],
  run,
  control: {
    title: 'waits ten times as long for who is slow',
    breakages: [
      {
        file: 'server/contract/limits.ts',
        from: 'export const headersTimeMaxMs = 10_000',
        to: 'export const headersTimeMaxMs = 100_000',
      },
      {
        file: 'server/contract/limits.ts',
        from: 'export const bodyTimeMaxMs = 30_000',
        to: 'export const bodyTimeMaxMs = 300_000',
      },
      {
        file: 'server/contract/limits.ts',
        from: 'export const stallMaxMs = 30_000',
        to: 'export const stallMaxMs = 300_000',
      },
    ],
  },
}

/** The p99 of each second, in milliseconds. */
type Samples = { readonly calm: number[]; readonly attacked: number[] }

async function run({ build, short: isShort, seed, tell }: GateOptions): Promise<Verdict> {
  const { rounds, calmMs } = isShort ? short : full
  const random = seededRandom(seed)
  const folder = makeFolder()
  let server: DemoServer | undefined
  try {
    server = await startDemoServer(folder.path, { build })
    await prepareSlow(server)
    const failures: string[] = []
    const samples: Samples = { calm: [], attacked: [] }
    let slowestMs = 0
    let kept = 0
    // What is new to the process is slow by itself.
    await serveOthers(server, random, 1000)
    for (let round = 1; round <= rounds && failures.length === 0; round++) {
      samples.calm.push(...(await serveOthers(server, random, calmMs)))
      const served = serveOthers(server, random, attackedMs, comingMs)
      const cut = await cutAll(server)
      samples.attacked.push(...(await served))
      slowestMs = Math.max(slowestMs, cut.slowestMs)
      kept = Math.max(kept, cut.kept)
      failures.push(...cut.failures)
      tell(`round ${round} of ${rounds}: ${cut.cut} of ${attackers} cut, ${inWords(samples)}`)
    }
    for (let repeat = 0; failures.length === 0 && isHarmed(samples); repeat++) {
      if (repeat === repeatsMax) {
        failures.push(`the others waited for longer than ${ratioMax} ×: ${inWords(samples)}`)
        break
      }
      samples.calm.splice(0, Number.POSITIVE_INFINITY)
      samples.attacked.splice(0, Number.POSITIVE_INFINITY)
      await measureAgain(server, random, samples)
      tell(`measured again: ${inWords(samples)}`)
    }
    const figures = {
      'slowest cut (s)': (slowestMs / 1000).toFixed(1),
      'kept for them (bytes)': kept,
      "others' p99 before (ms)": medianOf(samples.calm).toFixed(1),
      'and under attack (ms)': medianOf(samples.attacked).toFixed(1),
    }
    return { figures, failures }
  } finally {
    await server?.running.stop('SIGKILL')
    folder.remove()
  }
}

type Cut = {
  readonly cut: number
  readonly slowestMs: number
  /** What the system still keeps for them, in bytes. */
  readonly kept: number
  readonly failures: string[]
}

/** Attacks, until all are cut or should have been. */
async function cutAll(server: DemoServer): Promise<Cut> {
  const began = performance.now()
  const all = await attack(server, attackers)
  const lastSeen = new Map(all.map((one) => [one, 0]))
  const isCut = (one: Attacker, now: number) => now - began - (lastSeen.get(one) ?? 0) > unseenMs
  let trickled = began
  for (;;) {
    await wait(lookMs)
    const now = performance.now()
    const held = new Set<number>()
    for (const { clientPort, isOwned } of await readConnections(server.port)) {
      if (isOwned) held.add(clientPort)
    }
    for (const one of all) if (held.has(one.clientPort)) lastSeen.set(one, now - began)
    if (now - began > cutMaxMs + unseenMs || all.every((one) => isCut(one, now))) break
    if (now - trickled < 1000) continue
    trickled = now
    for (const one of all) if (!isCut(one, now)) one.trickle()
  }
  const now = performance.now()
  const heldUntil = new Map([...lastSeen].filter(([one]) => isCut(one, now)))
  const ports = new Set(all.map(({ clientPort }) => clientPort))
  const kept = (await readConnections(server.port))
    .filter(({ clientPort }) => ports.has(clientPort))
    .reduce((sum, { untakenBytes }) => sum + untakenBytes, 0)
  const failures = new Map<string, number>()
  for (const one of all) {
    const failure = judge(one, heldUntil.get(one))
    if (failure !== undefined) failures.set(failure, (failures.get(failure) ?? 0) + 1)
    one.client.socket.destroy()
  }
  return {
    cut: heldUntil.size,
    slowestMs: Math.max(0, ...heldUntil.values()),
    kept,
    failures: [
      ...[...failures].map(([failure, count]) => `${count} times ${failure}`),
      ...(kept > keptMaxBytes ? [`the system keeps ${kept} bytes for who was cut`] : []),
    ],
  }
}

/** What is wrong with what became of it; equal faults have equal words, to be counted. */
function judge(
  { title, client, cutMs, answered }: Attacker,
  heldMs: number | undefined,
): string | undefined {
  if (heldMs === undefined) return `${title}: not cut within ${cutMaxMs / 1000} s`
  if (heldMs < cutMs.min || heldMs > cutMs.max) {
    return `${title}: cut after ${Math.round(heldMs / 1000)} s`
  }
  if (answered === undefined) return undefined
  const { status, head = '', body } = answersIn(client.text()).at(-1) ?? {}
  if (status !== answered || body === undefined) return `${title}: answered with ${status}`
  const { code, message } = JSON.parse(body)
  const isShaped =
    code === (answered === 408 ? 'RequestTimeout' : 'Unauthenticated') &&
    typeof message === 'string' &&
    /\r\nContent-Type: application\/json(\r|$)/.test(head) &&
    /\r\nX-Request-Id: /.test(head) &&
    /\r\nConnection: close(\r|$)/.test(head)
  return isShaped ? undefined : `${title}: answered in a shape of its own: ${head}`
}

type Connection = {
  readonly clientPort: number
  /** The process has it open; else it is left to the system. */
  readonly isOwned: boolean
  /** Sent by the process, and not taken by the client. */
  readonly untakenBytes: number
}

/** The server's ends, as Linux tells them; the others are served by this process meanwhile. */
async function readConnections(port: number): Promise<Connection[]> {
  const table = await readFile('/proc/net/tcp', 'latin1')
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  // Most lines are of connections long gone: only those of this port are taken apart.
  const lines = table.match(new RegExp(`^ *\\d+: [0-9A-F]{8}:${hex} .*$`, 'gm')) ?? []
  return lines.map((line) => {
    const [, , remote = '', , queues = '', , , , , inode] = line.trim().split(/\s+/)
    const untakenBytes = Number.parseInt(queues, 16)
    return { clientPort: portOf(remote), isOwned: inode !== '0', untakenBytes }
  })
}

function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16)
}

/** A shorter attack, between two stretches of calm. */
async function measureAgain(
  server: DemoServer,
  random: () => number,
  { calm, attacked }: Samples,
): Promise<void> {
  calm.push(...(await serveOthers(server, random, repeatMs / 2)))
  const served = serveOthers(server, random, comingMs + repeatMs, comingMs)
  const all = await attack(server, attackers)
  const trickling = setInterval(() => {
    for (const one of all) one.trickle()
  }, 1000)
  attacked.push(...(await served))
  clearInterval(trickling)
  for (const { client } of all) client.socket.destroy()
  await wait(lookMs)
  calm.push(...(await serveOthers(server, random, repeatMs / 2)))
}

/** What everybody else does meanwhile; gives the p99 of each second from `fromMs` on. */
async function serveOthers(
  { port, headers }: DemoServer,
  random: () => number,
  untilMs: number,
  fromMs = 0,
): Promise<number[]> {
  const seconds: number[][] = []
  const began = performance.now()
  const client = async (number: number) => {
    const path = `${demoHome}/others/d${number}`
    await send(port, { method: 'POST', path, headers, body: '{"n":0}' })
    for (;;) {
      const sentAt = performance.now()
      if (sentAt - began >= untilMs) return
      const writes = random() < others.writesPart
      const write = { method: 'PUT', path, headers, body: '{"n":1}' }
      const { status, text } = await send(port, writes ? write : { method: 'GET', path, headers })
      const second = Math.floor((sentAt - began - fromMs) / 1000)
      if (second >= 0) {
        seconds[second] ??= []
        seconds[second].push(performance.now() - sentAt)
      }
      if (status !== 200) throw new Error(`another client was answered with ${status}: ${text}`)
      await wait(random() * 2 * others.pauseMs)
    }
  }
  await Promise.all(Array.from({ length: others.count }, (_, number) => client(number)))
  return seconds.filter((samples) => samples.length > 0).map((samples) => quantile(samples, 0.99))
}

function quantile(samples: readonly number[], part: number): number {
  const sorted = [...samples].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length * part)] ?? 0
}

/** A machine has bad seconds; harm that the attack does is there in most of them. */
function medianOf(samples: readonly number[]): number {
  return quantile(samples, 0.5)
}

function isHarmed({ calm, attacked }: Samples): boolean {
  return medianOf(attacked) > ratioMax * medianOf(calm)
}

function inWords({ calm, attacked }: Samples): string {
  const [before, during] = [medianOf(calm).toFixed(1), medianOf(attacked).toFixed(1)]
  return `others' p99 ${before} ms before, ${during} ms under attack`
}
