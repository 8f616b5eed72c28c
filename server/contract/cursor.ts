/**
 * Cursors: where a list goes on, for the client an opaque text. It is signed and bound to what it
 * is a place in, so that nobody can make one up or carry one elsewhere. Signing is handed in.
 */
import { Refusal } from './errors.ts'

export type Signer = {
  /** Base64url; equal for equal texts. */
  sign(text: string): string
  /** Whether `sign` gave this for the text, in a time that does not depend on what is wrong. */
  isSigned(text: string, signature: string): boolean
}

/** What a cursor is a place in: the list, and whose it is. Equal parts in equal order. */
export type CursorScope = readonly string[]

/** A cursor behind `position` of this list. */
export function makeCursor(signer: Signer, scope: CursorScope, position: string): string {
  const place = Buffer.from(position).toString('base64url')
  return `${place}.${signer.sign(signedText(scope, position))}`
}

/** The position of the cursor. Throws `BadRequest` for what is none of this list. */
export function readCursor(signer: Signer, scope: CursorScope, cursor: string): string {
  const [, place = '', signature = ''] = /^([\w-]*)\.([\w-]+)$/.exec(cursor) ?? []
  const position = Buffer.from(place, 'base64url').toString()
  const isOurs = signer.isSigned(signedText(scope, position), signature)
  // One position has one text: other texts that decode to it are no cursors.
  if (isOurs && makeCursor(signer, scope, position) === cursor) return position
  throw new Refusal(
    'BadRequest',
    'The cursor is not one of this list; take it whole from the Link header of the part before.',
  )
}

function signedText(scope: CursorScope, position: string): string {
  return JSON.stringify([...scope, position])
}
