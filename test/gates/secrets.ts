/**
 * The text of a key is in the answer that made it and nowhere else. Keys are made, brought along,
 * rotated, mistyped and used in every way, by every operation and to every status; then the log,
 * the files of the data folder, the metrics, the other answers and the output of commands are
 * searched for any part of any of them. The secret that signs cursors is in the database alone.
 */
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import type { AnyOperation } from '../../server/operations.ts'
import { operations } from '../../server/operations.ts'
import type { FilledServer } from '../support/filled-server.ts'
import { fillStore, startFilledServer } from '../support/filled-server.ts'
import type { Finished } from '../support/process.ts'
import { findFreePort, makeFolder, runTenantry } from '../support/process.ts'
import { Wire } from '../support/wire.ts'
import type { WireAnswer } from '../support/wire-answer.ts'
import type { Outgoing, WireRequest } from '../support/wire-request.ts'
import { outgoing } from '../support/wire-request.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import { inBase64, Secrets } from './secret-search.ts'

export const secrets: Gate = {
  name: 'secrets',
  about: 'Keys in every use and misuse, then a search of log, files, metrics and answers for them.',
  target: '0 parts of a key anywhere but in the answer that made it',
  needs: [],
  run,
  control: {
    title: 'logs the URL in the place of the route',
    breakages: [
      {
        file: 'server/http/handle.ts',
        from: '    route: trace.route,\n',
        to: '    route: request.url,\n',
      },
    ],
  },
}

const tenant = 'north'
const home = `/api/v1/provisioning/tenants/${tenant}`
const keysPath = `/api/v1/keys/tenants/${tenant}`

/** All that a server answers but for what takes a broken disk (507) or a patient client (408). */
const statusesDue = [
  ...[200, 201, 204, 304, 400, 401, 403, 404, 405, 409, 412, 413, 414, 415, 422, 429, 431],
  ...[500, 503],
]

async function run({ build, short, tell }: GateOptions): Promise<Verdict> {
  const folder = makeFolder()
  const found = new Secrets()
  const statuses = new Set<number>()
  let bytes = 0
  let answers = 0
  let server: FilledServer | undefined
  try {
    const keys = await makeKeys(folder.path, build, found)
    const metricsPort = String(await findFreePort())
    const start = (settings: { readonly [name: string]: string }) => {
      const env = { TENANTRY_METRICS_PORT: metricsPort, ...settings }
      return startFilledServer(folder.path, { build, env })
    }
    const searchRun = async (place: string, { running }: FilledServer) => {
      const lives = running.child.exitCode === null && running.child.signalCode === null
      const metrics = lives ? await readMetrics(metricsPort) : ''
      const { out, err } = running.printed
      found.search(`${place}, the metrics`, metrics)
      found.search(`${place}, stdout`, out)
      found.search(`${place}, the log`, err)
      if (/bearer/i.test(out + err + metrics)) {
        found.findings.push(`${place}, the log or the metrics have a header or query with a key`)
      }
      bytes += metrics.length + out.length + err.length + found.searchFolder(place, folder.path)
    }

    server = await start({ TENANTRY_BODY_SIZE_MAX_BYTES: '4096' })
    const first = new Caller(server.port, found, statuses)
    await useEverywhere(first, keys)
    await useByCommands(folder.path, build, keys, found)
    await useForStatuses(first, keys.owner)
    if (!short) await first.raw(`GET / HTTP/1.1\r\nAuthorization: Bearer ${keys.owner}\r\n`, 408)
    await searchRun('a server that runs', server)
    await server.running.stop()
    await searchRun('a server that stopped', server)
    tell(`${first.count} answers, ${found.count} texts of keys`)

    spoil(folder.path)
    server = await start({ TENANTRY_KEY_RATE: '1', TENANTRY_IN_FLIGHT_MAX: '1' })
    const second = new Caller(server.port, found, statuses)
    await useUnderPressure(second, keys)
    await searchRun('a server under pressure', server)
    await server.running.stop('SIGKILL')
    await searchRun('a server that was killed', server)
    answers = first.count + second.count
    checkSigningSecret(folder.path, [first, second], server, found)
  } finally {
    await server?.running.stop('SIGKILL')
    folder.remove()
  }
  const missed = statusesDue.filter((status) => !statuses.has(status))
  if (missed.length > 0) throw new Error(`nothing was answered with ${missed.join(', ')}`)
  const figures = {
    answers,
    statuses: statuses.size,
    'texts of keys': found.count,
    'bytes searched': bytes,
    found: found.findings.length,
  }
  return { figures, failures: found.findings }
}

