/**
 * Writes for the rule book: what is there before them, commands as the operations make them of a
 * request, and what they come to. The clock of every write stands at `now`, unless it says else.
 */
import assert from 'node:assert/strict'
import { parseConditions } from '../../server/contract/conditions.ts'
import type { Json, JsonObject } from '../../server/contract/json.ts'
import type { LiveVersion, Resource, Tombstone } from '../../server/documents/resource.ts'
import { splitBaseBody, withoutStamps } from '../../server/documents/versions.ts'
import type { Part, WriteCommand, WriteDecision, WriteMode } from '../../server/documents/write.ts'
import { decideWrite } from '../../server/documents/write.ts'

/** The stamps of what was there, and of what a write makes. */
export const earlier = { updated: 1000, updatedBy: 'apikey:earlier' }
export const now = { updated: 5000, updatedBy: 'apikey:now' }

/** A body as an operation hands it in: a patch as it was sent, a document taken apart. */
export function commandOf(
  mode: WriteMode,
  part: Part,
  body: Json,
  more: Partial<WriteCommand> = {},
): WriteCommand {
  const text = JSON.stringify(body)
  const isDocument = mode === 'replace' || mode === 'merge'
  const nested = isDocument && part === 'base'
  return {
    part,
    mode,
    versioned: true,
    mergeDepth: 'deep',
    repeat: undefined,
    ...(nested
      ? splitBaseBody(text)
      : { content: isDocument ? withoutStamps(text) : text, live: undefined }),
    conditions: {},
    by: now.updatedBy,
    at: now.updated,
    requestId: 'request-1',
    sizeMaxBytes: 1_048_576,
    ...more,
  }
}

type Kept = Omit<WriteDecision, 'resource'> & { readonly resource: Resource }

/** What is decided of it; fails where nothing is left of the resource. */
export function decide(
  former: Resource | Tombstone | undefined,
  mode: WriteMode,
  part: Part,
  body: Json,
  more: Partial<WriteCommand> = {},
): Kept {
  const { resource, change } = decideWrite(former, commandOf(mode, part, body, more))
  assert.ok(resource.base !== undefined, 'there is nothing left of it')
  return { resource, change }
}

/** The writes of documents, told as requests. */
export type Write = 'POST base' | 'PUT base' | 'POST live' | 'PUT live'

export const everyWrite: readonly Write[] = ['POST base', 'PUT base', 'POST live', 'PUT live']

/** The command that this request becomes. */
export function requestCommand(
  write: Write,
  body: JsonObject,
  more: Partial<WriteCommand> = {},
): WriteCommand {
  return commandOf(...modeAndPart(write), body, more)
}

/** What is decided of this request; fails where nothing is left of the resource. */
export function decideRequest(
  current: Resource | undefined,
  write: Write,
  body: JsonObject,
  more: Partial<WriteCommand> = {},
): Kept {
  return decide(current, ...modeAndPart(write), body, more)
}

function modeAndPart(write: Write): [WriteMode, Part] {
  return [write.startsWith('POST') ? 'replace' : 'merge', write.endsWith('base') ? 'base' : 'live']
}

/** The conditions of a command with this If-Match, or this If-None-Match. */
export const matching = (text: string) => ({ conditions: parseConditions(text, undefined) })
export const noneMatching = (text: string) => ({ conditions: parseConditions(undefined, text) })

/** The two ways to say that a member of the base or live version becomes this value. */
export const setting = (
  key: string,
  value: Json,
): readonly (readonly [mode: 'mergePatch' | 'jsonPatch', patch: Json])[] => [
  ['mergePatch', { [key]: value }],
  ['jsonPatch', [{ op: 'add', path: `/${key}`, value }]],
]

/** A resource of these contents at revision 7, its live version the third. */
export function resourceOf(base: JsonObject, live?: JsonObject): Resource {
  return {
    revision: 7,
    version: live === undefined ? 0 : 3,
    base: { content: JSON.stringify(base), ...earlier },
    live: live && { content: JSON.stringify(live), ...earlier, revision: 4 },
  }
}

/** What a document says, as a value. */
export const contentOf = (document: { content: string } | undefined): Json | undefined =>
  document && JSON.parse(document.content)

/** A base alone, one with a live version and data beside it, and what a delete leaves. */
export const plain = resourceOf({ a: 1 })
export const both = resourceOf({ a: 1, versions: { draft: 1 } }, { x: 1 })
export const tombstone: Tombstone = {
  revision: 9,
  version: 3,
  updated: 8000,
  base: undefined,
  live: undefined,
}

/** What was there. Every base holds `a`, every live version `x`. */
export const states = {
  'a missing document': undefined,
  'a base': plain,
  'a base with versions data': resourceOf({ a: 1, versions: { draft: 1 } }),
  'a base with versions that are no object': resourceOf({ a: 1, versions: 'v' }),
  'a base with a live version': resourceOf({ a: 1 }, { x: 1 }),
  'a base with a live version and versions data': both,
} as const satisfies { readonly [state: string]: Resource | undefined }

export type State = keyof typeof states
export const stateNames = Object.keys(states) as State[]
export const liveState = 'a base with a live version'

/** What a base body can say of versions, apart from what is refused always or is no object. */
export const mentions = {
  absent: {},
  '{}': { versions: {} },
  'no current': { versions: { old: 2 } },
  'empty current': { versions: { current: {} } },
  current: { versions: { current: { y: 2 } } },
  'current and others': { versions: { current: { y: 2 }, old: 2 } },
} as const satisfies { readonly [mention: string]: JsonObject }

export const notObjects: readonly Json[] = [null, [], [{ current: {} }], 'w', 0, true]

/** Base content, live content and last published number after the write. */
export type After = { base: JsonObject; live?: JsonObject; version: number }

export type Expected = After & {
  readonly created: boolean
  readonly revision: number
  /** The documents that carry the stamps of this write; the others are as they were. */
  readonly wrote: readonly Part[]
}

/** Fails unless resource and change are what was expected, and what was not written as before. */
export function checkOutcome(
  before: Resource | undefined,
  decision: WriteDecision,
  expected: Expected,
): void {
  const { resource, change } = decision
  const { base, live, version, created, revision, wrote } = expected
  assert.ok(resource.base !== undefined)
  assert.deepEqual(contentOf(resource.base), base)
  assert.deepEqual(contentOf(resource.live), live)
  assert.equal(resource.revision, revision)
  assert.equal(resource.version, version)
  assert.equal(change.revision, revision)
  assert.equal(change.action === 'create', created)

  const baseStamps = { updated: resource.base.updated, updatedBy: resource.base.updatedBy }
  assert.deepEqual(baseStamps, wrote.includes('base') ? now : earlier)
  if (!wrote.includes('base')) assert.deepEqual(resource.base, before?.base)
  if (wrote.includes('live')) {
    const { content: _, ...rest } = resource.live as LiveVersion
    assert.deepEqual(rest, { ...now, revision })
  } else {
    assert.deepEqual(resource.live, before?.live)
  }

  const published = version > (before?.version ?? 0)
  assert.equal(change.version, published ? version : undefined)
  assert.equal(change.base, wrote.includes('base') ? resource.base.content : undefined)
  assert.equal(change.live, wrote.includes('live') ? resource.live?.content : undefined)
}
