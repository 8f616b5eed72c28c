/**
 * What stands between a server's words and a person's screen: whatever a report or an error prints
 * of an answer goes through `printable`, which hides keys before it cuts, and steers no terminal.
 */

/** What must never be printed, and what is printed in its place. The longer stand first. */
export type Masks = readonly (readonly [secret: string, instead: string])[]

/** So much of a key tells something of it; shorter pieces may be chance. */
const pieceCharacters = 12

const pieceInstead = '[part of a key]'

/** No more is looked at: behind it nothing is printed, however much is hidden before it. */
const lookedAtMaxCharacters = 32_768

/** Enough to see what is wrong. */
const printedMaxCharacters = 400

/** A text without the secrets. */
export function masked(text: string, masks: Masks): string {
  return piecesOf(text, masks)
    .map((piece) => ('instead' in piece ? piece.instead : piece.text))
    .join('')
}

/** What a text is made of: what may be said of it, and what stands for its secrets. */
export function piecesOf(
  text: string,
  masks: Masks,
): readonly ({ readonly text: string } | { readonly instead: string })[] {
  if (masks.length === 0) return [{ text }]
  const secrets = new RegExp(`(${masks.map(([secret]) => RegExp.escape(secret)).join('|')})`)
  const insteadOf = new Map(masks)
  return text
    .split(secrets)
    .map((part, at) => (at % 2 === 0 ? { text: part } : { instead: insteadOf.get(part) ?? '' }))
    .filter((piece) => 'instead' in piece || piece.text !== '')
}

/**
 * A server's words: without keys, also where it has cut or escaped them, without characters that
 * steer a terminal, and at last not longer than so many characters and a mark.
 */
export function printable(
  text: string,
  masks: Masks,
  maxCharacters: number = printedMaxCharacters,
): string {
  const known = text.slice(0, lookedAtMaxCharacters)
  const safe = escapedControls(withoutPieces(masked(known, masks), masks))
  return safe.length <= maxCharacters ? safe : `${safe.slice(0, maxCharacters)}…`
}

/** Control and format characters, separators of lines and halves of pairs as JSON spells them. */
export function escapedControls(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (each) => {
    if (each === '\n') return '\\n'
    const units = Array.from({ length: each.length }, (_, at) => each.charCodeAt(at))
    return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')
  })
}

/** What is left of a secret that the server itself had cut. */
function withoutPieces(text: string, masks: Masks): string {
  const pieces = new Set<string>()
  for (const [secret] of masks) {
    for (let at = 0; at + pieceCharacters <= secret.length; at++) {
      pieces.add(secret.slice(at, at + pieceCharacters))
    }
  }
  let out = ''
  let shownTo = 0
  for (let at = 0; at + pieceCharacters <= text.length; at++) {
    if (!pieces.has(text.slice(at, at + pieceCharacters))) continue
    let end = at + pieceCharacters
    while (end < text.length && pieces.has(text.slice(end - pieceCharacters + 1, end + 1))) end++
    out += `${text.slice(shownTo, at)}${pieceInstead}`
    shownTo = end
    at = end - 1
  }
  return out + text.slice(shownTo)
}
