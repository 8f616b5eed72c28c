/**
 * A key may do what its scopes say, and nothing else. Every route and path without one, with every
 * method, by keys of many sets of scopes, over HTTP; which keys a key may make and renew; and the
 * evaluator on generated texts: each compared with `scope-reference.ts`.
 */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Scopes from '../../server/contract/scopes.ts'
import type { FilledKey } from '../support/filled-server.ts'
import { fillStore, startFilledServer } from '../support/filled-server.ts'
import type { Running } from '../support/process.ts'
import { makeFolder } from '../support/process.ts'
import { pick, seededRandom } from '../support/random.ts'
import type { RightText } from '../support/scope-reference.ts'
import { isCovered, isGranted, isScope } from '../support/scope-reference.ts'
import { askAll } from '../support/wire.ts'
import type { WireAnswer } from '../support/wire-answer.ts'
import type { Outgoing, WireRequest } from '../support/wire-request.ts'
import { outgoing } from '../support/wire-request.ts'
import {
  expectedOf,
  foreign,
  foreignPaths,
  home,
  homePaths,
  methods,
  scopeSets,
} from './authz-paths.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'

type Form = {
  /** Sets of scopes beside the fixed ones, drawn at random. */
  readonly drawnSets: number
  /** The paths of the foreign tenant are asked for by every how many-th key. */
  readonly foreignEvery: number
  /** Of the fixed sets, every how many-th is tried against each set as what a key may give away. */
  readonly givenEvery: number
  readonly generated: number
}

const full: Form = { drawnSets: 60, foreignEvery: 1, givenEvery: 1, generated: 200_000 }
const short: Form = { drawnSets: 6, foreignEvery: 8, givenEvery: 4, generated: 20_000 }

const pace = { lanes: 4, depth: 16 }

export const authz: Gate = {
  name: 'authz',
  about: 'Every route, path and method by keys of many scopes; the evaluator on generated texts.',
  target: 'equal to a reference that was written from the contract alone',
  needs: [],
  run,
  control: {
    title: 'takes a resource for granted when it begins like one that is',
    breakages: [
      {
        file: 'server/contract/scopes.ts',
        from: 'scope.resource === canonical(right.api, right.resource)',
        to: 'canonical(right.api, right.resource).startsWith(scope.resource)',
      },
    ],
  },
}

async function run({ build, short: isShort, seed, tell }: GateOptions): Promise<Verdict> {
  const form = isShort ? short : full
  const random = seededRandom(seed)
  const failures: string[] = []
  const sets = [...scopeSets, ...drawSets(form.drawnSets, random)]
  const folder = makeFolder()
  let running: Running | undefined
  try {
    const keys = await fillStore(
      folder.path,
      [home, foreign],
      sets.flatMap((scopes) => [
        { tenant: home, scopes },
        { tenant: home, scopes: [...scopes, 'keys:write'] },
      ]),
    )
    const server = await startFilledServer(folder.path, { build, env: { TENANTRY_LOG: 'events' } })
    running = server.running
    const plain = keys.filter((_, at) => at % 2 === 0)
    const makers = keys.filter((_, at) => at % 2 === 1)
    const asked = await askEverything(server.port, plain, form.foreignEvery, failures)
    tell(`${asked} requests, by ${sets.length} keys and none`)
    const given = await giveAway(server.port, makers, form.givenEvery, failures)
    tell(`${given} keys asked for by keys`)
    await evaluate(build, form.generated, random, failures)
    tell(`${form.generated} generated cases`)
    const figures = {
      requests: asked,
      'sets of scopes': sets.length,
      'keys asked for': given,
      'generated cases': form.generated,
      unequal: failures.length,
    }
    return { figures, failures }
  } finally {
    await running?.stop('SIGKILL')
    folder.remove()
  }
}

type Case = {
  readonly request: WireRequest
  readonly says: string
  readonly statuses: readonly number[]
}

/** Every path and method by each key, and without one. How many requests it were. */
async function askEverything(
  port: number,
  keys: readonly FilledKey[],
  foreignEvery: number,
  failures: string[],
): Promise<number> {
  const callers = [undefined, ...keys]
  const cases = callers.flatMap((key, at) => {
    const asked = at % foreignEvery === 0 ? [...homePaths, ...foreignPaths] : homePaths
    const headers = key === undefined ? [] : [bearer(key)]
    const scopes = key && new Set(key.scopes)
    return asked.flatMap((path) =>
      methods.map((method): Case => {
        const says = `${method} ${path.target} with ${key?.scopes.join(' ') ?? 'no key'}`
        const statuses = expectedOf(path, method, scopes)
        return { request: { method, target: path.target, headers }, says, statuses }
      }),
    )
  })
  await check(port, cases, failures)
  return cases.length
}

/** What each key may make and renew: only what it may do itself. How many requests it were. */
async function giveAway(
  port: number,
  makers: readonly FilledKey[],
  every: number,
  failures: string[],
): Promise<number> {
  const targets = makers.filter((_, at) => at % every === 0)
  const cases = makers.flatMap((maker) => {
    const own = new Set(maker.scopes)
    return targets.flatMap((target): Case[] => {
      const covered = isCovered(own, new Set(target.scopes))
      const body = JSON.stringify({ label: '', scopes: target.scopes })
      const says = `by a key with ${maker.scopes.join(' ')}, of one with ${target.scopes.join(' ')}`
      const headers = [bearer(maker), ['Content-Type', 'application/json']] as const
      const at = `/api/v1/keys/tenants/${home}`
      const makes = target.scopes.every(isScope) ? (covered ? 201 : 403) : 400
      return [
        {
          request: { method: 'POST', target: at, headers, body },
          says: `making a key ${says}`,
          statuses: [makes],
        },
        {
          request: {
            method: 'POST',
            target: `${at}/${target.id}/rotate`,
            headers,
            body: '{"overlapSeconds":3600}',
          },
          says: `rotating a key ${says}`,
          // A key is rotated once; and what nobody knows today, nobody gives on.
          statuses: covered && makes !== 400 ? [201, 409] : [403],
        },
      ]
    })
  })
  await check(port, cases, failures)
  return cases.length
}

