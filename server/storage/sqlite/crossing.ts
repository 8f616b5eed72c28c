/**
 * Writes of documents on their way between the threads, as flat lists: a member with a name costs
 * several times its value to send, and a write crosses twice.
 */
import type { Conditions, EntityTags } from '../../contract/conditions.ts'
import type {
  CollectionName,
  DocumentAddress,
  DocumentName,
  TenantId,
} from '../../contract/names.ts'
import type { WriteOutcome } from '../../documents/store.ts'
import type { ChangeAction, WriteCommand } from '../../documents/write.ts'
import type { ResourceRow } from './resource-row.ts'
import { resourceOf, rowOf } from './resource-row.ts'

export type PackedWrite = readonly [
  tenant: TenantId,
  collection: CollectionName,
  document: DocumentName,
  part: WriteCommand['part'],
  mode: WriteCommand['mode'],
  mergeDepth: WriteCommand['mergeDepth'],
  content: string,
  live: string | undefined,
  ifMatch: EntityTags | undefined,
  ifNoneMatch: EntityTags | undefined,
  by: string,
  at: number,
  requestId: string,
  sizeMaxBytes: number,
]

export type PackedOutcome = readonly [action: ChangeAction, ...ResourceRow]

/** To the writer's thread. */
export function packWrite(address: DocumentAddress, command: WriteCommand): PackedWrite {
  const { part, mode, mergeDepth, content, live, conditions } = command
  return [
    address.tenant,
    address.collection,
    address.document,
    part,
    mode,
    mergeDepth,
    content,
    live,
    conditions.ifMatch,
    conditions.ifNoneMatch,
    command.by,
    command.at,
    command.requestId,
    command.sizeMaxBytes,
  ]
}

/** On the writer's thread. */
export function unpackWrite(packed: PackedWrite): {
  address: DocumentAddress
  command: WriteCommand
} {
  const [tenant, collection, document, part, mode, mergeDepth, content, live, ...rest] = packed
  const [ifMatch, ifNoneMatch, by, at, requestId, sizeMaxBytes] = rest
  const conditions: Conditions = { ifMatch, ifNoneMatch }
  return {
    address: { tenant, collection, document },
    command: {
      part,
      mode,
      mergeDepth,
      content,
      live,
      conditions,
      by,
      at,
      requestId,
      sizeMaxBytes,
    },
  }
}

/** Back from it. */
export function packOutcome({ resource, action }: WriteOutcome): PackedOutcome {
  return [action, ...rowOf(resource)]
}

/** On the main thread again. */
export function unpackOutcome([action, ...row]: PackedOutcome): WriteOutcome {
  return { action, resource: resourceOf(row) }
}
