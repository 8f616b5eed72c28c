/** One server under verification: where it is, and what of it may be touched. */
import type { Masks } from './masks.ts'

export type Site = {
  /** `http(s)://host[:port][/prefix]`, without a slash behind. */
  readonly base: string
  readonly tenant: string
  readonly key: string
  /** A key that reads everything of the tenant's provisioning and writes nothing. */
  readonly readerKey: string | undefined
}

/** What a run may write to: collections of names that begin so, and nothing else. */
export type Ground = {
  readonly home: string
  readonly collection: string
}

/** `run` is drawn anew for each run and server: nobody else has a collection of this name. */
export function groundOf({ tenant }: Site, run: string): Ground {
  const home = `/api/v1/provisioning/tenants/${encodeURIComponent(tenant)}`
  return { home, collection: `tenantry-verify-${run}` }
}

/** The variables that a report writes where keys were sent, or came back; of all these servers. */
export function masksOf(...sites: readonly Site[]): Masks {
  const masks = sites.flatMap(({ key, readerKey }) => [
    ...spellingsOf(key).map((text) => [text, '$CRESCENDO_API_KEY'] as const),
    ...spellingsOf(readerKey ?? '').map((text) => [text, '$CRESCENDO_READER_KEY'] as const),
  ])
  // The longer first: one key may be the beginning of the other.
  return masks.sort(([one], [other]) => other.length - one.length)
}

/** As it is, as a query escapes it, in either case of hex, and as JSON does. */
function spellingsOf(key: string): readonly string[] {
  if (key === '') return []
  const escaped = encodeURIComponent(key)
  const lower = escaped.replaceAll(/%../g, (each) => each.toLowerCase())
  return [...new Set([key, escaped, lower, JSON.stringify(key).slice(1, -1)])]
}

/** Of a server's address; a sentence where it is none. */
export function parseBase(text: string): { base: string } | { fault: string } {
  const example = 'one is written as https://api.example.com or http://127.0.0.1:8080'
  if (!URL.canParse(text)) return { fault: `${JSON.stringify(text)} is no address; ${example}` }
  const parsed = new URL(text)
  const { protocol, host, pathname, username, password, search, hash } = parsed
  if (protocol !== 'http:' && protocol !== 'https:') {
    return { fault: `${JSON.stringify(text)} is no address of HTTP; ${example}` }
  }
  if (username + password + search + hash !== '') {
    return { fault: `an address has no user, query or fragment; ${example}` }
  }
  const prefix = pathname.replace(/\/+$/, '')
  const at = prefix.indexOf('/api/v1')
  if (at >= 0) {
    const shorter = `${protocol}//${host}${prefix.slice(0, at)}`
    return { fault: `the address stops before /api/v1; here it is ${shorter}` }
  }
  return { base: `${protocol}//${host}${prefix}` }
}
