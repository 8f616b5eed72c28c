/** Signatures of what clients carry for us: HMAC-SHA256 (RFC 2104), with a secret of the store. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Signer } from '../contract/cursor.ts'

/** Twice what anyone will ever search through, and short enough for a URL. */
const signatureBytes = 16

/** As many as the hash has. */
export const secretBytes = 32

/** Signatures for one purpose: those of another do not fit, though the secret is the same. */
export function makeSigner(secret: Uint8Array, purpose: string): Signer {
  const sign = (text: string) =>
    createHmac('sha256', secret)
      .update(`${purpose}\u0000${text}`)
      .digest()
      .subarray(0, signatureBytes)
      .toString('base64url')
  return {
    sign,
    isSigned(text, signature) {
      // As texts: more than one text decodes to the same bytes.
      const [wanted, found] = [Buffer.from(sign(text)), Buffer.from(signature)]
      return wanted.length === found.length && timingSafeEqual(wanted, found)
    },
  }
}
