/**
 * The rule book of writing. An engine reads what is there, asks `decideWrite`, and records the
 * outcome, all in one transaction. The command is plain data, so it may cross to another thread or
 * be decided again after a lost race; the decision depends on nothing but its two arguments.
 */
import type { Conditions } from '../contract/conditions.ts'
import { refuseFailedCondition } from '../contract/conditions.ts'
import { Refusal } from '../contract/errors.ts'
import type { JsonText } from '../contract/json-text.ts'
import { isObjectText, measureJson } from '../contract/json-text.ts'
import { bodyDepthMax, bodyMembersMax } from '../contract/limits.ts'
import { isSameContent } from './compare.ts'
import type { Repeat } from './idempotency.ts'
import type { MergeDepth } from './merge.ts'
import { merge } from './merge.ts'
import { applyJsonPatch, applyMergePatch } from './patch.ts'
import type { LiveVersion, Resource, StoredDocument, Tombstone } from './resource.ts'
import {
  contentOfBase,
  etagOfBase,
  etagOfLive,
  showBase,
  showLive,
  versionsOf,
} from './resource.ts'
import { splitBaseBody, withoutStamps } from './versions.ts'

/** Which document of a resource a request addresses. */
export type Part = 'base' | 'live'

/** What a write makes of the document that is there. */
export type WriteMode = 'replace' | 'merge' | 'mergePatch' | 'jsonPatch' | 'delete'

export type WriteCommand = {
  readonly part: Part
  /** Whether the resource can have a live version; the tenant's own document cannot. */
  readonly versioned: boolean
  readonly mode: WriteMode
  readonly mergeDepth: MergeDepth
  /**
   * What the request says of the addressed document, stamps and live version taken out. A patch as
   * it was sent, and `{}` of a delete.
   */
  readonly content: JsonText
  /** What a base body says of the live version. */
  readonly live: JsonText | undefined
  readonly conditions: Conditions
  /** Who writes, as stamps name them. */
  readonly by: string
  /** Epoch milliseconds; a stamp is never less than the one before it. */
  readonly at: number
  readonly requestId: string
  /** The limit of a body, which holds for the outcome too. */
  readonly sizeMaxBytes: number
  /** Set when the client may send the same again and wants to be answered the same. */
  readonly repeat: Repeat | undefined
}

export type ChangeAction = 'create' | 'replace' | 'merge' | 'patch' | 'delete'

/** What the record keeps of one write: each document that it wrote, as it was after. */
export type Change = {
  readonly action: ChangeAction
  readonly part: Part
  readonly revision: number
  /** The number that this write published. */
  readonly version: number | undefined
  readonly base: JsonText | undefined
  readonly live: JsonText | undefined
  readonly by: string
  readonly at: number
  readonly requestId: string
}

export type WriteDecision = {
  readonly resource: Resource | Tombstone
  readonly change: Change
}

/**
 * What this command makes of this resource. Throws the refusal that the client gets: `NotFound`
 * for anything but a replacement of nothing, `PreconditionFailed`, `Conflict` for a patch that does
 * not fit, `BadRequest` or `PayloadTooLarge` for an outcome outside the limits.
 */
export function decideWrite(
  former: Resource | Tombstone | undefined,
  command: WriteCommand,
): WriteDecision {
  const current = former?.base === undefined ? undefined : former
  const target = command.part === 'base' ? current?.base : current?.live
  if (target === undefined && command.mode !== 'replace') throw missing(command.part)
  checkConditions(current, command)

  const at = Math.max(command.at, latestStamp(former))
  const revision = (former?.revision ?? 0) + 1
  const version = former?.version ?? 0
  const { part, by, requestId } = command
  const noted = { part, revision, by, at, requestId }
  if (command.mode === 'delete') {
    const change = { ...noted, action: 'delete', version: undefined } as const
    const resource =
      current === undefined || part === 'base'
        ? { revision, version, updated: at, base: undefined, live: undefined }
        : { ...current, revision, live: undefined, liveEnded: at }
    return { resource, change: { ...change, base: undefined, live: undefined } }
  }

  const said = sayOf(command, current)
  const stamps = { updated: at, updatedBy: by }
  const live = nextLive(current?.live, said, { ...stamps, revision })
  const base = nextBase(current?.base, said, stamps)
  const published = live !== undefined && changesContent(current?.live, live)
  const ended = live === undefined ? current?.liveEnded : undefined
  checkOutcome({ base, live }, command)

  return {
    resource: {
      revision,
      version: version + (published ? 1 : 0),
      base,
      live,
      ...(ended !== undefined && { liveEnded: ended }),
    },
    change: {
      ...noted,
      action: target === undefined ? 'create' : actionOf(command.mode),
      version: published ? version + 1 : undefined,
      base: base === current?.base ? undefined : base.content,
      live: live === current?.live ? undefined : live?.content,
    },
  }
}

function latestStamp(former: Resource | Tombstone | undefined): number {
  if (former === undefined) return 0
  if (former.base === undefined) return former.updated
  return Math.max(former.base.updated, former.live?.updated ?? former.liveEnded ?? 0)
}

