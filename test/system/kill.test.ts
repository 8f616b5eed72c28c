/**
 * The real process, killed under load and told to stop. What a client was told is written is
 * there afterwards, and nothing that nobody sent. SEED=n repeats the moments of the kills.
 */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { parseTenantId } from '../../server/contract/names.ts'
import type { RecordedChange } from '../../server/documents/store.ts'
import { send } from '../support/http.ts'
import type { Running } from '../support/process.ts'
import { makeFolder, startTenantry } from '../support/process.ts'
import { startTestServer } from '../support/server.ts'

const clients = 16
const kills = 5
const documentsEach = 4
const loadMs = { min: 50, max: 600 }

const tenant = 'tenant-alpha'
const home = `/api/v1/provisioning/tenants/${tenant}`

type Server = { running: Running; port: number; headers: { [name: string]: string } }

async function start(folder: string, env: { [name: string]: string } = {}): Promise<Server> {
  const settings = { TENANTRY_DATA: folder, TENANTRY_PORT: '0', ...env }
  const running = startTenantry(['dev', '--json'], { env: settings })
  const { address, key } = JSON.parse(await running.waitFor(/\n/))
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }
  return { running, port: Number(new URL(address).port), headers }
}

/** What was sent to one document and how far that was acknowledged. Its writer sends in turn. */
type Told = { sent: number; acknowledged: number; revision: number }

/** The same number in base and live version: half of a write would show. */
function bodyOf(number: number): string {
  return JSON.stringify({ number, versions: { current: { number } } })
}

