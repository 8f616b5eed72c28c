/** Tenants and keys in SQLite. The promises are in `identity/store.ts`. */
import type { TenantId } from '../../contract/names.ts'
import type { IdentityStore, Key, Tenant } from '../../identity/store.ts'
import type { Row, SqliteDatabase } from './database.ts'
import { integerOf, optional, textOf, translate } from './database.ts'

const keyColumns =
  'id, tenant, hash, scopes, label, created, created_by, expires_at, last_used, revoked'

/** The identity port on an open database, which its opener closes. */
export function openIdentity({ reader, writer, transaction }: SqliteDatabase): IdentityStore {
  const insertTenant = writer.prepare(
    'INSERT INTO tenants (tenant, created, created_by) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  )
  const selectTenants = reader.prepare(
    'SELECT tenant, created, created_by FROM tenants ORDER BY tenant',
  )
  const insertKey = writer.prepare(
    `INSERT INTO keys (${keyColumns})
     SELECT ?, tenant, ?, ?, ?, ?, ?, ?, ?, ? FROM tenants WHERE tenant = ?`,
  )
  const selectKey = reader.prepare(`SELECT ${keyColumns} FROM keys WHERE id = ?`)
  const selectKeys = reader.prepare(
    `SELECT ${keyColumns} FROM keys WHERE tenant = ? ORDER BY created, id`,
  )
  const updateRevoked = writer.prepare(
    `UPDATE keys SET revoked = coalesce(revoked, ?) WHERE id = ? RETURNING ${keyColumns}`,
  )
  const updateLastUsed = writer.prepare(
    'UPDATE keys SET last_used = max(coalesce(last_used, 0), ?) WHERE id = ?',
  )
  const write = <Result>(run: () => Result): Promise<Result> =>
    Promise.try(() => translate(() => transaction(run)))
  const read = <Result>(run: () => Result): Promise<Result> => Promise.try(() => translate(run))

  return {
    createTenant: ({ id, created, createdBy }) =>
      write(() => insertTenant.run(id, created, createdBy).changes === 1),

    listTenants: () => read(() => selectTenants.all().map(tenantOf)),

    createKey: (key) =>
      write(
        () =>
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
      ),

    findKey: (id) =>
      read(() => {
        const row = selectKey.get(id)
        return row && keyOf(row)
      }),

    listKeys: (tenant) => read(() => selectKeys.all(tenant).map(keyOf)),

    revokeKey: (id, at) =>
      write(() => {
        const row = updateRevoked.get(at, id)
        return row && keyOf(row)
      }),

    recordUse: (uses) =>
      write(() => {
        for (const [id, at] of uses) updateLastUsed.run(at, id)
      }),
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
