/**
 * PUT's merge: members that the change does not mention are kept, objects merge into objects, all
 * else is replaced whole. Not RFC 7396: `null` is a value here and removes nothing.
 */
import type { JsonText, JsonTree } from '../contract/json-text.ts'
import { readTree, writeTree } from '../contract/json-text.ts'

/** `deep` merges objects at every depth; `shallow` at the top level only. */
export type MergeDepth = 'deep' | 'shallow'

/** The text of the merged object: kept members in their places, new ones behind them. */
export function merge(current: JsonText, change: JsonText, depth: MergeDepth): JsonText {
  const merged = readTree(current)
  mergeInto(merged, readTree(change), depth)
  return writeTree(merged)
}

function mergeInto(merged: JsonTree, change: JsonTree, depth: MergeDepth): void {
  for (const [key, value] of change) {
    const before = merged.get(key)
    const both = depth === 'deep' && before instanceof Map && value instanceof Map
    if (both) mergeInto(before, value, depth)
    else merged.set(key, value)
  }
}
