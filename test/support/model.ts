/**
 * The contract's rules for documents, told a second time and as plainly as can be: objects in
 * memory, no storage, no text, no shared code. What the server answers is compared with this.
 */

export type Value = null | boolean | number | string | Value[] | Thing
export type Thing = { [key: string]: Value }

type Stamped = { content: Thing; updated: number; updatedBy: string }
type Item = {
  revision: number
  base: Stamped
  live: (Stamped & { revision: number }) | undefined
  published: Thing[]
}

export type Expected = { status: number; body?: Thing; revision?: number }

/** `wanted` is the revision that an If-Match names, or `*`. */
export type Condition = { ifMatch?: number | '*'; ifNoneMatch?: number | '*' }

export class Model {
  readonly items = new Map<string, Item>()
  writes = 0
  private readonly by: string

  constructor(by: string) {
    this.by = by
  }

  get(id: string, part: 'base' | 'live', condition: Condition): Expected {
    const item = this.items.get(id)
    const found = part === 'base' ? item?.base : item?.live
    if (item === undefined || found === undefined) return { status: 404 }
    const revision = part === 'base' ? item.revision : (item.live?.revision ?? 0)
    if (failsMatch(condition, revision)) return { status: 412 }
    if (failsNoneMatch(condition, revision)) return { status: 304, revision }
    return { status: 200, body: this.shown(item, part), revision }
  }

  list(prefix: string): { id: string; data: Thing }[] {
    return [...this.items]
      .filter(([id]) => id.startsWith(prefix))
      .map(([id, item]) => ({ id: id.slice(prefix.length), data: this.shown(item, 'base') }))
      .sort((one, other) => Buffer.compare(Buffer.from(one.id), Buffer.from(other.id)))
  }

  /** `versioned` is false for the tenant's own document. */
  write(
    id: string,
    part: 'base' | 'live',
    method: 'POST' | 'PUT',
    body: Thing,
    at: number,
    condition: Condition,
    versioned: boolean,
  ): Expected {
    const sent = unstamped(body)
    let liveSaid: Thing | undefined
    if (part === 'live') liveSaid = sent
    else if (versioned && isThing(sent.versions) && 'current' in sent.versions) {
      if (!isThing(sent.versions.current)) return { status: 400 }
      liveSaid = unstamped(sent.versions.current)
      delete sent.versions.current
      if (Object.keys(sent.versions).length === 0) delete sent.versions
    }

    const item = this.items.get(id)
    const target = part === 'base' ? item?.base : item?.live
    if (method === 'PUT' && target === undefined) return { status: 404 }
    const revisionNow = part === 'base' ? item?.revision : item?.live?.revision
    if (failsMatch(condition, revisionNow)) return { status: 412 }
    if (failsNoneMatch(condition, revisionNow)) return { status: 412 }

    const combine = (old: Thing | undefined, said: Thing) =>
      method === 'PUT' && old !== undefined ? merged(old, said) : said
    const baseContent =
      part === 'base' ? combine(item?.base.content, sent) : (item?.base.content ?? {})
    const liveContent =
      liveSaid === undefined ? item?.live?.content : combine(item?.live?.content, liveSaid)
    if (
      versioned &&
      liveContent !== undefined &&
      baseContent.versions !== undefined &&
      !isThing(baseContent.versions)
    ) {
      return { status: 400 }
    }

    const updated = Math.max(at, item?.base.updated ?? 0, item?.live?.updated ?? 0)
    const revision = (item?.revision ?? 0) + 1
    const stamp = { updated, updatedBy: this.by }
    const writesBase = part === 'base' || item === undefined
    const published = [...(item?.published ?? [])]
    if (liveSaid !== undefined && liveContent !== undefined) {
      const before = item?.live?.content
      if (before === undefined || sorted(before) !== sorted(liveContent))
        published.push(liveContent)
    }
    const next: Item = {
      revision,
      base: writesBase ? { content: baseContent, ...stamp } : (item?.base as Stamped),
      live:
        liveSaid !== undefined && liveContent !== undefined
          ? { content: liveContent, ...stamp, revision }
          : item?.live,
      published,
    }
    this.items.set(id, next)
    this.writes++
    return {
      status: target === undefined ? 201 : 200,
      body: this.shown(next, part),
      revision,
    }
  }

  private shown(item: Item, part: 'base' | 'live'): Thing {
    const live = item.live && withStamps(item.live)
    if (part === 'live') return live ?? {}
    const base = withStamps(item.base)
    if (live === undefined) return base
    return {
      ...base,
      versions: { ...(isThing(base.versions) ? base.versions : {}), current: live },
    }
  }
}

function withStamps({ content, updated, updatedBy }: Stamped): Thing {
  return { ...content, updated, updatedBy }
}

function unstamped(body: Thing): Thing {
  const copy = structuredClone(body)
  delete copy.updated
  delete copy.updatedBy
  return copy
}

function merged(old: Thing, said: Thing): Thing {
  const result = structuredClone(old)
  for (const key of Object.keys(said)) {
    const before = result[key]
    const after = said[key] as Value
    result[key] = isThing(before) && isThing(after) ? merged(before, after) : after
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

function isThing(value: Value | undefined): value is Thing {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A text that is equal for values that say the same, member order aside. */
function sorted(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join()}]`
  if (!isThing(value)) return JSON.stringify(value)
  return `{${Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sorted(value[key] as Value)}`)
    .join()}}`
}
