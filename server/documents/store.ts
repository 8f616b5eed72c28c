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
import type { Resource } from './resource.ts'
import type { Change, ChangeAction, WriteCommand } from './write.ts'

export type WriteOutcome = { readonly resource: Resource; readonly action: ChangeAction }

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
   */
  write(address: DocumentAddress, command: WriteCommand): Promise<WriteOutcome>

  /**
   * The resource as the last acknowledged write left it; undefined where there is none. What other
   * processes wrote to the same store may be seen as late as a second after.
   */
  read(address: DocumentAddress): Promise<Resource | undefined>

  /**
   * The documents of a collection whose names come bytewise after `after`, in that order. As many
   * as the engine reads in one short transaction, at least one if there is one.
   */
  list(
    collection: CollectionAddress,
    after: DocumentName | undefined,
  ): Promise<readonly ListedDocument[]>

  /** Up to `limit` rows of the tenant's record with positions above `after`, in their order. */
  listChanges(tenant: TenantId, after: number, limit: number): Promise<readonly RecordedChange[]>
}
