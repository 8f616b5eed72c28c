/** What the writer's thread does for documents, on its connection: each task a whole write. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite'
import type { DocumentAddress } from '../../contract/names.ts'
import type { Repeat } from '../../documents/idempotency.ts'
import { decideRepeat } from '../../documents/idempotency.ts'
import type { Resource, Tombstone } from '../../documents/resource.ts'
import type { WriteOutcome } from '../../documents/store.ts'
import type { Change, ChangeAction, WriteCommand } from '../../documents/write.ts'
import { decideWrite } from '../../documents/write.ts'
import { checkRow, checksumOf } from '../checksum.ts'
import { packOutcome, unpackWrite } from './crossing.ts'
import {
  changeColumns,
  changeValues,
  checkedResource,
  selectResource,
  valuesOf,
} from './document-rows.ts'
import type { FormerRow } from './resource-row.ts'
import {
  asFormerRow,
  formerOf,
  resourceColumns,
  rowOf,
  rowOfFormer,
  summedRow,
} from './resource-row.ts'
import { signersOn } from './signers.ts'
import type { Tasks } from './tasks.ts'

/** Some milliseconds of the writer's time, when each of them is as large as may be. */
const droppedAtOnce = 20

const names = 'tenant = ? AND collection = ? AND document = ?'

