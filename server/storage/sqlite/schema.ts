/**
 * Whether a file has the tables, indexes and nothing else that our migrations make, asked before
 * any of them is read: a view in the place of a table can run for ever, an index that is missing
 * lets two rows have what one may have, a trigger changes what is written.
 */
import { DatabaseSync } from 'node:sqlite'
import { quote } from '../../contract/names.ts'
import type { Row } from './database.ts'
import { appliedNumber } from './database.ts'
import { knownMigrations } from './sources.ts'

export type SchemaFault = {
  /** Ours, and not there; or there, and not ours, so that nothing may be read by it. */
  readonly kind: 'missing' | 'foreign'
  /** What is wrong, as a part of a sentence. */
  readonly text: string
}

/** Where the schema is not that of its own number; none where it is. Throws SQLite's error. */
export function schemaFaults(connection: DatabaseSync): readonly SchemaFault[] {
  const { schema, rows } = readSchema(connection)
  const wanted = new Map(wantedSchema(schema).map((row) => [nameOf(row), normalSql(row)]))
  const expected = new Set(wanted.keys())
  const faults: SchemaFault[] = []
  for (const row of rows) {
    const name = nameOf(row)
    if (wanted.get(name) === normalSql(row)) {
      wanted.delete(name)
      continue
    }
    const what = expected.has(name) ? 'is otherwise than' : 'is not of'
    faults.push({ kind: 'foreign', text: `${name} ${what} Tenantry's schema ${schema}` })
    wanted.delete(name)
  }
  for (const name of wanted.keys()) {
    const text = `there is no such ${name}, which schema ${schema} has`
    faults.push({ kind: 'missing', text })
  }
  return faults
}

/** In one transaction: a server may be bringing it up to date. */
function readSchema(connection: DatabaseSync): { schema: number; rows: readonly Row[] } {
  connection.exec('BEGIN')
  try {
    return { schema: appliedNumber(connection), rows: rowsOf(connection) }
  } finally {
    connection.exec('COMMIT')
  }
}

/** As the migrations up to this one make it. */
function wantedSchema(schema: number): readonly Row[] {
  const made = new DatabaseSync(':memory:')
  try {
    for (const { number, sql } of knownMigrations()) if (number <= schema) made.exec(sql)
    return rowsOf(made)
  } finally {
    made.close()
  }
}

/** Without what SQLite makes by itself, for a UNIQUE or for ANALYZE. */
function rowsOf(connection: DatabaseSync): readonly Row[] {
  const rows = connection.prepare('SELECT type, name, sql FROM sqlite_schema').all()
  return rows.filter(({ type, name, sql }) =>
    type === 'index'
      ? sql !== null || !/^sqlite_autoindex_/.test(String(name))
      : type !== 'table' || !/^sqlite_(sequence|stat\d)$/.test(String(name)),
  )
}

function nameOf({ type, name }: Row): string {
  return `${type}: ${/^\w{1,64}$/.test(String(name)) ? name : quote(String(name))}`
}

/** Comments, spaces and quotes around a plain name say nothing, and SQLite keeps them. */
function normalSql({ sql }: Row): string {
  return String(sql)
    .replaceAll(/'(?:[^']|'')*'|"(\w+)"|--[^\n]*|\/\*[\s\S]*?\*\/|\s+/g, (part, plain) => {
      if (plain !== undefined) return plain
      return part.startsWith("'") ? part : ' '
    })
    .replaceAll(/ +/g, ' ')
    .trim()
}
