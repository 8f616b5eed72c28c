/** Documents and their record in SQLite. The promises are in `documents/store.ts`. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type {
  CollectionAddress,
  CollectionName,
  DocumentAddress,
  DocumentName,
  TenantId,
} from '../../contract/names.ts'
import type { Resource } from '../../documents/resource.ts'
import type { DocumentStore, ListedDocument, RecordedChange } from '../../documents/store.ts'
import type { Change, ChangeAction, Part } from '../../documents/write.ts'
import { decideWrite } from '../../documents/write.ts'
import { checkRow, checksumOf } from '../checksum.ts'
import type { Cache } from './cache.ts'
import { makeCache } from './cache.ts'
import { packOutcome, packWrite, unpackOutcome, unpackWrite } from './crossing.ts'
import type { Read, Row } from './database.ts'
import { integerOf, optional, textOf } from './database.ts'
import type { ListCache, Page } from './list-cache.ts'
import { asResourceRow, resourceColumns, resourceOf, rowOf } from './resource-row.ts'
import type { Tasks } from './tasks.ts'
import type { Writer } from './writer.ts'

/** A page of a list ends behind the row that brings it to either: a millisecond or two of work. */
const pageMaxDocuments = 500
const pageMaxCharacters = 262_144

/** Twice the texts, as they are kept and as they are shown, and the objects that hold them. */
const bytesPerCharacter = 2
const bytesPerResource = 1000

const changeColumns = `position, collection, document, action, part, revision, version,
  content, live_content, changed_by, changed, request_id, checksum`

const selectOne = `SELECT ${resourceColumns}, checksum FROM documents
  WHERE tenant = ? AND collection = ? AND document = ?`

/** Resources by `nameOf` their address; at most about so many bytes of them. */
export function makeDocumentCache(sizeMaxBytes: number): Cache<Resource> {
  return makeCache(
    sizeMaxBytes,
    ({ base, live }, name) =>
      (name.length + base.content.length + (live?.content.length ?? 0)) * bytesPerCharacter +
      bytesPerResource,
    (one, other) => one.revision > other.revision,
  )
}

/** The documents port: reads from memory or on this connection, writes by this writer. */
export function documentsOn(
  reader: DatabaseSync,
  read: Read,
  writer: Writer,
  cache: Cache<Resource>,
  lists: ListCache,
): DocumentStore {
  const select = reader.prepare(selectOne)
  const selectAfter = reader.prepare(
    `SELECT ${resourceColumns}, checksum, document FROM documents
     WHERE tenant = ? AND collection = ? AND document > ? ORDER BY document LIMIT ?`,
  )
  select.setReturnArrays(true)
  selectAfter.setReturnArrays(true)
  const selectChanges = reader.prepare(
    `SELECT ${changeColumns} FROM changes
     WHERE tenant = ? AND position > ? ORDER BY position LIMIT ?`,
  )
  return {
    async write(address, command) {
      const end = lists.begin(collectionOf(address))
      try {
        const outcome = unpackOutcome(await writer.run('write', packWrite(address, command)))
        cache.renew(nameOf(address), outcome.resource)
        return outcome
      } finally {
        end()
      }
    },

    async read(address) {
      const name = nameOf(address)
      const known = cache.find(name)
      if (known !== undefined) return known
      return read(() => {
        const values = select.get(address.tenant, address.collection, address.document)
        if (values === undefined) return undefined
        const resource = checkedResource(valuesOf(values), address)
        cache.keep(name, resource)
        return resource
      })
    },

    async list(address, after) {
      const { tenant, collection } = address
      const known = lists.find(collectionOf(address), after)
      if (known !== undefined) return known
      return read(() => {
        // No document of a collection has the empty name, so all come after it.
        const rows = selectAfter.iterate(tenant, collection, after ?? '', pageMaxDocuments)
        const page = takePage(rows, address)
        // Who saw a write in a list, before it was acknowledged, sees it from here on everywhere.
        for (const { document, resource } of page) {
          cache.renew(nameOf({ ...address, document }), resource)
        }
        lists.keep(collectionOf(address), after, page)
        return page
      })
    },

    listChanges: (tenant, after, limit) =>
      read(() => selectChanges.all(tenant, after, limit).map((row) => changeOf(row, tenant))),
  }
}

/** What the writer's thread does for documents, on its connection. */
export function documentTasks(connection: DatabaseSync): Pick<Tasks, 'write'> {
  const select = connection.prepare(selectOne)
  const upsert = connection.prepare(
    `INSERT INTO documents (tenant, collection, document, ${resourceColumns}, checksum)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (tenant, collection, document) DO UPDATE SET
       revision = excluded.revision, version = excluded.version,
       content = excluded.content, updated = excluded.updated, updated_by = excluded.updated_by,
       live_revision = excluded.live_revision, live_content = excluded.live_content,
       live_updated = excluded.live_updated, live_updated_by = excluded.live_updated_by,
       checksum = excluded.checksum`,
  )
  const insertChange = connection.prepare(
    `INSERT INTO changes (tenant, ${changeColumns})
     VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM changes WHERE tenant = ?),
       ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  select.setReturnArrays(true)
  return {
    write(packed) {
      const { address, command } = unpackWrite(packed)
      const { tenant, collection, document } = address
      const names = [tenant, collection, document]
      const values = select.get(tenant, collection, document)
      const current = values && checkedResource(valuesOf(values), address)
      const { resource, change } = decideWrite(current, command)
      const row = rowOf(resource)
      upsert.run(...names, ...row, checksumOf(...names, ...row))
      const changed = changeValues(change)
      const checksum = checksumOf(...names, ...changed)
      insertChange.run(tenant, tenant, collection, document, ...changed, checksum)
      return packOutcome({ resource, action: change.action })
    },
  }
}

/** No name has a slash in it. */
function nameOf({ tenant, collection, document }: DocumentAddress): string {
  return `${tenant}/${collection}/${document}`
}

function collectionOf({ tenant, collection }: CollectionAddress): string {
  return `${tenant}/${collection}`
}

function takePage(rows: Iterable<unknown>, collection: CollectionAddress): Page {
  const page: ListedDocument[] = []
  let characters = 0
  for (const row of rows) {
    const values = valuesOf(row)
    const document = values.at(-1) as DocumentName
    const resource = checkedResource(values, { ...collection, document })
    page.push({ document, resource })
    characters += resource.base.content.length + (resource.live?.content.length ?? 0)
    if (characters >= pageMaxCharacters) break
  }
  return page
}

/** Throws when the row of this address, with its checksum behind it, is not as it was written. */
function checkedResource(values: Values, address: DocumentAddress): Resource {
  const { tenant, collection, document } = address
  const row = asResourceRow(values)
  checkRow('document', Number(values[row.length]), tenant, collection, document, ...row)
  return resourceOf(row)
}

type Values = readonly SQLOutputValue[]

/** What a statement gives that was told to give arrays, which its types do not know. */
function valuesOf(row: unknown): Values {
  if (!Array.isArray(row)) throw new Error('a row is no array')
  return row
}

/** In the order of `changeColumns` behind collection and document, but for the checksum. */
function changeValues(change: Change) {
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

function changeOf(row: Row, tenant: TenantId): RecordedChange {
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
