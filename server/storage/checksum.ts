/**
 * A checksum for every stored row, so that a bit that turned on the disk is a fault and not an
 * answer. It is taken when a row is written and compared whenever one is read; databases check
 * their pages at best, and SQLite does not.
 */
import { crc32 } from 'node:zlib'

export type StoredValue = string | number | Uint8Array | null

/** CRC-32 of the values in their order, those that a row is known by included. */
export function checksumOf(...values: readonly StoredValue[]): number {
  // The separator occurs in no value: names and JSON text have no raw control characters.
  return crc32(values.map(textOfValue).join('\u0000'))
}

/** A row is not as it was written. Nothing can be said of it, and all others are as they were. */
export class ChecksumFault extends Error {}

/** Throws `ChecksumFault` when a row does not have the checksum that it was written with. */
export function checkRow(kind: string, stored: number, ...values: readonly StoredValue[]): void {
  if (checksumOf(...values) !== stored)
    throw new ChecksumFault(`a stored ${kind} fails its checksum`)
}

function textOfValue(value: StoredValue): string {
  if (value === null) return ''
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)
}
