/** What every answer has in common, looked for in all that the checks were given. */
import type { Check, Level, Mismatch, Watch } from '../check.ts'
import type { Answered } from '../exchange.ts'
import { headerOf } from '../exchange.ts'
import { expectStatus, isObject, unmet } from '../expect.ts'
import { checksOf } from '../rows.ts'

const section = '6 Errors:'

/** Those that the published document has a body for. */
const publishedStatuses = new Set([400, 401, 403, 404])

const isFailure = ({ status, sent }: Answered) => status >= 400 && sent.method !== 'HEAD'
const isKeyed = ({ sent }: Answered) => sent.target.startsWith('/api/v1/')
const hasQueryKey = ({ sent }: Answered) => sent.target.includes('bearer_token=')

function bodyOf({ json }: Answered): { code?: unknown; message?: unknown; details?: unknown } {
  return isObject(json) ? json : {}
}

function none(header: string, value: string | undefined): Mismatch | 'holds' {
  return value === undefined ? 'holds' : { expected: `no ${header}`, came: `${header}: ${value}` }
}

function like(answered: Answered, header: string, form: RegExp): Mismatch | 'holds' {
  const value = headerOf(answered, header)
  if (value !== undefined && form.test(value)) return 'holds'
  const came = value === undefined ? 'none' : `${header}: ${value}`
  return { expected: `the header ${header} like ${form}`, came }
}

function watch(level: Level, clause: string, title: string, look: Watch['look']): Watch {
  return { operation: 'any answer', level, clause, title, look }
}

function shape(answered: Answered): Mismatch | 'holds' {
  const { code, message } = bodyOf(answered)
  if (typeof code === 'string' && typeof message === 'string') return 'holds'
  const came = answered.text === '' ? 'no body' : answered.text
  return { expected: `code and message in the body of ${answered.status}`, came }
}

/** By status; the index has a clause of each. */
const codes: readonly (readonly [status: number, code: string, clause: string])[] = [
  [400, 'BadRequest', 'what breaks a rule'],
  [401, 'Unauthenticated', 'no valid key, with WWW-Authenticate'],
  [403, 'PermissionDenied', 'another tenant, or a missing scope'],
  [404, 'NotFound', 'no such document, live version or route'],
  [405, 'MethodNotAllowed', 'with Allow'],
  [412, 'PreconditionFailed', 'a condition that the client sent'],
  [413, 'PayloadTooLarge', 'too large'],
  [414, 'UriTooLong', 'a target too long'],
  [415, 'UnsupportedMediaType', 'another type or coding'],
  [431, 'HeadersTooLarge', 'headers too long'],
  [409, 'Conflict', 'only at what the contract leaves open'],
  [422, 'IdempotencyMismatch', 'another request under a key that was used'],
]

/** Those that only extensions give. */
const extensionStatuses = new Set([409, 422])

const levelOf = (status: number): Level => {
  if (publishedStatuses.has(status)) return 'published'
  return extensionStatuses.has(status) ? 'extension' : 'contract'
}

const codeWatches = codes.map(([status, code, clause]) =>
  watch(levelOf(status), `${section} ${clause}`, `${status} has the code ${code}`, (answered) => {
    if (answered.status !== status || !isFailure(answered)) return undefined
    const came = bodyOf(answered).code
    // Without a code it has no shape, which another watch says.
    if (typeof came !== 'string') return undefined
    return came === code ? 'holds' : { expected: `the code ${code}`, came: `the code ${came}` }
  }),
)

/** Of what a server in good health does not answer; where it was, it has to be right. */
const rare: readonly Watch[] = [
  watch(
    'contract',
    `${section} in exactly these words`,
    'a 500 says Internal Server Error, and no more',
    (answered) => {
      if (answered.status !== 500) return undefined
      const { message } = bodyOf(answered)
      if (message === undefined || message === 'Internal Server Error') return 'holds'
      return { expected: 'the message Internal Server Error', came: JSON.stringify(message) }
    },
  ),
  watch(
    'contract',
    `${section} the caller's own quota, with Retry-After`,
    'a 429 says when to come again',
    (answered) => (answered.status === 429 ? like(answered, 'Retry-After', /^\d+$/) : undefined),
  ),
  watch(
    'contract',
    `${section} overload, with Retry-After`,
    'a 503 says when to come again',
    (answered) => (answered.status === 503 ? like(answered, 'Retry-After', /^\d+$/) : undefined),
  ),
].map((each) => ({ ...each, isRare: true }))

