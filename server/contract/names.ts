/**
 * The names that address a document. Each is parsed once, at the door, and branded: a function
 * that takes a `DocumentName` cannot be handed unchecked text. Names are compared byte for byte;
 * nothing folds case, trims or normalises.
 */
import { Refusal } from './errors.ts'
import { collectionNameMaxBytes, documentNameMaxBytes, echoMaxCharacters } from './limits.ts'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

export type TenantId = Branded<'tenant'>
export type CollectionName = Branded<'collection'>
export type DocumentName = Branded<'document'>

export type DocumentAddress = {
  readonly tenant: TenantId
  readonly collection: CollectionName
  readonly document: DocumentName
}

export type CollectionAddress = Omit<DocumentAddress, 'document'>

/** 1 to 128 characters of `[A-Za-z0-9._-]`, the first a letter or digit. Throws `BadRequest`. */
export function parseTenantId(text: string): TenantId {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(text)) {
    throw new Refusal(
      'BadRequest',
      `${quote(text)} is no tenant id: 1 to 128 of A-Z a-z 0-9 . _ -, ` +
        'beginning with a letter or digit.',
    )
  }
  return text as TenantId
}

/** 1 to 512 bytes of UTF-8 that pass the rules of every name. Throws `BadRequest`. */
export function parseCollectionName(text: string): CollectionName {
  checkName(text, 'collection name', collectionNameMaxBytes)
  return text as CollectionName
}

/** 1 to 1500 bytes of UTF-8 that pass the rules of every name. Throws `BadRequest`. */
export function parseDocumentName(text: string): DocumentName {
  checkName(text, 'document name', documentNameMaxBytes)
  return text as DocumentName
}

/**
 * Where the tenant's own document lives: at the empty names, which no request can spell, so that
 * it needs no table of its own and can never meet a collection.
 */
export function tenantDocument(tenant: TenantId): DocumentAddress {
  return { tenant, collection: '' as CollectionName, document: '' as DocumentName }
}

/** Whether this is the tenant's own document, which has no live version. */
export function isTenantDocument(address: DocumentAddress): boolean {
  return address.collection === ''
}

/**
 * What a client sent, in quotes and at most 200 characters between them: control characters
 * escaped, what cannot be printed replaced.
 */
export function quote(text: string): string {
  const known = text.slice(0, echoMaxCharacters).toWellFormed()
  const escaped = JSON.stringify(known)
    .slice(1, -1)
    .replace(/[\u007f-\u009f]/g, '\ufffd')
  const whole = text.length <= echoMaxCharacters && escaped.length <= echoMaxCharacters
  return whole ? `"${escaped}"` : `"${escaped.slice(0, echoMaxCharacters)}…"`
}

function checkName(text: string, kind: string, maxBytes: number): void {
  const fault = faultOfName(text, maxBytes)
  if (fault !== undefined)
    throw new Refusal('BadRequest', `${quote(text)} is no ${kind}: ${fault}.`)
}

function faultOfName(text: string, maxBytes: number): string | undefined {
  if (text === '') return 'it is empty'
  if (text === '.' || text === '..') return '"." and ".." mean a folder to too many tools'
  if (text.includes('/')) return 'a slash, encoded or not, cannot be part of a name'
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return 'it has a control character'
  if (!text.isWellFormed()) return 'it has half of a surrogate pair'
  if (text.length >= 4 && text.startsWith('__') && text.endsWith('__')) {
    return 'names of the form __…__ are reserved'
  }
  const size = Buffer.byteLength(text)
  if (size > maxBytes) return `it has ${size} bytes, and ${maxBytes} is the most`
  return undefined
}
