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
import type { FormerRow } from './resource-row.ts'
import { formerOf, rowOfFormer } from './resource-row.ts'

export type PackedWrite = readonly [
  tenant: TenantId,
  collection: CollectionName,
  document: DocumentName,
  part: WriteCommand['part'],
  versioned: boolean,
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
  repeatKey?: string,
  fingerprint?: string,
  keptUntil?: number,
]

export type PackedOutcome = readonly [action: ChangeAction, replayed: boolean, ...FormerRow]

/** To the writer's thread. */
export function packWrite(address: DocumentAddress, command: WriteCommand): PackedWrite {
  const { part, versioned, mode, mergeDepth, content, live, conditions, repeat } = command
  const packed = [
    address.tenant,
    address.collection,
    address.document,
    part,
    versioned,
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
  ] as const
  if (repeat === undefined) return packed
  return [...packed, repeat.key, repeat.fingerprint, repeat.keptUntil]
}

/** On the writer's thread. */
export function unpackWrite(packed: PackedWrite): {
  address: DocumentAddress
  command: WriteCommand
} {
  const [tenant, collection, document, part, versioned, mode, mergeDepth, ...rest] = packed
  const [content, live, ifMatch, ifNoneMatch, by, at, requestId, sizeMaxBytes, ...repeated] = rest
  const [key, fingerprint, keptUntil] = repeated
  const conditions: Conditions = { ifMatch, ifNoneMatch }
  const repeat =
    key === undefined || fingerprint === undefined || keptUntil === undefined
      ? undefined
      : { key, fingerprint, keptUntil }
  return {
    address: { tenant, collection, document },
    command: {
      part,
      versioned,
      mode,
      mergeDepth,
      content,
      live,
      conditions,
      by,
      at,
      requestId,
      sizeMaxBytes,
      repeat,
    },
  }
}

/** Back from it. */
export function packOutcome({ resource, action, replayed }: WriteOutcome): PackedOutcome {
  return [action, replayed, ...rowOfFormer(resource)]
}

/** On the main thread again. */
export function unpackOutcome([action, replayed, ...row]: PackedOutcome): WriteOutcome {
  return { action, replayed, resource: formerOf(row) }
}
