/**
 * What a check holds in its hands: it asks, with placeholders for what is its own, and every answer
 * is kept. Nothing is written but below the run's own collections; a check that tries is a fault.
 *
 * `{home}` the tenant, `{own}` a collection of the run that nobody writes to, `{doc}` a document
 * and `{list}` a collection that only this check has, `{key}` the text of the key.
 */
import { NotAsked, Unmet } from './check.ts'
import type { Client } from './client.ts'
import { NoAnswer } from './client.ts'
import type { Answered, HeaderPairs, Sent } from './exchange.ts'
import { headerOf } from './exchange.ts'
import { retryAfterOf, sendPatiently } from './patience.ts'
import type { Ground, Site } from './site.ts'

export type More = {
  /** Whose key goes along; a line that spells `{key}` sends none beside it. */
  readonly as?: 'key' | 'reader' | 'nobody'
  /** Undefined takes away what would go along by itself; of several each is sent. */
  readonly headers?: { readonly [name: string]: string | readonly string[] | undefined }
  /** Objects and arrays go out as JSON, texts and bytes as they are. */
  readonly body?: unknown
  readonly announcedBytes?: number
}

export type Probe = {
  /** As `PUT {doc}/versions/current`. Rejects with `Unmet` where nothing answers. */
  readonly ask: (line: string, more?: More) => Promise<Answered>
  /** Makes what the check needs to be there. Rejects with `NotAsked` unless it is 2xx. */
  readonly given: (line: string, body?: unknown, more?: More) => Promise<Answered>
  /** The ETag that GET of this path shows. Rejects with `NotAsked` where there is none. */
  readonly etagOf: (path: string) => Promise<string>
  readonly expand: (text: string) => string
  readonly site: Site
}

export type ProbeNeeds = {
  readonly site: Site
  readonly ground: Ground
  readonly client: Client
  /** Told of each answer, in the order in which they were asked for. */
  readonly keep: (asked: Promise<Answered>) => void
  /** Told before a write goes out what it may make; the path of a base document. */
  readonly mayMake: (path: string) => void
  readonly wait: (delayMs: number) => Promise<void>
}

const readMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** `place` tells the documents of one check from those of all others. */
export function makeProbe(place: number, needs: ProbeNeeds): Probe {
  const { site, ground, client } = needs
  const own = `${ground.home}/${ground.collection}`
  const expand = (text: string) =>
    text
      .replaceAll('{home}', ground.home)
      .replaceAll('{own}', own)
      .replaceAll('{doc}', `${own}-d/d${place}`)
      .replaceAll('{list}', `${own}-${place}`)
      .replaceAll('{tenant}', encodeURIComponent(site.tenant))
      .replaceAll('{key}', encodeURIComponent(site.key))

  const send = async (sent: Sent): Promise<Answered> => {
    const answered = await sendPatiently(client, sent, needs.wait)
    if (retryAfterOf(answered) === undefined) return answered
    throw new NotAsked(`the server has no room: ${answered.status}, however often it was asked`)
  }

  const ask = async (line: string, more: More = {}): Promise<Answered> => {
    const sent = sentOf(line, more, expand, site)
    if (!readMethods.has(sent.method)) checkGround(sent, own, needs.mayMake)
    const asked = send(sent)
    needs.keep(asked)
    return asked.catch((error: unknown) => {
      if (!(error instanceof NoAnswer)) throw error
      const came = `no answer: ${error.message}`
      const nothing = { sent, status: 0, headers: new Map(), text: '', json: undefined }
      throw new Unmet({ expected: 'an answer', came }, nothing)
    })
  }

  return {
    ask,
    expand,
    site,
    async given(line, body = {}, more = {}) {
      const answered = await ask(line, { body, ...more })
      if (answered.status >= 200 && answered.status < 300) return answered
      throw new NotAsked(`it needs a ${line.split(' ')[0]} that was answered ${answered.status}`)
    },
    async etagOf(path) {
      const answered = await ask(`GET ${path}`)
      const etag = headerOf(answered, 'ETag')
      if (etag !== undefined) return etag
      throw new NotAsked('it needs an ETag, and GET shows none')
    },
  }
}

function sentOf(line: string, more: More, expand: (text: string) => string, site: Site): Sent {
  const { as = 'key', headers = {}, body, announcedBytes } = more
  const [method = '', spelt = ''] = line.split(/ (.*)/s)
  const key = as === 'key' ? site.key : site.readerKey
  const names = new Set(Object.keys(headers).map((name) => name.toLowerCase()))
  const all: (readonly [string, string])[] = []
  if (as !== 'nobody' && !spelt.includes('{key}') && !names.has('authorization')) {
    all.push(['Authorization', `Bearer ${key}`])
  }
  if (body !== undefined && !names.has('content-type')) {
    all.push(['Content-Type', typeOf(method, body)])
  }
  for (const [name, value] of Object.entries(headers)) {
    for (const each of value === undefined ? [] : [value].flat()) all.push([name, expand(each)])
  }
  const sent = { method, target: expand(spelt), headers: all as HeaderPairs, body: bytesOf(body) }
  return announcedBytes === undefined ? sent : { ...sent, announcedBytes }
}

/** Arrays are JSON Patches, all other bodies of PATCH merge patches. */
function typeOf(method: string, body: unknown): string {
  if (method !== 'PATCH') return 'application/json'
  return Array.isArray(body) ? 'application/json-patch+json' : 'application/merge-patch+json'
}

function bytesOf(body: unknown): Uint8Array | undefined {
  if (body === undefined) return undefined
  if (body instanceof Uint8Array) return body
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
}

/** What takes no body and makes nothing may be sent elsewhere than below one's own ground. */
const harmless = /^\/(?:health|api\/v1\/keys\/tenants\/[^/]+\/VerifyNoKey0(?:\/rotate)?)$/

function checkGround({ method, target }: Sent, own: string, mayMake: ProbeNeeds['mayMake']): void {
  const [path = ''] = target.split('?')
  if (path.startsWith(own)) {
    const [collection, document] = path.slice(own.length).split('/')
    if (document !== undefined) mayMake(`${own}${collection}/${document}`)
    else mayMake(`${own}${collection}`)
  } else if (!harmless.test(path)) {
    throw new Error(`a check would send ${method} ${path}, which is not its own`)
  }
}
