/**
 * The uses and misuses of keys in the gate `secrets`: by every operation, in every place that a key
 * may come in, to every status, and typed into commands.
 */
import { setTimeout } from 'node:timers/promises'
import type { AnyOperation } from '../../server/operations.ts'
import { operations } from '../../server/operations.ts'
import type { Finished } from '../support/process.ts'
import { runTenantry } from '../support/process.ts'
import { Wire } from '../support/wire.ts'
import type { WireAnswer } from '../support/wire-answer.ts'
import type { Outgoing, WireRequest } from '../support/wire-request.ts'
import { outgoing } from '../support/wire-request.ts'
import type { Secrets } from './secret-search.ts'

export const tenant = 'north'

export const home = `/api/v1/provisioning/tenants/${tenant}`

const keysPath = `/api/v1/keys/tenants/${tenant}`

/** Texts of keys by what they are. */
export type Keys = { readonly owner: string; readonly [what: string]: string }

/** Sends, searches each answer, and notes its status. */
export class Caller {
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
export async function useEverywhere(caller: Caller, keys: Keys): Promise<void> {
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
export async function useByCommands(
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
export async function useForStatuses(caller: Caller, key: string): Promise<void> {
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

/** One request in hand and one each second: the others are told to come back. */
export async function useUnderPressure(caller: Caller, keys: Keys): Promise<void> {
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
