/**
 * The one path that every request walks, in the contract's order: key, tenant, scope, route,
 * method, names, body, operation. Doors hand in a `CallRequest` and get an `Answer`, or a `Refusal`
 * is thrown. A caller without rights learns nothing of what lies behind the step that stopped him.
 */
import type { Conditions } from './contract/conditions.ts'
import { Refusal } from './contract/errors.ts'
import { quote } from './contract/names.ts'
import type { Answer, Body, BodyKind, Method, RepeatableRequest } from './contract/operation.ts'
import type { Parameters } from './contract/paging.ts'
import { parseQuery } from './contract/paging.ts'
import type { Right } from './contract/scopes.ts'
import { isApi } from './contract/scopes.ts'
import type { AuthenticationNeeds, Caller } from './identity/caller.ts'
import { authenticate, authorise, refuseDead } from './identity/caller.ts'
import type { AnyOperation, OperationNeeds } from './operations.ts'
import { operations } from './operations.ts'
import type { Match, Route } from './route.ts'
import { compileRoutes } from './route.ts'

/** A path after its one parse. A segment that could not be decoded is undefined. */
export type CallPath = {
  readonly segments: readonly (string | undefined)[]
  /** The first rule of request targets that the path breaks. Told only to who may know. */
  readonly fault: string | undefined
}

export type CallRequest = {
  readonly method: string
  readonly path: CallPath
  /** Says whose request it is. Throws `ResourceExhausted` when that tenant has too many in hand. */
  readonly claim: (tenant: string) => void
  /** The key's text, from wherever the door finds it. May throw `BadRequest` when there are two. */
  readonly findKeyText: () => string | undefined
  readonly requestId: string
  /** Asked for once rights and names have been judged. May throw `BadRequest`. */
  readonly readConditions: () => Conditions
  readonly readParameters: () => Parameters
  /** Asked for last, and only by operations that take a body. May throw refusals. */
  readonly readBody: (kind: BodyKind) => Promise<Body>
  /** Undefined where the client sent no Idempotency-Key. May throw `BadRequest`. */
  readonly findRepeatable: (body: Body) => RepeatableRequest | undefined
  /** Told as soon as they are known, for logs and metrics. */
  readonly trace: CallTrace
}

/** What is known of a request so far. The call fills it in; the door reads it at the end. */
export type CallTrace = {
  route?: string
  operation?: string
  tenant?: string
  keyId?: string
  /** The `--fault` that the request met. */
  faultAsked?: string
}

export type Dependencies = AuthenticationNeeds &
  OperationNeeds & {
    /** Throws `ResourceExhausted` when this key has sent too much. */
    readonly takeRate: (keyId: string) => void
  }

export type CallOutcome =
  | Answer
  | { readonly kind: 'options'; readonly allow: readonly string[] }
  /** No answer: the connection ends. Only for clients that are tried against it. */
  | { readonly kind: 'cut' }

const findRoute = compileRoutes(operations)

const servedApis = new Set(
  operations.filter(({ access }) => access === 'scope').map(({ path }) => path.split('/')[3]),
)

/** Throws `Refusal` for what the client can mend, anything else for what it cannot. */
export async function call(request: CallRequest, needs: Dependencies): Promise<CallOutcome> {
  const caller = isKeyed(request.path)
    ? admit(request, await authenticate(request.findKeyText(), needs), needs)
    : undefined
  const { route, parseNames } = locate(request.path)
  request.trace.route = route.path
  if (request.method === 'OPTIONS') return { kind: 'options', allow: route.allow }
  const operation = operationOf(route, request.method)
  request.trace.operation = operation.name

  if (operation.access === 'public') return operation.run(needs, request.readConditions)
  if (caller === undefined) throw new Error(`${operation.name} is reached without a key`)
  const names = parseNames()
  const query =
    operation.query === undefined ? noQuery : parseQuery(operation.query, request.readParameters())
  const conditions = request.readConditions()
  const { takes, repeatable } = operation
  const body = takes === undefined ? noBody : await request.readBody(takes)
  // A body may take half a minute to come, and its key be revoked meanwhile.
  if (takes !== undefined) await refuseDead(caller, needs)
  const ask = {
    caller,
    names,
    query,
    conditions,
    body: body.text,
    patchType: body.patchType,
    repeatable: repeatable && findRepeatable(request, body, repeatable),
    requestId: request.requestId,
  }
  // Awaited here: a promise that is handed on as it is takes three turns of the queue.
  const answer = await operation.run(ask, needs)
  return answer.kind === 'list'
    ? { ...answer, pages: whileAlive(answer.pages, caller, needs) }
    : answer
}

