/** Documents and their record in SQLite. The promises are in `documents/store.ts`. */
import type { DatabaseSync } from 'node:sqlite'
import type { CollectionName, DocumentName } from '../../contract/names.ts'
import type { LiveVersion, Resource } from '../../documents/resource.ts'
import type { DocumentStore, ListedDocument, RecordedChange } from '../../documents/store.ts'
import type { Change, ChangeAction, Part } from '../../documents/write.ts'
import { decideWrite } from '../../documents/write.ts'
import type { Read, Row } from './database.ts'
import { integerOf, optional, textOf } from './database.ts'
import type { Jobs } from './jobs.ts'
import type { Writer } from './writer.ts'

/** A page of a list ends behind the row that brings it to either: a millisecond or two of work. */
const pageMaxDocuments = 500
const pageMaxCharacters = 1_048_576

const resourceColumns = `revision, version, content, updated, updated_by,
  live_revision, live_content, live_updated, live_updated_by`
const changeColumns = `position, collection, document, action, part, revision, version,
  content, live_content, changed_by, changed, request_id`

const selectOne = `SELECT ${resourceColumns} FROM documents
  WHERE tenant = ? AND collection = ? AND document = ?`

/** The documents port: reads on this connection, writes by this writer. */
export function documentsOn(reader: DatabaseSync, read: Read, writer: Writer): DocumentStore {
  const select = reader.prepare(selectOne)
  const selectAfter = reader.prepare(
    `SELECT document, ${resourceColumns} FROM documents
     WHERE tenant = ? AND collection = ? AND document > ? ORDER BY document LIMIT ?`,
  )
  const selectChanges = reader.prepare(
    `SELECT ${changeColumns} FROM changes
     WHERE tenant = ? AND position > ? ORDER BY position LIMIT ?`,
  )
  return {
    write: (address, command) => writer.run('write', address, command),

    read: ({ tenant, collection, document }) =>
      read(() => {
        const row = select.get(tenant, collection, document)
        return row && resourceOf(row)
      }),

    list: ({ tenant, collection }, after) =>
      read(() => {
        // No document of a collection has the empty name, so all come after it.
        const rows = selectAfter.iterate(tenant, collection, after ?? '', pageMaxDocuments)
        return takePage(rows)
      }),

    listChanges: (tenant, after, limit) =>
      read(() => selectChanges.all(tenant, after, limit).map(changeOf)),
  }
}

/** What the writer's thread does for documents, on its connection. */
export function documentJobs(connection: DatabaseSync): Pick<Jobs, 'write'> {
  const select = connection.prepare(selectOne)
  const upsert = connection.prepare(
    `INSERT INTO documents (tenant, collection, document, ${resourceColumns})
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (tenant, collection, document) DO UPDATE SET
       revision = excluded.revision, version = excluded.version,
       content = excluded.content, updated = excluded.updated, updated_by = excluded.updated_by,
       live_revision = excluded.live_revision, live_content = excluded.live_content,
       live_updated = excluded.live_updated, live_updated_by = excluded.live_updated_by`,
  )
  const insertChange = connection.prepare(
    `INSERT INTO changes (tenant, ${changeColumns})
     VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM changes WHERE tenant = ?),
       ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  return {
    write({ tenant, collection, document }, command) {
      const row = select.get(tenant, collection, document)
      const decision = decideWrite(row && resourceOf(row), command)
      upsert.run(tenant, collection, document, ...resourceValues(decision.resource))
      insertChange.run(tenant, tenant, collection, document, ...changeValues(decision.change))
      return decision
    },
  }
}

function takePage(rows: Iterable<Row>): readonly ListedDocument[] {
  const page: ListedDocument[] = []
  let characters = 0
  for (const row of rows) {
    const resource = resourceOf(row)
    page.push({ document: textOf(row, 'document') as DocumentName, resource })
    characters += resource.base.content.length + (resource.live?.content.length ?? 0)
    if (characters >= pageMaxCharacters) break
  }
  return page
}

function resourceOf(row: Row): Resource {
  return {
    revision: integerOf(row, 'revision'),
    version: integerOf(row, 'version'),
    base: {
      content: textOf(row, 'content'),
      updated: integerOf(row, 'updated'),
      updatedBy: textOf(row, 'updated_by'),
    },
    live: row.live_revision === null ? undefined : liveOf(row),
  }
}

function liveOf(row: Row): LiveVersion {
  return {
    revision: integerOf(row, 'live_revision'),
    content: textOf(row, 'live_content'),
    updated: integerOf(row, 'live_updated'),
    updatedBy: textOf(row, 'live_updated_by'),
  }
}

/** In the order of `resourceColumns`. */
function resourceValues({ revision, version, base, live }: Resource) {
  return [
    revision,
    version,
    base.content,
    base.updated,
    base.updatedBy,
    live?.revision ?? null,
    live?.content ?? null,
    live?.updated ?? null,
    live?.updatedBy ?? null,
  ]
}

/** In the order of `changeColumns` behind collection and document. */
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

function changeOf(row: Row): RecordedChange {
  return {
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
}
