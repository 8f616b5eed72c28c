/**
 * A resource as it is kept: one base document and, for some, its live version, under one revision
 * counter. Content is JSON text without stamps and without `versions.current`; this file puts them
 * together again as GET shows them. Splicing text, not parsing it, is what makes a read cheap.
 */
import { createHash } from 'node:crypto'
import type { JsonObject } from '../contract/json.ts'
import { isJsonObject, writeJson } from '../contract/json.ts'

/** The text of a JSON object, made by `writeJson`: no blanks, at least `{}`. */
export type JsonText = string

export type StoredDocument = {
  readonly content: JsonText
  /** Epoch milliseconds of its last write. */
  readonly updated: number
  readonly updatedBy: string
}

/** `revision` is the resource's at the last write of the live version itself. */
export type LiveVersion = StoredDocument & { readonly revision: number }

export type Resource = {
  /** 1 at the first write, one more with each write to base or live version. */
  readonly revision: number
  /** The number of the last published version; 0 before the first. */
  readonly version: number
  readonly base: StoredDocument
  readonly live: LiveVersion | undefined
}

/** The live version as GET shows it. */
export function showLive(live: LiveVersion): JsonText {
  return withStamps(live.content, live)
}

/** The base as GET shows it, the live version under `versions.current`. */
export function showBase({ base, live }: Resource): JsonText {
  const content = live === undefined ? base.content : withLive(base.content, showLive(live))
  return withStamps(content, base)
}

/** The base as GET shows it, without any stamps: what limits and ETags are taken of. */
export function contentOfBase({ base, live }: Pick<Resource, 'base' | 'live'>): JsonText {
  return live === undefined ? base.content : withLive(base.content, live.content)
}

/** Strong, quotes included. Changes with every write to base or live version. */
export function etagOfBase(resource: Resource): string {
  return etag(resource.revision, contentOfBase(resource))
}

/** Strong, quotes included. Changes with every write to the live version, and no other. */
export function etagOfLive(live: LiveVersion): string {
  return etag(live.revision, live.content)
}

/** What stands under `versions` in this content; undefined when nothing does. */
export function versionsOf(content: JsonText): JsonObject[string] | undefined {
  // Reading by key would be a parse of every document; most do not mention the word.
  if (!content.includes('"versions":')) return undefined
  const parsed: JsonObject = JSON.parse(content)
  return Object.hasOwn(parsed, 'versions') ? parsed.versions : undefined
}

/** The hash tells two histories apart that came to the same revision, as after a restore. */
function etag(revision: number, content: JsonText): string {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8)
  return `"${revision}-${hash}"`
}

function withStamps(content: JsonText, { updated, updatedBy }: StoredDocument): JsonText {
  return append(content, `"updated":${updated},"updatedBy":${JSON.stringify(updatedBy)}`)
}

function withLive(content: JsonText, live: JsonText): JsonText {
  const versions = versionsOf(content)
  if (versions === undefined) return append(content, `"versions":{"current":${live}}`)
  const others = isJsonObject(versions) ? versions : {}
  const parsed: JsonObject = JSON.parse(content)
  return writeJson({ ...parsed, versions: { ...others, current: JSON.parse(live) } })
}

function append(content: JsonText, members: string): JsonText {
  return content === '{}' ? `{${members}}` : `${content.slice(0, -1)},${members}}`
}
