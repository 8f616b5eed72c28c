/** Signatures of what clients carry for us: HMAC-SHA256 (RFC 2104), with a secret of the store. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Signer } from '../contract/cursor.ts'

/** Twice what anyone will ever search through, and short enough for a URL. */
const signatureBytes = 16

/** As many as the hash has. */
export const secretBytes = 32

/** Signatures for one purpose: those of another do not fit, though the secret is the same. */
export function makeSigner(secret: Uint8Array, purpose: string): Signer {
  const digest = (text: string) =>
    createHmac('sha256', secret)
      .update(`${purpose}\u0000${text}`)
      .digest()
      .subarray(0, signatureBytes)
  return {
    sign: (text) => digest(text).toString('base64url'),
    isSigned(text, signature) {
      const [wanted, found] = [digest(text), Buffer.from(signature, 'base64url')]
      return wanted.length === found.length && timingSafeEqual(wanted, found)
    },
  }
}
