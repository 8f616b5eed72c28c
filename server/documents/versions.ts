/**
 * The live version inside a base body. A body that carries an object at `versions.current` speaks
 * of two documents; this file takes them apart. What a client says in the stamps of either is
 * dropped here, so that nothing further in can take it for the truth.
 */
import { Refusal } from '../contract/errors.ts'
import type { JsonObject } from '../contract/json.ts'
import { isJsonObject } from '../contract/json.ts'

export type BaseBody = {
  readonly content: JsonObject
  /** What the body says of the live version; undefined when it does not mention it. */
  readonly live: JsonObject | undefined
}

/** Throws `BadRequest` when `versions.current` is there and no object. */
export function splitBaseBody(body: JsonObject): BaseBody {
  const content = withoutStamps(body)
  const versions = Object.hasOwn(content, 'versions') ? content.versions : undefined
  if (!isJsonObject(versions) || !Object.hasOwn(versions, 'current')) {
    return { content, live: undefined }
  }
  const { current, ...others } = versions
  if (!isJsonObject(current)) {
    throw new Refusal('BadRequest', 'The live version, versions.current, must be an object.', {
      details: [{ pointer: '/versions/current', reason: 'not an object' }],
    })
  }
  const { versions: _, ...rest } = content
  const emptied = Object.keys(others).length === 0
  return {
    content: emptied ? rest : { ...content, versions: others },
    live: withoutStamps(current),
  }
}

/** The body without what the server says itself. */
export function withoutStamps(body: JsonObject): JsonObject {
  if (!Object.hasOwn(body, 'updated') && !Object.hasOwn(body, 'updatedBy')) return body
  const { updated: _, updatedBy: __, ...content } = body
  return content
}
