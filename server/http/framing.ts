/**
 * What must hold of a request's head before anyone asks who it is from: sizes, one value for each
 * header that decides something, and one credential at most.
 */
import type { IncomingMessage } from 'node:http'
import { Refusal } from '../contract/errors.ts'
import { headersMaxBytes, targetMaxBytes } from '../contract/limits.ts'
import type { Target } from './target.ts'

/** Colon, blank and line end: what a header counts beside its name and value. */
const headerFrameBytes = 4

/** The least that a header counts. */
export const headerMinBytes = headerFrameBytes + 1

const singular = new Set(['host', 'authorization', 'content-type', 'content-length'])
const singularLengths = new Set([...singular].map(({ length }) => length))
const traceParentShape = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(|-.*)$/
/** Not what looks like a key: it would be logged, and kept in the record. */
const requestIdShape = /^(?!tnk_)[A-Za-z0-9._-]{1,128}$/

/** Throws `UriTooLong`, `HeadersTooLarge` or `BadRequest`. */
export function checkFraming(request: IncomingMessage): void {
  const { rawHeaders, url = '' } = request
  if (url.length > targetMaxBytes) {
    throw new Refusal(
      'UriTooLong',
      `The request target has ${url.length} bytes, and ${targetMaxBytes} is the most.`,
    )
  }
  checkHeaders(rawHeaders)
  if (request.httpVersion === '1.1' && request.headers.host === undefined) {
    throw new Refusal('BadRequest', 'The Host header is missing; HTTP/1.1 needs it.')
  }
}

/** The client's own request id if it is one; else undefined. */
export function findRequestId(request: IncomingMessage): string | undefined {
  const sent = request.headers['x-request-id']
  return typeof sent === 'string' && requestIdShape.test(sent) ? sent : undefined
}

export type TraceParent = { readonly traceId: string; readonly parentId: string }

/**
 * The client's place in a distributed trace (W3C Trace Context, `traceparent`); undefined when it
 * sent none that can be read. Versions to come begin with the same fields.
 */
export function findTraceParent(request: IncomingMessage): TraceParent | undefined {
  const sent = request.headers.traceparent
  if (typeof sent !== 'string') return undefined
  const [, version, traceId = '', parentId = '', more] = traceParentShape.exec(sent) ?? []
  if (version === undefined || version === 'ff' || (version === '00' && more !== '')) {
    return undefined
  }
  return /^0+$/.test(traceId) || /^0+$/.test(parentId) ? undefined : { traceId, parentId }
}

/**
 * The text of the key, from the header or the query; undefined when there is none. Throws
 * `BadRequest` when there are two: which of them counts must not depend on who reads them.
 */
export function findKeyText(request: IncomingMessage, target: Target): string | undefined {
  const header = request.headers.authorization
  const bearer = header === undefined ? null : /^bearer(?: +(.*))?$/i.exec(header)
  const sent = [...(bearer === null ? [] : [bearer[1] ?? '']), ...target.bearerTokens]
  // An empty variable behind a word is no key.
  const texts = sent.filter((text) => text !== '')
  if (texts.length > 1) {
    throw new Refusal(
      'BadRequest',
      'The key came twice; send it as the Authorization header or as bearer_token, once.',
    )
  }
  return texts[0]
}

function checkHeaders(rawHeaders: readonly string[]): void {
  const seen = new Set<string>()
  let size = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const sent = rawHeaders[at] ?? ''
    // As near to what came in as the parser lets us see.
    size += sent.length + (rawHeaders[at + 1] ?? '').length + headerFrameBytes
    if (!singularLengths.has(sent.length)) continue
    const name = sent.toLowerCase()
    if (!singular.has(name)) continue
    if (seen.has(name))
      throw new Refusal('BadRequest', `The header ${name} came twice; send it once.`)
    seen.add(name)
  }
  if (size > headersMaxBytes) {
    throw new Refusal(
      'HeadersTooLarge',
      `The headers have ${size} bytes, and ${headersMaxBytes} is the most.`,
    )
  }
}
