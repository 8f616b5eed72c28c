/**
 * No tenant sees another's data, or learns what exists there. Every operation is asked in all the
 * ways of `reach-across.ts`. The data of each tenant carries a marker that nobody else knows, and
 * every byte of every answer is searched for it; and what is there is answered exactly as what is
 * not. At the end the victims' data is as it was.
 */
import { operations } from '../../server/operations.ts'
import type { FilledKey } from '../support/filled-server.ts'
import { fillStore, startFilledServer } from '../support/filled-server.ts'
import type { Running } from '../support/process.ts'
import { makeFolder } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import { Wire } from '../support/wire.ts'
import type { WireAnswer } from '../support/wire-answer.ts'
import type { WireRequest } from '../support/wire-request.ts'
import { outgoing } from '../support/wire-request.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import type { Asking, Attacker, Reach, Victim } from './reach-across.ts'
import { collection, reaches } from './reach-across.ts'

type Form = {
  /** Settings of the server; what is remembered and what is read must both hold tenants apart. */
  readonly settings: readonly { readonly [variable: string]: string }[]
  /** Requests that are put together of two forms, for each pair of tenants. */
  readonly combined: number
  /** See `Asking`. */
  readonly thorough: boolean
}

const full: Form = {
  settings: [{}, { TENANTRY_CACHE_MAX_BYTES: '0' }],
  combined: 10_000,
  thorough: true,
}
const short: Form = { settings: [{}], combined: 500, thorough: false }

export const tenants: Gate = {
  name: 'tenants',
  about: `Every operation × ${reaches.length} forms of reaching across, and forms put together.`,
  target: "0 bytes of another tenant's, 0 differences that tell what exists, 0 changes there",
  needs: [],
  run,
  control: {
    title: 'leaves the tenant out of the query that lists keys',
    breakages: [
      {
        file: 'server/storage/sqlite/identity.ts',
        from: 'FROM keys WHERE tenant = ? AND (created, id) > (?, ?)',
        to: 'FROM keys WHERE tenant IS NOT ? AND (created, id) > (?, ?)',
      },
    ],
  },
}

/** One name begins with the other, either way round; the third is of nobody, and as long. */
const pairs = [
  { attacker: 'north', victim: 'north-2', nobody: 'north-9' },
  { attacker: 'south-2', victim: 'south', nobody: 'sourh' },
] as const

/** So long that it comes up nowhere by chance. */
function drawMarker(random: () => number): string {
  const parts = Array.from({ length: 4 }, () => Math.floor(random() * 36 ** 5).toString(36))
  return `marker${parts.join('')}`
}

type Side = {
  readonly tenant: string
  readonly marker: string
  readonly owner: FilledKey
  /** A second key, whose label and scopes carry the marker. */
  readonly second: FilledKey
  readonly lesser: FilledKey
}

async function run({ build, short: isShort, seed, tell }: GateOptions): Promise<Verdict> {
  const form = isShort ? short : full
  const found: Found = { requests: 0, failures: [] }
  for (const [at, settings] of form.settings.entries()) {
    const folder = makeFolder()
    let running: Running | undefined
    try {
      const random = seededRandom(seed + at)
      const sides = await fill(folder.path, random)
      const env = { TENANTRY_LOG: 'events', ...settings }
      const server = await startFilledServer(folder.path, { build, env })
      running = server.running
      await Promise.all(
        pairs.map(async ({ attacker, victim, nobody }) => {
          const [from, at] = [sides.get(attacker), sides.get(victim)]
          if (from === undefined || at === undefined) throw new Error('a tenant was not filled')
          await attack(server.port, { from, at, nobody }, form, random, found)
        }),
      )
      const told = Object.entries(settings).map(([name, value]) => ` with ${name}=${value}`)
      tell(`${found.requests} requests${told.join()}`)
    } finally {
      await running?.stop('SIGKILL')
      folder.remove()
    }
  }
  const { requests, failures } = found
  const figures = {
    operations: operations.length,
    forms: reaches.length,
    requests,
    'leaks, oracles and changes': failures.length,
  }
  return { figures, failures }
}

type Found = { requests: number; readonly failures: string[] }

