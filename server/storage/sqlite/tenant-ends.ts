/**
 * The end of tenants in SQLite. The promises are in `identity/store.ts`. A tenant that was ended is
 * a row in `tenants` with its end in it while anything else of it is left, and one in
 * `former_tenants` from then on.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { TenantId } from '../../contract/names.ts'
import type { EndedTenant, Tenant, TenantEndStore } from '../../identity/store.ts'
import type { StoredValue } from '../checksum.ts'
import { checkRow, checksumOf } from '../checksum.ts'
import type { Read, Row } from './database.ts'
import { integerOf, optional, overwriteDeleted, textOf } from './database.ts'
import { valuesOf } from './document-rows.ts'
import type { Tasks } from './tasks.ts'
import { measureTenantOn } from './tenant-sizes.ts'
import type { Writer } from './writer.ts'

/** Of `tenants`, and of `former_tenants`. */
export const tenantColumns = 'tenant, created, created_by, ended, ended_by, checksum'

/**
 * A piece ends behind the row that brings it to either: some milliseconds of the writer's time,
 * which is what another tenant's write may have to wait for it.
 */
const pieceMaxRows = 128
const pieceMaxBytes = 262_144

/** The port: reads on this connection, writes by this writer; what is remembered is forgotten. */
export function tenantEndsOn(
  reader: DatabaseSync,
  read: Read,
  writer: Writer,
  forget: () => void,
): TenantEndStore {
  const selectEnded = reader.prepare(
    `SELECT ${tenantColumns}, 0 AS gone FROM tenants WHERE ended IS NOT NULL
     UNION ALL SELECT ${tenantColumns}, 1 FROM former_tenants ORDER BY ended, tenant`,
  )
  const forgetting = async <Result>(written: Promise<Result>): Promise<Result> => {
    const result = await written
    forget()
    return result
  }
  return {
    measureTenant: measureTenantOn(reader, read),
    endTenant: (id, at, by) => forgetting(writer.run('endTenant', id, at, by)),
    listEndedTenants: () =>
      read(() =>
        selectEnded.all().map((row) => endedOf(tenantOf(row), integerOf(row, 'gone') === 1)),
      ),
    dropOfTenant: (id) => forgetting(writer.run('dropOfTenant', id)),
    freeTenant: (id) => forgetting(writer.run('freeTenant', id)),
  }
}

type TenantEndTasks = Pick<Tasks, 'endTenant' | 'dropOfTenant' | 'freeTenant'>

/** What the writer's thread does for it, on its connection. */
export function tenantEndTasks(connection: DatabaseSync): TenantEndTasks {
  const select = connection.prepare(`SELECT ${tenantColumns} FROM tenants WHERE tenant = ?`)
  const updateEnd = connection.prepare(
    'UPDATE tenants SET ended = ?, ended_by = ?, checksum = ? WHERE tenant = ?',
  )
  const insertFormer = connection.prepare(
    `INSERT INTO former_tenants (${tenantColumns}) VALUES (?, ?, ?, ?, ?, ?)`,
  )
  const remove = connection.prepare('DELETE FROM tenants WHERE tenant = ?')
  const tables = droppedTables.map((table) => droppingOf(connection, table))
  const find = (id: TenantId): StoredTenant | undefined => {
    const row = select.get(id)
    return row && tenantOf(row)
  }
  return {
    endTenant(id, at, by) {
      const tenant = find(id)
      if (tenant === undefined) return undefined
      if (tenant.ended !== undefined) return endedOf(tenant, false)
      const ended = { ...tenant, ended: at, endedBy: by }
      updateEnd.run(at, by, checksumOf(...summedTenant(ended)), id)
      return endedOf(ended, false)
    },

    dropOfTenant(id) {
      if (find(id)?.ended === undefined) return 0
      return overwriteDeleted(connection, () => {
        const piece = { rows: 0, bytes: 0 }
        for (const drop of tables) drop(id, piece)
        return piece.rows
      })
    },

    freeTenant(id) {
      const tenant = find(id)
      if (tenant?.ended === undefined || tables.some((_, at) => hasRows(connection, at, id))) {
        return false
      }
      insertFormer.run(...summedTenant(tenant), checksumOf(...summedTenant(tenant)))
      remove.run(id)
      return true
    },
  }
}

