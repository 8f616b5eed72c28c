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
  /** Columns that rows from before them are summed without, as are those where they are NULL. */
  readonly later?: readonly string[]
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
    later: ['ended', 'ended_by'],
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
    later: ['rotated_to'],
  },
  {
    table: 'documents',
    kind: 'document',
    since: 1,
    names: 3,
    columns: ['tenant', 'collection', 'document', ...resource, ...live],
    later: ['live_ended'],
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
  {
    table: 'former_tenants',
    kind: 'former tenant',
    since: 3,
    names: 1,
    columns: ['tenant', 'created', 'created_by', 'ended', 'ended_by'],
  },
]

/** What is summed of this table. */
export function rowSumOf(name: string): RowSum {
  const found = rowSums.find(({ table }) => table === name)
  if (found === undefined) throw new Error(`no checksum is known of rows of ${name}`)
  return found
}

/** What to select of it, in a store of the newest schema, for `isAsWritten`. */
export function summedColumns({ columns, later = [] }: RowSum): string {
  return [...columns, ...later, 'checksum'].join(', ')
}

/** Whether a row is as it was written: its columns, those that came later, and its checksum. */
export function isAsWritten({ columns }: RowSum, values: readonly SQLOutputValue[]): boolean {
  const isLater = values.slice(columns.length, -1).some((value) => value !== null)
  const summed = values.slice(0, isLater ? -1 : columns.length)
  return checksumOf(...summed.map(storedOf)) === values.at(-1)
}

export type SummedRow = {
  /** In the order of the table's `columns`, and more behind them. */
  readonly values: readonly SQLOutputValue[]
  /** Whether it is as it was written. */
  readonly isSound: boolean
}

/** Every row of the table. Throws SQLite's error where there is no such table. */
export function* readRows(connection: DatabaseSync, sum: RowSum): Generator<SummedRow> {
  const { table, later = [] } = sum
  const info = connection.prepare(`PRAGMA table_info(${table})`).all()
  const known = later.filter((column) => info.some(({ name }) => name === column))
  const selected = summedColumns({ ...sum, later: known })
  const select = connection.prepare(`SELECT ${selected} FROM ${table}`)
  select.setReturnArrays(true)
  for (const row of select.iterate()) {
    const values = valuesOf(row)
    yield { values, isSound: isAsWritten(sum, values) }
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
