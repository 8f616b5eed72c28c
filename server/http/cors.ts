/**
 * Cross-origin requests of browsers (the Fetch standard, section 3.2), for the origins that an
 * operator lists and no others. A key is never sent by a browser on its own, so that an answer
 * which a page may read is one that it had the key for.
 */
import type { IncomingMessage } from 'node:http'

/** The origins that may read answers; empty: none, and nothing is said of it. */
export type CorsOrigins = readonly string[]

const exposed =
  'ETag, Link, Location, Retry-After, X-Request-Id, X-Next-Cursor, X-Total-Count, ' +
  'Idempotency-Replayed'
const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const headers =
  'Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, X-Request-Id, ' +
  'Accept, traceparent, tracestate'

/** Two hours: the longest that the most used browser keeps what a preflight said. */
const preflightSeconds = 7200

/** What answers add for this request's origin, names and values in turn. */
export function corsHeaders(request: IncomingMessage, origins: CorsOrigins): readonly string[] {
  if (origins.length === 0) return []
  const origin = listedOrigin(request, origins)
  if (origin === undefined) return ['Vary', 'Origin']
  const expose = ['Access-Control-Expose-Headers', exposed]
  return ['Vary', 'Origin', 'Access-Control-Allow-Origin', origin, ...expose]
}

/** The headers of the answer to a preflight from a listed origin; undefined for all else. */
export function preflightHeaders(
  request: IncomingMessage,
  origins: CorsOrigins,
): readonly string[] | undefined {
  const asks = request.headers['access-control-request-method'] !== undefined
  if (request.method !== 'OPTIONS' || !asks) return undefined
  if (listedOrigin(request, origins) === undefined) return undefined
  return [
    'Access-Control-Allow-Methods',
    methods,
    'Access-Control-Allow-Headers',
    headers,
    'Access-Control-Max-Age',
    String(preflightSeconds),
  ]
}

function listedOrigin(request: IncomingMessage, origins: CorsOrigins): string | undefined {
  const { origin } = request.headers
  return origin !== undefined && origins.includes(origin) ? origin : undefined
}
