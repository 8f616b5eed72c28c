/**
 * Faults that somebody asked for, so that a client can be tried against a server that fails now and
 * then. They stand before `call.ts`, where an overload would: whoever asks, with whatever key, may
 * meet one. What needs no key (`/health`, `/ready`) never does.
 */
import type { CallOutcome, CallRequest } from './call.ts'
import { isKeyed } from './call.ts'
import type { RefusalCode } from './contract/errors.ts'
import { Refusal } from './contract/errors.ts'
import { quote } from './contract/names.ts'
import type { StartTimer } from './contract/timer.ts'
import { operations } from './operations.ts'
import { compileRoutes } from './route.ts'

/** One `--fault`, as `PUT /bots/*=503:10%`. */
export type FaultRule = {
  /** As it was asked for. */
  readonly text: string
  readonly matches: (request: Pick<CallRequest, 'method' | 'path'>) => boolean
  readonly fault: AskedFault
  /** How many of the requests that it matches meet it: a share of 1, or the first so many. */
  readonly often: { readonly share: number } | { readonly first: number }
}

export type AskedFault =
  /** Nothing is done, and the answer is this refusal. */
  | { readonly kind: 'refusal'; readonly code: RefusalCode }
  /** All is done, so much later. */
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** Nothing is done, and the connection ends without an answer. */
  | { readonly kind: 'cut' }
  /** All is done, and then the connection ends without an answer. */
  | { readonly kind: 'lost' }

type Asked = Pick<CallRequest, 'method' | 'path' | 'trace'>

export type FaultNeeds = {
  /** From 0 to below 1. */
  readonly draw: () => number
  readonly startTimer: StartTimer
}

/** What a client has to live with; the other refusals can be had by asking for them. */
const codes: { readonly [status: string]: RefusalCode } = {
  429: 'ResourceExhausted',
  500: 'InternalServerError',
  503: 'Unavailable',
  507: 'StorageFull',
}

/** Longer than any client should wait. */
const delayMaxMs = 600_000

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

const findRoute = compileRoutes(operations)

/** How a rule is written, for help and messages. */
export const faultForm =
  '[METHOD] WHAT=FAULT:OFTEN, where WHAT is *, an operation (putProvisioningDocument) or a path ' +
  'below the tenant, with a slash (/users, /bots/*); ' +
  `FAULT is ${Object.keys(codes).join(', ')}, cut, lost or a delay (200ms, 2s); ` +
  'OFTEN is a share (10%) or the first so many (3x)'

/** Reads a rule. Throws `BadRequest` that says how one is written. */
export function parseFaultRule(text: string): FaultRule {
  const [, what = '', faultText = '', oftenText = ''] =
    /^\s*([^=]+?)\s*=\s*([^:]+?)\s*(?::\s*(\S*)\s*)?$/.exec(text) ?? []
  const matches = parseWhat(what)
  const fault = parseFault(faultText)
  const often = parseOften(oftenText)
  if (matches !== undefined && fault !== undefined && often !== undefined) {
    return { text, matches, fault, often }
  }
  const wrong =
    matches === undefined
      ? 'names no method, operation or path'
      : fault === undefined
        ? 'says none of the faults that there are'
        : 'does not say how often'
  throw new Refusal(
    'BadRequest',
    `The fault ${quote(text)} ${wrong}. A fault is written ${faultForm}.`,
  )
}

/** `call`, behind faults by these rules. In order: delays add up, and the first end is the end. */
export function withFaults<Request extends Asked>(
  call: (request: Request) => Promise<CallOutcome>,
  rules: readonly FaultRule[],
  { draw, startTimer }: FaultNeeds,
): (request: Request) => Promise<CallOutcome> {
  const met = new Map<FaultRule, number>()
  const strikes = (rule: FaultRule) => {
    const { often } = rule
    if ('share' in often) return draw() < often.share
    const times = met.get(rule) ?? 0
    met.set(rule, times + 1)
    return times < often.first
  }
  return async (request) => {
    if (!isKeyed(request.path)) return call(request)
    for (const rule of rules) {
      if (!rule.matches(request) || !strikes(rule)) continue
      const { fault, text } = rule
      request.trace.faultAsked = text
      if (fault.kind === 'delay') {
        await new Promise<void>((resolve) => void startTimer(fault.delayMs, resolve))
        continue
      }
      if (fault.kind === 'refusal') throw refusalOf(fault.code, text)
      if (fault.kind === 'lost') await call(request)
      return { kind: 'cut' }
    }
    return call(request)
  }
}

/** Numbers from 0 to below 1 that look random, and are the same for the same seed (xorshift32). */
export function drawFrom(seed: number): () => number {
  // Zero would stay zero.
  let state = (seed ^ 0x9e3779b9) | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

function refusalOf(code: RefusalCode, text: string): Refusal {
  if (code === 'InternalServerError') return new Refusal(code, 'Internal Server Error')
  return new Refusal(code, `This was asked for by --fault ${quote(text)}; nothing was done.`, {
    retryAfterSeconds: 1,
  })
}

function parseWhat(text: string): FaultRule['matches'] | undefined {
  const [, method, rest = '*'] = /^(?:([A-Z]+)(?:\s+|$))?(\S+)?$/.exec(text) ?? []
  if (text === '' || (method !== undefined && !methods.includes(method))) return undefined
  const isWanted = whatIsWanted(rest)
  if (isWanted === undefined) return undefined
  return (request) => (method === undefined || request.method === method) && isWanted(request)
}

function whatIsWanted(text: string): FaultRule['matches'] | undefined {
  if (text === '*') return () => true
  if (operations.some(({ name }) => name === text)) {
    return ({ method, path }) => operationAt(method, path.segments)?.name === text
  }
  if (!text.includes('/')) return undefined
  const wanted = text.split('/').filter((segment) => segment !== '')
  return ({ path }) => {
    // Behind /api/v1/{api}/tenants/{tenantId}.
    const below = path.segments.slice(5)
    return (
      below.length === wanted.length &&
      wanted.every((segment, at) => segment === '*' || segment === below[at])
    )
  }
}

function operationAt(method: string, segments: CallRequest['path']['segments']) {
  const decoded = segments.filter((segment) => segment !== undefined)
  if (decoded.length < segments.length) return undefined
  const asked = method === 'HEAD' ? 'GET' : method
  const operationsThere = findRoute(decoded)?.route.operations
  return [...(operationsThere?.values() ?? [])].find((each) => each.method === asked)
}

function parseFault(text: string): AskedFault | undefined {
  if (text === 'cut' || text === 'lost') return { kind: text }
  const code = Object.hasOwn(codes, text) ? codes[text] : undefined
  if (code !== undefined) return { kind: 'refusal', code }
  const [, count, unit] = /^(\d{1,6})(ms|s)$/.exec(text) ?? []
  const delayMs = Number(count) * (unit === 's' ? 1000 : 1)
  return delayMs > 0 && delayMs <= delayMaxMs ? { kind: 'delay', delayMs } : undefined
}

function parseOften(text: string): FaultRule['often'] | undefined {
  const [, percent] = /^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text) ?? []
  const share = Number(percent) / 100
  if (share > 0 && share <= 1) return { share }
  const [, first] = /^([1-9]\d{0,5})x$/.exec(text) ?? []
  return first === undefined ? undefined : { first: Number(first) }
}
