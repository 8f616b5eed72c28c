/**
 * What writing makes of a document, told a second time on exact values: POST replaces, PUT merges,
 * RFC 7396 and RFC 6902 patch what GET shows; and where each member then stands. Of `model.ts` it
 * differs in that numbers keep their texts and members their order.
 */
import type { Exact, ExactObject, Member } from '../support/exact-json.ts'

export type Part = 'base' | 'live'

/** Content without stamps, the base without its live version. */
export type State = {
  readonly base: ExactObject
  readonly live: ExactObject | undefined
}

/** What is there after the write; or the status of its refusal. */
export type Outcome = State | 400 | 404 | 409

export type WriteKind = 'replace' | 'merge' | 'mergePatch' | 'jsonPatch'

export const empty: ExactObject = { kind: 'object', members: [] }

/** `shown` is what GET answers of the part now, stamps and all; undefined where it is not there. */
export function write(
  state: State | undefined,
  part: Part,
  kind: WriteKind,
  body: Exact,
  shown: Exact | undefined,
): Outcome {
  const plain = kind === 'replace' || kind === 'merge'
  // What is wrong with a body is told before anyone looks whether there is something to merge into.
  if (plain && part === 'base' && body.kind === 'object' && splitLive(body) === undefined)
    return 400
  if (kind !== 'replace' && shown === undefined) return 404
  let said = body
  if (kind === 'mergePatch' && shown !== undefined) said = mergePatch(shown, body)
  if (kind === 'jsonPatch' && shown !== undefined) {
    const patched = jsonPatch(shown, body)
    if (typeof patched === 'number') return patched
    said = patched
  }
  if (said.kind !== 'object') return 400
  const merges = kind === 'merge'
  const content = without(said, 'updated', 'updatedBy')
  if (part === 'live') {
    const live = merges && state?.live !== undefined ? merge(state.live, content) : content
    return checked({ base: state?.base ?? empty, live })
  }
  const split = splitLive(content)
  if (split === undefined) return 400
  if (!plain && state?.live !== undefined && split.live === undefined) return 400
  const before = merges ? state : undefined
  const liveBefore = merges ? state?.live : undefined
  return checked({
    base: before === undefined ? split.base : merge(before.base, split.base),
    live:
      split.live === undefined
        ? state?.live
        : liveBefore === undefined
          ? split.live
          : merge(liveBefore, split.live),
  })
}

/** The part as GET shows it, but for its stamps; undefined where it is not there. */
export function show({ base, live }: State, part: Part): ExactObject | undefined {
  if (part === 'live' || live === undefined) return part === 'live' ? live : base
  const others = find(base, 'versions')
  const versions = put(others?.kind === 'object' ? others : empty, 'current', live)
  return put(base, 'versions', versions)
}

function checked(state: State): Outcome {
  const versions = find(state.base, 'versions')
  const inTheWay = state.live !== undefined && versions !== undefined && versions.kind !== 'object'
  return inTheWay ? 400 : state
}

/** A base body taken apart; undefined when `versions.current` is there and no object. */
function splitLive(body: ExactObject): State | undefined {
  const versions = find(body, 'versions')
  const current = versions?.kind === 'object' ? find(versions, 'current') : undefined
  if (versions?.kind !== 'object' || current === undefined) return { base: body, live: undefined }
  if (current.kind !== 'object') return undefined
  const others = without(versions, 'current')
  const base =
    others.members.length === 0 ? without(body, 'versions') : put(body, 'versions', others)
  return { base, live: without(current, 'updated', 'updatedBy') }
}

function merge(old: ExactObject, said: ExactObject): ExactObject {
  const merged = new Map(old.members)
  for (const [key, value] of said.members) {
    const before = merged.get(key)
    const both = before?.kind === 'object' && value.kind === 'object'
    merged.set(key, both ? merge(before, value) : value)
  }
  return { kind: 'object', members: [...merged] }
}

function mergePatch(target: Exact, patch: Exact): Exact {
  if (patch.kind !== 'object') return patch
  const patched = new Map(target.kind === 'object' ? target.members : [])
  for (const [key, value] of patch.members) {
    if (value.kind === 'word' && value.text === 'null') patched.delete(key)
    else patched.set(key, mergePatch(patched.get(key) ?? empty, value))
  }
  return { kind: 'object', members: [...patched] }
}

