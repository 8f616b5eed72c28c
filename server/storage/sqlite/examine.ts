/**
 * A store looked at by who only reads, damaged or not, served or not. Each check stands alone:
 * where one cannot be made, that is what it found. Nothing is written, and no transaction is long,
 * so that the log of a store that is served can go on being moved into it.
 */
import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { bytesText, countText } from '../../contract/amounts.ts'
import type { Finding } from '../../contract/finding.ts'
import { gatherFindings } from '../../contract/finding.ts'
import type { Examination, ExamineOptions, StoreFacts } from '../engine.ts'
import { readMigrations } from '../migrate.ts'
import {
  applicationId,
  corruptCode,
  isLibraryTrusted,
  isSqliteError,
  libraryMin,
  migrationsFolder,
  notDatabaseCode,
} from './database.ts'
import { examineRows } from './examine-rows.ts'
import { realNameOf } from './folders.ts'
import { isLockHeld } from './lock.ts'
import { rowSums } from './row-sums.ts'
import { schemaFaults } from './schema.ts'

/** The share of the file that is free, from which on it is worth to be told. */
const freeShareNoted = 0.25
const freeNotedBytes = 16 * 1_048_576

/** A log of more than that is held by a reader, or by a server that does not move it. */
const logNotedBytes = 256 * 1_048_576

const busyTimeoutMs = 5000

/** More would only fill the terminal. */
const schemaFaultsMax = 20

/** Never rejects for what is wrong with the store: that is what it finds. */
export async function examineSqlite(file: string, options: ExamineOptions): Promise<Examination> {
  const path = withoutLinks(file)
  if (!existsSync(path)) return { findings: [missing(path)], facts: undefined }
  const calm = !existsSync(`${path}-wal`)
  const first = examineOnce(path, calm, options)
  // A calm file is read without its log. Somebody opened it meanwhile: what was found may be false.
  return calm && existsSync(`${path}-wal`) ? examineOnce(path, false, options) : first
}

/** Log and lock lie beside the file itself, as SQLite and servers have it. */
function withoutLinks(path: string): string {
  try {
    return realNameOf(path)
  } catch {
    // What hinders that hinders the opening too, which tells of it.
    return path
  }
}

function examineOnce(path: string, calm: boolean, options: ExamineOptions): Examination {
  const findings = gatherFindings()
  const { add } = findings
  const served = findServer(path, add)
  examineBeside(path, served, add)
  const opened = openOrTell(path, calm, add)
  let facts: StoreFacts | undefined
  if (opened !== undefined) {
    try {
      facts = examineOpened(opened, path, served, options, add)
    } finally {
      opened.close()
    }
  }
  return { findings: findings.list(), facts }
}

type Add = (finding: Finding) => void

function missing(path: string): Finding {
  return {
    severity: 'error',
    check: 'store',
    what: `There is no data at ${path}.`,
    mend:
      'Set --data or TENANTRY_DATA to the folder of the server; a new store is made by ' +
      'tenantry tenant create ID.',
  }
}

/** False where it cannot be known. */
function findServer(path: string, add: Add): boolean {
  try {
    return isLockHeld(`${path}.lock`)
  } catch (error) {
    add({
      severity: 'error',
      check: 'lock',
      what: `${path}.lock cannot be read: ${(error as Error).message}.`,
      mend: 'Check what it is and its rights; a server makes it anew when it is moved away.',
    })
    return false
  }
}

/** Files beside the data that tell of something left undone. */
function examineBeside(path: string, served: boolean, add: Add): void {
  if (existsSync(`${path}.unclosed`) && !served) {
    add({
      severity: 'warning',
      check: 'leftovers',
      what: 'The last server ended without warning, or before a check of all data had passed.',
      mend: 'Start the server: it recovers, and checks all data beside serving.',
    })
  }
  if (existsSync(`${path}.restoring`)) {
    add({
      severity: 'error',
      check: 'leftovers',
      what: `A restore was cut off: ${path}.restoring is there.`,
      mend: 'Run tenantry restore FILE again, to its end.',
    })
  }
  if (existsSync(`${path}-journal`)) {
    add({
      severity: 'warning',
      check: 'leftovers',
      what: `A first start was cut off while it made the data: ${path}-journal is there.`,
      mend: 'Start the server: it makes up for that.',
    })
  }
}

