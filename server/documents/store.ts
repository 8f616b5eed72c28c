/**
 * What documents need of a database. Each promise below has a check of nearly the same words in
 * `storage/conformance/document-*.ts`; an engine is whatever passes them. Refusals come through as
 * they are; a busy store is `Unavailable`; no driver's error gets out by itself.
 */
import type {
  CollectionAddress,
  CollectionName,
  DocumentAddress,
  DocumentName,
  TenantId,
} from '../contract/names.ts'
import type { Resource, Tombstone } from './resource.ts'
import type { Change, ChangeAction, WriteCommand } from './write.ts'

export type WriteOutcome = {
  /** As the write left it. */
  readonly resource: Resource | Tombstone
  readonly action: ChangeAction
  /** Nothing was written: this is the outcome of the same request before. */
  readonly replayed: boolean
}

export type ListedDocument = { readonly document: DocumentName; readonly resource: Resource }

/** One row of a tenant's record. */
export type RecordedChange = Change & {
  /** 1 for the tenant's first write, one more for each after it. */
  readonly position: number
  readonly collection: CollectionName
  readonly document: DocumentName
}

export type DocumentStore = {
  /**
   * Reads, decides by `decideWrite`, and records resource and change, with nobody writing in
   * between; a refused write leaves no trace. When the promise resolves, the write is on disk.
   * Refused as `Unauthenticated` when the key that writes has been revoked by then.
   * What was deleted is decided upon as a tombstone. With `repeat` the outcome is kept in the same
   * transaction; one that `decideRepeat` says is a repeat comes to it, and writes nothing.
   */
  write(address: DocumentAddress, command: WriteCommand): Promise<WriteOutcome>

  /**
   * The resource as the last acknowledged write left it; undefined where there is none. What other
   * processes wrote to the same store may be seen as late as a second after.
   */
  read(address: DocumentAddress): Promise<Resource | undefined>

  /**
   * The documents of a collection whose names come bytewise after `after`, in that order. As many
   * as the engine reads in one short transaction, at least one if there is one; who wants only a
   * few says `most`, and may get more.
   */
  list(
    collection: CollectionAddress,
    after: DocumentName | undefined,
    most?: number,
  ): Promise<readonly ListedDocument[]>

  /** The same documents' names alone, `most` of them if there are as many. */
  listNames(
    collection: CollectionAddress,
    after: DocumentName | undefined,
    most: number,
  ): Promise<readonly DocumentName[]>

  /**
   * The names of the tenant's collections that hold documents and come bytewise after `after`, in
   * that order; `most` of them if there are as many. It costs as much as the names that it gives,
   * however many documents they hold.
   */
  listCollections(
    tenant: TenantId,
    after: CollectionName | undefined,
    most: number,
  ): Promise<readonly CollectionName[]>

  /** Up to `limit` rows of the tenant's record with positions above `after`, in their order. */
  listChanges(tenant: TenantId, after: number, limit: number): Promise<readonly RecordedChange[]>

  /** Drops outcomes that were kept until `at` or before, a bounded number at once; how many. */
  dropKept(at: number): Promise<number>
}
