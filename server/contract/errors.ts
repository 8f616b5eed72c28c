/**
 * Every refusal that the API can give: its code, its status, when it is given and what mends it.
 * `docs/errors.md` is generated from this table, and a test holds that each row can be provoked.
 * A failure that is not a `Refusal` is a fault of ours and is answered as `InternalServerError`.
 */
import { bodyTimeMaxMs, headersMaxBytes, headersTimeMaxMs, targetMaxBytes } from './limits.ts'

type Row = {
  readonly status: number
  readonly when: string
  readonly mend: string
  /** As a client gets it, to the byte; the interface document shows it, a test provokes it. */
  readonly example: { readonly message: string; readonly details?: readonly RefusalDetail[] }
}

export const refusals = {
  BadRequest: {
    status: 400,
    when: 'The target, the query, a header or the body breaks a rule.',
    mend: 'The message says which rule was broken, and where; `details` points into the body.',
    example: {
      message: 'The body breaks a rule at "/label": label must be a text.',
      details: [{ pointer: '/label', reason: 'label must be a text' }],
    },
  },
  Unauthenticated: {
    status: 401,
    when: 'No key was sent, or the key is unknown, malformed, expired or revoked.',
    mend: 'Send `Authorization: Bearer <key>`. Operators see which keys live: `tenantry key list`.',
    example: { message: 'Authorization header with Bearer token is required' },
  },
  PermissionDenied: {
    status: 403,
    when: "The path names another tenant than the key's, or no scope of the key grants this.",
    mend: 'Compare tenant and scopes with the key; operators see them: `tenantry key list`.',
    example: { message: 'API key does not allow this operation' },
  },
  NotFound: {
    status: 404,
    when: 'There is no such document, live version, key or route.',
    mend: 'Check every name in the path. POST creates what is missing; PUT changes what is there.',
    example: {
      message: 'There is no such document; check its collection and name, or create it by POST.',
    },
  },
  MethodNotAllowed: {
    status: 405,
    when: 'The path exists, but not with this method.',
    mend: 'The `Allow` header lists the methods of the path.',
    example: { message: '/health does not take "POST"; it takes GET, HEAD, OPTIONS.' },
  },
  RequestTimeout: {
    status: 408,
    when: `Headers took over ${headersTimeMaxMs / 1000} s, or all over ${bodyTimeMaxMs / 1000} s.`,
    mend: 'Send again on a new connection.',
    example: { message: 'The request took too long to arrive.' },
  },
  Conflict: {
    status: 409,
    when: 'The state of what is asked for does not allow it: a patch, a key or a repeated request.',
    mend: 'The message says what stands against it. With `Retry-After`, send again after it.',
    example: {
      message:
        'Operation 0 of the patch (test) cannot be done: the value there is another than the one ' +
        'it tests for. Nothing was changed.',
      details: [{ pointer: '/0', reason: 'the value there is another than the one it tests for' }],
    },
  },
  PreconditionFailed: {
    status: 412,
    when: 'A condition that the client sent (`If-Match`, `If-None-Match`) does not hold.',
    mend: 'Read the document again, apply the change to what is there now, send the new ETag.',
    example: {
      message:
        'The condition If-None-Match does not hold: the document is there, with ETag "1-1ea2ae00".',
    },
  },
  PayloadTooLarge: {
    status: 413,
    when: 'The body, or the document it would leave, is too large, or a patch does too much.',
    mend: 'Split document or patch; operators may raise `TENANTRY_BODY_SIZE_MAX_BYTES`.',
    example: {
      message: 'The body is larger than 1048576 bytes, which is the most; split the document.',
    },
  },
  UriTooLong: {
    status: 414,
    when: `The request target is over ${targetMaxBytes / 1024} KiB.`,
    mend: 'Use shorter names, and leave out what the query does not need.',
    example: { message: 'The request target has 16385 bytes, and 16384 is the most.' },
  },
  UnsupportedMediaType: {
    status: 415,
    when: 'The body is not `application/json`, that of PATCH no patch type, or it has a coding.',
    mend: 'Send that `Content-Type`, to PATCH one of `Accept-Patch`, and no `Content-Encoding`.',
    example: { message: 'The Content-Type must be application/json; this is "text/plain".' },
  },
  IdempotencyMismatch: {
    status: 422,
    when: 'This `Idempotency-Key` was used for another request within the last 24 hours.',
    mend: 'Take a new one for each new request; the old one repeats the old answer.',
    example: {
      message:
        'This Idempotency-Key came with another request before; take a new one for each request.',
    },
  },
  ResourceExhausted: {
    status: 429,
    when: 'The key sends more than operators allow one key, or its tenant has too many in hand.',
    mend: 'Wait the seconds of `Retry-After`; see `TENANTRY_KEY_RATE`, `TENANTRY_IN_FLIGHT_MAX`.',
    example: { message: 'This key may send 1 requests a second, and has sent more.' },
  },
  HeadersTooLarge: {
    status: 431,
    when: `The headers are over ${headersMaxBytes / 1024} KiB together.`,
    mend: 'Send fewer or smaller headers; cookies are of no use here.',
    example: { message: 'The headers have 33000 bytes, and 32768 is the most.' },
  },
  InternalServerError: {
    status: 500,
    when: 'Something in the server failed that no client can mend.',
    mend: 'Look for the `X-Request-Id` of the answer in the log of the server.',
    example: { message: 'Internal Server Error' },
  },
  Unavailable: {
    status: 503,
    when: 'The store is busy too long or does not answer, too much waits, or the server stops.',
    mend: 'Wait the seconds of `Retry-After`, then send again.',
    example: { message: 'The server has too much in hand; try again shortly.' },
  },
  StorageFull: {
    status: 507,
    when: 'The disk, or what the store may take of it, is full. Writes fail and change nothing.',
    mend: 'Operators make room, or raise `TENANTRY_STORE_MAX_BYTES`; then writes work again.',
    example: { message: 'The store is full; nothing was written. Reads go on.' },
  },
} as const satisfies { readonly [code: string]: Row }

