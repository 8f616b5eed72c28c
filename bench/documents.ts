/**
 * What lies in the stores and what is asked of them. The hot documents lie evenly between the
 * others, so that in the large store each is on a page of its own.
 */
import type { DocumentAddress } from '../server/contract/names.ts'
import { parseCollectionName, parseDocumentName, parseTenantId } from '../server/contract/names.ts'

export const hotTenant = parseTenantId('tenant-hot')

/** As many as a list shows. */
const hotCollectionSize = 1000
export const hotCollections = 10
export const hotDocuments = hotCollections * hotCollectionSize

const coldCollectionSize = 3000
const coldTenantSize = 30 * coldCollectionSize

/** All addresses of a store of this size, in the order in which they are written. */
export function* addressesOf(documents: number): Generator<DocumentAddress> {
  const gap = Math.floor(documents / hotDocuments)
  for (let at = 0; at < documents; at++) {
    const hot = Math.floor(at / gap)
    const isHot = at % gap === 0 && hot < hotDocuments
    yield isHot ? hotAddress(hot) : coldAddress(at)
  }
}

/** The path of a hot document. */
export function hotPath(hot: number): string {
  return `${hotCollectionPath(hot)}/${hotAddress(hot).document}`
}

/** The path of the collection of a hot document. */
export function hotCollectionPath(hot: number): string {
  return `/api/v1/provisioning/tenants/${hotTenant}/${hotAddress(hot).collection}`
}

/** About 300 bytes of settings, no two alike. */
export function contentOf(number: number): string {
  return JSON.stringify({
    name: `Front desk ${number}`,
    email: `desk-${number}@hotel.example`,
    enabled: number % 2 === 0,
    retries: number % 7,
    theme: 'light',
    languages: ['de', 'fr', 'en'],
    address: { street: `Main Street ${number % 200}`, city: 'Bern', zip: '3000' },
    greeting: 'Good evening, and welcome. Whom may I call for you, and at which number?',
    limits: { perMinute: 60, perDay: 5000 },
  })
}

/** What a PUT merges into such a document: one member that it has, so that its size stays. */
export function mergedInto(number: number): string {
  return JSON.stringify({ theme: number % 2 === 0 ? 'night' : 'light' })
}

function hotAddress(hot: number): DocumentAddress {
  return {
    tenant: hotTenant,
    collection: parseCollectionName(`hot-${Math.floor(hot / hotCollectionSize)}`),
    document: parseDocumentName(`document-${hot}`),
  }
}

function coldAddress(at: number): DocumentAddress {
  return {
    tenant: parseTenantId(`tenant-${Math.floor(at / coldTenantSize)}`),
    collection: parseCollectionName(`collection-${Math.floor(at / coldCollectionSize)}`),
    document: parseDocumentName(`document-${at}`),
  }
}
