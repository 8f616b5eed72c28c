/** A tenant, a key and a document for tests of a store, and all that a store holds of them. */
import type { DocumentAddress } from '../../server/contract/names.ts'
import { parseTenantId } from '../../server/contract/names.ts'
import type { Key } from '../../server/identity/store.ts'
import { addressOf } from '../../server/storage/conformance/document-commands.ts'
import { keyOf as keyOfTenant } from '../../server/storage/conformance/identity-samples.ts'
import type { Storage } from '../../server/storage/engine.ts'

/** Whom all of it belongs to, and the document that most of it is about. */
export const acme = parseTenantId('acme')

export const lamp = documentOf('lamp')

/** A document of the collection `things`. */
export function documentOf(name: string, tenant = acme): DocumentAddress {
  return addressOf(tenant, name)
}

/** A key of `acme` with this id. */
export function keyOf(id: string): Key {
  return keyOfTenant({ freshId: () => id }, acme, { scopes: ['provisioning:*'] })
}

/** All that the store holds of `acme` and the lamp. */
export async function everything({ documents, identity }: Storage) {
  return {
    tenants: await identity.listTenants(),
    keys: await identity.listKeys(acme),
    lamp: await documents.read(lamp),
    record: await documents.listChanges(acme, 0, 99),
  }
}