async function fill(folder: string, random: () => number): Promise<Map<string, Side>> {
  const named = pairs.flatMap(({ attacker, victim }) => [attacker, victim])
  const markers = named.map(() => drawMarker(random))
  const apis = ['provisioning', 'reporting', 'voc', 'mcp', 'keys', 'ingest']
  const keys = await fillStore(
    folder,
    named,
    named.flatMap((tenant, at) => [
      { tenant, scopes: apis.map((api) => `${api}:*`), label: `owner ${markers[at]}` },
      { tenant, scopes: [`provisioning:${markers[at]}`], label: `second ${markers[at]}` },
      { tenant, scopes: ['keys:*'], label: `lesser ${markers[at]}` },
    ]),
  )
  return new Map(
    named.map((tenant, at) => {
      const [owner, second, lesser] = keys.slice(at * 3)
      if (!owner || !second || !lesser) throw new Error('a key was not made')
      return [tenant, { tenant, marker: markers[at] ?? '', owner, second, lesser }]
    }),
  )
}

/** The documents that each tenant has under the same names, and one that only it has. */
const same = 'same'
const own = { attacker: 'their-own', victim: 'is-there-1' }

/** As long as a name of the victim's; of these the victim has none. */
const missing = { ofNobody: 'is-there-2', ofVictim: 'is-there-3' }

type Pair = { readonly from: Side; readonly at: Side; readonly nobody: string }

async function attack(
  port: number,
  { from, at, nobody }: Pair,
  form: Form,
  random: () => number,
  found: Found,
): Promise<void> {
  const wire = new Wire(port)
  try {
    await write(wire, from, own.attacker, [])
    const etag = await write(wire, at, own.victim, operations)
    const cursor = await readCursor(wire, at)
    const attacker: Attacker = {
      tenant: from.tenant,
      keyText: from.owner.text,
      lesserKeyText: from.lesser.text,
      keyId: from.second.id,
      document: own.attacker,
    }
    const there: Victim = {
      tenant: at.tenant,
      document: own.victim,
      keyId: at.second.id,
      etag,
      cursor,
      idempotencyKey: repeatKeys[0],
    }
    const notThere = {
      keyId: there.keyId.replace(/^./, (first) => (first === 'x' ? 'y' : 'x')),
      etag: etag.replace(/-.{8}/, '-00000000'),
      cursor: cursor.replace(/.$/, (last) => (last === 'A' ? 'Q' : 'A')),
    }
    const victims = [
      there,
      { ...notThere, tenant: nobody, document: missing.ofNobody, idempotencyKey: repeatKeys[1] },
      { ...notThere, tenant: at.tenant, document: missing.ofVictim, idempotencyKey: repeatKeys[2] },
    ]
    const before = await readAll(wire, at)
    const { thorough } = form
    const scene: Scene = { wire, attacker, victims, from, at, found, thorough }
    for (const operation of operations) {
      for (const reach of reaches) await tryReach(scene, operation, reach)
    }
    for (let done = 0; done < form.combined; done++) await tryCombined(scene, there, random)
    const after = await readAll(wire, at)
    for (const [title, text] of before) {
      if (after.get(title) !== text) {
        found.failures.push(`${title} of ${at.tenant} was changed: ${text}, ${after.get(title)}`)
      }
    }
    if ([...after.values()].some((text) => text.includes(from.marker))) {
      found.failures.push(`${at.tenant} is shown data of ${from.tenant}`)
    }
  } catch (error) {
    if (!(error instanceof NotServed)) throw error
    found.failures.push(error.message)
  } finally {
    wire.close()
  }
}

/** A tenant was not given its own. */
class NotServed extends Error {}

type Scene = {
  readonly wire: Wire
  readonly attacker: Attacker
  /** One that is there, and two that are not. */
  readonly victims: readonly Victim[]
  readonly from: Side
  readonly at: Side
  readonly found: Found
  readonly thorough: boolean
}

/** The same requests against each victim; what must not be, and any difference, is a failure. */
async function tryReach(scene: Scene, operation: Asking['operation'], reach: Reach): Promise<void> {
  // Where no tenant is named, only what is beside the path could speak of one.
  if (operation.access !== 'scope' && reach.aim !== 'own') return
  const { attacker, victims, found, thorough } = scene
  const told: { readonly says: string; readonly shape: string }[][] = []
  for (const victim of victims) {
    if (reach.aim === 'own' && operation.method !== 'GET') await restore(scene, victim)
    const answers: { says: string; shape: string }[] = []
    const requests = reach.requests({ operation, attacker, victim, thorough })
    const received = await scene.wire.askEach(requests.map(outgoing))
    for (const [at, request] of requests.entries()) {
      const answer = received[at] ?? 'no answer'
      found.requests++
      const says = `${operation.name} by ${reach.title}: ${request.method} ${request.target}`
      const wrong = wrongOf(answer, request, reach.aim, scene)
      if (wrong !== undefined) found.failures.push(`${says}: ${wrong}`)
      answers.push({ says, shape: withoutNames(shapeOf(answer), attacker, victim) })
    }
    told.push(answers)
  }
  const [there = [], ...others] = told
  for (const other of others) {
    for (const [at, { says, shape }] of there.entries()) {
      const shapeElse = other[at]?.shape
      if (shape === shapeElse) continue
      const differ = `${JSON.stringify(shape)}, and else ${JSON.stringify(shapeElse)}`
      found.failures.push(`${says}: what is there is answered ${differ}`)
    }
  }
}