/** Texts of keys by what they are. */
type Keys = { readonly owner: string; readonly [what: string]: string }

async function makeKeys(dataFolder: string, build: string, found: Secrets): Promise<Keys> {
  const scopes = ['provisioning:*', 'keys:*']
  const [expired, revoked, other, lesser, brought] = await fillStore(
    dataFolder,
    [tenant, 'south'],
    [
      { tenant, scopes, expiresAt: 1 },
      { tenant, scopes, revoked: 1 },
      { tenant: 'south', scopes },
      { tenant, scopes: ['provisioning:users.read'] },
      { tenant, scopes, text: 'brought.along-KQ7xZ2mW9cT4vB1nY6pR3sD8fG5hJ0' },
    ],
  )
  const command = ['key', 'create', '--tenant', tenant, '--scope', ...scopes]
  const env = { TENANTRY_DATA: dataFolder }
  const made = await runTenantry(command, { build, env })
  if (made.status !== 0) throw new Error(`a key could not be made: ${made.err}`)
  const owner = made.out.trim()
  const keys: { owner: string; [what: string]: string } = {
    owner,
    'a key that is expired': expired?.text ?? '',
    'a key that is revoked': revoked?.text ?? '',
    'a key of another tenant': other?.text ?? '',
    'a key of few rights': lesser?.text ?? '',
    'a key that was brought along': brought?.text ?? '',
    'a key that is mistyped': owner.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a')),
    'a key that is cut off': owner.slice(0, -3),
    'a key that nobody has': `${owner.slice(0, 16)}${'zY3xW8vU5tS2'.repeat(3)}${owner.slice(52)}`,
    'a text that was never a key': 'never.a.key-3kF8sLq2Wp7Zx5Vb9Nm4Tc6Rd1',
  }
  if ((await runTenantry(['key', 'create', '--help'], { build })).out.includes('--import')) {
    const text = 'imported.key-Hn5Jw8Rk3Tz6Bq9Xd2Mv7Lc4Sp'
    const imported = await runTenantry([...command, '--import'], { build, env, input: text })
    if (imported.status !== 0) throw new Error(`a key could not be imported: ${imported.err}`)
    keys['a key that was imported'] = text
  }
  for (const [what, text] of Object.entries(keys)) found.add(text, what)
  found.search('the message of key create', made.err)
  return keys
}

/** Sends, searches each answer, and notes its status. */
class Caller {
  count = 0
  /** Everything that came back. */
  readonly received: string[] = []
  private readonly port: number
  private readonly found: Secrets
  private readonly statuses: Set<number>

  constructor(port: number, found: Secrets, statuses: Set<number>) {
    this.port = port
    this.found = found
    this.statuses = statuses
  }

  async send(...requests: readonly WireRequest[]): Promise<WireAnswer[]> {
    const wire = new Wire(this.port)
    const answers = await wire.askEach(requests.map((request): Outgoing => outgoing(request)))
    wire.close()
    return answers.flatMap((answer, at) => {
      const request = requests[at]
      if (typeof answer === 'string') throw new Error(`${request?.method}: ${answer}`)
      this.note(answer, `the answer to ${request?.method} ${withoutQuery(request?.target)}`)
      return [answer]
    })
  }

  /** These bytes on a connection of their own, which must be answered with this status. */
  async raw(text: string, status: number): Promise<void> {
    const wire = new Wire(this.port)
    // A head that does not end has no answer until its time is over.
    const { answers, end } =
      status === 408
        ? await wire.exchange([{ method: 'GET', bytes: Buffer.from(text) }], 15_000)
        : await wire.exchangeAll(Buffer.from(text), 'GET')
    wire.close()
    const [answer] = answers
    if (answer?.status !== status) throw new Error(`${status} was expected: ${answer?.head} ${end}`)
    this.note(answer, 'the answer to a request that is none')
  }

  /** Does this while a request to this target is in hand, whose body does not come. */
  async holdPlace(target: string, run: () => Promise<unknown>): Promise<void> {
    const wire = new Wire(this.port)
    const head = `POST ${target} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`
    const held = wire.exchange([
      { method: 'POST', bytes: Buffer.from(`${head}Content-Length: 9\r\n\r\n`) },
    ])
    try {
      await setTimeout(200)
      await run()
    } finally {
      wire.close()
      await held
    }
  }