function actionOf(mode: Exclude<WriteMode, 'delete'>): ChangeAction {
  return mode === 'mergePatch' || mode === 'jsonPatch' ? 'patch' : mode
}

/** What a write says once patches are applied: their outcome replaces, as a POST of it would. */
type Say = Pick<WriteCommand, 'part' | 'mergeDepth' | 'content' | 'live'> & {
  readonly merges: boolean
}

function sayOf(command: WriteCommand, current: Resource | undefined): Say {
  const { part, mode, mergeDepth, content, live } = command
  if (mode !== 'mergePatch' && mode !== 'jsonPatch') {
    return { part, mergeDepth, content, live, merges: mode === 'merge' }
  }
  const shown = shownPart(current, part)
  const patched =
    mode === 'mergePatch' ? applyMergePatch(shown, content) : applyJsonPatch(shown, content)
  const nested = part === 'base' && command.versioned
  const body = nested
    ? splitBaseBody(patched)
    : { content: withoutStamps(patched), live: undefined }
  if (nested && current?.live !== undefined && body.live === undefined) {
    throw new Refusal(
      'BadRequest',
      'A patch cannot remove the live version; DELETE its path, versions/current, instead.',
      { details: [{ pointer: '/versions/current', reason: 'removed by the patch' }] },
    )
  }
  return { part, mergeDepth, ...body, merges: false }
}

function shownPart(current: Resource | undefined, part: Part): JsonText {
  if (current === undefined) throw missing(part)
  if (part === 'base') return showBase(current)
  if (current.live === undefined) throw missing(part)
  return showLive(current.live)
}

/** The refusal of whatever needs a document that is not there. */
export function missing(part: Part): Refusal {
  return new Refusal(
    'NotFound',
    part === 'base'
      ? 'There is no such document; check its collection and name, or create it by POST.'
      : 'There is no live version here; check the names of the document, or create it by POST.',
  )
}

function checkConditions(current: Resource | undefined, { part, conditions }: WriteCommand): void {
  const { ifMatch, ifNoneMatch } = conditions
  if (ifMatch === undefined && ifNoneMatch === undefined) return
  refuseFailedCondition(conditions, current && etagOfPart(current, part))
}

function etagOfPart(resource: Resource, part: Part): string | undefined {
  if (part === 'base') return etagOfBase(resource)
  return resource.live && etagOfLive(resource.live)
}

function nextBase(
  current: StoredDocument | undefined,
  say: Say,
  stamps: Omit<StoredDocument, 'content'>,
): StoredDocument {
  if (say.part === 'live') return current ?? { content: '{}', ...stamps }
  return { content: nextContent(current?.content, say.content, say), ...stamps }
}

function nextLive(
  current: LiveVersion | undefined,
  say: Say,
  stamps: Omit<LiveVersion, 'content'>,
): LiveVersion | undefined {
  const said = say.part === 'live' ? say.content : say.live
  if (said === undefined) return current
  return { content: nextContent(current?.content, said, say), ...stamps }
}

function nextContent(
  current: JsonText | undefined,
  said: JsonText,
  { merges, mergeDepth }: Say,
): JsonText {
  return merges && current !== undefined ? merge(current, said, mergeDepth) : said
}

/** A number is given out for content, not for writes: saying the same again publishes nothing. */
function changesContent(current: LiveVersion | undefined, next: LiveVersion): boolean {
  return current === undefined || !isSameContent(current.content, next.content)
}

function checkOutcome(
  next: Pick<Resource, 'base' | 'live'>,
  { mode, sizeMaxBytes }: WriteCommand,
): void {
  if (next.live !== undefined) {
    const versions = versionsOf(next.base.content)
    if (versions !== undefined && !isObjectText(versions)) {
      throw new Refusal(
        'BadRequest',
        'Beside a live version the member versions must be an object; replace it first.',
        { details: [{ pointer: '/versions', reason: 'not an object, beside a live version' }] },
      )
    }
  }
  const content = contentOfBase(next)
  checkSize(content, sizeMaxBytes)
  // Elsewhere nothing stands deeper than it was sent, and what was sent was measured.
  checkMeasure(content, next.live !== undefined || mode === 'jsonPatch')
}

function checkSize(content: JsonText, sizeMaxBytes: number): void {
  // A UTF-16 unit is at most three bytes of UTF-8, so most need no counting.
  if (content.length * 3 <= sizeMaxBytes) return
  const size = Buffer.byteLength(content)
  if (size <= sizeMaxBytes) return
  throw new Refusal(
    'PayloadTooLarge',
    `The document would have ${size} bytes, and ${sizeMaxBytes} is the most; split it.`,
  )
}

function checkMeasure(content: JsonText, mayBeDeeper: boolean): void {
  // Every member takes two characters, and so does every level.
  if (content.length <= (mayBeDeeper ? bodyDepthMax : bodyMembersMax) * 2) return
  const { depth, members } = measureJson(content)
  const fault =
    depth > bodyDepthMax
      ? `be nested ${depth} levels deep, and ${bodyDepthMax} is the most`
      : members > bodyMembersMax
        ? `have ${members} members and elements, and ${bodyMembersMax} is the most`
        : undefined
  if (fault !== undefined) throw new Refusal('BadRequest', `The document would ${fault}.`)
}
