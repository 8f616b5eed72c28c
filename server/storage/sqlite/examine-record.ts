/**
 * What a tenant's record says of each of its documents, to be compared with the documents. It is
 * kept in a database of its own in the system's temporary folder, which SQLite makes for us and
 * removes: a store may have more documents than memory has room for.
 */
import { DatabaseSync } from 'node:sqlite'
import type { RecordedChange } from '../../documents/store.ts'
import { checksumOf } from '../checksum.ts'
import type { Row } from './database.ts'

/** How a document must be, after all of its rows in the record. */
export type Expected = {
  readonly revision: number
  readonly version: number
  /** Of content and stamps; null where there is none. */
  readonly base: number | null
  readonly live: number | null
  readonly liveEnded: number | null
  /** When it was deleted; null where it is there. */
  readonly gone: number | null
  /** A row of it could not be read, so that nothing can be said of how it must be. */
  readonly unknown: boolean
}

export type NamedExpected = Expected & { readonly collection: string; readonly document: string }

/** Names of a document within its tenant. */
export type Names = { readonly collection: string; readonly document: string }

export type ExpectedDocuments = {
  find(names: Names): Expected | undefined
  put(names: Names, expected: Expected): void
  /** Those behind `after` (all, where it is undefined) up to `last` (all), by name bytewise. */
  between(after: Names | undefined, last: Names | undefined): Iterable<NamedExpected>
  clear(): void
  close(): void
}

/** About 64 MB in memory, the rest in the file. */
const cacheKibibytes = 65_536

/** Nothing is expected yet. */
export function openExpectedDocuments(): ExpectedDocuments {
  const scratch = new DatabaseSync('')
  scratch.exec(`
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -${cacheKibibytes};
    CREATE TABLE expected (collection, document, revision, version, base, live, live_ended, gone,
      unknown, PRIMARY KEY (collection, document)) WITHOUT ROWID`)
  const names = 'collection = ? AND document = ?'
  const select = scratch.prepare(`SELECT * FROM expected WHERE ${names}`)
  const upsert = scratch.prepare(
    'INSERT OR REPLACE INTO expected VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  // Whole rows: an iterator that is left open would be of no use to the next write.
  const selectBetween = (from: string, to: string) =>
    scratch.prepare(`SELECT * FROM expected WHERE ${from} ${to} ORDER BY collection, document`)
  const behind = '(collection, document) > (?, ?)'
  const upTo = 'AND (collection, document) <= (?, ?)'
  const ranges = {
    all: selectBetween('true', ''),
    first: selectBetween('true', upTo),
    middle: selectBetween(behind, upTo),
    last: selectBetween(behind, ''),
  }
  return {
    find({ collection, document }) {
      const row = select.get(collection, document)
      return row && expectedOf(row)
    },
    put({ collection, document }, { revision, version, base, live, liveEnded, gone, unknown }) {
      const state = [revision, version, base, live, liveEnded, gone, unknown ? 1 : 0] as const
      upsert.run(collection, document, ...state)
    },
    *between(after, last) {
      const from = after === undefined ? [] : [after.collection, after.document]
      const to = last === undefined ? [] : [last.collection, last.document]
      const first = last === undefined ? ranges.all : ranges.first
      const next = last === undefined ? ranges.last : ranges.middle
      const statement = after === undefined ? first : next
      for (const row of statement.iterate(...from, ...to)) {
        const { collection, document } = row
        yield {
          collection: String(collection),
          document: String(document),
          ...expectedOf(row),
        }
      }
    },
    clear: () => scratch.exec('DELETE FROM expected'),
    close: () => scratch.close(),
  }
}

function expectedOf(row: Row): Expected {
  const number = (column: string) => (row[column] === null ? null : Number(row[column]))
  return {
    revision: Number(row.revision),
    version: Number(row.version),
    base: number('base'),
    live: number('live'),
    liveEnded: number('live_ended'),
    gone: number('gone'),
    unknown: row.unknown === 1,
  }
}

/** What a document must be once this row of its record is behind it. */
export function expectedAfter(former: Expected | undefined, change: RecordedChange): Expected {
  const { revision, action, part, at, by } = change
  const version = change.version ?? former?.version ?? 0
  const noted = { revision, version, unknown: former?.unknown ?? false }
  if (action === 'delete' && part === 'base') {
    return { ...noted, base: null, live: null, liveEnded: null, gone: at }
  }
  const base = change.base === undefined ? (former?.base ?? null) : sumOf(change.base, at, by)
  if (action === 'delete') return { ...noted, base, live: null, liveEnded: at, gone: null }
  const live =
    change.live === undefined ? (former?.live ?? null) : sumOf(change.live, at, by, revision)
  const liveEnded = live === null ? (former?.liveEnded ?? null) : null
  return { ...noted, base, live, liveEnded, gone: null }
}

/** Of a content with its stamps and, of a live version, its revision. */
export function sumOf(...values: readonly (string | number)[]): number {
  return checksumOf(...values)
}
