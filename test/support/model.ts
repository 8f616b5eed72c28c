/**
 * The contract's rules for documents, told a second time and as plainly as can be: objects in
 * memory, no storage, no text, no shared code. What the server answers is compared with this.
 */
import type { Json, JsonObject } from '../../server/contract/json.ts'
import { isJsonObject, sameText } from './json-values.ts'
import type { Operation } from './patch-model.ts'
import { isMalformed, jsonPatched, mergePatched } from './patch-model.ts'

type Stamped = { content: JsonObject; updated: number; updatedBy: string }
type Item = { base: Stamped; live: (Stamped & { revision: number }) | undefined }
/** What outlives a delete. */
type History = { revision: number; published: JsonObject[]; updated: number }

export type Expected = { status: number; body?: JsonObject; revision?: number }

/** `wanted` is the revision that an If-Match names, or `*`. */
export type Condition = { ifMatch?: number | '*'; ifNoneMatch?: number | '*' }

export type Part = 'base' | 'live'

/** Which document is meant, and when it is asked for. */
export type Request = {
  id: string
  part: Part
  condition: Condition
  at: number
}

/** What a write says: of the addressed document, and of the live version if that is another. */
type Said = { content: JsonObject; live: JsonObject | undefined }

export class Model {
  readonly items = new Map<string, Item>()
  readonly histories = new Map<string, History>()
  writes = 0
  private readonly by: string

  constructor(by: string) {
    this.by = by
  }

  get({ id, part, condition }: Request): Expected {
    const item = this.items.get(id)
    const revision = this.revisionOf(id, part)
    if (item === undefined || revision === undefined) return { status: 404 }
    if (failsMatch(condition, revision)) return { status: 412 }
    if (failsNoneMatch(condition, revision)) return { status: 304, revision }
    return { status: 200, body: this.shown(item, part), revision }
  }

  list(prefix: string): { id: string; data: JsonObject }[] {
    return [...this.items]
      .filter(([id]) => id.startsWith(prefix))
      .map(([id, item]) => ({ id: id.slice(prefix.length), data: this.shown(item, 'base') }))
      .sort((one, other) => Buffer.compare(Buffer.from(one.id), Buffer.from(other.id)))
  }

  write(request: Request, method: 'POST' | 'PUT', body: JsonObject): Expected {
    const said = takenApart(body, request)
    if (said === undefined) return { status: 400 }
    const stopped = this.stops(request, method === 'PUT')
    if (stopped !== undefined) return { status: stopped }
    const { id, part } = request
    const item = this.items.get(id)
    const combine = (old: Stamped | undefined, said: JsonObject) =>
      method === 'PUT' && old !== undefined ? merged(old.content, said) : said
    return this.keep(request, {
      content: combine(part === 'base' ? item?.base : item?.live, said.content),
      live: said.live && combine(item?.live, said.live),
    })
  }

  patch(request: Request, patch: JsonObject | readonly Operation[]): Expected {
    if (isOperations(patch) && isMalformed(patch)) return { status: 400 }
    const stopped = this.stops(request, true)
    if (stopped !== undefined) return { status: stopped }
    const { id, part } = request
    const item = this.items.get(id) as Item
    const before = this.shown(item, part)
    const after = isOperations(patch) ? jsonPatched(before, patch) : mergePatched(before, patch)
    if (after === undefined) return { status: 409 }
    const said = isJsonObject(after) ? takenApart(after, request) : undefined
    if (said === undefined) return { status: 400 }
    const losesLive = isVersioned(id) && part === 'base' && item.live !== undefined
    if (losesLive && said.live === undefined) return { status: 400 }
    return this.keep(request, said)
  }

  delete(request: Request): Expected {
    const stopped = this.stops(request, true)
    if (stopped !== undefined) return { status: stopped }
    const { id, part } = request
    const { history, updated } = this.next(request)
    history.updated = updated
    if (part === 'base') this.items.delete(id)
    else (this.items.get(id) as Item).live = undefined
    this.histories.set(id, history)
    this.writes++
    return { status: 204 }
  }