/** The outcome, or the status of the first operation that cannot be done. */
export function jsonPatch(target: Exact, patch: Exact): Exact | 400 | 409 {
  let root = target
  for (const step of patch.kind === 'array' ? patch.items : []) {
    if (step.kind !== 'object') return 400
    const text = (name: string) => {
      const found = find(step, name)
      return found?.kind === 'string' ? found.value : ''
    }
    const [op, path, from] = [text('op'), pathOf(text('path')), pathOf(text('from'))]
    const value = op === 'move' || op === 'copy' ? at(root, from) : find(step, 'value')
    if (op !== 'remove' && value === undefined) return 409
    if (op !== 'add' && op !== 'move' && op !== 'copy' && at(root, path) === undefined) return 409
    let next: Exact | undefined = root
    if (op === 'move' && from.join('/') === path.join('/')) continue
    if (op === 'remove') next = changed(root, path, undefined, 'remove')
    if (op === 'move') next = changed(root, from, undefined, 'remove')
    if (op === 'replace') next = changed(root, path, value, 'replace')
    if (next !== undefined && ['add', 'copy', 'move'].includes(op)) {
      next = changed(next, path, value, 'add')
    }
    if (op === 'test' && !isEqual(at(root, path), value)) next = undefined
    if (next === undefined) return 409
    root = next
  }
  return root
}

function pathOf(pointer: string): string[] {
  const [, ...steps] = pointer.split('/')
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function at(value: Exact, [key, ...rest]: readonly string[]): Exact | undefined {
  if (key === undefined) return value
  const child = childOf(value, key)
  return child && at(child, rest)
}

function childOf(value: Exact, key: string): Exact | undefined {
  if (value.kind === 'object') return find(value, key)
  return value.kind === 'array' && isIndex(key) ? value.items[Number(key)] : undefined
}

function isIndex(key: string): boolean {
  return /^(0|[1-9]\d*)$/.test(key)
}

/** The value with this done at the path; undefined where that cannot be. */
function changed(
  value: Exact,
  [key, ...rest]: readonly string[],
  next: Exact | undefined,
  how: 'add' | 'replace' | 'remove',
): Exact | undefined {
  if (key === undefined) return next
  if (rest.length > 0) {
    const child = childOf(value, key)
    const inside = child && changed(child, rest, next, how)
    if (inside === undefined) return undefined
    if (value.kind === 'object') return put(value, key, inside)
    return value.kind === 'array' ? spliced(value.items, Number(key), 1, inside) : undefined
  }
  if (value.kind === 'object') {
    return next === undefined ? without(value, key) : put(value, key, next)
  }
  if (value.kind !== 'array') return undefined
  const place = key === '-' && how === 'add' ? value.items.length : Number(key)
  const last = how === 'add' ? value.items.length : value.items.length - 1
  if ((key !== '-' && !isIndex(key)) || !(place <= last)) return undefined
  return spliced(value.items, place, how === 'add' ? 0 : 1, next)
}

function spliced(
  items: readonly Exact[],
  place: number,
  removed: number,
  next: Exact | undefined,
): Exact {
  const added = next === undefined ? [] : [next]
  return { kind: 'array', items: items.toSpliced(place, removed, ...added) }
}

/** As JSON: members in any order, numbers by their values. */
function isEqual(one: Exact | undefined, other: Exact | undefined): boolean {
  if (one === undefined || other === undefined || one.kind !== other.kind) return false
  if (one.kind === 'number' && other.kind === 'number') {
    return Number(one.text) === Number(other.text)
  }
  if (one.kind === 'array' && other.kind === 'array') {
    const { items } = other
    return (
      one.items.length === items.length && one.items.every((item, n) => isEqual(item, items[n]))
    )
  }
  if (one.kind === 'object' && other.kind === 'object') {
    return (
      one.members.length === other.members.length &&
      one.members.every(([key, value]) => isEqual(value, find(other, key)))
    )
  }
  return JSON.stringify(one) === JSON.stringify(other)
}

export function find(object: ExactObject, key: string): Exact | undefined {
  return object.members.find(([each]) => each === key)?.[1]
}

/** In the place that the key has, or at the end. */
function put({ members }: ExactObject, key: string, value: Exact): ExactObject {
  const place = members.findIndex(([each]) => each === key)
  const member: Member = [key, value]
  return {
    kind: 'object',
    members: place < 0 ? [...members, member] : members.with(place, member),
  }
}

export function without({ members }: ExactObject, ...keys: readonly string[]): ExactObject {
  return { kind: 'object', members: members.filter(([key]) => !keys.includes(key)) }
}
