/**
 * What every engine gives, whichever database it speaks to: the rooms' ports over one store, how
 * that is, and how large. Who holds one never learns which engine is behind it. What is promised
 * here beside the ports has its checks in `storage/conformance/storage.ts`.
 */
import type { DocumentStore } from '../documents/store.ts'
import type { IdentityStore, TenantEndStore } from '../identity/store.ts'

export type Storage = {
  readonly identity: IdentityStore
  readonly tenantEnds: TenantEndStore
  readonly documents: DocumentStore
  /** Where the data lies, for people. */
  readonly place: string
  /**
   * The secret of this name, which is made with the store and lives in it: the candidate becomes it
   * where there is none yet. `at` in epoch milliseconds.
   */
  keepSecret(name: string, candidate: Uint8Array, at: number): Promise<Uint8Array>
  /** How the store is now. Rejects with `Unavailable` when it does not answer. */
  readHealth(): Promise<Health>
  /** How large it is now, and what has gathered before it. */
  readSizes(): Promise<Sizes>
  close(): Promise<void>
}

export type Health = {
  /** Writes fail until there is room; reads go on. */
  readonly full: boolean
  readonly check: CheckState
}

/**
 * The check of all data that follows a stop without warning: none was needed, it runs, it found
 * nothing, or it could not be done. What it finds ends the server.
 */
export type CheckState = 'none' | 'running' | 'passed' | 'failed'

export type Sizes = {
  /** Of the data on the disk. */
  readonly dataBytes: number
  /** Of what was written since it was last moved into the data. */
  readonly logBytes: number
  readonly writesWaiting: number
}

/** What an engine tells while it is open. */
export type StorageListener = {
  /** The disk or the data failed, and nothing may be acknowledged from here on. */
  onBroken(fault: unknown): void
  /** So many writes, of about so many characters, shared one durable commit. */
  onCommit(commit: { writes: number; characters: number; durationMs: number }): void
  /** The disk is full, or is not any more. */
  onFull(full: boolean): void
  onCheck(state: CheckState): void
}