/** A request of one form with the headers of another. */
async function tryCombined(scene: Scene, victim: Victim, random: () => number): Promise<void> {
  const { attacker, wire, found, thorough } = scene
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
  const scoped = operations.filter(({ access }) => access === 'scope')
  const ask = { operation: pick(scoped), attacker, victim, thorough }
  const [one, other] = [pick(reaches), pick(reaches)]
  const request = pick(one.requests(ask))
  const more = pick(other.requests(ask))
  if (request === undefined || more === undefined) return
  const has = new Set(request.headers?.map(([name]) => name.toLowerCase()))
  const added = (more.headers ?? []).filter(([name]) => !has.has(name.toLowerCase()))
  const combined = { ...request, headers: [...(request.headers ?? []), ...added] }
  const answer = await askOne(wire, combined)
  found.requests++
  const aim = one.aim === 'own' ? 'own' : 'broken'
  const wrong = wrongOf(answer, request, aim, scene)
  if (wrong === undefined) return
  const titles = `${ask.operation.name} by ${one.title}, with headers of ${other.title}`
  found.failures.push(`${titles}: ${JSON.stringify(combined)}: ${wrong}`)
}

const denied = '{"code":"PermissionDenied","message":"API key does not allow this operation"}'

/** What must not be in an answer to this attacker; undefined when nothing is. */
function wrongOf(
  answer: WireAnswer | string,
  { method }: WireRequest,
  aim: Reach['aim'],
  { at }: Scene,
): string | undefined {
  if (typeof answer === 'string') return answer
  const { status, body, head } = answer
  const all = `${head}\r\n\r\n${body.toString('latin1')}`
  if (formsOf(at.marker).some((form) => all.includes(form)))
    return `it shows their data: ${JSON.stringify(all)}`
  if (status >= 500) return `answered ${status}`
  if (aim === 'broken' && status < 400) return `answered ${status}`
  if (aim !== 'foreign') return undefined
  const said = method === 'HEAD' ? '' : denied
  return status === 403 && body.toString() === said ? undefined : `answered ${status}: ${body}`
}

/** The marker, and what it becomes within base64, wherever in three bytes it begins. */
function formsOf(marker: string): string[] {
  const within = [0, 1, 2].map((start) =>
    Buffer.from(`${'x'.repeat(start)}${marker}`)
      .toString('base64url')
      .slice(4, -4),
  )
  return [marker, ...within]
}

/** Status, headers and body, without what differs from one moment to the next. */
function shapeOf(answer: WireAnswer | string): string {
  if (typeof answer === 'string') return answer
  const { head, headers, body } = answer
  const length = headers.get('content-length')?.join()
  const isRight = length === undefined || body.length === 0 || Number(length) === body.length
  const always = head
    .replace(/\r\n(date|x-request-id): [^\r]*/gi, '')
    .replace(/(content-length: )\d+/i, `$1${isRight ? '<its length>' : length}`)
  return `${always}\r\n\r\n${body}`
    .replaceAll(/"\d+-[0-9a-f]{8}"|\\"\d+-[0-9a-f]{8}\\"/g, '<ETag>')
    .replaceAll(/"(updated|created|lastUsed|expiresAt|revoked)":(\d+|null)/g, '"$1":<time>')
    .replaceAll(/"id":"[0-9A-Za-z]{12}"/g, '"id":<id>')
    .replaceAll(/"key":"tnk_[0-9A-Za-z]{54}"/g, '"key":<key>')
}

/** Without what it may repeat of what was sent; that is as long as for any other victim. */
function withoutNames(text: string, attacker: Attacker, victim: Victim): string {
  const { tenant, document, keyId, cursor, idempotencyKey } = victim
  const theirs = [tenant, document, keyId, cursor, idempotencyKey, tenant.slice(0, -1)]
  const names = [attacker.tenant, ...theirs, ...theirs.map(encodeURIComponent)]
  // The longest first: of the tenants, one name is the beginning of the other.
  const ordered = names.toSorted((one, other) => other.length - one.length).map(RegExp.escape)
  return text.replaceAll(new RegExp(ordered.join('|'), 'g'), (name) =>
    name === attacker.tenant ? '<own>' : '<name>',
  )
}

