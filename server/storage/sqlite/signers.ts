/**
 * Who signs a write, asked again inside the transaction: between the door and the disk a write may
 * wait for seconds. What is revoked or gone meanwhile writes no document and makes no other key,
 * and nothing is written to a tenant that was ended.
 */
import type { DatabaseSync } from 'node:sqlite'
import { keyNotValid, Refusal } from '../../contract/errors.ts'
import type { TenantId } from '../../contract/names.ts'
import { quote } from '../../contract/names.ts'

const keyName = 'apikey:'

export type Signers = {
  /**
   * Throws `Unauthenticated` unless the key that is named so, as `apikey:<id>`, is one of this
   * tenant and is not revoked. Other names are those of operators, who need no key.
   */
  readonly refuseDead: (name: string, tenant: TenantId) => void
  /** Whether there is such a tenant; one that was ended is none. */
  readonly hasTenant: (tenant: TenantId) => boolean
  /** The same as `refuseDead`; throws `NotFound` where an operator names a tenant that is none. */
  readonly refuseStrangers: (name: string, tenant: TenantId) => void
}

/** Asks on this connection. */
export function signersOn(connection: DatabaseSync): Signers {
  // A key has a tenant as long as its row is there, but the tenant may have been ended.
  const selectKey = connection.prepare(
    `SELECT 1 FROM keys JOIN tenants USING (tenant)
     WHERE keys.id = ? AND tenant = ? AND revoked IS NULL AND ended IS NULL`,
  )
  const selectTenant = connection.prepare(
    'SELECT 1 FROM tenants WHERE tenant = ? AND ended IS NULL',
  )
  const hasTenant = (tenant: TenantId) => selectTenant.get(tenant) !== undefined
  const refuseDead = (name: string, tenant: TenantId) => {
    if (!name.startsWith(keyName)) return
    if (selectKey.get(name.slice(keyName.length), tenant) === undefined) throw keyNotValid()
  }
  return {
    refuseDead,
    hasTenant,
    refuseStrangers(name, tenant) {
      if (name.startsWith(keyName)) refuseDead(name, tenant)
      else if (!hasTenant(tenant)) {
        throw new Refusal('NotFound', `There is no tenant ${quote(tenant)}.`)
      }
    },
  }
}
