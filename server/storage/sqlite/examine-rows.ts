/**
 * All rows of a store, of every table: what is not as it was written, and what does not fit
 * together. Documents and the record, which is most of it, are in `examine-documents.ts`.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Finding } from '../../contract/finding.ts'
import { gatherFindings } from '../../contract/finding.ts'
import type { TenantId } from '../../contract/names.ts'
import type { Key } from '../../identity/store.ts'
import type { RecordGrowth } from '../engine.ts'
import type { Row } from './database.ts'
import { valuesOf } from './document-rows.ts'
import { documentExaminer, restore } from './examine-documents.ts'
import { openExpectedDocuments } from './examine-record.ts'
import { keyColumns, keyOf } from './identity.ts'
import { makeGrowth } from './record-growth.ts'
import { isAsWritten, readRows, rowSumOf, summedColumns } from './row-sums.ts'
import { ownedTables, tenantColumns, tenantOf } from './tenant-ends.ts'

const dayMs = 86_400_000

/** What a clock may be off by. */
const clockMaxMs = 5 * 60_000

const keysSoonMs = 14 * dayMs
const keysIdleMs = 90 * dayMs

/** Some milliseconds. */
const pieceRows = 500

/** The secrets that a server makes at its first start. */
const secretNames = ['signing']

export type RowsOptions = {
  /** Epoch milliseconds. */
  readonly now: number
  readonly add: (finding: Finding) => void
  readonly onRows: (rows: number) => void
}

/** Reads all rows in short transactions; what was found is added, what was counted is given. */
export function examineRows(reader: DatabaseSync, options: RowsOptions): RecordGrowth {
  const { now, add } = options
  const error = (check: string, what: string, mend = restore) =>
    add({ severity: 'error', check, what, mend })
  const attempt = (check: string, what: string, run: () => void) => {
    try {
      run()
    } catch (fault) {
      if (!(fault instanceof Error)) throw fault
      error(check, `${what} cannot be read: ${fault.message}.`)
    }
  }
  const growth = makeGrowth(now)
  const ended = new Set<string>()
  const living = new Set<string>()
  attempt('tenants', 'The table of tenants', () => {
    for (const row of reader.prepare(`SELECT ${tenantColumns} FROM tenants`).all()) {
      const id = String(row.tenant)
      ;(row.ended === null ? living : ended).add(id)
      attempt('tenants', `The row of the tenant ${id}`, () => tenantOf(row))
    }
    for (const row of reader.prepare(`SELECT ${tenantColumns} FROM former_tenants`).all()) {
      attempt('tenants', `The row of the former tenant ${row.tenant}`, () => tenantOf(row))
    }
  })
  attempt('secrets', 'The table of secrets', () => examineSecrets(reader, error))
  for (const id of ended) {
    add({
      severity: 'warning',
      check: 'tenants',
      what: `The tenant ${id} was ended, and rows of it are left.`,
      mend: 'Finish it: tenantry tenant delete ID',
    })
  }
  for (const id of strangersIn(reader, new Set([...living, ...ended]), attempt)) {
    error('tenants', `There are rows of a tenant ${id}, and no such tenant.`)
  }
  attempt('keys', 'The keys', () => {
    for (const id of living) examineKeys(reader, id as TenantId, options)
  })
  attempt('outcomes', 'The kept outcomes', () => examineKept(reader, options, error))

  const expected = openExpectedDocuments()
  try {
    for (const id of living) {
      // A tenant may be ended while it is examined, and is full of holes from then on.
      const found = gatherFindings()
      const examiner = documentExaminer(reader, expected, found.add)
      const count = growth.of(id)
      attempt('documents', `The documents or the record of ${id}`, () =>
        examiner.examine(id as TenantId, count.note, options.onRows),
      )
      if (count.newest() > now + clockMaxMs) {
        add({
          severity: 'warning',
          check: 'clock',
          what:
            `The newest change of ${id} is of ${new Date(count.newest()).toISOString()}, ` +
            'in the future.',
          mend:
            'Compare the clocks of this machine and of the server; stamps stay at that ' +
            'time until it is reached.',
        })
      }
      if (isLiving(reader, id)) for (const finding of found.list()) add(finding)
    }
  } finally {
    expected.close()
  }
  return growth.end()
}

function isLiving(reader: DatabaseSync, id: string): boolean {
  const select = reader.prepare('SELECT 1 FROM tenants WHERE tenant = ? AND ended IS NULL')
  try {
    return select.get(id) !== undefined
  } catch {
    return true
  }
}

/** Tenants that rows name and the table of tenants does not. */
function strangersIn(
  reader: DatabaseSync,
  known: ReadonlySet<string>,
  attempt: (check: string, what: string, run: () => void) => void,
): readonly string[] {
  const strangers = new Set<string>()
  for (const table of ownedTables) {
    attempt('tenants', `The index of ${table}`, () => {
      // From tenant to tenant in the index, however many rows each has.
      const next = reader.prepare(`SELECT min(tenant) AS tenant FROM ${table} WHERE tenant > ?`)
      // One statement, so one moment: a tenant may be made or deleted meanwhile.
      const isStranger = reader.prepare(
        `SELECT 1 WHERE EXISTS (SELECT 1 FROM ${table} WHERE tenant = ?1)
           AND NOT EXISTS (SELECT 1 FROM tenants WHERE tenant = ?1)`,
      )
      for (let id = next.get('')?.tenant; typeof id === 'string'; id = next.get(id)?.tenant) {
        if (!known.has(id) && isStranger.get(id) !== undefined) strangers.add(id)
      }
    })
  }
  return [...strangers]
}

