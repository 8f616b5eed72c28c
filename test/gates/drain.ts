/**
 * A server that is told to stop answers what it has taken in: requests that wait to be read, writes
 * that wait for their commit, lists on their way, bodies that still arrive. What clients were told
 * is written is there when it starts again.
 */
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { DemoServer } from '../support/demo-server.ts'
import { demoHome, startDemoServer } from '../support/demo-server.ts'
import { send } from '../support/http.ts'
import { makeFolder } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import type { RawClient } from '../support/raw-client.ts'
import { openRawClient } from '../support/raw-client.ts'
import { answersIn } from '../support/wire-answer.ts'
import { bytesOf } from '../support/wire-request.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'

const roundsFull = 20
const roundsShort = 3

/** 200 in flight, and beside them connections on which nothing is asked. */
const counts = { read: 50, write: 70, list: 20, body: 60 }
const inFlight = Object.values(counts).reduce((sum, count) => sum + count)
const idleCount = 20

const exitMaxMs = 10_000
const refusedMaxMs = 1000
const secondMaxMs = 1000

/** More than what counts as one Control-C that came twice. */
const betweenSignalsMs = 500

/**
 * How long after new connections are refused a client sends the rest of its body, or begins to read
 * its list.
 */
const laterMaxMs = 1500

/** A list of 6 MB: more than the system takes off the server's hands. */
const listed = { documents: 10, bytes: 600_000 }

export const drain: Gate = {
  name: 'drain',
  about: `${roundsFull} times SIGTERM with ${inFlight} requests in flight, and a second SIGTERM.`,
  target: '0 dropped, 0 acknowledged writes lost, exit 0 ≤ 10 s; by a second one ≤ 1 s',
  needs: [],
  run,
  control: {
    title: 'closes all connections at once',
    breakages: [
      {
        file: 'server/http/server.ts',
        from: '    connections.stop()',
        to: '    server.closeAllConnections()',
      },
    ],
  },
}

/** What the rounds have found. */
type Found = {
  readonly failures: string[]
  readonly acknowledged: Map<string, string>
  answered: number
  slowestMs: number
  refusedMs: number
}

async function run({ build, short, seed, tell }: GateOptions): Promise<Verdict> {
  const rounds = short ? roundsShort : roundsFull
  const random = seededRandom(seed)
  const folder = makeFolder()
  const found: Found = {
    failures: [],
    acknowledged: new Map(),
    answered: 0,
    slowestMs: 0,
    refusedMs: 0,
  }
  let server: DemoServer | undefined
  let round = 0
  try {
    server = await startDemoServer(folder.path, { build })
    await fillList(server)
    while (round < rounds && found.failures.length === 0) {
      round++
      await stopUnderLoad(server, round, random, found)
      server = await startDemoServer(folder.path, { build })
      await checkWritten(server, round, found)
      tell(
        `round ${round} of ${rounds}: ${found.answered} answered, ended in ${found.slowestMs} ms`,
      )
    }
    const secondMs = await stopTwice(server, found)
    const figures = {
      rounds: round,
      answered: `${found.answered} of ${round * inFlight}`,
      'writes kept': found.acknowledged.size,
      'slowest end (ms)': found.slowestMs,
      'refused new ones after (ms)': found.refusedMs,
      'end by a second SIGTERM (ms)': secondMs,
    }
    return { figures, failures: found.failures }
  } finally {
    await server?.running.stop('SIGKILL')
    folder.remove()
  }
}

async function fillList({ port, headers }: DemoServer): Promise<void> {
  for (let number = 0; number < listed.documents; number++) {
    const path = `${demoHome}/drain-list/d${number}`
    const body = JSON.stringify({ text: 'x'.repeat(listed.bytes) })
    const { status } = await send(port, { method: 'POST', path, headers, body })
    if (status !== 201) throw new Error(`a document of the list was answered with ${status}`)
  }
}

/** One request in flight: what was sent of it, what is to come, and what has to come back. */
type Flight = {
  readonly kind: keyof typeof counts | 'ready'
  readonly client: RawClient
  /** Sent in the moment before the signal. */
  readonly first: Uint8Array
  /** Done some time after the server has heard the signal. */
  readonly later?: () => void
  readonly write?: { readonly path: string; readonly body: string }
}

