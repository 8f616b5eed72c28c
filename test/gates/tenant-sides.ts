/**
 * The two tenants of the gate `tenants`: what each writes that carries its marker, and what it is
 * shown of its own.
 */
import type { operations } from '../../server/operations.ts'
import type { FilledKey } from '../support/filled-server.ts'
import type { Wire } from '../support/wire.ts'
import type { WireAnswer } from '../support/wire-answer.ts'
import type { WireRequest } from '../support/wire-request.ts'
import { outgoing } from '../support/wire-request.ts'
import { collection } from './reach-across.ts'

/** A tenant of the pair, and its keys. */
export type Side = {
  readonly tenant: string
  readonly marker: string
  readonly owner: FilledKey
  /** A second key, whose label and scopes carry the marker. */
  readonly second: FilledKey
  readonly lesser: FilledKey
}

/** The documents that each tenant has under the same names, and one that only it has. */
const same = 'same'

export const own = { attacker: 'their-own', victim: 'is-there-1' }

/** As long as a name of the victim's; of these the victim has none. */
export const missing = { ofNobody: 'is-there-2', ofVictim: 'is-there-3' }

/** So long that it comes up nowhere by chance. */
export function drawMarker(random: () => number): string {
  const parts = Array.from({ length: 4 }, () => Math.floor(random() * 36 ** 5).toString(36))
  return `marker${parts.join('')}`
}

/** A tenant was not given its own. */
export class NotServed extends Error {}

/** Of the victim, and of the two that are not there; the operation's name follows. */
export const repeatKeys = ['repeat-1', 'repeat-2', 'repeat-3'] as const

/** Where a document of theirs is. */
export function documentPath(tenant: string, document: string): string {
  return `/api/v1/provisioning/tenants/${tenant}/${collection}/${document}`
}

/** Writes what carries the marker of this side. */
export function writeOf(side: Side, target: string): WireRequest {
  const content = { held: side.marker, versions: { current: { held: side.marker } } }
  return {
    method: 'POST',
    target,
    headers: [...keyed(side), ['Content-Type', 'application/json']],
    body: JSON.stringify(content),
  }
}

/** The header that shows the key of its owner. */
export function keyed({ owner }: Side): (readonly [string, string])[] {
  return [['Authorization', `Bearer ${owner.text}`]]
}

/** All that a tenant has, marked; gives the ETag of this document, and uses a key for each. */
export async function write(
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
export async function readCursor(wire: Wire, side: Side): Promise<string> {
  const target = `/api/v1/provisioning/tenants/${side.tenant}/${collection}?limit=1`
  const { headers } = await succeed(wire, { method: 'GET', target, headers: keyed(side) })
  const cursor = /cursor=([^>&]+)/.exec(headers.get('link')?.join() ?? '')?.[1]
  if (cursor === undefined) throw new Error('a page has no next')
  return decodeURIComponent(cursor)
}

/** All that the tenant is shown of its own, but for when keys were last used. */
export async function readAll(wire: Wire, side: Side): Promise<Map<string, string>> {
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

/** The answer, or a sentence where there was none. */
export async function askOne(wire: Wire, request: WireRequest): Promise<WireAnswer | string> {
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
