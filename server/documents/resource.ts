/**
 * A resource as it is kept: one base document and, for some, its live version, under one revision
 * counter. Content is JSON text without stamps and without `versions.current`; this file puts them
 * together again as GET shows them. Splicing text, not parsing it, is what makes a read cheap.
 */
import { hash } from 'node:crypto'
import type { JsonText } from '../contract/json-text.ts'
import { append, findMember, withMember } from '../contract/json-text.ts'

export type StoredDocument = {
  /** The text of an object. */
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
  /** Epoch milliseconds at which the last live version was taken off: a later stamp is not less. */
  readonly liveEnded?: number
}

/** What is left of a resource that was deleted: made again, it goes on from here. */
export type Tombstone = {
  readonly revision: number
  readonly version: number
  /** Epoch milliseconds of the delete: a later stamp is never less. */
  readonly updated: number
  readonly base: undefined
  readonly live: undefined
}

/** A document as GET answers it. */
export type Shown = { readonly text: JsonText; readonly etag: string }

/** What was shown once of an object that never changes need not be put together again. */
const shownBases = new WeakMap<Resource, Shown>()

/** The base as GET answers it, the live version under `versions.current`. */
export function shownBase(resource: Resource): Shown {
  const known = shownBases.get(resource)
  if (known !== undefined) return known
  const shown = { text: showBase(resource), etag: etagOfBase(resource) }
  shownBases.set(resource, shown)
  return shown
}

/** The live version as GET answers it. */
export function shownLive(live: LiveVersion): Shown {
  return { text: showLive(live), etag: etagOfLive(live) }
}

/** The text of the live version, as GET shows it. */
export function showLive(live: LiveVersion): JsonText {
  return withStamps(live.content, live)
}

/** The text of the base, as GET and lists show it. */
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
export function versionsOf(content: JsonText): JsonText | undefined {
  return findMember(content, '"versions"')
}

/** The hash tells two histories apart that came to the same revision, as after a restore. */
function etag(revision: number, content: JsonText): string {
  return `"${revision}-${hash('sha256', content, 'hex').slice(0, 8)}"`
}

function withStamps(content: JsonText, { updated, updatedBy }: StoredDocument): JsonText {
  return append(content, `"updated":${updated},"updatedBy":${JSON.stringify(updatedBy)}`)
}

/** Beside a live version `versions` is an object without `current`, or is not there. */
function withLive(content: JsonText, live: JsonText): JsonText {
  const others = versionsOf(content) ?? '{}'
  return withMember(content, '"versions"', append(others, `"current":${live}`))
}
