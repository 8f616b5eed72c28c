/** Tenants and keys in SQLite. The promises are in `identity/store.ts`. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { TenantId } from '../../contract/names.ts'
import { decideRotation } from '../../identity/rotation.ts'
import type { IdentityStore, Key } from '../../identity/store.ts'
import type { StoredValue } from '../checksum.ts'
import { checkRow, checksumOf } from '../checksum.ts'
import type { Cache } from './cache.ts'
import { makeCache } from './cache.ts'
import type { Read, Row } from './database.ts'
import { integerOf, optional, textOf } from './database.ts'
import { signersOn } from './signers.ts'
import type { Tasks } from './tasks.ts'
import { livingOf, tenantColumns } from './tenant-ends.ts'
import type { Writer } from './writer.ts'

/** Of a tenant that was ended no key is found, from that moment on. */
const ofLivingTenant =
  'EXISTS (SELECT 1 FROM tenants WHERE tenants.tenant = keys.tenant AND ended IS NULL)'
export const keyColumns =
  'id, tenant, hash, scopes, label, created, created_by, expires_at, revoked, rotated_to, ' +
  'last_used, checksum'

/** Some milliseconds, when each of them has as many scopes as may be. */
const pageMaxKeys = 200

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
  const selectTenants = reader.prepare(
    `SELECT ${tenantColumns} FROM tenants WHERE ended IS NULL ORDER BY tenant`,
  )
  const selectKey = reader.prepare(
    `SELECT ${keyColumns} FROM keys WHERE id = ? AND ${ofLivingTenant}`,
  )
  const selectKeyByHash = reader.prepare(
    `SELECT ${keyColumns} FROM keys WHERE hash = ? AND ${ofLivingTenant}`,
  )
  const selectKeys = reader.prepare(
    `SELECT ${keyColumns} FROM keys WHERE tenant = ? AND (created, id) > (?, ?)
       AND ${ofLivingTenant}
     ORDER BY created, id LIMIT ${pageMaxKeys}`,
  )
  const find = async (name: string, select: StatementSync, by: string | Uint8Array) => {
    const known = cache.find(name)
    if (known !== undefined) return known
    return read(() => {
      const row = select.get(by)
      if (row === undefined) return undefined
      const key = keyOf(row)
      cache.keep(name, key)
      return key
    })
  }
  return {
    createTenant: (tenant) => writer.run('createTenant', tenant),
    listTenants: () => read(() => selectTenants.all().map(livingOf)),
    createKey: (key) => writer.run('createKey', key),
    findKey: (id) => find(`id:${id}`, selectKey, id),
    findKeyByHash: (hash) =>
      find(`hash:${Buffer.from(hash).toString('hex')}`, selectKeyByHash, hash),
    // No id is empty, so that all keys of a moment come behind that.
    listKeys: (tenant, { created, id } = { created: -1, id: '' }) =>
      read(() => selectKeys.all(tenant, created, id).map(keyOf)),
    async revokeKey(id, tenant, at) {
      const key = await writer.run('revokeKey', id, tenant, at)
      cache.forget()
      return key
    },
    async rotateKey(id, rotation) {
      const outcome = await writer.run('rotateKey', id, rotation)
      cache.forget()
      return outcome
    },
    async recordUse(uses) {
      await writer.run('recordUse', uses)
      cache.forget()
    },
  }
}

type IdentityTasks = Pick<
  Tasks,
  'createTenant' | 'createKey' | 'revokeKey' | 'rotateKey' | 'recordUse' | 'keepSecret'
>

/** What the writer's thread does for identity, on its connection. */
export function identityTasks(connection: DatabaseSync): IdentityTasks {
  const insertTenant = connection.prepare(
    `INSERT INTO tenants (tenant, created, created_by, checksum) VALUES (?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  )
  const insertKey = connection.prepare(
    `INSERT INTO keys (${keyColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  )
  const selectKey = connection.prepare(
    `SELECT ${keyColumns} FROM keys WHERE id = ? AND ${ofLivingTenant}`,
  )
  const selectSame = connection.prepare('SELECT 1 FROM keys WHERE id = ? OR hash = ?')
  const updateEnd = connection.prepare(
    'UPDATE keys SET revoked = ?, expires_at = ?, rotated_to = ?, checksum = ? WHERE id = ?',
  )
  const selectSecret = connection.prepare(
    'SELECT secret, created, checksum FROM secrets WHERE name = ?',
  )
  const insertSecret = connection.prepare('INSERT INTO secrets VALUES (?, ?, ?, ?)')
  const signers = signersOn(connection)
  const insert = (key: Key) => {
    const checksum = checksumOf(...summedValues(key))
    insertKey.run(...checkedValues(key), key.lastUsed ?? null, checksum)
  }
  const keepEnd = (key: Key) => {
    const checksum = checksumOf(...summedValues(key))
    const end = [key.revoked ?? null, key.expiresAt ?? null, key.rotatedTo ?? null] as const
    updateEnd.run(...end, checksum, key.id)
  }
  const updateLastUsed = connection.prepare(
    'UPDATE keys SET last_used = max(coalesce(last_used, 0), ?) WHERE id = ?',
  )
  return {
    createTenant: ({ id, created, createdBy }) =>
      insertTenant.run(id, created, createdBy, checksumOf(id, created, createdBy)).changes === 1,

    createKey(key) {
      signers.refuseDead(key.createdBy, key.tenant)
      if (!signers.hasTenant(key.tenant)) return 'noTenant'
      if (selectSame.get(key.id, key.hash) !== undefined) return 'known'
      insert(key)
      return 'created'
    },

    revokeKey(id, tenant, at) {
      const row = selectKey.get(id)
      const key = row && keyOf(row)
      if (key === undefined || (tenant !== undefined && key.tenant !== tenant)) return undefined
      if (key.revoked !== undefined) return key
      const revoked = { ...key, revoked: at }
      keepEnd(revoked)
      return revoked
    },

    rotateKey(id, rotation) {
      const row = selectKey.get(id)
      const key = row && keyOf(row)
      const tenant = rotation.tenant ?? key?.tenant
      if (tenant !== undefined) signers.refuseDead(rotation.next.createdBy, tenant)
      const decision = decideRotation(key, rotation)
      if (typeof decision === 'string') return decision
      keepEnd(decision.old)
      insert(decision.next)
      return decision.next
    },

    keepSecret(name, candidate, at) {
      const row = selectSecret.get(name)
      if (row === undefined) {
        insertSecret.run(name, candidate, at, checksumOf(name, candidate, at))
        return candidate
      }
      const { secret } = row
      if (!(secret instanceof Uint8Array)) throw new Error('secret holds no bytes')
      checkRow('secret', integerOf(row, 'checksum'), name, secret, integerOf(row, 'created'))
      return secret
    },

    recordUse(uses) {
      for (const [id, at] of uses) updateLastUsed.run(at, id)
    },
  }
}

/** The key of this row. Throws when it is not as it was written. */
export function keyOf(row: Row): Key {
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
    rotatedTo: optional(row, 'rotated_to', textOf),
  }
  checkRow('key', integerOf(row, 'checksum'), ...summedValues(key))
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
    key.rotatedTo ?? null,
  ]
}

/** What the checksum is over: rows from before keys could be rotated have one without the last. */
function summedValues(key: Key): StoredValue[] {
  const values = checkedValues(key)
  return key.rotatedTo === undefined ? values.slice(0, -1) : values
}
