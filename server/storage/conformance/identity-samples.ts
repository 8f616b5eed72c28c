/** Tenants and keys that the checks of identity are written with, and how they are compared. */
import { createHash } from 'node:crypto'
import { parseTenantId } from '../../contract/names.ts'
import type { Key, Tenant } from '../../identity/store.ts'
import type { Ground } from './engine.ts'

/** The last moment of a JavaScript date; a store that keeps 32 bits or seconds loses it. */
export const latest = 8_640_000_000_000_000

/** A tenant of this id. */
export function tenantOf(id: string, said: Partial<Tenant> = {}): Tenant {
  return { id: parseTenantId(id), created: 1, createdBy: 'check', ...said }
}

/** A key of a fresh id, and of a hash that no other has. */
export function keyOf(
  { freshId }: Pick<Ground, 'freshId'>,
  tenant: Key['tenant'],
  said: Partial<Key> = {},
): Key {
  const id = said.id ?? freshId()
  return {
    id,
    tenant,
    hash: Uint8Array.from(createHash('sha256').update(id).digest()),
    scopes: ['provisioning:read'],
    label: 'a key',
    created: 1,
    createdBy: 'check',
    expiresAt: undefined,
    lastUsed: undefined,
    revoked: undefined,
    rotatedTo: undefined,
    ...said,
  }
}

/** For comparing: bytes are equal whatever kind of array a driver answers. */
export function plain(key: Key | undefined) {
  return key && { ...key, hash: Buffer.from(key.hash).toString('hex') }
}