/** The documents' tasks; their promises are those of `documents/store.ts`. */
export function documentTasks(connection: DatabaseSync): Pick<Tasks, 'write' | 'dropKept'> {
  const resources = resourcesOn(connection)
  const kept = keptOutcomesOn(connection)
  const { refuseStrangers } = signersOn(connection)
  const insertChange = connection.prepare(
    `INSERT INTO changes (tenant, ${changeColumns})
     VALUES (?, (SELECT coalesce(max(position), 0) + 1 FROM changes WHERE tenant = ?),
       ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const record = ({ tenant, collection, document }: DocumentAddress, change: Change) => {
    const values = changeValues(change)
    const checksum = checksumOf(tenant, collection, document, ...values)
    insertChange.run(tenant, tenant, collection, document, ...values, checksum)
  }
  const write = (address: DocumentAddress, command: WriteCommand): WriteOutcome => {
    refuseStrangers(command.by, address.tenant)
    const before = command.repeat && kept.find(address, command, command.repeat)
    if (before !== undefined) return before
    const former = resources.find(address)
    const { resource, change } = decideWrite(former, command)
    resources.put(address, former, resource)
    record(address, change)
    const outcome = { resource, action: change.action, replayed: false }
    if (command.repeat !== undefined) kept.keep(address, command, command.repeat, outcome)
    return outcome
  }
  return {
    write(packed) {
      const { address, command } = unpackWrite(packed)
      return packOutcome(write(address, command))
    },
    dropKept: (at) => kept.drop(at),
  }
}

/** Documents and tombstones: a resource has a row in one of them, once it was written. */
function resourcesOn(connection: DatabaseSync) {
  const select = connection.prepare(selectResource)
  const upsert = connection.prepare(
    `INSERT INTO documents (tenant, collection, document, ${resourceColumns}, checksum)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (tenant, collection, document) DO UPDATE SET
       revision = excluded.revision, version = excluded.version,
       content = excluded.content, updated = excluded.updated, updated_by = excluded.updated_by,
       live_revision = excluded.live_revision, live_content = excluded.live_content,
       live_updated = excluded.live_updated, live_updated_by = excluded.live_updated_by,
       live_ended = excluded.live_ended, checksum = excluded.checksum`,
  )
  const remove = connection.prepare(`DELETE FROM documents WHERE ${names}`)
  const selectTombstone = connection.prepare(
    `SELECT revision, version, updated, checksum FROM tombstones WHERE ${names}`,
  )
  const insertTombstone = connection.prepare('INSERT INTO tombstones VALUES (?, ?, ?, ?, ?, ?, ?)')
  const removeTombstone = connection.prepare(`DELETE FROM tombstones WHERE ${names}`)
  for (const statement of [select, selectTombstone]) statement.setReturnArrays(true)
  return {
    find(address: DocumentAddress): Resource | Tombstone | undefined {
      const { tenant, collection, document } = address
      const values = select.get(tenant, collection, document)
      if (values !== undefined) return checkedResource(valuesOf(values), address)
      const left = selectTombstone.get(tenant, collection, document)
      return left && checkedTombstone(valuesOf(left), address)
    },
    put(
      { tenant, collection, document }: DocumentAddress,
      former: Resource | Tombstone | undefined,
      next: Resource | Tombstone,
    ): void {
      const address = [tenant, collection, document] as const
      if (next.base !== undefined) {
        const row = rowOf(next)
        if (former !== undefined && former.base === undefined) removeTombstone.run(...address)
        upsert.run(...address, ...row, checksumOf(...address, ...summedRow(row)))
        return
      }
      const { revision, version, updated } = next
      const row = [...address, revision, version, updated] as const
      remove.run(...address)
      insertTombstone.run(...row, checksumOf(...row))
    },
  }
}

function checkedTombstone(
  values: readonly SQLOutputValue[],
  { tenant, collection, document }: DocumentAddress,
): Tombstone {
  const [revision = 0, version = 0, updated = 0, checksum] = values.map(Number)
  const row = [tenant, collection, document, revision, version, updated] as const
  checkRow('tombstone', Number(checksum), ...row)
  return { revision, version, updated, base: undefined, live: undefined }
}

/** The outcomes of requests that may come again. */
function keptOutcomesOn(connection: DatabaseSync) {
  const select = connection.prepare(
    `SELECT ${resourceColumns}, action, fingerprint, kept_until, checksum FROM kept_outcomes
     WHERE tenant = ? AND caller = ? AND key = ?`,
  )
  const insert = connection.prepare(
    `INSERT OR REPLACE INTO kept_outcomes (tenant, caller, key, fingerprint, kept_until, action,
       ${resourceColumns}, checksum)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const remove = connection.prepare(
    `DELETE FROM kept_outcomes WHERE rowid IN
       (SELECT rowid FROM kept_outcomes WHERE kept_until <= ? ORDER BY kept_until LIMIT ?)`,
  )
  select.setReturnArrays(true)
  return {
    /** The outcome to answer with again; undefined for the first request of its key. */
    find(
      { tenant }: DocumentAddress,
      { by, at }: WriteCommand,
      repeat: Repeat,
    ): WriteOutcome | undefined {
      const found = select.get(tenant, by, repeat.key)
      if (found === undefined) return undefined
      const values = valuesOf(found)
      const row = asFormerRow(values)
      const [action, fingerprint, keptUntil, checksum] = values.slice(row.length)
      const kept = { fingerprint: String(fingerprint), keptUntil: Number(keptUntil) }
      checkRow(
        'outcome',
        Number(checksum),
        ...valuesOfKept(tenant, by, { ...repeat, ...kept }, String(action), row),
      )
      if (!decideRepeat(kept, repeat, at)) return undefined
      return { resource: formerOf(row), action: String(action) as ChangeAction, replayed: true }
    },
    keep(
      { tenant }: DocumentAddress,
      { by }: WriteCommand,
      repeat: Repeat,
      { resource, action }: WriteOutcome,
    ): void {
      const values = valuesOfKept(tenant, by, repeat, action, rowOfFormer(resource))
      insert.run(...values, checksumOf(...values))
    },
    drop: (at: number): number => Number(remove.run(at, droppedAtOnce).changes),
  }
}

/** In the order of the table, but for the checksum. */
function valuesOfKept(
  tenant: string,
  by: string,
  { key, fingerprint, keptUntil }: Repeat,
  action: string,
  row: FormerRow,
) {
  return [tenant, by, key, fingerprint, keptUntil, action, ...row] as const
}
