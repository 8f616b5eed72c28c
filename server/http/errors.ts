/**
 * Failures in the contract's shape: `{"code","message","details"?}`, whoever failed, the parser of
 * the framework included. Here a fault becomes `InternalServerError`, and nothing of it goes out.
 */
import { STATUS_CODES } from 'node:http'
import type { Refusal, RefusalCode } from '../contract/errors.ts'
import { refusals } from '../contract/errors.ts'
import { busyRetryAfterSeconds } from '../contract/limits.ts'

export type Failure = {
  readonly code: RefusalCode
  readonly status: number
  readonly body: string
  readonly headers: { readonly [name: string]: string }
}

/** What goes out for this refusal; `undefined` stands for any fault. */
export function failureOf(refusal: Refusal | undefined): Failure {
  if (refusal === undefined) return failure('InternalServerError', 'Internal Server Error')
  const { code, message, details, hints } = refusal
  const { allow, acceptPatch, retryAfterSeconds } = hints
  const headers: { [name: string]: string } = {}
  if (code === 'Unauthenticated') headers['WWW-Authenticate'] = 'Bearer'
  const seconds = code === 'Unavailable' ? busyRetryAfterSeconds : retryAfterSeconds
  if (seconds !== undefined) headers['Retry-After'] = String(seconds)
  if (allow !== undefined) headers.Allow = allow.join(', ')
  if (acceptPatch !== undefined) headers['Accept-Patch'] = acceptPatch.join(', ')
  return failure(code, message, details.length > 0 ? { details } : {}, headers)
}

/** A whole HTTP answer for a socket whose request never became one. */
export function rawFailure({ status, body }: Failure, requestId: string): string {
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}

function failure(
  code: RefusalCode,
  message: string,
  more: object = {},
  headers: Failure['headers'] = {},
): Failure {
  const { status } = refusals[code]
  return { code, status, body: JSON.stringify({ code, message, ...more }), headers }
}