function examineSecrets(
  reader: DatabaseSync,
  error: (check: string, what: string, mend?: string) => void,
): void {
  const found = new Set<string>()
  for (const { values, isSound } of readRows(reader, rowSumOf('secrets'))) {
    const name = String(values[0])
    found.add(name)
    if (!isSound) {
      error('secrets', `The secret ${name} cannot be used: a stored secret fails its checksum.`)
    }
  }
  const wasServed =
    reader.prepare("SELECT 1 FROM changes WHERE changed_by LIKE 'apikey:%' LIMIT 1").get() !==
    undefined
  for (const name of secretNames) {
    if (found.has(name) || !wasServed) continue
    error(
      'secrets',
      `The secret ${name} is missing from a store that was served.`,
      'Restore a backup from before; or start the server, which makes a new one: cursors that ' +
        'clients hold are refused from then on.',
    )
  }
}

function examineKeys(
  reader: DatabaseSync,
  tenant: TenantId,
  { now, add, onRows }: RowsOptions,
): void {
  const select = reader.prepare(
    `SELECT ${keyColumns} FROM keys WHERE tenant = ? AND (created, id) > (?, ?)
     ORDER BY created, id LIMIT ${pieceRows}`,
  )
  const exists = reader.prepare('SELECT 1 FROM keys WHERE id = ? AND tenant = ?')
  const note = (severity: Finding['severity'], what: string, mend: string) =>
    add({ severity, check: 'keys', what, mend })
  let alive = 0
  const examineOne = (key: Key) => {
    const { id, hash, rotatedTo, revoked, expiresAt, created, lastUsed } = key
    if (hash.length !== 32) note('error', `The hash of the key ${id} is cut.`, restore)
    if (rotatedTo !== undefined && exists.get(rotatedTo, tenant) === undefined) {
      note('error', `The key ${id} was rotated to ${rotatedTo}, which is not there.`, restore)
    }
    if (revoked !== undefined || (expiresAt ?? Infinity) <= now) return
    alive++
    // The old one of two is meant to end.
    if (rotatedTo === undefined && (expiresAt ?? Infinity) <= now + keysSoonMs) {
      const end = new Date(expiresAt ?? 0).toISOString()
      note(
        'note',
        `The key ${id} of ${tenant} expires on ${end}.`,
        'If it is still used, rotate it: tenantry key rotate ID --overlap 7d',
      )
    }
    if (Math.max(created, lastUsed ?? 0) < now - keysIdleMs) {
      note(
        'note',
        `The key ${id} of ${tenant} was not used for 90 days.`,
        'If nobody needs it, end it: tenantry key revoke ID',
      )
    }
  }
  let [created, id] = [-1, '']
  for (let rows: Row[] = []; ; ) {
    rows = select.all(tenant, created, id)
    for (const row of rows) {
      try {
        examineOne(keyOf(row))
      } catch (fault) {
        const why = (fault as Error).message
        note('error', `The key ${row.id} of ${tenant} is not as it was written: ${why}.`, restore)
      }
    }
    onRows(rows.length)
    const last = rows.at(-1)
    if (last === undefined || rows.length < pieceRows) break
    ;[created, id] = [Number(last.created), String(last.id)]
  }
  if (alive > 0) return
  note(
    'note',
    `The tenant ${tenant} has no living key, so that no request can reach it.`,
    "Make one: tenantry key create --tenant ID --scope 'provisioning:*'",
  )
}

/** Of those whose time is long over a server that runs leaves none. */
const overdueMs = 3_600_000
const overdueMax = 1000

function examineKept(
  reader: DatabaseSync,
  { now, add, onRows }: RowsOptions,
  error: (check: string, what: string) => void,
): void {
  const kept = rowSumOf('kept_outcomes')
  const until = kept.columns.indexOf('kept_until')
  const select = reader.prepare(
    `SELECT rowid, ${summedColumns(kept)} FROM kept_outcomes
     WHERE rowid > ? ORDER BY rowid LIMIT ${pieceRows}`,
  )
  select.setReturnArrays(true)
  let overdue = 0
  for (let after = 0, more = true; more; ) {
    const rows = select.all(after)
    for (const row of rows) {
      const [rowid, ...values] = valuesOf(row)
      after = Number(rowid)
      if (!isAsWritten(kept, values)) {
        error('outcomes', `A kept outcome of ${values[0]} is not as it was written.`)
      }
      if (Number(values[until]) < now - overdueMs) overdue++
    }
    onRows(rows.length)
    more = rows.length === pieceRows
  }
  if (overdue <= overdueMax) return
  add({
    severity: 'note',
    check: 'outcomes',
    what: `${overdue} outcomes are kept whose time is over.`,
    mend: 'A server that runs drops them within minutes: start it.',
  })
}
