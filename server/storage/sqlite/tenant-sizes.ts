/**
 * What there is of one tenant, counted in short transactions: a million documents take some
 * seconds, and a reader that stayed as long would keep the log from being reused.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { TenantId } from '../../contract/names.ts'
import type { TenantEndStore } from '../../identity/store.ts'
import type { Read } from './database.ts'
import { valuesOf } from './document-rows.ts'

/** Some milliseconds each. */
const pieceRows = 2000

/** As many collections are named; there may be as many as documents. */
const largestMax = 10

/** `measureTenant` on this connection. */
export function measureTenantOn(reader: DatabaseSync, read: Read): TenantEndStore['measureTenant'] {
  const selectDocuments = reader.prepare(
    `SELECT collection, document, live_revision IS NOT NULL,
       octet_length(content) + coalesce(octet_length(live_content), 0)
     FROM documents WHERE tenant = ? AND (collection, document) > (?, ?)
     ORDER BY collection, document LIMIT ${pieceRows}`,
  )
  selectDocuments.setReturnArrays(true)
  const selectChanges = reader.prepare(
    `SELECT count(*) AS rows, max(position) AS last, max(changed) AS newest,
       sum(coalesce(octet_length(content), 0) + coalesce(octet_length(live_content), 0)) AS bytes
     FROM (SELECT * FROM changes WHERE tenant = ? AND position > ?
       ORDER BY position LIMIT ${pieceRows})`,
  )
  const selectOthers = reader.prepare(
    `SELECT (SELECT count(*) FROM keys WHERE tenant = ?1) AS keys,
       (SELECT count(*) FROM tombstones WHERE tenant = ?1) AS tombstones,
       (SELECT count(*) FROM kept_outcomes WHERE tenant = ?1) AS kept`,
  )
  const selectOwn = reader.prepare(
    `SELECT octet_length(content) AS bytes FROM documents
     WHERE tenant = ? AND collection = '' AND document = ''`,
  )
  const readDocuments = (id: TenantId, { collection, document }: Names) =>
    read(() => selectDocuments.all(id, collection, document).map(documentOf))
  return async (id, onCounted) => {
    const tally = makeTally()
    const own = await read(() => selectOwn.get(id))
    // The tenant's own document has empty names, and is in no collection.
    for (let after: Names | undefined = { collection: '', document: '' }; after !== undefined; ) {
      const rows: readonly CountedDocument[] = await readDocuments(id, after)
      for (const row of rows) tally.add(row)
      after = rows.length < pieceRows ? undefined : rows.at(-1)
      onCounted(rows.length)
    }
    const { largest, ...counted } = tally.end()
    let { bytes } = counted
    let [changes, newest, more] = [0, 0, true]
    for (let after = 0; more; ) {
      const row = await read(() => selectChanges.get(id, after))
      const rows = Number(row?.rows)
      changes += rows
      newest = Math.max(newest, Number(row?.newest))
      bytes += Number(row?.bytes)
      onCounted(rows)
      after = Number(row?.last)
      more = rows === pieceRows
    }
    const others = await read(() => selectOthers.get(id))
    return {
      ...counted,
      documents: counted.documents + (own === undefined ? 0 : 1),
      largest,
      changes,
      newestChange: changes === 0 ? undefined : newest,
      keys: Number(others?.keys),
      others: Number(others?.tombstones) + Number(others?.kept),
      bytes: bytes + Number(own?.bytes ?? 0),
    }
  }
}

type Names = { readonly collection: string; readonly document: string }

type CountedDocument = Names & { readonly live: boolean; readonly bytes: number }

function documentOf(row: unknown): CountedDocument {
  const [collection, document, live, bytes] = valuesOf(row)
  return {
    collection: String(collection),
    document: String(document),
    live: live === 1,
    bytes: Number(bytes),
  }
}

/** Counts documents that come collection by collection. */
function makeTally() {
  let largest: { readonly collection: string; readonly documents: number }[] = []
  let [documents, liveVersions, collections, bytes] = [0, 0, 0, 0]
  let current = { collection: '', documents: 0 }
  const endCollection = () => {
    if (current.documents === 0) return
    collections++
    largest.push(current)
    largest = largest.toSorted((one, other) => other.documents - one.documents)
    largest = largest.slice(0, largestMax)
  }
  return {
    add(row: CountedDocument) {
      if (row.collection !== current.collection) {
        endCollection()
        current = { collection: row.collection, documents: 0 }
      }
      current.documents++
      documents++
      bytes += row.bytes
      if (row.live) liveVersions++
    },
    end() {
      endCollection()
      return { documents, liveVersions, collections, bytes, largest }
    },
  }
}