  /** The status with which existence or a condition stops a write. */
  private stops({ id, part, condition }: Request, needsTarget: boolean): number | undefined {
    const revision = this.revisionOf(id, part)
    if (needsTarget && revision === undefined) return 404
    const fails = failsMatch(condition, revision) || failsNoneMatch(condition, revision)
    return fails ? 412 : undefined
  }

  private revisionOf(id: string, part: Part): number | undefined {
    const item = this.items.get(id)
    if (part === 'live') return item?.live?.revision
    return item && this.histories.get(id)?.revision
  }

  /** The history after one write more, and its time. */
  private next({ id, at }: Request): { history: History; updated: number } {
    const { revision, published, updated } = this.histories.get(id) ?? {
      revision: 0,
      published: [],
      updated: 0,
    }
    const item = this.items.get(id)
    return {
      history: { revision: revision + 1, published: [...published], updated },
      updated: Math.max(at, updated, item?.base.updated ?? 0, item?.live?.updated ?? 0),
    }
  }

  private keep(request: Request, { content, live }: Said): Expected {
    const { id, part } = request
    const item = this.items.get(id)
    const target = part === 'base' ? item?.base : item?.live
    const liveContent = part === 'live' ? content : live
    const base = part === 'base' ? content : (item?.base.content ?? {})
    const hasLive = liveContent !== undefined || item?.live !== undefined
    if (isVersioned(id) && hasLive && base.versions !== undefined && !isJsonObject(base.versions)) {
      return { status: 400 }
    }
    const { history, updated } = this.next(request)
    const { revision } = history
    const stamp = { updated, updatedBy: this.by }
    if (liveContent !== undefined) {
      const before = item?.live?.content
      if (before === undefined || sameText(before) !== sameText(liveContent)) {
        history.published.push(liveContent)
      }
    }
    const isBaseWritten = part === 'base' || item === undefined
    const next: Item = {
      base: isBaseWritten ? { content: base, ...stamp } : item.base,
      live: liveContent === undefined ? item?.live : { content: liveContent, ...stamp, revision },
    }
    this.items.set(id, next)
    this.histories.set(id, history)
    this.writes++
    return { status: target === undefined ? 201 : 200, body: this.shown(next, part), revision }
  }

  private shown(item: Item, part: Part): JsonObject {
    const live = item.live && withStamps(item.live)
    if (part === 'live') return live ?? {}
    const base = withStamps(item.base)
    if (live === undefined) return base
    return {
      ...base,
      versions: { ...(isJsonObject(base.versions) ? base.versions : {}), current: live },
    }
  }
}

/** The tenant's own document has the empty name, and no live version. */
function isVersioned(id: string): boolean {
  return id !== ''
}

/** Undefined where the live version in it is no object. */
function takenApart(body: JsonObject, { id, part }: Request): Said | undefined {
  const content = unstamped(body)
  const { versions } = content
  if (part === 'live' || !isVersioned(id) || !isJsonObject(versions) || !('current' in versions)) {
    return { content, live: undefined }
  }
  if (!isJsonObject(versions.current)) return undefined
  const live = unstamped(versions.current)
  delete versions.current
  if (Object.keys(versions).length === 0) delete content.versions
  return { content, live }
}

function isOperations(patch: JsonObject | readonly Operation[]): patch is readonly Operation[] {
  return Array.isArray(patch)
}

function withStamps({ content, updated, updatedBy }: Stamped): JsonObject {
  return { ...content, updated, updatedBy }
}

function unstamped(body: JsonObject): JsonObject {
  const copy = structuredClone(body)
  delete copy.updated
  delete copy.updatedBy
  return copy
}

function merged(old: JsonObject, said: JsonObject): JsonObject {
  const result = structuredClone(old)
  for (const key of Object.keys(said)) {
    const before = result[key]
    const after = said[key] as Json
    result[key] = isJsonObject(before) && isJsonObject(after) ? merged(before, after) : after
  }
  return result
}

function failsMatch({ ifMatch }: Condition, revision: number | undefined): boolean {
  if (ifMatch === undefined) return false
  return revision === undefined || (ifMatch !== '*' && ifMatch !== revision)
}

function failsNoneMatch({ ifNoneMatch }: Condition, revision: number | undefined): boolean {
  if (ifNoneMatch === undefined || revision === undefined) return false
  return ifNoneMatch === '*' || ifNoneMatch === revision
}
