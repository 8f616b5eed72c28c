/**
 * The live version inside a base body. A body that carries an object at `versions.current` speaks
 * of two documents; this file takes them apart. What a client says in the stamps of either is
 * dropped here, so that nothing further in can take it for the truth.
 */
import { Refusal } from '../contract/errors.ts'
import type { JsonText } from '../contract/json-text.ts'
import { findMember, isObjectText, withMember, withoutMember } from '../contract/json-text.ts'

export type BaseBody = {
  readonly content: JsonText
  /** What the body says of the live version; undefined when it does not mention it. */
  readonly live: JsonText | undefined
}

/** Throws `BadRequest` when `versions.current` is there and no object. */
export function splitBaseBody(body: JsonText): BaseBody {
  const content = withoutStamps(body)
  const versions = findMember(content, '"versions"')
  if (versions === undefined || !isObjectText(versions)) return { content, live: undefined }
  const current = findMember(versions, '"current"')
  if (current === undefined) return { content, live: undefined }
  if (!isObjectText(current)) {
    throw new Refusal('BadRequest', 'The live version, versions.current, must be an object.', {
      details: [{ pointer: '/versions/current', reason: 'not an object' }],
    })
  }
  const others = withoutMember(versions, '"current"')
  return {
    content:
      others === '{}'
        ? withoutMember(content, '"versions"')
        : withMember(content, '"versions"', others),
    live: withoutStamps(current),
  }
}

/** The body without what the server says itself. */
export function withoutStamps(body: JsonText): JsonText {
  return withoutMember(withoutMember(body, '"updated"'), '"updatedBy"')
}
