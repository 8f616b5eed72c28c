/** Rows of documents and of their record, as both threads read and write them. */
import type { SQLOutputValue } from 'node:sqlite'
import type {
  CollectionName,
  DocumentAddress,
  DocumentName,
  TenantId,
} from '../../contract/names.ts'
import type { Resource } from '../../documents/resource.ts'
import type { RecordedChange } from '../../documents/store.ts'
import type { Change, ChangeAction, Part } from '../../documents/write.ts'
import { checkRow } from '../checksum.ts'
import type { Row } from './database.ts'
import { integerOf, optional, textOf } from './database.ts'
import { asResourceRow, resourceColumns, resourceOf, summedRow } from './resource-row.ts'

/** One resource, by its address; in arrays. */
export const selectResource = `SELECT ${resourceColumns}, checksum FROM documents
  WHERE tenant = ? AND collection = ? AND document = ?`

/** Of table `changes`, behind the tenant. */
export const changeColumns = `position, collection, document, action, part, revision, version,
  content, live_content, changed_by, changed, request_id, checksum`

/** What a statement gives that was told to give arrays, which its types do not know. */
export function valuesOf(row: unknown): readonly SQLOutputValue[] {
  if (!Array.isArray(row)) throw new Error('a row is no array')
  return row
}

/** Throws when the row of this address, with its checksum behind it, is not as it was written. */
export function checkedResource(
  values: readonly SQLOutputValue[],
  { tenant, collection, document }: DocumentAddress,
): Resource {
  const row = asResourceRow(values)
  const summed = summedRow(row)
  checkRow('document', Number(values[row.length]), tenant, collection, document, ...summed)
  return resourceOf(row)
}

/** In the order of `changeColumns` behind collection and document, but for the checksum. */
export function changeValues(change: Change) {
  return [
    change.action,
    change.part,
    change.revision,
    change.version ?? null,
    change.base ?? null,
    change.live ?? null,
    change.by,
    change.at,
    change.requestId,
  ]
}

/** The change of this row. Throws when it is not as it was written. */
export function changeOf(row: Row, tenant: TenantId): RecordedChange {
  const change: RecordedChange = {
    position: integerOf(row, 'position'),
    collection: textOf(row, 'collection') as CollectionName,
    document: textOf(row, 'document') as DocumentName,
    action: textOf(row, 'action') as ChangeAction,
    part: textOf(row, 'part') as Part,
    revision: integerOf(row, 'revision'),
    version: optional(row, 'version', integerOf),
    base: optional(row, 'content', textOf),
    live: optional(row, 'live_content', textOf),
    by: textOf(row, 'changed_by'),
    at: integerOf(row, 'changed'),
    requestId: textOf(row, 'request_id'),
  }
  const { collection, document } = change
  const stored = integerOf(row, 'checksum')
  checkRow('change', stored, tenant, collection, document, ...changeValues(change))
  return change
}
