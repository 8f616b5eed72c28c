/**
 * The text of a key that is made here: `tnk_`, 12 base62 characters of key id, 36 of secret, 6 of
 * CRC-32 over what precedes. The checksum lets a mistyped key be refused without asking the store;
 * it is no secret.
 * The text is 214 random bits, so one SHA-256 keeps it as well as a slow hash would. Texts that
 * were made elsewhere and brought along have no such form, and are known by their hash.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** Gives so many random bytes; handed in, so that tests can fix it. */
export type RandomBytes = (count: number) => Uint8Array

const prefix = 'tnk_'
/** Of an id, in characters. */
export const keyIdLength = 12
const secretLength = 36
const checksumLength = 6
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const shape = /^tnk_[0-9A-Za-z]{54}$/

/** What RFC 9110 calls a token, and RFC 6750 a bearer token: both were made into keys. */
const foreignShape = /^[\w!#$%&'*+\-.^`|~/]+=*$/
const foreignLengthMin = 20
const foreignLengthMax = 512

/** Whether a key could have this text that was made elsewhere. */
export function isForeignText(text: string): boolean {
  const fits = text.length >= foreignLengthMin && text.length <= foreignLengthMax
  return fits && !text.startsWith(prefix) && foreignShape.test(text)
}

/** An id for a key whose text has none. */
export function makeKeyId(random: RandomBytes): string {
  return randomBase62(random, keyIdLength)
}

/** A new key: its id, and the text that is shown once. */
export function makeKeyText(random: RandomBytes): { id: string; text: string } {
  const id = randomBase62(random, keyIdLength)
  const body = prefix + id + randomBase62(random, secretLength)
  return { id, text: body + checksum(body) }
}

/** The id within a text of the right shape and checksum, undefined for any other text. */
export function findKeyId(text: string): string | undefined {
  if (!shape.test(text)) return undefined
  const body = text.slice(0, -checksumLength)
  if (checksum(body) !== text.slice(-checksumLength)) return undefined
  return text.slice(prefix.length, prefix.length + keyIdLength)
}

/** SHA-256 of the text: what the store keeps of it. 32 bytes. */
export function hashKeyText(text: string | Uint8Array): Uint8Array {
  return hash('sha256', text, 'buffer')
}

/** Compares two hashes, or two texts, in a time that depends on their lengths alone. */
export function isSameSecret(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}

function checksum(body: string): string {
  let rest = crc32(body)
  let text = ''
  for (let place = 0; place < checksumLength; place++) {
    text = alphabet.charAt(rest % 62) + text
    rest = Math.floor(rest / 62)
  }
  return text
}

/** Bytes of 248 and above are drawn again: 248 is a multiple of 62, so no letter is likelier. */
function randomBase62(random: RandomBytes, length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of random(length)) {
      if (byte < 248 && text.length < length) text += alphabet.charAt(byte % 62)
    }
  }
  return text
}
