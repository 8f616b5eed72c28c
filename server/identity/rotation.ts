/**
 * Rotating a key: a new one takes its place, and the old text lives on for a while, so that those
 * who use it have time to change. An engine asks this inside the transaction that keeps both.
 */
import type { TenantId } from '../contract/names.ts'
import { stateOfKey } from './keys.ts'
import type { Key } from './store.ts'

/** Plain data, as every write. */
export type Rotation = {
  /** Whose the key must be; undefined: anyone's. */
  readonly tenant: TenantId | undefined
  /** What is new of the new key. */
  readonly next: Pick<Key, 'id' | 'hash' | 'created' | 'createdBy'>
  /** How long the old text lives on. */
  readonly overlapMs: number
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * `unknown` when the tenant has no such key, `dead` when it is revoked or expired, `rotated` while
 * it lives beside the one that took its place.
 */
export type RotationOutcome = Key | 'unknown' | 'dead' | 'rotated'

/** The old key as it is to be kept, and the new one, which may do what the old one may. */
export function decideRotation(
  key: Key | undefined,
  { tenant, next, overlapMs, at }: Rotation,
): { readonly old: Key; readonly next: Key } | 'unknown' | 'dead' | 'rotated' {
  if (key === undefined || (tenant !== undefined && key.tenant !== tenant)) return 'unknown'
  if (stateOfKey(key, at) !== 'alive') return 'dead'
  // A second one would end with the overlap of the first, and nobody would know of it.
  if (key.rotatedTo !== undefined) return 'rotated'
  const end = at + overlapMs
  const old =
    overlapMs === 0 ? { revoked: at } : { expiresAt: Math.min(key.expiresAt ?? Infinity, end) }
  return {
    old: { ...key, ...old, rotatedTo: next.id },
    next: { ...key, ...next, lastUsed: undefined, revoked: undefined },
  }
}