type DroppedTable = {
  readonly table: string
  /** What a row is known by within its tenant. */
  readonly by: readonly string[]
  /** Its columns that may be large. */
  readonly texts: readonly string[]
}

/** All that a tenant has, in the order in which it goes. */
const droppedTables: readonly DroppedTable[] = [
  { table: 'keys', by: ['id'], texts: ['scopes'] },
  { table: 'kept_outcomes', by: ['caller', 'key'], texts: ['content', 'live_content'] },
  { table: 'documents', by: ['collection', 'document'], texts: ['content', 'live_content'] },
  { table: 'tombstones', by: ['collection', 'document'], texts: [] },
  { table: 'changes', by: ['position'], texts: ['content', 'live_content'] },
]

/** Their names. */
export const ownedTables: readonly string[] = droppedTables.map(({ table }) => table)

type Piece = { rows: number; bytes: number }

/** Drops rows of one table until the piece is full. */
function droppingOf(connection: DatabaseSync, { table, by, texts }: DroppedTable) {
  // Octets and not characters: those are known without reading what lies on other pages.
  const sizes = texts.map((text) => `coalesce(octet_length(${text}), 0)`)
  const select = connection.prepare(
    `SELECT ${['0', ...sizes].join(' + ')}, ${by.join(', ')} FROM ${table}
     WHERE tenant = ? LIMIT ?`,
  )
  select.setReturnArrays(true)
  const names = by.map((column) => `${column} = ?`).join(' AND ')
  const remove = connection.prepare(`DELETE FROM ${table} WHERE tenant = ? AND ${names}`)
  return (id: TenantId, piece: Piece): void => {
    if (piece.rows >= pieceMaxRows || piece.bytes >= pieceMaxBytes) return
    for (const row of select.all(id, pieceMaxRows - piece.rows)) {
      const [size, ...name] = valuesOf(row)
      remove.run(id, ...name)
      piece.rows++
      piece.bytes += Number(size)
      if (piece.bytes >= pieceMaxBytes) return
    }
  }
}

function hasRows(connection: DatabaseSync, at: number, id: TenantId): boolean {
  const table = droppedTables[at]?.table
  return connection.prepare(`SELECT 1 FROM ${table} WHERE tenant = ? LIMIT 1`).get(id) !== undefined
}

/** A tenant as it is kept, ended or not. */
type StoredTenant = Tenant & {
  readonly ended: number | undefined
  readonly endedBy: string | undefined
}

/** The tenant of this row. Throws when it is not as it was written. */
export function tenantOf(row: Row): StoredTenant {
  const tenant: StoredTenant = {
    id: textOf(row, 'tenant') as TenantId,
    created: integerOf(row, 'created'),
    createdBy: textOf(row, 'created_by'),
    ended: optional(row, 'ended', integerOf),
    endedBy: optional(row, 'ended_by', textOf),
  }
  checkRow('tenant', integerOf(row, 'checksum'), ...summedTenant(tenant))
  return tenant
}

/** The tenant of a row of one that was not ended. */
export function livingOf(row: Row): Tenant {
  const { id, created, createdBy } = tenantOf(row)
  return { id, created, createdBy }
}

function endedOf({ ended, endedBy, ...tenant }: StoredTenant, gone: boolean): EndedTenant {
  return { ...tenant, ended: ended ?? 0, endedBy: endedBy ?? '', gone }
}

/** What the checksum is over: a tenant that lives has one without its end. */
function summedTenant({ id, created, createdBy, ended, endedBy }: StoredTenant): StoredValue[] {
  const living = [id, created, createdBy]
  return ended === undefined ? living : [...living, ended, endedBy ?? null]
}