/** Writes until the connection breaks. Each client has documents and a shared member of its own. */
async function write(client: number, { port, headers }: Server, told: Map<string, Told>) {
  for (let turn = 0; ; turn++) {
    const isShared = turn % (documentsEach + 1) === documentsEach
    const path = isShared ? 'jobs/shared' : `jobs/c${client}-${turn % (documentsEach + 1)}`
    const name = isShared ? `shared c${client}` : path
    const own = told.get(name) ?? { sent: 0, acknowledged: 0, revision: 0 }
    told.set(name, own)
    const number = ++own.sent
    const body = isShared ? JSON.stringify({ [`c${client}`]: number }) : bodyOf(number)
    const method = isShared || turn % 2 === 1 ? 'PUT' : 'POST'
    try {
      const answer = await send(port, { method, path: `${home}/${path}`, headers, body })
      // A PUT to what is not there yet writes nothing, and says so.
      if (answer.status === 404) continue
      assert.ok(answer.status < 300, answer.text)
      own.acknowledged = number
      own.revision = Number(/^"(\d+)-/.exec(answer.headers.etag ?? '')?.[1])
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error
      return
    }
  }
}

type Shown = { number?: number; versions?: { current?: { number?: number } } }

/** Everything acknowledged is there, and everything there was sent. Gives what was counted. */
async function check({ port, headers }: Server, told: ReadonlyMap<string, Told>) {
  const list = await send(port, { method: 'GET', path: `${home}/jobs`, headers })
  assert.equal(list.status, 200)
  const found = new Map<string, Shown & { [member: string]: unknown }>(
    JSON.parse(list.text).map(({ id, data }: { id: string; data: Shown }) => [id, data]),
  )
  const shared = found.get('shared') ?? {}
  let acknowledged = 0
  for (const [name, { sent, acknowledged: least, revision }] of told) {
    acknowledged += least
    const client = /^shared (.*)/.exec(name)?.[1]
    const id = client === undefined ? name.slice('jobs/'.length) : 'shared'
    const document = client === undefined ? found.get(id) : shared
    const number = client === undefined ? document?.number : shared[client]
    const range = `${name} is ${number}, acknowledged ${least}, sent ${sent}`
    if (number === undefined) {
      assert.equal(least, 0, range)
      continue
    }
    assert.ok(typeof number === 'number' && number >= least && number <= sent, range)
    if (client === undefined) assert.equal(document?.versions?.current?.number, number, range)
    const one = await send(port, { method: 'GET', path: `${home}/jobs/${id}`, headers })
    assert.ok(Number(/^"(\d+)-/.exec(one.headers.etag ?? '')?.[1]) >= revision, range)
  }
  for (const [id, document] of found) {
    const members = Object.keys(document).filter((name) => !name.startsWith('updated'))
    const strange =
      id === 'shared'
        ? members.filter((name) => !told.has(`shared ${name}`))
        : members.filter((name) => !['number', 'versions'].includes(name))
    assert.deepEqual(strange, [], `${id} has what nobody sent`)
    assert.ok(id === 'shared' || told.has(`jobs/${id}`), `nobody sent ${id}`)
  }
  return acknowledged
}

/** The record has a row for each revision of each document, in its order, and no gap. */
async function checkRecord(folder: string): Promise<number> {
  const server = await startTestServer({ folder })
  try {
    const { documents } = server.storage
    const changes: RecordedChange[] = []
    for (;;) {
      const after = changes.at(-1)?.position ?? 0
      const page = await documents.listChanges(parseTenantId(tenant), after, 5000)
      if (page.length === 0) break
      changes.push(...page)
    }
    const revisions = new Map<string, number>()
    for (const [at, { position, collection, document, revision }] of changes.entries()) {
      assert.equal(position, at + 1)
      const name = `${collection}/${document}`
      assert.equal(revision, (revisions.get(name) ?? 0) + 1, name)
      revisions.set(name, revision)
    }
    for (const { collection, document, tenant } of changes.slice(-100).map(addressOf)) {
      const resource = await documents.read({ collection, document, tenant })
      assert.equal(resource?.revision, revisions.get(`${collection}/${document}`))
    }
    return changes.length
  } finally {
    await server.close()
  }
}

function addressOf({ collection, document }: RecordedChange) {
  return { tenant: parseTenantId(tenant), collection, document }
}

/** Numbers that look random and are those of the seed (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

describe('killed under load', () => {
  const folder = makeFolder()
  let running: Running | undefined
  after(async () => {
    await running?.stop('SIGKILL')
    folder.remove()
  })

  test(`what ${clients} clients were told is written is there after ${kills} kills`, async (t) => {
    const seed = Number(process.env.SEED ?? randomInt(2 ** 31))
    const random = seededRandom(seed)
    t.diagnostic(`SEED=${seed}`)
    const data = join(folder.path, 'data')
    const told = new Map<string, Told>()
    let acknowledged = 0
    let server = await start(data)
    running = server.running
    for (let kill = 1; kill <= kills; kill++) {
      const delayMs = loadMs.min + random() * (loadMs.max - loadMs.min)
      const writers = Array.from({ length: clients }, (_, client) => write(client, server, told))
      await wait(delayMs)
      await server.running.stop('SIGKILL')
      await Promise.all(writers)
      server = await start(data)
      running = server.running
      const now = await check(server, told)
      assert.ok(now > acknowledged, `SEED=${seed}: nothing was written before kill ${kill}`)
      acknowledged = now
    }
    assert.equal((await server.running.stop()).status, 0)
    const recorded = await checkRecord(data)
    t.diagnostic(`${recorded} writes recorded`)
    assert.ok(recorded > clients * kills)
  })
})

describe('told to stop', () => {
  const folder = makeFolder()
  const started: Running[] = []
  after(async () => {
    for (const running of started) await running.stop('SIGKILL')
    folder.remove()
  })

  /** A server with a request whose body does not come, on a connection that stays open. */
  const startHanging = async (name: string, drainMs: string): Promise<Running> => {
    const server = await start(join(folder.path, name), { TENANTRY_DRAIN_MS: drainMs })
    started.push(server.running)
    const socket = connect(server.port, '127.0.0.1')
    socket.on('error', () => {})
    await once(socket, 'connect')
    const { Authorization } = server.headers
    // That the server wants the body says that the request has begun.
    socket.write(
      `POST ${home}/users/u HTTP/1.1\r\nHost: x\r\nAuthorization: ${Authorization}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 20\r\nExpect: 100-continue\r\n\r\n',
    )
    assert.match(String((await once(socket, 'data'))[0]), /^HTTP\/1\.1 100 /)
    return server.running
  }
  /** More than 300 ms: two signals nearer than that may be one Control-C that came twice. */
  const pauseMs = 600

  test('one SIGTERM ends it with 0, connections that are kept alive or not', async () => {
    const { running, port } = await start(join(folder.path, 'idle'))
    started.push(running)
    assert.equal((await send(port, { method: 'GET', path: '/health' })).status, 200)
    const { status, err } = await running.stop()
    assert.equal(status, 0, err)
    assert.match(err, /"event":"server-stopped"\}\n$/)
  })

  test('one SIGTERM waits for a request that hangs no longer than drainMs', async () => {
    const running = await startHanging('drained', '700')
    const began = performance.now()
    const { status, err } = await running.stop()
    const took = performance.now() - began
    assert.equal(status, 0, err)
    assert.match(err, /"event":"server-stopped"\}\n$/)
    assert.ok(took > 600 && took < 5000, `it took ${took} ms`)
  })

  test('a second SIGTERM while a request hangs ends it at once, with 1', async () => {
    const running = await startHanging('hanging', '60000')
    void running.stop()
    await wait(pauseMs)
    assert.equal(running.child.exitCode, null, 'the first signal did not wait for the request')
    const began = performance.now()
    const { status, err } = await running.stop()
    const took = performance.now() - began
    assert.equal(status, 1, err)
    assert.ok(took < 5000, `it took ${took} ms`)
    assert.doesNotMatch(err, /server-stopped/)
  })

  test('a SIGTERM that comes twice at once is one', async () => {
    const running = await startHanging('twice', '1000')
    void running.stop()
    await wait(20)
    const { status, err } = await running.stop()
    assert.equal(status, 0, err)
    assert.match(err, /"event":"server-stopped"\}\n$/)
  })
})
