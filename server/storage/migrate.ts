/**
 * Migrations: numbered SQL, applied in order, each once, under a lock. They only go forward; data
 * that a newer server has migrated is refused, since what this one does not know it would break.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { StartRefused } from '../contract/errors.ts'

export type Migration = {
  /** From 1, without gaps. */
  readonly number: number
  /** The file's name without `.sql`. */
  readonly name: string
  readonly sql: string
}

/** The migrations in a folder of `0001-name.sql`. Throws when a number is missing or doubled. */
export function readMigrations(folder: URL): readonly Migration[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.sql'))
    .sort()
  return files.map((file, at) => {
    const number = Number(file.slice(0, 4))
    if (number !== at + 1) throw new Error(`migration ${at + 1} is missing, found ${file}`)
    const sql = readFileSync(new URL(file, folder), 'utf8')
    return { number, name: file.slice(0, -'.sql'.length), sql }
  })
}

/** What is still to apply, given the last number applied. Throws `StartRefused` for newer data. */
export function pendingMigrations(
  migrations: readonly Migration[],
  applied: number,
  store: string,
): readonly Migration[] {
  const known = migrations.length
  if (applied > known) {
    throw new StartRefused(
      `${store} was written by a newer Tenantry: its schema is ${applied}, and this one knows ` +
        `${known}. Run that version, or point this one at other data; or restore a backup from ` +
        `before, such as ….before-schema-${known + 1} beside the data. Nothing was changed.`,
    )
  }
  return migrations.slice(applied)
}
