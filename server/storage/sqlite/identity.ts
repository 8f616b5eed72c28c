/** Tenants and keys in SQLite. The promises are in `identity/store.ts`. */
import type { DatabaseSync } from 'node:sqlite'
import type { TenantId } from '../../contract/names.ts'
import type { IdentityStore, Key, Tenant } from '../../identity/store.ts'
import type { StoredValue } from '../checksum.ts'
import { checkRow, checksumOf } from '../checksum.ts'
import type { Cache } from './cache.ts'
import { makeCache } from './cache.ts'
import type { Read, Row } from './database.ts'
import { integerOf, optional, textOf } from './database.ts'
import type { Tasks } from './tasks.ts'
import type { Writer } from './writer.ts'

const tenantColumns = 'tenant, created, created_by, checksum'
const keyColumns =
  'id, tenant, hash, scopes, label, created, created_by, expires_at, revoked, last_used, checksum'

/** Far more than a server meets in a day; each is some hundred bytes. */
export const cachedKeysMax = 20_000

/** Keys by their ids. */
export function makeKeyCache(most: number): Cache<Key> {
  return makeCache(
    most,
    () => 1,
    () => true,
  )
}

/**
 * The identity port: single keys from memory, other reads on this connection, writes by this
 * writer.
 */
export function identityOn(
  reader: DatabaseSync,
  read: Read,
  writer: Writer,
  cache: Cache<Key>,
): IdentityStore {
  const selectTenants = reader.prepare(`SELECT ${tenantColumns} FROM tenants ORDER BY tenant`)
  const selectKey = reader.prepare(`SELECT ${keyColumns} FROM keys WHERE id = ?`)
  const selectKeys = reader.prepare(
    `SELECT ${keyColumns} FROM keys WHERE tenant = ? ORDER BY created, id`,
  )
  return {
    createTenant: (tenant) => writer.run('createTenant', tenant),
    listTenants: () => read(() => selectTenants.all().map(tenantOf)),
    createKey: (key) => writer.run('createKey', key),
    async findKey(id) {
      const known = cache.find(id)
      if (known !== undefined) return known
      return read(() => {
        const row = selectKey.get(id)
        if (row === undefined) return undefined
        const key = keyOf(row)
        cache.keep(id, key)
        return key
      })
    },
    listKeys: (tenant) => read(() => selectKeys.all(tenant).map(keyOf)),
    async revokeKey(id, at) {
      const key = await writer.run('revokeKey', id, at)
      cache.forget()
      return key
    },
    async recordUse(uses) {
      await writer.run('recordUse', uses)
      cache.forget()
    },
  }
}

/** What the writer's thread does for identity, on its connection. */
export function identityTasks(connection: DatabaseSync): Omit<Tasks, 'write' | 'probe'> {
  const insertTenant = connection.prepare(
    `INSERT INTO tenants (${tenantColumns}) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  )
  const insertKey = connection.prepare(
    `INSERT INTO keys (${keyColumns})
     SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
     WHERE EXISTS (SELECT 1 FROM tenants WHERE tenant = ?2)`,
  )
  const selectKey = connection.prepare(`SELECT ${keyColumns} FROM keys WHERE id = ?`)
  const updateRevoked = connection.prepare('UPDATE keys SET revoked = ?, checksum = ? WHERE id = ?')
  const updateLastUsed = connection.prepare(
    'UPDATE keys SET last_used = max(coalesce(last_used, 0), ?) WHERE id = ?',
  )
  return {
    createTenant: ({ id, created, createdBy }) =>
      insertTenant.run(id, created, createdBy, checksumOf(id, created, createdBy)).changes === 1,

    createKey(key) {
      const values = checkedValues(key)
      const checksum = checksumOf(...values)
      return insertKey.run(...values, key.lastUsed ?? null, checksum).changes === 1
    },

    revokeKey(id, at) {
      const row = selectKey.get(id)
      const key = row && keyOf(row)
      if (key === undefined || key.revoked !== undefined) return key
      const revoked = { ...key, revoked: at }
      updateRevoked.run(at, checksumOf(...checkedValues(revoked)), id)
      return revoked
    },

    recordUse(uses) {
      for (const [id, at] of uses) updateLastUsed.run(at, id)
    },
  }
}

function tenantOf(row: Row): Tenant {
  const id = textOf(row, 'tenant') as TenantId
  const created = integerOf(row, 'created')
  const createdBy = textOf(row, 'created_by')
  checkRow('tenant', integerOf(row, 'checksum'), id, created, createdBy)
  return { id, created, createdBy }
}

function keyOf(row: Row): Key {
  const { hash } = row
  if (!(hash instanceof Uint8Array)) throw new Error('hash holds no bytes')
  const key: Key = {
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
  checkRow('key', integerOf(row, 'checksum'), ...checkedValues(key))
  return key
}

/** In the order of `keyColumns`: all but when it was last used, and the checksum. */
function checkedValues(key: Key): StoredValue[] {
  return [
    key.id,
    key.tenant,
    key.hash,
    JSON.stringify(key.scopes),
    key.label,
    key.created,
    key.createdBy,
    key.expiresAt ?? null,
    key.revoked ?? null,
  ]
}
