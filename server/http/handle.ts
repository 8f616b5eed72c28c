/**
 * One request, from its head to its answer: framing, target, call, and the answer in HTTP's words.
 * Everything that is decided is decided in `call.ts` and behind it; here it is only translated.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CallOutcome, CallRequest, CallTrace } from '../call.ts'
import { isKeyed } from '../call.ts'
import { parseConditions } from '../contract/conditions.ts'
import { Refusal } from '../contract/errors.ts'
import type { NumberRule } from '../contract/json.ts'
import { parseJsonArray, parseJsonObject } from '../contract/json.ts'
import { pieceBytes } from '../contract/limits.ts'
import type { Answer, Body } from '../contract/operation.ts'
import type { Query } from '../contract/paging.ts'
import type { StartTimer } from '../contract/timer.ts'
import type { Tell } from '../observe/events.ts'
import type { Admission, Place } from './admission.ts'
import { checkBodyType, drain, hasBody, mustClose, readBody } from './body.ts'
import { clientAddressOf } from './client-address.ts'
import type { Turn } from './connection.ts'
import type { CorsOrigins } from './cors.ts'
import { corsHeaders, preflightHeaders } from './cors.ts'
import type { Failure } from './errors.ts'
import { failureOf } from './errors.ts'
import { checkFraming, findKeyText, findRequestId, findTraceParent } from './framing.ts'
import { findRepeatable } from './idempotency.ts'
import { endWatched, sendBytes, streamList } from './stream.ts'
import type { Target } from './target.ts'
import { parseTarget } from './target.ts'
import type { OwnTurn } from './turns.ts'

export type HttpNeeds = {
  /** `call.ts`, with what it borrows: the door knows no store. */
  readonly call: (request: CallRequest) => Promise<CallOutcome>
  readonly numbers: NumberRule
  readonly bodySizeMaxBytes: number
  readonly corsOrigins: CorsOrigins
  /** How many proxies in front add to `X-Forwarded-For`. */
  readonly trustProxy: number
  readonly admission: Admission
  readonly makeRequestId: () => string
  readonly startTimer: StartTimer
  /** Resolves when all that waits for the loop has had its turn. */
  readonly nextTurn: () => Promise<void>
  readonly ownTurn: OwnTurn
  readonly tell: Tell
}

/** Names and values in turn, as `writeHead` takes them: an object costs more than they do. */
type HeaderList = (string | number)[]

/** One request and what is known of it. */
type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly target: Target
  readonly requestId: string
  readonly trace: CallTrace
  /** On the clock of `performance.now`. */
  readonly startedMs: number
  readonly needs: HttpNeeds
}

/** Answers the request. Never rejects; whatever fails is answered and told. */
export async function handle(turn: Turn, needs: HttpNeeds): Promise<void> {
  const { request, response } = turn
  const exchange: Exchange = {
    request,
    response,
    target: parseTarget(request.url ?? ''),
    requestId: findRequestId(request) ?? needs.makeRequestId(),
    trace: {},
    startedMs: performance.now(),
    needs,
  }
  let failure: Failure | undefined
  let place: Place | undefined
  try {
    checkFraming(request)
    // The rest is constant work, and has to say that the process lives while it has much to do.
    if (isKeyed(exchange.target.path)) place = takePlace(turn, needs)
    const preflight = preflightHeaders(request, needs.corsOrigins)
    if (preflight !== undefined) end(exchange, 204, [...preflight], undefined)
    else {
      const outcome = await needs.call(callRequest(exchange, place))
      if (outcome.kind === 'list') await answerList(exchange, outcome)
      else answer(exchange, outcome)
    }
  } catch (error) {
    failure = fail(exchange, error)
  }
  if (response.destroyed) place?.leave()
  tellAnswered(exchange, failure)
}

/** Held until the answer was taken, or nobody is there to take it. */
function takePlace(turn: Turn, { admission }: HttpNeeds): Place {
  const place = admission.enter()
  turn.atEnd = place.leave
  return place
}

function callRequest(exchange: Exchange, place: Place | undefined): CallRequest {
  const { request, target, requestId, trace } = exchange
  const { headers } = request
  return {
    method: request.method ?? '',
    path: target.path,
    claim: (tenant) => place?.claim(tenant),
    findKeyText: () => findKeyText(request, target),
    requestId,
    trace,
    readConditions: () => parseConditions(headers['if-match'], headers['if-none-match']),
    readParameters: () => target.parameters,
    readBody: (kind) => takeBody(exchange, kind),
    findRepeatable: (body) => findRepeatable(request, target, body),
  }
}

async function takeBody(
  { request, response, needs }: Exchange,
  kind: 'json' | 'optionalJson' | 'patch',
): Promise<Body> {
  if (kind === 'optionalJson' && !hasBody(request)) return { text: '{}', bytes: noBytes }
  if (kind === 'optionalJson' && request.headers['content-type'] === undefined) {
    // It may be one in chunks, of which there are none.
    const sent = await readBody(request, response, needs.bodySizeMaxBytes)
    if (sent.length === 0) return { text: '{}', bytes: noBytes }
  }
  const type = checkBodyType(request, kind === 'patch' ? 'patch' : 'json')
  const bytes = await readBody(request, response, needs.bodySizeMaxBytes)
  // Large bodies that end together are not parsed in one turn of the loop.
  if (bytes.length > pieceBytes) await needs.ownTurn()
  if (kind === 'optionalJson' && bytes.length === 0) return { text: '{}', bytes }
  if (type === 'application/json') return { text: parseJsonObject(bytes, needs.numbers), bytes }
  const parse = type === 'application/json-patch+json' ? parseJsonArray : parseJsonObject
  return { text: parse(bytes, needs.numbers), patchType: type, bytes }
}

const noBytes = new Uint8Array(0)

