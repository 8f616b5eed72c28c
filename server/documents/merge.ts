/**
 * PUT's merge: members that the change does not mention are kept, objects merge into objects, all
 * else is replaced whole. Not RFC 7396: `null` is a value here and removes nothing.
 */
import type { JsonObject } from '../contract/json.ts'
import { isJsonObject } from '../contract/json.ts'

/** `deep` merges objects at every depth; `shallow` at the top level only. */
export type MergeDepth = 'deep' | 'shallow'

/** A new object; neither argument is changed. Depth is bounded by the checked bodies' 64. */
export function merge(current: JsonObject, change: JsonObject, depth: MergeDepth): JsonObject {
  const merged = { ...current }
  for (const [key, value] of Object.entries(change)) {
    const before = Object.hasOwn(merged, key) ? merged[key] : undefined
    const both = depth === 'deep' && isJsonObject(before) && isJsonObject(value)
    merged[key] = both ? merge(before, value, depth) : value
  }
  return merged
}