export type RefusalCode = keyof typeof refusals

/**
 * Why the process does not start, or a command does not run: what only the operator can put right,
 * in a sentence that says how. `inUse` when waiting or stopping something else would mend it.
 */
export class StartRefused extends Error {
  readonly inUse: boolean

  constructor(message: string, more: { inUse?: boolean; cause?: unknown } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'StartRefused'
    this.inUse = more.inUse ?? false
  }
}

/** The one answer to every key that is not alive; why it is not is told to nobody. */
export function keyNotValid(): Refusal {
  return new Refusal('Unauthenticated', 'API key is not valid')
}

/** One place in a body that breaks a rule; `pointer` is a JSON Pointer (RFC 6901). */
export type RefusalDetail = { readonly pointer: string; readonly reason: string }

/** What an answer says in its headers, beside code and message. */
export type RefusalHints = {
  /** The methods of the path, of `MethodNotAllowed`. */
  readonly allow?: readonly string[]
  /** The types of patches that are taken, of `UnsupportedMediaType`. */
  readonly acceptPatch?: readonly string[]
  /** When to send again, in whole seconds; `Unavailable` has a time of its own. */
  readonly retryAfterSeconds?: number
}

/** Whether it is the system's word that a disk, or what one may have of it, is full. */
export function isNoRoom(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG'
}

/** What only the client can put right. Thrown anywhere inside, answered once at the door. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly details: readonly RefusalDetail[]
  readonly hints: RefusalHints

  constructor(
    code: RefusalCode,
    message: string,
    more: RefusalHints & { details?: readonly RefusalDetail[]; cause?: unknown } = {},
  ) {
    const { details = [], cause, ...hints } = more
    super(message, cause === undefined ? undefined : { cause })
    this.name = 'Refusal'
    this.code = code
    this.details = details
    this.hints = hints
  }
}