function answer(exchange: Exchange, outcome: Exclude<CallOutcome, { kind: 'list' }>): void {
  switch (outcome.kind) {
    case 'options':
      end(exchange, 204, ['Allow', outcome.allow.join(', ')], undefined)
      break
    case 'value':
      end(exchange, outcome.created ? 201 : 200, [], JSON.stringify(outcome.value))
      break
    case 'cut':
      exchange.response.destroy()
      break
    case 'nothing':
      end(exchange, 204, outcome.replayed ? [...replayed] : [], undefined)
      break
    case 'file':
      end(
        exchange,
        200,
        ['ETag', outcome.etag, ...Object.entries(outcome.headers).flat()],
        outcome.text,
        outcome.mediaType,
      )
      break
    case 'notModified':
      end(exchange, 304, ['ETag', outcome.etag], undefined)
      break
    case 'document': {
      const headers = ['ETag', outcome.etag]
      if (outcome.created) headers.push('Location', pathOf(exchange.target))
      if (outcome.replayed) headers.push(...replayed)
      end(exchange, outcome.created ? 201 : 200, headers, outcome.text)
    }
  }
}

const replayed = ['Idempotency-Replayed', 'true'] as const

async function answerList(
  exchange: Exchange,
  { pages, findNext }: Answer & { kind: 'list' },
): Promise<void> {
  const { request, response, target, needs } = exchange
  const close = mustClose(request)
  // A HEAD reads no rows, so it cannot know what would come next.
  const next = request.method === 'HEAD' ? undefined : await findNext?.()
  const begin = (length?: number) => {
    const headers: HeaderList = ['Content-Type', 'application/json']
    if (next !== undefined) headers.push('Link', linkTo(target, next))
    addCommon(headers, exchange)
    if (length !== undefined) headers.push('Content-Length', length)
    if (close) headers.push('Connection', 'close')
    response.writeHead(200, headers)
    if (close) response.flushHeaders()
  }
  // Beside the list: a client may send all it has before it reads.
  const drained = close ? drain(request, needs.startTimer) : undefined
  if (request.method === 'HEAD') begin()
  else await streamList(response, pages, needs, begin)
  await drained
  endWatched(response, needs.startTimer)
}

/** Answers a failure, if there is still somebody to hear it, and gives it. */
function fail(exchange: Exchange, error: unknown): Failure {
  const refusal = error instanceof Refusal ? error : undefined
  const failure = failureOf(refusal)
  const { response, requestId, needs } = exchange
  if (refusal === undefined) needs.tell({ event: 'request-faulted', requestId, fault: error })
  if (response.headersSent || response.destroyed) response.destroy()
  else end(exchange, failure.status, Object.entries(failure.headers).flat(), failure.body)
  return failure
}

/** `headers` are the answer's own; it gets those that every answer has. */
function end(
  exchange: Exchange,
  status: number,
  headers: HeaderList,
  body: string | undefined,
  mediaType = 'application/json',
): void {
  const { request, response, needs } = exchange
  const size = body === undefined ? 0 : Buffer.byteLength(body)
  addCommon(headers, exchange)
  if (body !== undefined) headers.push('Content-Type', mediaType, 'Content-Length', size)
  const close = mustClose(request)
  if (close) headers.push('Connection', 'close')
  response.writeHead(status, headers)
  if (!close && size <= pieceBytes) {
    // As text, so that it goes out in one piece with the head.
    endWatched(response, needs.startTimer, body)
    return
  }
  // A head without a body would else wait for the end of the drain, and be lost with its client.
  if (close) response.flushHeaders()
  void sendBytes(response, Buffer.from(body ?? ''), needs.startTimer)
    .then(() => (close ? drain(request, needs.startTimer) : undefined))
    .then(() => endWatched(response, needs.startTimer))
}

function addCommon(headers: HeaderList, { request, requestId, target, needs }: Exchange): void {
  const cacheable = headers.includes('ETag') && target.bearerTokens.length === 0
  if (cacheable) headers.push('Cache-Control', 'private, no-cache', 'Vary', 'Authorization')
  else headers.push('Cache-Control', 'no-store')
  headers.push('X-Content-Type-Options', 'nosniff', 'X-Request-Id', requestId)
  if (needs.corsOrigins.length > 0) headers.push(...corsHeaders(request, needs.corsOrigins))
}

/** RFC 8288, to the same path; a key in the query is not repeated. */
function linkTo(target: Target, query: Query): string {
  const parameters = Object.entries(query).map(
    ([name, value]) => `${name}=${encodeURIComponent(value)}`,
  )
  return `<${pathOf(target)}?${parameters.join('&')}>; rel="next"`
}

/** The path as we would write it, whatever the client escaped, and never its query. */
function pathOf({ path }: Target): string {
  return `/${path.segments.map((segment) => encodeURIComponent(segment ?? '')).join('/')}`
}

function tellAnswered(exchange: Exchange, failure: Failure | undefined): void {
  const { request, response, requestId, trace, startedMs, needs } = exchange
  const parent = findTraceParent(request)
  const wasCut = trace.faultAsked !== undefined && !response.headersSent
  needs.tell({
    event: 'request-answered',
    requestId,
    method: request.method ?? '',
    client: clientAddressOf(request, needs.trustProxy),
    route: trace.route,
    operation: trace.operation,
    tenant: trace.tenant,
    keyId: trace.keyId,
    faultAsked: trace.faultAsked,
    // Of an answer that nobody was there to get, or that broke off, it is what it came to.
    status: failure?.status ?? (wasCut ? 0 : response.statusCode),
    code: failure?.code,
    durationMs: Math.round((performance.now() - startedMs) * 1000) / 1000,
    traceId: parent?.traceId,
    parentId: parent?.parentId,
  })
}