/** Of the victim, and of the two that are not there; the operation's name follows. */
const repeatKeys = ['repeat-1', 'repeat-2', 'repeat-3'] as const

function documentPath(tenant: string, document: string): string {
  return `/api/v1/provisioning/tenants/${tenant}/${collection}/${document}`
}

function writeOf(side: Side, target: string): WireRequest {
  const content = { held: side.marker, versions: { current: { held: side.marker } } }
  return {
    method: 'POST',
    target,
    headers: [...keyed(side), ['Content-Type', 'application/json']],
    body: JSON.stringify(content),
  }
}

function keyed({ owner }: Side): (readonly [string, string])[] {
  return [['Authorization', `Bearer ${owner.text}`]]
}

/** All that a tenant has, marked; gives the ETag of this document, and uses a key for each. */
async function write(
  wire: Wire,
  side: Side,
  document: string,
  repeatedFor: typeof operations,
): Promise<string> {
  const home = `/api/v1/provisioning/tenants/${side.tenant}`
  const targets = [same, `${side.marker}-1`, `zz-${side.marker}`].map((name) =>
    documentPath(side.tenant, name),
  )
  for (const target of [home, `${home}/bots/${side.marker}`, ...targets]) {
    await succeed(wire, writeOf(side, target))
  }
  const last = writeOf(side, documentPath(side.tenant, document))
  for (const { name } of repeatedFor) {
    const repeated = ['Idempotency-Key', `${repeatKeys[0]}-${name}`] as const
    await succeed(wire, { ...last, headers: [...(last.headers ?? []), repeated] })
  }
  const { headers } = await succeed(wire, last)
  return headers.get('etag')?.join() ?? ''
}

/** Where the list of the collection goes on behind its first document. */
async function readCursor(wire: Wire, side: Side): Promise<string> {
  const target = `/api/v1/provisioning/tenants/${side.tenant}/${collection}?limit=1`
  const { headers } = await succeed(wire, { method: 'GET', target, headers: keyed(side) })
  const cursor = /cursor=([^>&]+)/.exec(headers.get('link')?.join() ?? '')?.[1]
  if (cursor === undefined) throw new Error('a page has no next')
  return decodeURIComponent(cursor)
}

/** Brings back what the attacker has of its own, and takes away what it made by others' names. */
async function restore({ wire, from, attacker }: Scene, victim: Victim): Promise<void> {
  const home = `/api/v1/provisioning/tenants/${from.tenant}`
  const target = documentPath(from.tenant, victim.document)
  const made = [home, documentPath(from.tenant, attacker.document)]
  const gone = { method: 'DELETE', target, headers: keyed(from) }
  await wire.askEach([...made.map((path) => writeOf(from, path)), gone].map(outgoing))
}

/** All that the tenant is shown of its own, but for when keys were last used. */
async function readAll(wire: Wire, side: Side): Promise<Map<string, string>> {
  const home = `/api/v1/provisioning/tenants/${side.tenant}`
  const seen = new Map<string, string>()
  for (const path of ['', `/${collection}`, '/bots', `/${collection}/${own.victim}`]) {
    const { body, headers } = await succeed(wire, {
      method: 'GET',
      target: home + path,
      headers: keyed(side),
    })
    seen.set(`GET ${home}${path}`, `${headers.get('etag')} ${body}`)
  }
  const target = `/api/v1/keys/tenants/${side.tenant}`
  const { body } = await succeed(wire, { method: 'GET', target, headers: keyed(side) })
  seen.set('the list of keys', body.toString().replaceAll(/"lastUsed":(\d+|null)/g, ''))
  return seen
}

async function askOne(wire: Wire, request: WireRequest): Promise<WireAnswer | string> {
  const [answer = 'no answer'] = await wire.askEach([outgoing(request)])
  return answer
}

/** What a tenant does with its own data works. Throws `NotServed`. */
async function succeed(wire: Wire, request: WireRequest): Promise<WireAnswer> {
  const answer = await askOne(wire, request)
  if (typeof answer === 'string' || answer.status >= 300) {
    const said = typeof answer === 'string' ? answer : `${answer.status} ${answer.body}`
    throw new NotServed(`${request.method} ${request.target} was answered ${said}`)
  }
  return answer
}
