/**
 * Stores as earlier versions left them: the first migrations run by hand, and some rows with the
 * checksums that those versions gave them.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { checksumOf } from '../../server/storage/checksum.ts'
import { root } from './process.ts'

const migrations = join(root, 'server/storage/sqlite/migrations')

/** How many migrations there are now. */
export const newestSchema = readdirSync(migrations).filter((name) => name.endsWith('.sql')).length

/** Opens a new one, made by the first so many migrations; the tenant `acme` is in it. */
export function openFormerStore(dataFolder: string, schema: number): DatabaseSync {
  mkdirSync(dataFolder, { recursive: true })
  const connection = new DatabaseSync(join(dataFolder, 'tenantry.sqlite'))
  connection.exec('PRAGMA journal_mode = WAL')
  const files = readdirSync(migrations).toSorted().slice(0, schema)
  for (const file of files) connection.exec(readFileSync(join(migrations, file), 'utf8'))
  connection.exec(`PRAGMA user_version = ${schema}`)
  const values = ['acme', 1_700_000_000_000, 'cli:zoe'] as const
  const insert = 'INSERT INTO tenants (tenant, created, created_by, checksum) VALUES (?, ?, ?, ?)'
  connection.prepare(insert).run(...values, checksumOf(...values))
  return connection
}

/** Adds a document `c/{name}` to it, as its first change. */
export function addFormerDocument(connection: DatabaseSync, name: string, content: string): void {
  const address = ['acme', 'c', name] as const
  const written = [1_700_000_000_005, 'apikey:former'] as const
  const resource = [1, 0, content, ...written, null, null, null, null] as const
  const places = (count: number) => Array(count).fill('?').join(', ')
  connection
    .prepare(
      `INSERT INTO documents (tenant, collection, document, revision, version, content, updated,
         updated_by, live_revision, live_content, live_updated, live_updated_by, checksum)
       VALUES (${places(13)})`,
    )
    .run(...address, ...resource, checksumOf(...address, ...resource))
  const [at, by] = written
  const change = ['create', 'base', 1, null, content, null, by, at, 'request'] as const
  connection
    .prepare(
      `INSERT INTO changes (tenant, collection, document, action, part, revision, version, content,
         live_content, changed_by, changed, request_id, checksum, position)
       VALUES (${places(13)}, (SELECT coalesce(max(position), 0) + 1 FROM changes))`,
    )
    .run(...address, ...change, checksumOf(...address, ...change))
}

/** The schema of the store in this file, and the names of its documents. */
export function lookInto(file: string): { schema: number; documents: readonly string[] } {
  const connection = new DatabaseSync(file, { readOnly: true })
  const schema = Number(connection.prepare('PRAGMA user_version').get()?.user_version)
  const rows = connection.prepare('SELECT document FROM documents ORDER BY document').all()
  connection.close()
  return { schema, documents: rows.map(({ document }) => String(document)) }
}