async function stopUnderLoad(
  server: DemoServer,
  round: number,
  random: () => number,
  found: Found,
): Promise<void> {
  const fail = (failure: string) => void found.failures.push(`round ${round}: ${failure}`)
  const flights = await prepareFlights(server, round)
  const idle = await Promise.all(Array.from({ length: idleCount }, () => openUsed(server)))
  shuffle(flights, random)
  for (const { client, first } of flights) client.socket.write(first)
  // In half of the rounds at once, so that the server has read nothing of it yet.
  if (random() < 0.5) await wait(random() * 30)
  const signalled = performance.now()
  server.running.child.kill('SIGTERM')

  const refusedMs = await watchRefusal(server.port, signalled)
  for (const { later } of flights) {
    if (later !== undefined) setTimeout(later, random() * laterMaxMs)
  }
  const { status, err } = await endOf(server, exitMaxMs * 2)
  const tookMs = Math.round(performance.now() - signalled)
  found.slowestMs = Math.max(found.slowestMs, tookMs)
  if (status !== 0) fail(`it ended with ${status}: ${err.slice(-300)}`)
  if (tookMs > exitMaxMs) fail(`it took ${tookMs} ms to end`)
  found.refusedMs = Math.max(found.refusedMs, refusedMs)
  if (refusedMs > refusedMaxMs) fail(`it took new connections for ${refusedMs} ms`)

  await Promise.all([...flights.map(({ client }) => client.closed), ...idle.map((c) => c.closed)])
  for (const flight of flights) judge(flight, found, fail)
  for (const client of idle) {
    if (answersIn(client.text()).length > 1) {
      fail('an idle connection got an answer that nobody asked for')
    }
  }
}

async function prepareFlights(server: DemoServer, round: number): Promise<Flight[]> {
  const make: { readonly [Kind in keyof typeof counts]: (number: number) => Promise<Flight> } = {
    read: () => readFlight(server),
    write: (number) => writeFlight(server, `w${round}-${number}`),
    list: () => listFlight(server),
    body: (number) => bodyFlight(server, `b${round}-${number}`, number % 2 === 0),
  }
  const flights = Object.entries(counts).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, number) => make[kind as keyof typeof counts](number)),
  )
  return Promise.all([...flights, readyFlight(server, `r${round}`)])
}

/** A connection that has had an answer, and is kept alive. */
async function openUsed({ port }: DemoServer): Promise<RawClient> {
  const client = await openRawClient(port)
  client.socket.write(bytesOf({ method: 'GET', path: '/health' }, true))
  await client.waitFor(/"ok"\}$/)
  return client
}

async function readFlight(server: DemoServer): Promise<Flight> {
  const path = `${demoHome}/users/user-001`
  const first = bytesOf({ method: 'GET', path, headers: server.headers }, true)
  return { kind: 'read', client: await openUsed(server), first }
}

async function writeFlight(server: DemoServer, name: string): Promise<Flight> {
  const write = writeOf(name)
  const first = bytesOf({ method: 'POST', headers: server.headers, ...write }, true)
  return { kind: 'write', client: await openRawClient(server.port), first, write }
}

async function listFlight(server: DemoServer): Promise<Flight> {
  const client = await openRawClient(server.port)
  client.socket.pause()
  const first = bytesOf(
    { method: 'GET', path: `${demoHome}/drain-list`, headers: server.headers },
    true,
  )
  return { kind: 'list', client, first, later: () => client.socket.resume() }
}

/** Half of the body is there before the signal; of some, the server has said that it wants it. */
async function bodyFlight(server: DemoServer, name: string, asks: boolean): Promise<Flight> {
  const write = writeOf(name)
  const client = await openRawClient(server.port)
  const expect = asks ? { Expect: '100-continue' } : {}
  const headers = { ...server.headers, ...expect }
  const whole = bytesOf({ method: 'POST', headers, ...write }, true)
  const half = whole.length - Math.ceil(write.body.length / 2)
  const head = whole.length - write.body.length
  client.socket.write(whole.subarray(0, head))
  if (asks) await client.waitFor(/ 100 Continue/)
  const first = whole.subarray(head, half)
  return {
    kind: 'body',
    client,
    first,
    write,
    later: () => client.socket.write(whole.subarray(half)),
  }
}

