/**
 * Parameters of queries that operations know. Unknown ones are ignored; known ones come once and
 * must parse.
 */
import { Refusal } from './errors.ts'
import { listLimitMax } from './limits.ts'
import { quote } from './names.ts'

/** What a query said of a list. */
export type Query = {
  readonly limit?: number
  /** Not yet verified: what it is bound to only its operation knows. */
  readonly cursor?: string
}

export type QueryName = keyof Query

/** The values of a parameter in the order they came. */
export type Parameters = ReadonlyMap<string, readonly string[]>

const parsers = {
  limit: parseLimit,
  cursor: (text: string) => text,
} as const satisfies { readonly [Name in QueryName]: (text: string) => unknown }

/** Throws `BadRequest` for a parameter that came twice, or does not parse. */
export function parseQuery(names: readonly QueryName[], parameters: Parameters): Query {
  const query: { -readonly [Name in QueryName]: string | number } = {} as never
  for (const name of names) {
    const [text, ...others] = parameters.get(name) ?? []
    if (text === undefined) continue
    if (others.length > 0) {
      throw new Refusal('BadRequest', `The parameter ${name} came twice; send it once.`)
    }
    query[name] = parsers[name](text)
  }
  return query as Query
}

function parseLimit(text: string): number {
  const limit = /^[0-9]{1,6}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= listLimitMax) return limit
  throw new Refusal(
    'BadRequest',
    `The limit ${quote(text)} is no whole number from 1 to ${listLimitMax}.`,
  )
}
