/**
 * The one parse of a raw request target (RFC 9112 section 3.2). No `new URL()`: it folds
 * `/a/%2e%2e/b` into `/b`, and what is folded here may be read otherwise by a proxy. Nothing is
 * refused here either: a broken target is only told to those who may know what it names.
 */
import type { CallPath } from '../call.ts'
import type { Parameters } from '../contract/paging.ts'

export type Target = {
  readonly path: CallPath
  /**
   * The query's parameters, decoded where they can be. `bearer_token` is not among them.
   */
  readonly parameters: Parameters
  /** The query as it came, but for every `bearer_token`. */
  readonly query: string
  /** Every `bearer_token` of the query. Never to be logged, nor repeated. */
  readonly bearerTokens: readonly string[]
}

/** A path of segments that are what they say: nothing to decode, nothing that breaks a rule. */
const plainPath = /^(?:\/[\w.~@:!$&'()*+,;=-]+)+$/

/** `raw` is what stood in the request line, a character a byte. Never throws. */
export function parseTarget(raw: string): Target {
  if (plainPath.test(raw)) {
    const segments = raw.slice(1).split('/')
    return { path: { segments, fault: undefined }, parameters: none, query: '', bearerTokens: [] }
  }
  const { path, query } = split(raw)
  const parameters = parseQuery(query)
  const bearerTokens = parameters.get(bearerToken) ?? []
  parameters.delete(bearerToken)
  return {
    path: parsePath(path, raw),
    parameters,
    query: bearerTokens.length === 0 ? query : withoutBearerTokens(query),
    bearerTokens,
  }
}

function withoutBearerTokens(query: string): string {
  return query
    .split('&')
    .filter((pair) => decodeQuery(pair.split('=', 1)[0] ?? '') !== bearerToken)
    .join('&')
}

const bearerToken = 'bearer_token'
const none: Parameters = new Map()

function split(raw: string): { path: string; query: string } {
  const target = raw.replace(/^https?:\/\/[^/?#]*\/?/i, '/')
  const mark = target.indexOf('?')
  if (mark < 0) return { path: target, query: '' }
  return { path: target.slice(0, mark), query: target.slice(mark + 1) }
}

function parsePath(path: string, raw: string): CallPath {
  if (path === '/') return { segments: [], fault: faultOfCharacters(raw) }
  if (!path.startsWith('/')) {
    return { segments: [], fault: 'The request target must be a path that begins with a slash.' }
  }
  const segments = path.slice(1).split('/').map(decodeSegment)
  return { segments, fault: faultOfCharacters(raw) ?? faultOfSegments(segments) }
}

function decodeSegment(segment: string): string | undefined {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

function faultOfCharacters(raw: string): string | undefined {
  if (/[^\x21-\x7e]/.test(raw)) {
    return 'The request target has a raw blank, control byte or byte over 0x7F; percent-encode it.'
  }
  if (raw.includes('#')) return 'The request target has a raw #; percent-encode it as %23.'
  return undefined
}

function faultOfSegments(segments: readonly (string | undefined)[]): string | undefined {
  const undecoded = segments.indexOf(undefined)
  if (undecoded >= 0) {
    return (
      `Segment ${undecoded + 1} of the path has a % that begins no escape of valid UTF-8; ` +
      'a percent sign is sent as %25.'
    )
  }
  const empty = segments.indexOf('')
  if (empty < 0) return undefined
  return empty === segments.length - 1
    ? 'The path ends in a slash, which makes an empty segment; leave it out.'
    : `Segment ${empty + 1} of the path is empty; two slashes in a row make one.`
}

function parseQuery(query: string): Map<string, string[]> {
  const parameters = new Map<string, string[]>()
  if (query === '') return parameters
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=')
    const name = decodeQuery(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decodeQuery(pair.slice(equals + 1))
    const values = parameters.get(name)
    if (values === undefined) parameters.set(name, [value])
    else values.push(value)
  }
  return parameters
}

/** A blank for `+`, as forms send it. What cannot be decoded stays, and matches nothing. */
function decodeQuery(text: string): string {
  const blanks = text.replaceAll('+', ' ')
  return decodeSegment(blanks) ?? blanks
}
