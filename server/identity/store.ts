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

/** A tenant that was ended: no door finds it any more. */
export type EndedTenant = Tenant & {
  /** Epoch milliseconds. */
  readonly ended: number
  readonly endedBy: string
  /** Nothing of it is left but this, and its id may be made again. */
  readonly gone: boolean
}

/** What there is of one tenant. */
export type TenantSizes = {
  readonly documents: number
  readonly liveVersions: number
  readonly collections: number
  /** The collections with the most documents, most first. The tenant document is in none. */
  readonly largest: readonly { readonly collection: string; readonly documents: number }[]
  /** Rows of the record. */
  readonly changes: number
  /** Epoch milliseconds; undefined where nothing was ever written. */
  readonly newestChange: number | undefined
  readonly keys: number
  /** What is left of deleted documents, and outcomes kept for requests that come again. */
  readonly others: number
  /** About: the texts of all of these. */
  readonly bytes: number
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
  /**
   * Keeps the tenant; false, and nothing changed, when there is one of this id, or rows are left of
   * one that was ended.
   */
  createTenant(tenant: Tenant): Promise<boolean>
  /** All tenants by id, bytewise. */
  listTenants(): Promise<readonly Tenant[]>
  /**
   * Keeps the key; nothing changed when its tenant is not there, or its id or hash is. Refused as
   * `Unauthenticated` when the key that makes it has been revoked by then, or is gone.
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
   * as `Unauthenticated` when the key that asks for it has been revoked by then, or is gone.
   */
  rotateKey(id: string, rotation: Rotation): Promise<RotationOutcome>
  /** Moves `lastUsed` of each key forward, never back. Unknown ids are passed over. */
  recordUse(uses: ReadonlyMap<string, number>): Promise<void>
}

/** What it takes to delete a tenant, step by step, beside whoever else has the store open. */
export type TenantEndStore = {
  /**
   * Counts what there is of the tenant, also of one that was ended. In short transactions: what is
   * written meanwhile may be counted or not. `onCounted` is told now and then how many rows more.
   */
  measureTenant(id: TenantId, onCounted: (rows: number) => void): Promise<TenantSizes>
  /**
   * Ends the tenant for good, in one transaction of little work, however much there is of it. From
   * then on it is not listed, none of its keys is found, and what is written to it is refused: as
   * `Unauthenticated` to a key, as `NotFound` to an operator. The first time only; gives it as it
   * is then, undefined where it is unknown.
   */
  endTenant(id: TenantId, at: number, by: string): Promise<EndedTenant | undefined>
  /** All that were ended, by when they were. */
  listEndedTenants(): Promise<readonly EndedTenant[]>
  /**
   * Drops rows of a tenant that was ended, a bounded amount at once; how many. 0 once none are
   * left. Of a tenant that was not ended nothing is dropped.
   */
  dropOfTenant(id: TenantId): Promise<number>
  /**
   * Makes the id free for another tenant, which begins with nothing; false, and nothing changed,
   * while rows of the ended one are left, or there is none.
   */
  freeTenant(id: TenantId): Promise<boolean>
}