/** Behind a body that still arrives, a question whether the server is ready. */
async function readyFlight(server: DemoServer, name: string): Promise<Flight> {
  const flight = await bodyFlight(server, name, true)
  const ask = bytesOf({ method: 'GET', path: '/ready' }, true)
  const later = () => {
    // In one packet: the connection ends once nothing is owed on it.
    flight.client.socket.cork()
    flight.later?.()
    flight.client.socket.write(ask)
    flight.client.socket.uncork()
  }
  return { ...flight, kind: 'ready', later }
}

function writeOf(name: string): { readonly path: string; readonly body: string } {
  return {
    path: `${demoHome}/drained/${name}`,
    body: JSON.stringify({ name, text: 'y'.repeat(200) }),
  }
}

function judge(
  { kind, client, write }: Flight,
  found: Found,
  fail: (failure: string) => void,
): void {
  // Before it, a connection that was used has had the answer that made it so.
  const [own, ready] = answersIn(client.text()).slice(kind === 'read' ? 1 : 0)
  const { status, body } = own ?? {}
  if (status === undefined || body === undefined) {
    fail(`a ${kind} was dropped ${status === undefined ? 'without an answer' : 'in its answer'}`)
    return
  }
  if (status >= 300) fail(`a ${kind} was answered with ${status}: ${body}`)
  else if (write !== undefined) found.acknowledged.set(write.path, write.body)
  if (kind === 'ready' && ready?.status !== 503) {
    fail(`/ready was answered with ${ready?.status}, not 503`)
  }
  // What is answered before the signal is heard cannot say it.
  const last = kind === 'ready' ? ready : kind === 'body' ? own : undefined
  if (last !== undefined && !/\r\nConnection: close/i.test(last.head)) {
    fail(`the last answer of a connection, to a ${kind}, does not say that it is the last`)
  }
  if (kind !== 'ready') found.answered++
}

async function checkWritten(server: DemoServer, round: number, found: Found): Promise<void> {
  const path = `${demoHome}/drained`
  const { text } = await send(server.port, { method: 'GET', path, headers: server.headers })
  const list: { readonly id: string; readonly data: { text: string } }[] = JSON.parse(text)
  const there = new Map(list.map(({ id, data }) => [`${path}/${id}`, data.text]))
  for (const [written, body] of found.acknowledged) {
    if (there.get(written) === JSON.parse(body).text) continue
    found.failures.push(`round ${round}: ${written} was acknowledged and is not there`)
  }
}

/** How long behind the signal a new connection was last taken, in milliseconds. */
async function watchRefusal(port: number, signalled: number): Promise<number> {
  let taken = 0
  for (let refused = 0; refused < 3; ) {
    const at = performance.now()
    if (await isTaken(port)) {
      taken = Math.round(at - signalled)
      refused = 0
    } else refused++
    if (taken > refusedMaxMs) return taken
    await wait(10)
  }
  return taken
}

function isTaken(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port }, () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/** A request that hangs holds the first signal up, and not the second. */
async function stopTwice(server: DemoServer, found: Found): Promise<number> {
  await bodyFlight(server, 'hanging', true)
  server.running.child.kill('SIGTERM')
  await wait(betweenSignalsMs)
  if (server.running.child.exitCode !== null) {
    found.failures.push('a first SIGTERM did not wait for a request that hangs')
  }
  const began = performance.now()
  server.running.child.kill('SIGTERM')
  await endOf(server, secondMaxMs * 5)
  const tookMs = Math.round(performance.now() - began)
  if (tookMs > secondMaxMs) found.failures.push(`a second SIGTERM took ${tookMs} ms`)
  return tookMs
}

/** Its end, if need be by force. */
async function endOf({ running }: DemoServer, patienceMs: number) {
  const force = setTimeout(() => running.child.kill('SIGKILL'), patienceMs)
  const ended = await running.ended
  clearTimeout(force)
  return ended
}

function shuffle(all: unknown[], random: () => number): void {
  for (let at = all.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    const held = all[at]
    all[at] = all[other]
    all[other] = held
  }
}
