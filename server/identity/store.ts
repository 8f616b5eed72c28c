/**
 * What identity needs of a database. Each promise below has a check of nearly the same words in
 * `storage/conformance/identity*.ts`; an engine is whatever passes them.
 */
import type { TenantId } from '../contract/names.ts'
import type { Rotation, RotationOutcome } from './rotation.ts'

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
  /** The id of the key that took its place. */
  readonly rotatedTo: string | undefined
}

/** `known` when there is a key with this id or this hash. */
export type KeyCreation = 'created' | 'noTenant' | 'known'

export type IdentityStore = {
  /** Keeps the tenant; false, and nothing changed, when there is one of this id. */
  createTenant(tenant: Tenant): Promise<boolean>
  /** All tenants by id, bytewise. */
  listTenants(): Promise<readonly Tenant[]>
  /**
   * Keeps the key; nothing changed when its tenant is not there, or its id or hash is. Refused as
   * `Unauthenticated` when the key that makes it has been revoked by then.
   */
  createKey(key: Key): Promise<KeyCreation>
  /**
   * The key with this id, revoked and expired ones too. What other processes did to it may be seen
   * as late as a second after.
   */
  findKey(id: string): Promise<Key | undefined>
  /** The same, by the hash of its text. */
  findKeyByHash(hash: Uint8Array): Promise<Key | undefined>
  /**
   * The keys of one tenant, oldest first, then by id, behind this one: as many as the engine reads
   * in one short transaction, at least one if there is one.
   */
  listKeys(tenant: TenantId, after?: Pick<Key, 'created' | 'id'>): Promise<readonly Key[]>
  /**
   * Marks the key revoked, the first time only; the key as it is then. Undefined if it is unknown
   * or, where a tenant is said, another tenant's.
   */
  revokeKey(id: string, tenant: TenantId | undefined, at: number): Promise<Key | undefined>
  /**
   * Decides by `decideRotation`, and keeps the old key and the new one; gives the new one. Refused
   * as `Unauthenticated` when the key that asks for it has been revoked by then.
   */
  rotateKey(id: string, rotation: Rotation): Promise<RotationOutcome>
  /** Moves `lastUsed` of each key forward, never back. Unknown ids are passed over. */
  recordUse(uses: ReadonlyMap<string, number>): Promise<void>
}