  private note({ head, body, status }: WireAnswer, place: string): void {
    const text = `${head}\r\n\r\n${body.toString('latin1')}`
    const made = /"key":"(tnk_[0-9A-Za-z]{54})"/.exec(text)?.[1]
    const what = made === undefined ? undefined : `key ${made.slice(4, 16)}, made by the API`
    if (made !== undefined && what !== undefined) this.found.add(made, what)
    this.found.search(place, text, what)
    this.statuses.add(status)
    this.received.push(text)
    this.count++
  }
}

function withoutQuery(target = ''): string {
  return target.split('?')[0]?.slice(0, 100) ?? ''
}

/** Every operation by every key, in every place that a key may come in. */
async function useEverywhere(caller: Caller, keys: Keys): Promise<void> {
  for (const text of Object.values(keys)) {
    const escaped = [...text].map((each) => `%${each.charCodeAt(0).toString(16)}`).join('')
    for (const operation of operations) {
      const target = targetOf(operation)
      const request = requestOf(operation)
      const inHeader = (value: string): WireRequest => ({
        ...request,
        target,
        headers: [['Authorization', value], ...(request.headers ?? [])],
      })
      await caller.send(
        inHeader(`Bearer ${text}`),
        inHeader(`bEARER   ${text}`),
        inHeader(`Basic ${Buffer.from(`key:${text}`).toString('base64')}`),
        inHeader(text),
        { ...request, target: `${target}?bearer_token=${text}` },
        { ...request, target: `${target}?limit=1&bearer%5Ftoken=${escaped}` },
        { ...request, target: `${target}?BEARER_TOKEN=${text}&token=${text}&api_key=${text}` },
        { ...request, target: `${target}?bearer_token=${text}&bearer_token=${text}` },
        { ...inHeader(`Bearer ${text}`), target: `${target}?bearer_token=${text}` },
        { ...inHeader(`Bearer ${text}`), method: 'OPTIONS' },
        { ...inHeader(`Bearer ${text}`), method: 'PROPFIND' },
        { ...request, method: 'HEAD', target: `http://x${target}?bearer_token=${text}` },
      )
    }
  }
}

function targetOf({ path }: AnyOperation): string {
  return path
    .replace('{tenantId}', tenant)
    .replace('{collection}', 'users')
    .replace('{docId}', 'one')
    .replace('{keyId}', 'nobodyskey12')
}

function requestOf({ name, method, takes }: AnyOperation): Omit<WireRequest, 'target'> {
  if (takes === undefined) return { method }
  const type = takes === 'patch' ? 'application/merge-patch+json' : 'application/json'
  const body =
    name === 'createKey'
      ? { label: 'made', scopes: ['provisioning:users.read'] }
      : name === 'rotateKey'
        ? { overlapSeconds: 60 }
        : { versions: { current: { said: true } } }
  return { method, headers: [['Content-Type', type]], body: JSON.stringify(body) }
}

/** What operators type beside it. */
async function useByCommands(
  dataFolder: string,
  build: string,
  keys: Keys,
  found: Secrets,
): Promise<void> {
  const env = { TENANTRY_DATA: dataFolder }
  const commands: readonly (readonly string[])[] = [
    ['key', 'list'],
    ['key', 'list', '--json'],
    ['key', 'revoke', keys.owner],
    ['key', 'revoke', keys['a key that is mistyped'] ?? ''],
    ['tenant', 'list', '--json'],
    ['config', '--json'],
  ]
  const ended = await Promise.all(commands.map((args) => runTenantry(args, { build, env })))
  for (const [at, { out, err }] of ended.entries() as ArrayIterator<[number, Finished]>) {
    found.search(`the output of ${commands[at]?.slice(0, 2).join(' ')}`, out + err)
  }
}

