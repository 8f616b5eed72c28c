/**
 * What every engine gives, whichever database it speaks to: the rooms' ports over one store, how
 * that is, and how large. Who holds one never learns which engine is behind it. What is promised
 * here beside the ports has its checks in `storage/conformance/storage.ts`.
 */
import type { DocumentStore } from '../documents/store.ts'
import type { IdentityStore } from '../identity/store.ts'

export type Storage = {
  readonly identity: IdentityStore
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

/**
 * A file that holds all of a store as it was at one moment, made beside whoever serves it, and read
 * again in full before it got its name. In it is every write that was acknowledged before it was
 * asked for, none that was sent after it was there, and of each write in between all or nothing.
 * The file is whole or not there, whenever its making ends; what was there before is never
 * overwritten. The store is as it was.
 */
export type BackupMade = BackupContents &
  Damage & {
    readonly file: string
    readonly bytes: number
    /** The moment, in epoch milliseconds. */
    readonly takenAt: number
  }

/**
 * A store that is, in all that its ports tell, the one that the backup was made of, at the moment
 * that it was made at: with its keys, its record and its secrets. The backup is as it was, and what
 * was in the store's place before is kept. Until the store is whole, and after a fall in between,
 * it is as before, or refuses to be opened.
 */
export type Restored = BackupContents &
  Damage & {
    readonly file: string
    /** The store. */
    readonly place: string
    /** Where the former store was put; undefined where there was none. */
    readonly replaced: string | undefined
    /** Whether it is of an older Tenantry, and will be migrated when it is opened. */
    readonly migrates: boolean
  }

/** What was found when a backup was read. */
export type BackupContents = {
  readonly tenants: number
  readonly documents: number
  /** When the newest change of any document was made, in epoch milliseconds, if there is one. */
  readonly newestChange: number | undefined
  /** By the number of the last migration. */
  readonly schema: number
}

/** What a backup has that was damaged in its store already, and was asked for nevertheless. */
export type Damage = {
  /** The first few, by their names. */
  readonly damaged: readonly string[]
  readonly damagedCount: number
}

/** Told as often as it moves: so many of all the parts of this step are done. */
export type OnCopied = (progress: {
  readonly step: 'copying' | 'checking'
  readonly done: number
  readonly all: number
}) => void

/** An older store is brought up to date, behind a backup of it. */
export type UpgradeState = {
  readonly state: 'backing up' | 'migrated'
  readonly from: number
  readonly to: number
  /** Where the backup lies. */
  readonly backup: string
  /** How far the backup is: so many of all. */
  readonly done: number
  readonly all: number
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
  /** Before it is open: as often as its backup moves, and once it is migrated. */
  onUpgrade(upgrade: UpgradeState): void
}
