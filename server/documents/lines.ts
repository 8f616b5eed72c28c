/**
 * A resource as a line of NDJSON, and back: `{"collection":…,"id":…,"data":…}`, where `data` is
 * what GET shows. The tenant's own document is a line without collection and id. A line says all
 * that a POST of its `data` would, and is checked by the same rules.
 */
import { Refusal } from '../contract/errors.ts'
import type { NumberRule } from '../contract/json.ts'
import { parseJsonObject } from '../contract/json.ts'
import type { JsonText } from '../contract/json-text.ts'
import { findMember, isObjectText, readTree, withoutMember } from '../contract/json-text.ts'
import type { DocumentAddress, TenantId } from '../contract/names.ts'
import {
  isTenantDocument,
  parseCollectionName,
  parseDocumentName,
  quote,
  tenantDocument,
} from '../contract/names.ts'
import type { Resource } from './resource.ts'
import { contentOfBase, showBase, versionsOf } from './resource.ts'

/** What a line says, as a door hears it. */
export type ParsedLine = { readonly address: DocumentAddress; readonly body: JsonText }

/** A document is measured without the line around it: three members, and the stamps of both. */
const wrapping = { word: 'line', levels: 1, members: 7 } as const

/** Beside the document: names with every byte escaped, stamps, and blanks that somebody put in. */
export const lineOverheadMaxBytes = 65_536

/** The line of this resource, its end included; with the stamps of base and live version or not. */
export function writeLine(
  address: DocumentAddress,
  resource: Resource,
  { stamps }: { readonly stamps: boolean },
): string {
  const said = asSaid(resource)
  const data = stamps ? showBase(said) : contentOfBase(said)
  if (isTenantDocument(address)) return `{"data":${data}}\n`
  const collection = JSON.stringify(address.collection)
  return `{"collection":${collection},"id":${JSON.stringify(address.document)},"data":${data}}\n`
}

/**
 * What this line says of a document of this tenant. Throws `BadRequest` for anything but an object
 * of those members that is within the limits of a body; whether the document is, its write decides.
 */
export function parseLine(bytes: Uint8Array, tenant: TenantId, numbers: NumberRule): ParsedLine {
  const line = parseJsonObject(bytes, numbers, wrapping)
  const strangers = withoutMember(
    withoutMember(withoutMember(line, '"data"'), '"collection"'),
    '"id"',
  )
  if (strangers !== '{}') throw stranger(strangers)
  const body = findMember(line, '"data"')
  if (body === undefined) {
    throw new Refusal('BadRequest', 'The line has no data, which is the document.')
  }
  if (!isObjectText(body)) throw new Refusal('BadRequest', 'The data must be a JSON object.')
  const collection = nameIn(line, 'collection')
  const document = nameIn(line, 'id')
  if (collection === undefined && document === undefined) {
    return { address: tenantDocument(tenant), body }
  }
  if (collection === undefined || document === undefined) {
    const [there, missing] = collection === undefined ? ['id', 'collection'] : ['collection', 'id']
    throw new Refusal(
      'BadRequest',
      `The line has ${there} but no ${missing}; without both it is the tenant's own document.`,
    )
  }
  const address = {
    tenant,
    collection: parseCollectionName(collection),
    document: parseDocumentName(document),
  }
  return { address, body }
}

/** One line of a file, counted from 1. */
export type NumberedLine = {
  readonly number: number
  /** Without its end; undefined where it is longer than it may be. */
  readonly bytes: Uint8Array | undefined
}

/**
 * The lines in these pieces, a batch for each piece. Left out are blank ones, and a byte order mark
 * before the first; the last needs no end, and a carriage return is a blank of JSON.
 */
export async function* splitLines(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  lineMaxBytes: number,
): AsyncGenerator<readonly NumberedLine[]> {
  let kept: Uint8Array[] = []
  let size = 0
  let number = 0
  const keep = (piece: Uint8Array) => {
    size += piece.length
    if (size <= lineMaxBytes) kept.push(piece)
    else kept = []
  }
  const take = (): readonly NumberedLine[] => {
    number++
    const bytes = size > lineMaxBytes ? undefined : joined(kept)
    kept = []
    size = 0
    if (bytes === undefined) return [{ number, bytes }]
    const line = number === 1 ? withoutMark(bytes) : bytes
    return isBlank(line) ? [] : [{ number, bytes: line }]
  }
  for await (const piece of pieces) {
    const lines: NumberedLine[] = []
    let start = 0
    for (;;) {
      const end = piece.indexOf(newline, start)
      keep(piece.subarray(start, end < 0 ? piece.length : end))
      if (end < 0) break
      lines.push(...take())
      start = end + 1
    }
    if (lines.length > 0) yield lines
  }
  const last = size > 0 ? take() : []
  if (last.length > 0) yield last
}

const newline = 0x0a

/**
 * As a POST of what it shows would leave it: an empty `versions` in which the live version stands
 * could not be told from none.
 */
function asSaid(resource: Resource): Resource {
  const { base, live } = resource
  if (live === undefined || versionsOf(base.content) !== '{}') return resource
  return { ...resource, base: { ...base, content: withoutMember(base.content, '"versions"') } }
}

function stranger(members: JsonText): Refusal {
  const [key = '""'] = readTree(members).keys()
  return new Refusal(
    'BadRequest',
    `The line has a member ${quote(JSON.parse(key))}; it takes collection, id and data.`,
  )
}

function nameIn(line: JsonText, member: 'collection' | 'id'): string | undefined {
  const text = findMember(line, `"${member}"`)
  if (text === undefined) return undefined
  if (text.startsWith('"')) return JSON.parse(text)
  throw new Refusal('BadRequest', `The member ${member} must be a string.`)
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces
  return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces)
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return marked ? bytes.subarray(3) : bytes
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)
}
