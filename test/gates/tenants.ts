/**
 * No tenant sees another's data, or learns what exists there. Every operation is asked in all the
 * ways of `reach-across.ts`. The data of each tenant carries a marker that nobody else knows, and
 * every byte of every answer is searched for it; and what is there is answered exactly as what is
 * not. At the end the victims' data is as it was.
 */
import { operations } from '../../server/operations.ts'
import { fillStore, startFilledServer } from '../support/filled-server.ts'
import type { Running } from '../support/process.ts'
import { makeFolder } from '../support/process.ts'
import { pick, seededRandom } from '../support/random.ts'
import { Wire } from '../support/wire.ts'
import type { WireAnswer } from '../support/wire-answer.ts'
import type { WireRequest } from '../support/wire-request.ts'
import { outgoing } from '../support/wire-request.ts'
import { formsOf, shapeOf, withoutNames } from './answer-shapes.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import type { Asking, Attacker, Reach, Victim } from './reach-across.ts'
import { reaches } from './reach-across.ts'
import type { Side } from './tenant-sides.ts'
import {
  askOne,
  documentPath,
  drawMarker,
  keyed,
  missing,
  NotServed,
  own,
  readAll,
  readCursor,
  repeatKeys,
  write,
  writeOf,
} from './tenant-sides.ts'

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

/**
 * One name begins with the other, either way round; the third is of nobody, and as long. They, and
 * they without their last letter, are in no word of the server's own, as `sour` is in `resource`.
 */
const pairs = [
  { attacker: 'north', victim: 'north-2', nobody: 'north-9' },
  { attacker: 'south-2', victim: 'south', nobody: 'souqh' },
] as const

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
  const scoped = operations.filter(({ access }) => access === 'scope')
  const ask = { operation: pick(scoped, random), attacker, victim, thorough }
  const [one, other] = [pick(reaches, random), pick(reaches, random)]
  const request = pick(one.requests(ask), random)
  const more = pick(other.requests(ask), random)
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

/** Brings back what the attacker has of its own, and takes away what it made by others' names. */
async function restore({ wire, from, attacker }: Scene, victim: Victim): Promise<void> {
  const home = `/api/v1/provisioning/tenants/${from.tenant}`
  const target = documentPath(from.tenant, victim.document)
  const made = [home, documentPath(from.tenant, attacker.document)]
  const gone = { method: 'DELETE', target, headers: keyed(from) }
  await wire.askEach([...made.map((path) => writeOf(from, path)), gone].map(outgoing))
}