export const answerWatches: readonly Watch[] = [
  ...rare,
  watch(
    'published',
    `${section} a body of code and message, on every failure`,
    'each 400, 401, 403 and 404 has code and message',
    (answered) =>
      isFailure(answered) && publishedStatuses.has(answered.status) ? shape(answered) : undefined,
  ),
  watch(
    'contract',
    `${section} a body of code and message, on every failure`,
    'so has each other failure',
    (answered) =>
      isFailure(answered) && !publishedStatuses.has(answered.status) ? shape(answered) : undefined,
  ),
  watch(
    'published',
    `${section} as application/json`,
    'each answer with a body is application/json',
    (answered) =>
      answered.text === ''
        ? undefined
        : like(answered, 'Content-Type', /^application\/json(;.*)?$/i),
  ),
  watch(
    'contract',
    `${section} as application/json`,
    'so is the body of each failure, 405 and others too',
    (answered) =>
      isFailure(answered) && answered.text !== ''
        ? like(answered, 'Content-Type', /^application\/json(;.*)?$/i)
        : undefined,
  ),
  ...codeWatches,
  watch(
    'contract',
    `${section} no valid key, with WWW-Authenticate`,
    'each 401 says WWW-Authenticate: Bearer',
    (answered) =>
      answered.status === 401 ? like(answered, 'WWW-Authenticate', /^Bearer/i) : undefined,
  ),
  watch('contract', `${section} with Allow`, 'each 405 says what is allowed', (answered) =>
    answered.status === 405 ? like(answered, 'Allow', /[A-Z]/) : undefined,
  ),
  watch(
    'contract',
    `${section} details point to what is wrong`,
    'details, where there are some, are of pointer and reason',
    (answered) => {
      const { details } = bodyOf(answered)
      if (!isFailure(answered) || details === undefined) return undefined
      const isDetail = (each: unknown) =>
        isObject(each) && typeof each.pointer === 'string' && typeof each.reason === 'string'
      if (Array.isArray(details) && details.every(isDetail)) return 'holds'
      return { expected: 'an array of {pointer, reason}', came: JSON.stringify(details) }
    },
  ),
  watch(
    'contract',
    `${section} every answer carries a request id`,
    'X-Request-Id is one',
    (answered) => like(answered, 'X-Request-Id', /^[A-Za-z0-9._-]{1,128}$/),
  ),
  watch(
    'contract',
    `${section} every answer says nosniff`,
    'X-Content-Type-Options is nosniff',
    (answered) => like(answered, 'X-Content-Type-Options', /^nosniff$/i),
  ),
  watch(
    'contract',
    '5 Documents: what has an ETag is private, no-cache, and varies by key',
    'Cache-Control: private, no-cache, and Vary: Authorization',
    (answered) => {
      if (headerOf(answered, 'ETag') === undefined || hasQueryKey(answered)) return undefined
      if (headerOf(answered, 'ETag') !== undefined && isList(answered)) return undefined
      const caching = like(answered, 'Cache-Control', /^private, *no-cache$/i)
      return caching === 'holds' ? like(answered, 'Vary', /authorization/i) : caching
    },
  ),
  watch(
    'contract',
    '5 Documents: all else under a key is no-store',
    'Cache-Control: no-store where there is no ETag',
    (answered) => {
      if (!isKeyed(answered) || hasQueryKey(answered)) return undefined
      // A document without an ETag is another failure, and would make this one of it.
      const isDocument = answered.status < 400 && !isList(answered) && isObject(answered.json)
      if (headerOf(answered, 'ETag') !== undefined || isDocument) return undefined
      return like(answered, 'Cache-Control', /^no-store$/i)
    },
  ),
  watch(
    'contract',
    '5 Documents: so is all with a key in the query',
    'Cache-Control: no-store to each request with bearer_token',
    (answered) =>
      hasQueryKey(answered) ? like(answered, 'Cache-Control', /^no-store$/i) : undefined,
  ),
  watch(
    'contract',
    '5 Documents: no content coding is applied',
    'no answer has a Content-Encoding',
    (answered) => none('Content-Encoding', headerOf(answered, 'Content-Encoding')),
  ),
]

function isList({ json }: Answered): boolean {
  return Array.isArray(json)
}

/** Of a name of 300 letters a message may repeat 200. */
const longName = 'q'.repeat(1600)

const asked: readonly Check[] = [
  ...checksOf('any answer', 'contract', [
    {
      clause: `${section} also when the parser fails`,
      title: 'what the parser refuses is refused in JSON',
      send: 'GET {own}',
      headers: { 'Content-Length': ['0', '0'] },
      status: 400,
      has: { 'Content-Type': /^application\/json/i },
    },
    {
      clause: `${section} also when the router fails`,
      title: 'a path outside of the API is 404 in JSON',
      as: 'nobody',
      send: 'GET /tenantry-verify-nothing',
      status: 404,
      has: { 'Content-Type': /^application\/json/i },
    },
    {
      clause: `${section} it is the client's, if that is one`,
      title: 'the request id of the client comes back',
      send: 'GET {own}',
      headers: { 'X-Request-Id': 'tenantry-verify.A_1' },
      status: 200,
      has: { 'X-Request-Id': 'tenantry-verify.A_1' },
    },
    {
      clause: `${section} it is the client's, if that is one`,
      title: 'a request id that is none is replaced',
      send: 'GET {own}',
      headers: { 'X-Request-Id': 'a b' },
      status: 200,
      has: { 'X-Request-Id': /^(?!a b$)/ },
    },
    {
      clause: `${section} it is the client's, if that is one`,
      title: 'a request id of over 128 characters is replaced',
      send: 'GET {own}',
      headers: { 'X-Request-Id': 'x'.repeat(129) },
      status: 200,
      has: { 'X-Request-Id': /^(?!x{129}$)/ },
    },
    {
      clause: `${section} HEAD has none`,
      title: 'a failure of HEAD has no body',
      send: 'HEAD {doc}',
      status: 404,
    },
  ]),
  {
    operation: 'any answer',
    level: 'contract',
    clause: `${section} a message echoes at most 200 characters`,
    title: 'a name that is too long is not repeated whole',
    async run({ ask }) {
      const answered = await ask(`GET {own}/${longName}`)
      expectStatus(answered, 400, 404)
      if (answered.text.includes('q'.repeat(201))) {
        unmet(answered, 'at most 200 of its characters', `${answered.text.length} characters`)
      }
    },
  },
]

export const answerChecks: readonly Check[] = asked