function openOrTell(path: string, calm: boolean, add: Add): DatabaseSync | undefined {
  // A log and a shared memory would be made for a file that has none, and stay: a file that nobody
  // has open is read as it stands.
  const url = pathToFileURL(path)
  if (calm) url.search = '?immutable=1'
  try {
    const connection = new DatabaseSync(url, { readOnly: true })
    connection.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA trusted_schema = OFF`)
    connection.prepare('SELECT count(*) FROM sqlite_schema').get()
    return connection
  } catch (error) {
    add(unopened(path, error))
    return undefined
  }
}

function unopened(path: string, error: unknown): Finding {
  if (isSqliteError(error) && error.errcode === corruptCode) return broken(error.message)
  const other = isSqliteError(error) && error.errcode === notDatabaseCode
  return {
    severity: 'error',
    check: 'store',
    what: other
      ? `${path} is no SQLite database, or its beginning is destroyed.`
      : `${path} cannot be opened: ${(error as Error).message}.`,
    mend: other
      ? 'Point TENANTRY_DATA at the data of the server, or restore a backup: tenantry restore FILE'
      : 'Check the rights of the file and of its folder, and the disk that they are on.',
  }
}

function examineOpened(
  reader: DatabaseSync,
  path: string,
  served: boolean,
  options: ExamineOptions,
  add: Add,
): StoreFacts | undefined {
  const number = (name: string) =>
    Number(Object.values(reader.prepare(`PRAGMA ${name}`).get() ?? {})[0])
  try {
    const library = String(reader.prepare('SELECT sqlite_version() AS version').get()?.version)
    const [schema, schemaKnown] = [number('user_version'), readMigrations(migrationsFolder).length]
    const pageBytes = number('page_size')
    const facts = {
      place: path,
      served,
      schema,
      schemaKnown,
      library,
      dataBytes: statSync(path).size,
      logBytes: statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0,
      freeBytes: number('freelist_count') * pageBytes,
      tenants: undefined,
      record: undefined,
    }
    examineSettings(facts, number('application_id'), add)
    if (schema > schemaKnown || number('application_id') !== applicationId) return facts
    if (!examineSchema(reader, add)) return facts
    if (!options.quick) examineStructure(reader, served, options, add)
    if (schema !== schemaKnown) return facts
    const tenants = Number(
      reader.prepare('SELECT count(*) AS count FROM tenants WHERE ended IS NULL').get()?.count,
    )
    if (options.quick) return { ...facts, tenants }
    let rows = 0
    const record = examineRows(reader, {
      now: options.now,
      add,
      onRows(more) {
        rows += more
        options.onProgress(() => `examining rows: ${countText(rows)} so far`)
      },
    })
    return { ...facts, tenants, record }
  } catch (error) {
    add({
      severity: 'error',
      check: 'store',
      what: `${path} cannot be read: ${(error as Error).message}.`,
      mend: 'Keep a copy of it as it is, and restore a backup: tenantry restore FILE',
    })
    return undefined
  }
}

/** What is the same for the whole file: whose it is, how old, how large. */
function examineSettings(
  { place, schema, schemaKnown, library, dataBytes, freeBytes, logBytes }: StoreFacts,
  maker: number,
  add: Add,
): void {
  if (!isLibraryTrusted(library)) {
    add({
      severity: 'error',
      check: 'library',
      what:
        `The SQLite in this Node is ${library}; ${libraryMin.join('.')} is the oldest ` +
        'that is safe.',
      mend: 'Install a newer Node.',
    })
  }
  if (maker !== applicationId) {
    add({
      severity: 'error',
      check: 'store',
      what: `${place} is the database of another program, or an empty one.`,
      mend: 'Point TENANTRY_DATA or TENANTRY_STORE at the data of the server.',
    })
    return
  }
  if (schema > schemaKnown) {
    add({
      severity: 'error',
      check: 'schema',
      what:
        `The data are of a newer Tenantry: their schema is ${schema}, and this one knows ` +
        `${schemaKnown}.`,
      mend: 'Run that version, or restore a backup from before it.',
    })
  }
  if (schema < schemaKnown) {
    add({
      severity: 'note',
      check: 'schema',
      what:
        `The data are of an older Tenantry: their schema is ${schema}, and this one has ` +
        `${schemaKnown}. Their rows were not examined.`,
      mend: 'The next start brings them up to date; run tenantry doctor again behind it.',
    })
  }
  if (!isOfLog(place)) {
    add({
      severity: 'note',
      check: 'store',
      what:
        'The data are not set to write a log ahead (WAL): they are a backup or were restored ' +
        'from one, and not served since; or another program has changed that.',
      mend: 'The next start sets it.',
    })
  }
  if (freeBytes > Math.max(freeNotedBytes, dataBytes * freeShareNoted)) {
    add({
      severity: 'note',
      check: 'size',
      what:
        `${Math.floor((100 * freeBytes) / dataBytes)} % of the data file is free for ` +
        'what comes next.',
      mend: 'To give it back, stop the server and run: sqlite3 FILE VACUUM',
    })
  }
  if (logBytes > logNotedBytes) {
    add({
      severity: 'warning',
      check: 'size',
      what: `The log has ${bytesText(logBytes)}: it is not being moved into the data.`,
      mend:
        'Look for a process that has the file open and reads it for long; else restart ' +
        'the server.',
    })
  }
}

/** From the header of the file: what is opened as it stands does not tell. */
function isOfLog(path: string): boolean {
  const header = Buffer.alloc(20)
  const file = openSync(path, 'r')
  try {
    readSync(file, header)
  } finally {
    closeSync(file)
  }
  return header[18] === 2 && header[19] === 2
}

/** Whether its tables may be read: what is foreign could run for ever, or answer anything. */
function examineSchema(reader: DatabaseSync, add: Add): boolean {
  const faults = schemaFaults(reader)
  const mayBeRead = faults.every(({ kind }) => kind === 'missing')
  for (const { text } of faults.slice(0, schemaFaultsMax)) {
    add({
      severity: 'error',
      check: 'schema',
      what: `The schema of the data is not as it was made: ${text}.`,
      mend: mayBeRead
        ? 'Restore a backup from before: tenantry restore FILE'
        : 'Its rows were not examined. Find out what changed it; restore a backup from before: ' +
          'tenantry restore FILE',
    })
  }
  return mayBeRead
}

/**
 * SQLite's own check, with every index against its table: of the whole file, or of table by table,
 * to hold the log for less time.
 */
function examineStructure(
  reader: DatabaseSync,
  served: boolean,
  { onProgress }: ExamineOptions,
  add: Add,
): void {
  for (const table of served ? rowSums.map((each) => each.table) : ['']) {
    onProgress(() => `checking the structure of ${table || 'the file'}`)
    const argument = table === '' ? '(20)' : `('${table}')`
    try {
      for (const row of reader.prepare(`PRAGMA integrity_check${argument}`).all()) {
        const line = String(row.integrity_check)
        if (line !== 'ok') add(broken(line))
      }
    } catch (error) {
      if (/no such table/.test((error as Error).message)) continue
      add(broken((error as Error).message))
    }
  }
}

function broken(line: string): Finding {
  return {
    severity: 'error',
    check: 'structure',
    what: `The file is damaged; SQLite says: ${line.replaceAll(/\s+/g, ' ')}.`,
    mend: 'Keep a copy of it as it is, and restore a backup: tenantry restore FILE',
  }
}