async function check(port: number, cases: readonly Case[], failures: string[]): Promise<void> {
  const heads = new Map<string, string>()
  const requests: Outgoing[] = cases.map(({ request }) => outgoing(request))
  await askAll(port, requests, pace, (answer, request, at) => {
    const asked = cases[at]
    const wrong = asked && wrongOf(answer, asked, request.method, heads)
    if (wrong !== undefined) failures.push(`${asked?.says}: ${wrong}`)
  })
}

const unauthenticated =
  '{"code":"Unauthenticated","message":"Authorization header with Bearer token is required"}'
const denied = '{"code":"PermissionDenied","message":"API key does not allow this operation"}'

/** What is wrong with the answer; undefined when nothing is. */
function wrongOf(
  answer: WireAnswer | string,
  { statuses }: Case,
  method: string,
  heads: Map<string, string>,
): string | undefined {
  if (typeof answer === 'string') return answer
  const { status, body, head } = answer
  if (!statuses.includes(status)) return `answered ${status}, and ${statuses.join(' or ')} is right`
  const said = status === 401 ? unauthenticated : status === 403 ? denied : undefined
  if (said === undefined) return undefined
  if (method !== 'HEAD' && body.toString() !== said) return `a refusal says more: ${body}`
  // Whatever is refused: its headers are those of any other refusal.
  const told = head.replaceAll(/\r\n(date|x-request-id): [^\r]*/gi, '')
  const first = heads.get(said) ?? told
  heads.set(said, first)
  return told === first ? undefined : `a refusal has other headers: ${told}, ${first}`
}

function bearer({ text }: FilledKey): readonly [string, string] {
  return ['Authorization', `Bearer ${text}`]
}

const names = [
  ...['users', 'user', 'users-archive', 'Users', 'bots', 'assistant', 'botconv', 'voc', 'vocconv'],
  ...['read', 'write', '*', 'users.read', 'a.b', '', '.', '..', '__users__', '____', 'ü', 'users '],
  ...['a/b', 'a\u0000', '\ud800', 'a\u0085', 'x'.repeat(512), 'x'.repeat(513)],
]
const apis = ['provisioning', 'reporting', 'voc', 'mcp', 'keys', 'ingest', 'Voc', '', 'vocs']
const ends = ['', '.read', '.write', '.*', '.', '.READ', '.reads', ' .read', '.read.read']

/** Half of them of the two APIs that have rules of their own; a tenth with no colon. */
function drawText(random: () => number): string {
  const api = random() < 0.5 ? pick(['provisioning', 'reporting'], random) : pick(apis, random)
  const rest =
    random() < 0.3 ? pick(['read', 'write', '*'], random) : pick(names, random) + pick(ends, random)
  return `${api}${random() < 0.9 ? ':' : pick(['', '.', '::'], random)}${rest}`
}

function drawSet(random: () => number): string[] {
  return Array.from({ length: 1 + Math.floor(random() * 4) }, () => drawText(random))
}

/** Those that a store can hold, and a test can print. */
function drawSets(count: number, random: () => number): string[][] {
  return Array.from({ length: count }, () =>
    drawSet(random).map((text) => text.toWellFormed().replaceAll('\u0000', ' ')),
  )
}

/** The build's evaluator, function by function. */
async function evaluate(
  build: string,
  count: number,
  random: () => number,
  failures: string[],
): Promise<void> {
  const file = pathToFileURL(join(build, 'server/contract/scopes.ts')).href
  const { covers, grants, knownScopes, parseScope }: typeof Scopes = await import(file)
  const parses = (text: string) => {
    try {
      return parseScope(text)
    } catch {
      return undefined
    }
  }
  for (let done = 0; done < count; done++) {
    const texts = drawSet(random)
    const own = new Set(texts)
    const scopes = knownScopes(texts)
    const [resource, mode] = [pick(names, random), pick(['read', 'write'] as const, random)]
    const right: RightText = {
      api: pick(apis, random),
      resource: random() < 0.2 ? undefined : resource,
      mode,
    }
    const told = JSON.stringify(texts)
    const unequal = (what: string) => failures.push(`${what}, which is wrong`)
    const granted = grants(scopes, right as Scopes.Right)
    if (granted !== isGranted(own, right)) {
      unequal(`${told} ${granted ? 'grants' : 'does not grant'} ${JSON.stringify(right)}`)
    }
    const text = drawText(random)
    const target = parses(text)
    if ((target !== undefined) !== isScope(text)) {
      unequal(`${JSON.stringify(text)} is ${target ? 'a scope' : 'no scope'}`)
    }
    if (target === undefined) continue
    const covered = covers(scopes, target)
    if (covered !== isCovered(own, new Set([text]))) {
      unequal(`${told} ${covered ? 'covers' : 'does not cover'} ${JSON.stringify(text)}`)
    }
  }
}
