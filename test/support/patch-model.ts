/**
 * Both kinds of patch, told a second time and as plainly as can be: on objects in memory, by the
 * words of RFC 7396 and RFC 6902. It shares no code with the server.
 */
import type { Json, JsonObject } from '../../server/contract/json.ts'
import { isJsonObject, sameText } from './json-values.ts'

export type Operation = {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
  readonly path: string
  readonly from?: string
  readonly value?: Json
}

/** The pseudocode of RFC 7396, section 2. */
export function mergePatched(target: Json | undefined, patch: Json): Json {
  if (!isJsonObject(patch)) return patch
  const result: JsonObject = isJsonObject(target) ? structuredClone(target) : {}
  for (const key of Object.keys(patch)) {
    const said = patch[key] as Json
    if (said === null) delete result[key]
    else result[key] = mergePatched(own(result, key), said)
  }
  return result
}

/** Whether it breaks a rule whatever it would be applied to. */
export function isMalformed(patch: readonly Operation[]): boolean {
  return patch.some(
    ({ op, path, from = '' }) =>
      (op === 'remove' && path === '') || (op === 'move' && path.startsWith(`${from}/`)),
  )
}

/** Undefined where an operation cannot be done. */
export function jsonPatched(target: JsonObject, patch: readonly Operation[]): Json | undefined {
  // A root of its own, so that the document is a member like any other.
  const root: JsonObject = { document: structuredClone(target) }
  return patch.every((each) => applied(root, each)) ? root.document : undefined
}

/** Whether it could be done. */
function applied(root: JsonObject, { op, path, from = '', value = null }: Operation): boolean {
  switch (op) {
    case 'add':
      return added(root, path, structuredClone(value))
    case 'remove':
      return removed(root, path)
    case 'replace':
      if (found(root, path) === undefined) return false
      if (path === '' || isJsonObject(found(root, parentOf(path)))) {
        return added(root, path, structuredClone(value))
      }
      return removed(root, path) && added(root, path, structuredClone(value))
    case 'move': {
      const moved = found(root, from)
      if (moved === undefined) return false
      if (from === path) return true
      return removed(root, from) && added(root, path, moved)
    }
    case 'copy': {
      const copied = found(root, from)
      return copied !== undefined && added(root, path, structuredClone(copied))
    }
    case 'test': {
      const there = found(root, path)
      return there !== undefined && sameText(there) === sameText(value)
    }
  }
}

function found(root: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = root
  for (const key of keysOf(path)) {
    if (Array.isArray(value)) value = isIndex(key) ? value[Number(key)] : undefined
    else value = isJsonObject(value) ? own(value, key) : undefined
  }
  return value
}

function added(root: JsonObject, path: string, value: Json): boolean {
  // The document is the one member of the root's own root.
  const parent = path === '' ? root : found(root, parentOf(path))
  const key = keysOf(path).at(-1) ?? ''
  if (Array.isArray(parent)) {
    const index = key === '-' ? parent.length : isIndex(key) ? Number(key) : -1
    if (index < 0 || index > parent.length) return false
    parent.splice(index, 0, value)
    return true
  }
  if (!isJsonObject(parent)) return false
  parent[key] = value
  return true
}

function removed(root: JsonObject, path: string): boolean {
  if (found(root, path) === undefined) return false
  const parent = found(root, parentOf(path))
  const key = keysOf(path).at(-1) ?? ''
  if (Array.isArray(parent)) parent.splice(Number(key), 1)
  else if (isJsonObject(parent)) delete parent[key]
  return true
}

function keysOf(path: string): string[] {
  const keys = path.split('/').slice(1)
  return ['document', ...keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))]
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

function isIndex(key: string): boolean {
  return /^(0|[1-9]\d*)$/.test(key)
}

function own(thing: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(thing, key) ? thing[key] : undefined
}
