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
import type { MergeDepth } from './merge.ts'
import { merge } from './merge.ts'
import type { LiveVersion, Resource, StoredDocument } from './resource.ts'
import { contentOfBase, etagOfBase, etagOfLive, versionsOf } from './resource.ts'

/** Which document of a resource a request addresses. */
export type Part = 'base' | 'live'

export type WriteCommand = {
  readonly part: Part
  readonly mode: 'replace' | 'merge'
  readonly mergeDepth: MergeDepth
  /** What the request says of the addressed document, stamps and live version taken out. */
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
}

export type ChangeAction = 'create' | 'replace' | 'merge'

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

export type WriteDecision = { readonly resource: Resource; readonly change: Change }

/**
 * What this command makes of this resource. Throws the refusal that the client gets: `NotFound`
 * for a merge into nothing, `PreconditionFailed`, `BadRequest` or `PayloadTooLarge` for an outcome
 * outside the limits.
 */
export function decideWrite(current: Resource | undefined, command: WriteCommand): WriteDecision {
  const target = command.part === 'base' ? current?.base : current?.live
  if (target === undefined && command.mode === 'merge') throw missing(command.part)
  checkConditions(current, command)

  const at = Math.max(command.at, current?.base.updated ?? 0, current?.live?.updated ?? 0)
  const revision = (current?.revision ?? 0) + 1
  const stamps = { updated: at, updatedBy: command.by }

  const live = nextLive(current?.live, command, { ...stamps, revision })
  const base = nextBase(current?.base, command, stamps)
  const published = live !== undefined && changesContent(current?.live, live)
  const version = (current?.version ?? 0) + (published ? 1 : 0)
  checkOutcome({ base, live }, command.sizeMaxBytes)

  return {
    resource: { revision, version, base, live },
    change: {
      action: target === undefined ? 'create' : command.mode,
      part: command.part,
      revision,
      version: published ? version : undefined,
      base: base === current?.base ? undefined : base.content,
      live: live === current?.live ? undefined : live?.content,
      by: command.by,
      at,
      requestId: command.requestId,
    },
  }
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
  command: WriteCommand,
  stamps: Omit<StoredDocument, 'content'>,
): StoredDocument {
  if (command.part === 'live') return current ?? { content: '{}', ...stamps }
  return { content: nextContent(current?.content, command.content, command), ...stamps }
}

function nextLive(
  current: LiveVersion | undefined,
  command: WriteCommand,
  stamps: Omit<LiveVersion, 'content'>,
): LiveVersion | undefined {
  const said = command.part === 'live' ? command.content : command.live
  if (said === undefined) return current
  return { content: nextContent(current?.content, said, command), ...stamps }
}

function nextContent(
  current: JsonText | undefined,
  said: JsonText,
  { mode, mergeDepth }: WriteCommand,
): JsonText {
  if (mode === 'replace' || current === undefined) return said
  return merge(current, said, mergeDepth)
}

/** A number is given out for content, not for writes: saying the same again publishes nothing. */
function changesContent(current: LiveVersion | undefined, next: LiveVersion): boolean {
  return current === undefined || !isSameContent(current.content, next.content)
}

function checkOutcome(next: Pick<Resource, 'base' | 'live'>, sizeMaxBytes: number): void {
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
  checkMeasure(content, next.live !== undefined)
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

function checkMeasure(content: JsonText, nested: boolean): void {
  // Every member takes two characters, and only a live version is nested deeper than it was sent.
  if (!nested && content.length <= bodyMembersMax * 2) return
  const { depth, members } = measureJson(content)
  const fault =
    depth > bodyDepthMax
      ? `be nested ${depth} levels deep, and ${bodyDepthMax} is the most`
      : members > bodyMembersMax
        ? `have ${members} members and elements, and ${bodyMembersMax} is the most`
        : undefined
  if (fault !== undefined) throw new Refusal('BadRequest', `The document would ${fault}.`)
}
