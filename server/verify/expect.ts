/** What checks expect of answers. Each throws `Unmet`, with what was expected and what came. */
import { isDeepStrictEqual } from 'node:util'
import { NotAsked, Unmet } from './check.ts'
import type { Answered } from './exchange.ts'
import { headerOf } from './exchange.ts'

/** Documents and lists as a check looks into them; what it expects of their shape it says. */
export type Loose = { readonly [member: string]: unknown }

/** A value as JSON. What is too long a report cuts, when it has hidden keys. */
export function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value)
}

/** Throws what was expected and what came instead. */
export function unmet(answered: Answered, expected: string, came: string): never {
  throw new Unmet({ expected, came }, answered)
}

/** One of these statuses. */
export function expectStatus(answered: Answered, ...statuses: readonly number[]): void {
  if (statuses.includes(answered.status)) return
  unmet(answered, `status ${statuses.join(' or ')}`, statusLine(answered))
}

/** The status and the body. */
export function statusLine({ status, text }: Answered): string {
  return text === '' ? `status ${status}` : `status ${status} with ${text}`
}

/** An object of JSON. */
export function objectOf(answered: Answered): Loose {
  const { json } = answered
  if (isObject(json)) return json
  return unmet(answered, 'a JSON object', statusLine(answered))
}

export type Entry = { readonly id: string; readonly data: Loose }

/** The entries of a list. That it is one is a check of its own; others cannot be asked without. */
export function entriesOf(answered: Answered): readonly Entry[] {
  if (isList(answered.json)) return answered.json
  throw new NotAsked('it needs a list of {id, data}')
}

/** That it is a list. */
export function expectEntries(answered: Answered): readonly Entry[] {
  if (isList(answered.json)) return answered.json
  return unmet(answered, 'an array of {id, data}', statusLine(answered))
}

function isList(json: unknown): json is readonly Entry[] {
  const isEntry = (each: unknown) =>
    isObject(each) && typeof each.id === 'string' && isObject(each.data)
  return Array.isArray(json) && json.every(isEntry)
}

/** Whether it is neither an array, null, nor a scalar. */
export function isObject(value: unknown): value is Loose {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The document without stamps, its own and those of the live version that it shows. */
export function contentOf(document: unknown): unknown {
  if (!isObject(document)) return document
  const { updated: _, updatedBy: __, ...content } = document
  const { versions } = content
  if (!isObject(versions) || !isObject(versions.current)) return content
  return { ...content, versions: { ...versions, current: contentOf(versions.current) } }
}

/** This content beside stamps, its members in any order. */
export function expectContent(answered: Answered, content: unknown): void {
  const came = contentOf(answered.json)
  if (isDeepStrictEqual(came, content)) return
  unmet(answered, `the content ${shown(content)}`, shown(came ?? answered.text))
}

/** A header of this form; undefined where there must be none. */
export function expectHeader(
  answered: Answered,
  name: string,
  wanted: RegExp | string | undefined,
): void {
  const value = headerOf(answered, name)
  const holds =
    wanted === undefined || value === undefined
      ? value === wanted
      : typeof wanted === 'string'
        ? value === wanted
        : wanted.test(value)
  if (holds) return
  const form = wanted instanceof RegExp ? `like ${wanted}` : wanted
  unmet(
    answered,
    wanted === undefined ? `no ${name} header` : `the header ${name}: ${form}`,
    value === undefined ? 'none' : `${name}: ${value}`,
  )
}

/** Two values that must be equal, and what they are. */
export function expectSame(answered: Answered, what: string, came: unknown, wanted: unknown): void {
  if (isDeepStrictEqual(came, wanted)) return
  unmet(answered, `${what} ${shown(wanted)}`, shown(came))
}
