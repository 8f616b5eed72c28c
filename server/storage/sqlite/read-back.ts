/**
 * Reads back a copy of a store that lies in one file: what is in it, and what is wrong with it.
 * It takes no word of the file for true: the schema is compared with ours, SQLite looks at every
 * page, and every row is compared with its checksum. It changes nothing, and leaves nothing beside
 * the file.
 */
import { DatabaseSync } from 'node:sqlite'
import type { BackupContents, OnCopied } from '../engine.ts'
import { appliedNumber, configure, isSqliteError } from './database.ts'
import { nameOfRow, readRows, rowSums } from './row-sums.ts'
import { schemaFaults } from './schema.ts'

export type ReadBack = {
  /** Undefined where the file could not be read that far. */
  readonly contents: BackupContents | undefined
  /** Ways in which the file as such is broken; none of it may be trusted. */
  readonly broken: readonly string[]
  /** Rows that are not as they were written, by their names, the first few; all others are. */
  readonly damaged: readonly string[]
  readonly damagedCount: number
}

/** The first ones show what happened; more would only fill the terminal. */
const findingsMax = 10

/** Rows between two words on how far it has come. */
const progressRows = 5000

/** The file has to be one that a writer closed outside WAL mode. */
export function readBack(path: string, onCopied: OnCopied): ReadBack {
  let connection: DatabaseSync | undefined
  try {
    connection = new DatabaseSync(path, { readOnly: true })
    configure(connection, 0)
    const foreign = schemaFaults(connection).map(({ text }) => text)
    if (foreign.length > 0) return failed(foreign.slice(0, findingsMax))
    const broken = brokenPages(connection)
    if (broken.length > 0) return failed(broken)
    return readAllRows(connection, onCopied)
  } catch (error) {
    if (!isSqliteError(error)) throw error
    return failed([`SQLite says: ${error.message}`])
  } finally {
    connection?.close()
  }
}

function failed(broken: readonly string[]): ReadBack {
  return { contents: undefined, broken, damaged: [], damagedCount: 0 }
}

/** Indexes too, unlike the check beside a server: who waits for a backup can wait for that. */
function brokenPages(connection: DatabaseSync): string[] {
  const rows = connection.prepare(`PRAGMA integrity_check(${findingsMax})`).all()
  return rows.map(({ integrity_check: line }) => String(line)).filter((line) => line !== 'ok')
}

function readAllRows(connection: DatabaseSync, onCopied: OnCopied): ReadBack {
  const schema = appliedNumber(connection)
  const tables = rowSums.filter(({ since }) => since <= schema)
  const all = tables.reduce((sum, { table }) => sum + countRows(connection, table), 0)
  const damaged: string[] = []
  let damagedCount = 0
  let done = 0
  let newest: number | undefined
  for (const table of tables) {
    const changedAt = table.columns.indexOf('changed')
    for (const row of readRows(connection, table)) {
      if (!row.isSound && ++damagedCount <= findingsMax) damaged.push(nameOfRow(table, row))
      if (changedAt >= 0) newest = Math.max(newest ?? 0, Number(row.values[changedAt]))
      if (++done % progressRows === 0) onCopied({ step: 'checking', done, all })
    }
  }
  onCopied({ step: 'checking', done: 1, all: 1 })
  const contents: BackupContents = {
    tenants: countRows(connection, 'tenants'),
    documents: countRows(connection, 'documents'),
    newestChange: newest,
    schema,
  }
  return { contents, broken: [], damaged, damagedCount }
}

function countRows(connection: DatabaseSync, table: string): number {
  return Number(connection.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count)
}