/** A list may be read for hours: it ends when its key does. */
async function* whileAlive<Page>(
  pages: AsyncIterable<Page>,
  caller: Caller,
  needs: AuthenticationNeeds,
): AsyncGenerator<Page> {
  for await (const page of pages) {
    await refuseDead(caller, needs)
    yield page
  }
}

const noQuery = {}
const noBody: Body = { text: '{}', bytes: new Uint8Array(0) }

function findRepeatable(
  request: CallRequest,
  body: Body,
  repeatable: 'kept' | 'refused',
): RepeatableRequest | undefined {
  const found = request.findRepeatable(body)
  if (found === undefined || repeatable === 'kept') return found
  throw new Refusal(
    'BadRequest',
    'An Idempotency-Key is not taken here: the answer holds the text of a key, which is kept ' +
      'nowhere and cannot be repeated. Send the request without it.',
  )
}

/** Every path under `/api/v1/` needs a key, those that do not exist too. */
export function isKeyed({ segments }: CallPath): boolean {
  return segments.length > 2 && segments[0] === 'api' && segments[1] === 'v1'
}

/** Judges the caller's rights, and gives him back. */
function admit(
  { method, path, trace, claim }: CallRequest,
  caller: Caller,
  { takeRate }: Dependencies,
): Caller {
  trace.tenant = caller.tenant
  trace.keyId = caller.keyId
  takeRate(caller.keyId)
  claim(caller.tenant)
  const { segments } = path
  const [api, tenant, resource] = [segments[2], segments[4], segments[5]]
  const named = segments[3] === 'tenants' && segments.length > 4
  // An undecodable tenant is as foreign as all others, and no key's tenant is empty.
  authorise(caller, named ? (tenant ?? '') : undefined, rightOf(method, api, named, resource))
  return caller
}

/** Undefined where no API is named, so that no scope could speak of it. */
function rightOf(
  method: string,
  api: string | undefined,
  named: boolean,
  resource: string | undefined,
): Right | undefined {
  if (!isApi(api)) return undefined
  const mode = method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? 'read' : 'write'
  return { api, resource: named ? resource : undefined, mode }
}

function locate({ segments, fault }: CallPath): Match {
  if (fault !== undefined) throw new Refusal('BadRequest', fault)
  // A path without a fault has no segment that could not be decoded.
  const decoded = segments as readonly string[]
  const match = findRoute(decoded)
  if (match !== undefined) return match
  const path = quote(`/${decoded.join('/')}`)
  throw new Refusal('NotFound', `There is no route ${path}. ${hintFor(decoded)}`)
}

function hintFor(segments: readonly string[]): string {
  const [first, version, api, word] = segments
  if (first !== 'api' || version !== 'v1') {
    return 'The API begins with /api/v1/provisioning/tenants/{tenantId}.'
  }
  if (!servedApis.has(api)) return `After /api/v1/ comes one of ${[...servedApis].join(', ')}.`
  if (word !== 'tenants' || segments.length < 5)
    return `It goes on with /api/v1/${api}/tenants/{tenantId}.`
  return 'Below a document there is only versions/current.'
}

function operationOf(route: Route, method: string): AnyOperation {
  const asked = method === 'HEAD' ? 'GET' : method
  const operation = route.operations.get(asked as Method)
  if (operation !== undefined) return operation
  const { path, allow } = route
  const below = operations.find((each) => each.method === asked && each.path.startsWith(`${path}/`))
  const hint = below === undefined ? '' : ` ${asked} goes to ${below.path}.`
  throw new Refusal(
    'MethodNotAllowed',
    `${path} does not take ${quote(method)}; it takes ${allow.join(', ')}.${hint}`,
    { allow },
  )
}
