/** Tenants and keys in SQLite. The promises are in `identity/store.ts`. */
import type { DatabaseSync } from 'node:sqlite'
import type { TenantId } from '../../contract/names.ts'
import type { IdentityStore, Key, Tenant } from '../../identity/store.ts'
import type { Read, Row } from './database.ts'
import { integerOf, optional, textOf } from './database.ts'
import type { Jobs } from './jobs.ts'
import type { Writer } from './writer.ts'

const keyColumns =
  'id, tenant, hash, scopes, label, created, created_by, expires_at, last_used, revoked'

/** The identity port: reads on this connection, writes by this writer. */
export function identityOn(reader: DatabaseSync, read: Read, writer: Writer): IdentityStore {
  const selectTenants = reader.prepare(
    'SELECT tenant, created, created_by FROM tenants ORDER BY tenant',
  )
  const selectKey = reader.prepare(`SELECT ${keyColumns} FROM keys WHERE id = ?`)
  const selectKeys = reader.prepare(
    `SELECT ${keyColumns} FROM keys WHERE tenant = ? ORDER BY created, id`,
  )
  return {
    createTenant: (tenant) => writer.run('createTenant', tenant),
    listTenants: () => read(() => selectTenants.all().map(tenantOf)),
    createKey: (key) => writer.run('createKey', key),
    findKey: (id) =>
      read(() => {
        const row = selectKey.get(id)
        return row && keyOf(row)
      }),
    listKeys: (tenant) => read(() => selectKeys.all(tenant).map(keyOf)),
    revokeKey: (id, at) => writer.run('revokeKey', id, at),
    recordUse: (uses) => writer.run('recordUse', uses),
  }
}

/** What the writer's thread does for identity, on its connection. */
export function identityJobs(connection: DatabaseSync): Omit<Jobs, 'write'> {
  const insertTenant = connection.prepare(
    'INSERT INTO tenants (tenant, created, created_by) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const insertKey = connection.prepare(
    `INSERT INTO keys (${keyColumns})
     SELECT ?, tenant, ?, ?, ?, ?, ?, ?, ?, ? FROM tenants WHERE tenant = ?`,
  )
  const updateRevoked = connection.prepare(
    `UPDATE keys SET revoked = coalesce(revoked, ?) WHERE id = ? RETURNING ${keyColumns}`,
  )
  const updateLastUsed = connection.prepare(
    'UPDATE keys SET last_used = max(coalesce(last_used, 0), ?) WHERE id = ?',
  )
  return {
    createTenant: ({ id, created, createdBy }) =>
      insertTenant.run(id, created, createdBy).changes === 1,

    createKey: (key) =>
      insertKey.run(
        key.id,
        key.hash,
        JSON.stringify(key.scopes),
        key.label,
        key.created,
        key.createdBy,
        key.expiresAt ?? null,
        key.lastUsed ?? null,
        key.revoked ?? null,
        key.tenant,
      ).changes === 1,

    revokeKey(id, at) {
      const row = updateRevoked.get(at, id)
      return row && keyOf(row)
    },

    recordUse(uses) {
      for (const [id, at] of uses) updateLastUsed.run(at, id)
    },
  }
}

function tenantOf(row: Row): Tenant {
  return {
    id: textOf(row, 'tenant') as TenantId,
    created: integerOf(row, 'created'),
    createdBy: textOf(row, 'created_by'),
  }
}

function keyOf(row: Row): Key {
  const { hash } = row
  if (!(hash instanceof Uint8Array)) throw new Error('hash holds no bytes')
  return {
    id: textOf(row, 'id'),
    tenant: textOf(row, 'tenant') as TenantId,
    hash,
    scopes: JSON.parse(textOf(row, 'scopes')),
    label: textOf(row, 'label'),
    created: integerOf(row, 'created'),
    createdBy: textOf(row, 'created_by'),
    expiresAt: optional(row, 'expires_at', integerOf),
    lastUsed: optional(row, 'last_used', integerOf),
    revoked: optional(row, 'revoked', integerOf),
  }
}
