/**
 * Over which values the checksum of each table's rows is, as data: so that every row of a file can
 * be compared, whichever of our schemas the file has. A table that has a column `checksum` and no
 * entry here fails a test.
 */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { StoredValue } from '../checksum.ts'
import { checksumOf } from '../checksum.ts'
import { valuesOf } from './document-rows.ts'

export type RowSum = {
  readonly table: string
  /** What one row of it is called. */
  readonly kind: string
  /** The schema that brought it. */
  readonly since: number
  /** How many of the columns a row is known by. */
  readonly names: number
  readonly columns: readonly string[]
  /** A column that rows from before it are summed without, as are those where it is NULL. */
  readonly later?: string
}

const resource = ['revision', 'version', 'content', 'updated', 'updated_by']
const live = ['live_revision', 'live_content', 'live_updated', 'live_updated_by']

export const rowSums: readonly RowSum[] = [
  {
    table: 'tenants',
    kind: 'tenant',
    since: 1,
    names: 1,
    columns: ['tenant', 'created', 'created_by'],
  },
  {
    table: 'keys',
    kind: 'key',
    since: 1,
    names: 1,
    columns: [
      ...['id', 'tenant', 'hash', 'scopes', 'label', 'created', 'created_by'],
      ...['expires_at', 'revoked'],
    ],
    later: 'rotated_to',
  },
  {
    table: 'documents',
    kind: 'document',
    since: 1,
    names: 3,
    columns: ['tenant', 'collection', 'document', ...resource, ...live],
    later: 'live_ended',
  },
  {
    table: 'changes',
    kind: 'change',
    since: 1,
    names: 3,
    columns: [
      ...['tenant', 'collection', 'document', 'action', 'part', 'revision', 'version'],
      ...['content', 'live_content', 'changed_by', 'changed', 'request_id'],
    ],
  },
  {
    table: 'tombstones',
    kind: 'tombstone',
    since: 2,
    names: 3,
    columns: ['tenant', 'collection', 'document', 'revision', 'version', 'updated'],
  },
  {
    table: 'kept_outcomes',
    kind: 'kept outcome',
    since: 2,
    names: 1,
    columns: [
      ...['tenant', 'caller', 'key', 'fingerprint', 'kept_until', 'action'],
      ...[...resource, ...live, 'live_ended'],
    ],
  },
  {
    table: 'secrets',
    kind: 'secret',
    since: 2,
    names: 1,
    columns: ['name', 'secret', 'created'],
  },
]

export type SummedRow = {
  /** In the order of the table's `columns`, and more behind them. */
  readonly values: readonly SQLOutputValue[]
  /** Whether it is as it was written. */
  readonly isSound: boolean
}

/** Every row of the table. Throws SQLite's error where there is no such table. */
export function* readRows(
  connection: DatabaseSync,
  { table, columns, later }: RowSum,
): Generator<SummedRow> {
  const info = connection.prepare(`PRAGMA table_info(${table})`).all()
  const hasLater = info.some(({ name }) => name === later)
  const selected = [...columns, ...(hasLater ? [later] : []), 'checksum']
  const select = connection.prepare(`SELECT ${selected.join(', ')} FROM ${table}`)
  select.setReturnArrays(true)
  for (const row of select.iterate()) {
    const values = valuesOf(row)
    const summed = values.slice(0, hasLater && values.at(-2) === null ? -2 : -1)
    yield { values, isSound: checksumOf(...summed.map(storedOf)) === values.at(-1) }
  }
}

/** What the row is called: `document acme/users/user-1`. */
export function nameOfRow({ kind, names }: RowSum, { values }: SummedRow): string {
  return `${kind} ${values.slice(0, names).join('/')}`
}

/** Node gives integers as numbers unless it is told to, and no table of ours holds others. */
function storedOf(value: SQLOutputValue): StoredValue {
  return typeof value === 'bigint' ? Number(value) : value
}
