/**
 * Where the answers of two servers differ: statuses, the headers that the contract speaks of, and
 * bodies. What must differ (times, ids, cursors, hashes, words for people) counts by its form.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Fact } from './check.ts'
import { checks } from './checks.ts'
import type { Answered } from './exchange.ts'
import { headerOf } from './exchange.ts'
import { isObject, shown } from './expect.ts'
import type { Run } from './run.ts'

export type Difference = Fact & {
  readonly answered: Answered
  /** Each as `status`, `header ETag` or `body at /a/b`, and what either server said of it. */
  readonly parts: readonly { readonly what: string; readonly one: string; readonly other: string }[]
}

/** By check the first answer that differs: what comes behind it follows from it. */
export function compare(one: Run, other: Run): readonly Difference[] {
  return checks.flatMap((check, place): Difference[] => {
    const { operation, level, clause, title } = check
    const ours = one.answers.get(place) ?? []
    const theirs = other.answers.get(place) ?? []
    // How many keys there are, and which, is each server's own.
    if (check.racing === true || operation === 'keys and whoami') return []
    for (const [at, answered] of ours.entries()) {
      const pair = theirs[at]
      if (pair === undefined) return []
      const parts = partsOf(answered, one, pair, other)
      if (parts.length > 0) return [{ operation, level, clause, title, answered, parts }]
    }
    return []
  })
}

type Parts = Difference['parts']

function partsOf(ours: Answered, one: Run, theirs: Answered, other: Run): Parts {
  const parts: { what: string; one: string; other: string }[] = []
  const add = (what: string, mine: unknown, yours: unknown) => {
    if (isDeepStrictEqual(mine, yours)) return
    parts.push({ what, one: textOf(mine), other: textOf(yours) })
  }
  add('status', ours.status, theirs.status)
  for (const [header, form] of Object.entries(headerForms)) {
    const formOf = (answered: Answered, run: Run) => {
      const value = headerOf(answered, header)
      return value === undefined ? undefined : form(neutral(value, run), answered)
    }
    add(`header ${header}`, formOf(ours, one), formOf(theirs, other))
  }
  addBodies(add, '', bodyForm(ours, one), bodyForm(theirs, other))
  return parts.slice(0, partsMax)
}

/** Of one answer; more tell nothing new. */
const partsMax = 6

const sorted = (value: string) =>
  value
    .split(',')
    .map((each) => each.trim())
    .sort()
    .join(', ')

const headerForms: {
  readonly [name: string]: (value: string, answered: Answered) => string
} = {
  'Content-Type': (value) => value.toLowerCase().replaceAll(' ', ''),
  Location: (value) => value.replace(/^https?:\/\/[^/]+/, '').replace(/^.*?(?=\/api\/v1\/)/, ''),
  ETag: (value) => value.replace(/^"(\d+)-[0-9a-f]{8}"$/, '"$1-<8 hex>"'),
  Allow: sorted,
  'Accept-Patch': sorted,
  'Cache-Control': sorted,
  Vary: (value) => sorted(value.toLowerCase()),
  'WWW-Authenticate': (value) => value,
  Link: (value) => value.replace(/cursor=[^&>]+/, 'cursor=<cursor>'),
  'Retry-After': () => '<seconds>',
  'Idempotency-Replayed': (value) => value,
  'X-Content-Type-Options': (value) => value,
  'X-Request-Id': (value, { sent }) => {
    const given = sent.headers.find(([name]) => name === 'X-Request-Id')?.[1]
    return value === given ? 'that of the client' : '<one of the server>'
  },
  'Content-Encoding': (value) => value,
  'Access-Control-Allow-Origin': (value) => value,
}

/** Without what names this run and its tenant. */
function neutral(text: string, { ground, site }: Run): string {
  return text
    .replaceAll(ground.collection, '{own}')
    .replaceAll(ground.home, '{home}')
    .replaceAll(`/tenants/${site.tenant}/`, '/tenants/{tenant}/')
}

/** The sentences that the contract fixes are compared; all others are for people. */
const fixedCodes = new Set(['Unauthenticated', 'PermissionDenied', 'InternalServerError'])

function bodyForm(answered: Answered, run: Run): unknown {
  const { json, text, status } = answered
  if (json === undefined) return text === '' ? undefined : `<${text.length} characters, no JSON>`
  if (status >= 400 && isObject(json) && typeof json.message === 'string') {
    const { details: _, message, ...more } = json
    return { ...more, message: fixedCodes.has(String(json.code)) ? message : '<message>' }
  }
  if (answered.sent.target === '/' && isObject(json)) return { ...json, build: '<build>' }
  return formOf(json, run)
}

function formOf(value: unknown, run: Run): unknown {
  if (typeof value === 'string') return neutral(value, run)
  if (Array.isArray(value)) return value.map((each) => formOf(each, run))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      if (name === 'updated' && typeof each === 'number' && each > 1e12) return [name, '<time>']
      if (name === 'updatedBy' && /^apikey:./.test(String(each))) return [name, 'apikey:<id>']
      return [neutral(name, run), formOf(each, run)]
    }),
  )
}

/** Where they differ first on each way down. */
function addBodies(
  add: (what: string, mine: unknown, yours: unknown) => void,
  at: string,
  mine: unknown,
  yours: unknown,
): void {
  if (isObject(mine) && isObject(yours)) {
    for (const name of new Set([...Object.keys(mine), ...Object.keys(yours)])) {
      const step = name.replaceAll('~', '~0').replaceAll('/', '~1')
      addBodies(add, `${at}/${step}`, mine[name], yours[name])
    }
  } else if (Array.isArray(mine) && Array.isArray(yours) && mine.length === yours.length) {
    for (const [place, each] of mine.entries()) addBodies(add, `${at}/${place}`, each, yours[place])
  } else add(at === '' ? 'body' : `body at ${at}`, mine, yours)
}

function textOf(value: unknown): string {
  return value === undefined ? 'none' : typeof value === 'string' ? value : shown(value)
}
