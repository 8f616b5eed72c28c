/**
 * What identity needs of a database. Each promise below has a check of nearly the same words in
 * `storage/conformance/identity.ts`; an engine is whatever passes them.
 */
import type { TenantId } from '../contract/names.ts'

export type Tenant = {
  readonly id: TenantId
  /** Epoch milliseconds. */
  readonly created: number
  readonly createdBy: string
}

/** A key as it is kept: never its text, only the hash of it. Times are epoch milliseconds. */
export type Key = {
  readonly id: string
  readonly tenant: TenantId
  readonly hash: Uint8Array
  readonly scopes: readonly string[]
  readonly label: string
  readonly created: number
  readonly createdBy: string
  readonly expiresAt: number | undefined
  readonly lastUsed: number | undefined
  readonly revoked: number | undefined
}

export type IdentityStore = {
  /** Keeps the tenant; false, and nothing changed, when there is one of this id. */
  createTenant(tenant: Tenant): Promise<boolean>
  /** All tenants by id, bytewise. */
  listTenants(): Promise<readonly Tenant[]>
  /** Keeps the key; false, and nothing changed, when its tenant does not exist. */
  createKey(key: Key): Promise<boolean>
  /**
   * The key with this id, revoked and expired ones too. What other processes did to it may be seen
   * as late as a second after.
   */
  findKey(id: string): Promise<Key | undefined>
  /** The keys of one tenant, oldest first, then by id. */
  listKeys(tenant: TenantId): Promise<readonly Key[]>
  /** Marks the key revoked, the first time only; the key as it is then, undefined if unknown. */
  revokeKey(id: string, at: number): Promise<Key | undefined>
  /** Moves `lastUsed` of each key forward, never back. Unknown ids are passed over. */
  recordUse(uses: ReadonlyMap<string, number>): Promise<void>
}