/** Requests that come to the statuses which the operations by themselves do not come to. */
async function useForStatuses(caller: Caller, key: string): Promise<void> {
  const bearer = ['Authorization', `Bearer ${key}`] as const
  const json = ['Content-Type', 'application/json'] as const
  const target = `${home}/users/one?bearer_token=${key}`
  const write = (headers: WireRequest['headers'] = [], body = '{}'): WireRequest => ({
    method: 'POST',
    target,
    headers: [json, ...headers],
    body,
  })
  const [written] = await caller.send(write())
  const etag = written?.headers.get('etag')?.join() ?? ''
  const [made] = await caller.send({
    method: 'POST',
    target: keysPath,
    headers: [bearer, json],
    body: '{"label":"to be rotated","scopes":["provisioning:read"]}',
  })
  const id = /"id":"(\w+)"/.exec(made?.body.toString() ?? '')?.[1] ?? ''
  const rotate = {
    method: 'POST',
    target: `${keysPath}/${id}/rotate?bearer_token=${key}`,
    headers: [json],
    body: '{}',
  }
  await caller.send(rotate, rotate)
  await caller.send({ ...write(), target: `${home}/users/spoilt?bearer_token=${key}` })
  const [page] = await caller.send({
    method: 'GET',
    target: `${home}/users?bearer_token=${key}&limit=1`,
  })
  if (page?.headers.get('link') === undefined) throw new Error('a page has no link to the next')
  await caller.send(
    { method: 'GET', target, headers: [['If-None-Match', etag]] },
    { method: 'GET', target: `${home}/users?limit=1&bearer_token=${key}` },
    { method: 'GET', target: `${home}/users?limit=none&bearer_token=${key}` },
    { method: 'GET', target: `${home}/users?cursor=${key}&bearer_token=${key}` },
    { method: 'DELETE', target: `${keysPath}/${key}?bearer_token=${key}` },
    { method: 'DELETE', target: `${keysPath}/${key.slice(0, -1)}`, headers: [bearer] },
    { method: 'POST', target: `${keysPath}/${key}/rotate`, headers: [bearer] },
    write([['If-Match', '"0-00000000"']]),
    write([['Idempotency-Key', 'one']]),
    write([['Idempotency-Key', 'one']], '{"other":true}'),
    { ...write([bearer]), target: `${home}/users/one/` },
    { ...write([bearer]), target: `${home}/users/%zz` },
    { ...write(), headers: [['Content-Type', 'text/plain']] },
    { ...write(), headers: [['Authorization', `Bearer ${key}`], bearer, json] },
    write([], `{"large":"${'x'.repeat(5000)}"}`),
    write([], '{"broken":'),
    { method: 'GET', target: `/${'x'.repeat(17_000)}?bearer_token=${key}`, headers: [bearer] },
    { method: 'GET', target: '/', headers: [bearer, ['X-Large', 'x'.repeat(33_000)]] },
    { method: 'GET', target: '/nothing', headers: [bearer] },
  )
  await caller.raw(
    `GET ${target} HTTP/1.1\r\nHost: x\r\nAuthorization : Bearer ${key}\r\n\r\n`,
    400,
  )
  await caller.raw(`GET ${target}\r\nAuthorization: Bearer ${key}\r\n\r\n`, 400)
  await caller.raw(`Bearer ${key}\r\n\r\n`, 400)
  await caller.raw(`GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\u0000\r\n\r\n`, 400)
  await caller.raw(`CONNECT ${key}:443 HTTP/1.1\r\nHost: x\r\nCookie: ${key}\r\n\r\n`, 400)
}

/** Makes a row differ from its checksum, so that who reads it meets a fault. */
function spoil(dataFolder: string): void {
  const database = new DatabaseSync(join(dataFolder, 'tenantry.sqlite'))
  database.exec(`UPDATE documents SET content = '{"spoilt":true}' WHERE document = 'spoilt'`)
  database.close()
}

/** One request in hand and one each second: the others are told to come back. */
async function useUnderPressure(caller: Caller, keys: Keys): Promise<void> {
  const key = keys.owner
  const fresh = keys['a key that was brought along']
  const headers = [['Authorization', `Bearer ${key}`]] as const
  await caller.send(
    { method: 'GET', target: `${home}/users/spoilt`, headers },
    { method: 'GET', target: `${home}/users/spoilt?bearer_token=${key}` },
  )
  await caller.holdPlace(`${home}/users/held?bearer_token=${fresh}`, () =>
    caller.send({ method: 'GET', target: `${home}/users?bearer_token=${key}` }),
  )
}

async function readMetrics(port: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
  if (answer.status !== 200) throw new Error(`the metrics were answered with ${answer.status}`)
  return answer.text()
}

/** It is in the database, and neither told nor written anywhere else. */
function checkSigningSecret(
  dataFolder: string,
  callers: readonly Caller[],
  { running }: FilledServer,
  { findings }: Secrets,
): void {
  const database = new DatabaseSync(join(dataFolder, 'tenantry.sqlite'), { readOnly: true })
  const rows = database.prepare('SELECT secret FROM secrets').all()
  database.close()
  if (rows.length === 0) throw new Error('there is no secret that signs')
  const told = [...callers.flatMap(({ received }) => received), running.printed.err].join('\n')
  for (const { secret } of rows) {
    const bytes = secret instanceof Uint8Array ? secret : new Uint8Array()
    const buffer = Buffer.from(bytes)
    const forms = [buffer.toString('latin1'), buffer.toString('hex'), ...inBase64(bytes)]
    if (forms.some((form) => told.includes(form))) findings.push('the signing secret is told')
  }
}
