/**
 * `If-Match` and `If-None-Match` (RFC 9110 section 13.1) as data. A door parses the headers; the
 * rule is applied where the document is, inside the transaction. Dates are no conditions here: a
 * second is too coarse for a document that changes a thousand times in one.
 */
import { Refusal } from './errors.ts'
import { quote } from './names.ts'

/** Opaque tags with their quotes and without a weakness mark; `*` is any. */
export type EntityTags = '*' | readonly string[]

export type Conditions = {
  readonly ifMatch?: EntityTags | undefined
  readonly ifNoneMatch?: EntityTags | undefined
}

/**
 * One element of the list and what ends it; RFC 9110 section 5.6.1 allows empty elements.
 * Blanks have one place to match in: two would be tried in every way against each other.
 */
const element = /[\t ]*(?:(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")[\t ]*)?(,|$)/y

/** The text of both headers, undefined when absent. Throws `BadRequest`. */
export function parseConditions(
  ifMatch: string | undefined,
  ifNoneMatch: string | undefined,
): Conditions {
  if (ifMatch === undefined && ifNoneMatch === undefined) return none
  return {
    ...(ifMatch === undefined ? {} : { ifMatch: parseTags('If-Match', ifMatch) }),
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch: parseTags('If-None-Match', ifNoneMatch) }),
  }
}

/** Most requests have none, and one object serves them all. */
const none: Conditions = {}

/**
 * Which header fails for a document with this ETag, undefined when there is none. Both compare
 * without the weakness mark: proxies that compress add it to a tag that we gave as strong.
 */
export function failedCondition(
  conditions: Conditions,
  etag: string | undefined,
): 'If-Match' | 'If-None-Match' | undefined {
  const { ifMatch, ifNoneMatch } = conditions
  if (ifMatch !== undefined && !matches(ifMatch, etag)) return 'If-Match'
  if (ifNoneMatch !== undefined && matches(ifNoneMatch, etag)) return 'If-None-Match'
  return undefined
}

/** Throws `PreconditionFailed`; `etag` is undefined where there is no document. */
export function refuseFailedCondition(conditions: Conditions, etag: string | undefined): void {
  const failed = failedCondition(conditions, etag)
  if (failed === undefined) return
  const state =
    etag === undefined ? 'there is no such document' : `the document is there, with ETag ${etag}`
  throw new Refusal('PreconditionFailed', `The condition ${failed} does not hold: ${state}.`)
}

function matches(tags: EntityTags, etag: string | undefined): boolean {
  if (etag === undefined) return false
  return tags === '*' || tags.includes(etag)
}

function parseTags(header: string, text: string): EntityTags {
  if (/^[\t ]*\*[\t ]*$/.test(text)) return '*'
  const tags = scanTags(text)
  if (tags === undefined || tags.length === 0) {
    throw new Refusal(
      'BadRequest',
      `The ${header} header ${quote(text)} is neither * nor a list of ETags in double quotes, ` +
        'as "7-1b2c3d4e".',
    )
  }
  return tags
}

/** Undefined when something in the list is no tag. */
function scanTags(text: string): string[] | undefined {
  const tags: string[] = []
  element.lastIndex = 0
  for (;;) {
    const found = element.exec(text)
    if (found === null) return undefined
    const [, tag, end] = found
    if (tag !== undefined) tags.push(tag)
    if (end === '') return tags
  }
}
