/** Documents and their record in SQLite. The promises are in `documents/store.ts`. */
import type { DatabaseSync } from 'node:sqlite'
import type {
  CollectionAddress,
  CollectionName,
  DocumentAddress,
  DocumentName,
} from '../../contract/names.ts'
import type { Resource } from '../../documents/resource.ts'
import type { DocumentStore, ListedDocument } from '../../documents/store.ts'
import type { Cache } from './cache.ts'
import { makeCache } from './cache.ts'
import { packWrite, unpackOutcome } from './crossing.ts'
import type { Read } from './database.ts'
import {
  changeColumns,
  changeOf,
  checkedResource,
  selectResource,
  valuesOf,
} from './document-rows.ts'
import type { ListCache, Page } from './list-cache.ts'
import { resourceColumns } from './resource-row.ts'
import type { Writer } from './writer.ts'

/** A page of a list ends behind the row that brings it to either: a millisecond or two of work. */
const pageMaxDocuments = 500
const pageMaxCharacters = 262_144

/** Twice the texts, as they are kept and as they are shown, and the objects that hold them. */
const bytesPerCharacter = 2
const bytesPerResource = 1000

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
  const select = reader.prepare(selectResource)
  const selectAfter = reader.prepare(
    `SELECT ${resourceColumns}, checksum, document FROM documents
     WHERE tenant = ? AND collection = ? AND document > ? ORDER BY document LIMIT ?`,
  )
  const selectNames = reader.prepare(
    `SELECT document FROM documents
     WHERE tenant = ? AND collection = ? AND document > ? ORDER BY document LIMIT ?`,
  )
  // One seek in the primary index, over all documents of the collection before it.
  const selectNextCollection = reader.prepare(
    `SELECT collection FROM documents
     WHERE tenant = ? AND collection > ? ORDER BY collection LIMIT 1`,
  )
  for (const statement of [select, selectAfter, selectNames, selectNextCollection]) {
    statement.setReturnArrays(true)
  }
  const selectChanges = reader.prepare(
    `SELECT ${changeColumns} FROM changes
     WHERE tenant = ? AND position > ? ORDER BY position LIMIT ?`,
  )
  const deleting = makeTally()
  return {
    async write(address, command) {
      const name = nameOf(address)
      const ends = [lists.begin(collectionOf(address))]
      if (command.mode === 'delete') ends.push(deleting.begin(name))
      try {
        const outcome = unpackOutcome(await writer.run('write', packWrite(address, command)))
        const { resource, replayed } = outcome
        if (resource.base === undefined) cache.drop(name)
        else if (!replayed) cache.renew(name, resource)
        return outcome
      } finally {
        for (const end of ends) end()
      }
    },

    async read(address) {
      const name = nameOf(address)
      // A list may have shown already that it is gone, before the delete is acknowledged.
      const known = deleting.has(name) ? undefined : cache.find(name)
      if (known !== undefined) return known
      return read(() => {
        const values = select.get(address.tenant, address.collection, address.document)
        if (values === undefined) return undefined
        const resource = checkedResource(valuesOf(values), address)
        cache.keep(name, resource)
        return resource
      })
    },

    async list(address, after, most = pageMaxDocuments) {
      const { tenant, collection } = address
      const known = lists.find(collectionOf(address), after)
      if (known !== undefined) return known
      return read(() => {
        const limit = Math.min(most, pageMaxDocuments)
        // No document of a collection has the empty name, so all come after it.
        const rows = selectAfter.iterate(tenant, collection, after ?? '', limit)
        const page = takePage(rows, address)
        // Who saw a write in a list, before it was acknowledged, sees it from here on everywhere.
        for (const { document, resource } of page) {
          cache.renew(nameOf({ ...address, document }), resource)
        }
        if (limit === pageMaxDocuments) lists.keep(collectionOf(address), after, page)
        return page
      })
    },

    listNames: ({ tenant, collection }, after, most) =>
      read(() =>
        selectNames
          .all(tenant, collection, after ?? '', most)
          .map((row) => String(valuesOf(row)[0]) as DocumentName),
      ),

    listCollections: (tenant, after, most) =>
      read(() => {
        const names: CollectionName[] = []
        while (names.length < most) {
          // The tenant's own document has the empty name, which comes before all.
          const row = selectNextCollection.get(tenant, names.at(-1) ?? after ?? '')
          if (row === undefined) break
          names.push(String(valuesOf(row)[0]) as CollectionName)
        }
        return names
      }),

    listChanges: (tenant, after, limit) =>
      read(() => selectChanges.all(tenant, after, limit).map((row) => changeOf(row, tenant))),

    dropKept: (at) => writer.run('dropKept', at),
  }
}

/** Names of what is under way, each as often as it is. */
function makeTally() {
  const counts = new Map<string, number>()
  return {
    begin(name: string): () => void {
      counts.set(name, (counts.get(name) ?? 0) + 1)
      return () => {
        const left = (counts.get(name) ?? 0) - 1
        if (left > 0) counts.set(name, left)
        else counts.delete(name)
      }
    },
    has: (name: string) => counts.size > 0 && counts.has(name),
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
