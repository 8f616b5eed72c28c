/**
 * One request and what came back, kept so that a report can show it. The text of a key is in it:
 * whatever is printed of it goes through `curlLine`, `briefly` or `printable` first.
 */
import type { Masks } from './masks.ts'
import { escapedControls, masked, piecesOf, printable } from './masks.ts'

export type HeaderPairs = readonly (readonly [name: string, value: string])[]

export type Sent = {
  readonly method: string
  /** Goes out as it stands behind the prefix of the server, neither normalised nor escaped. */
  readonly target: string
  readonly headers: HeaderPairs
  readonly body: Uint8Array | undefined
  /** A length that is announced while less is sent: for a body that must be refused unread. */
  readonly announcedBytes?: number | undefined
}

export type Answered = {
  readonly sent: Sent
  readonly status: number
  /** By their names in lower case, as often as they came. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly text: string
  /** Of the text; undefined where it is no JSON. */
  readonly json: unknown
}

/** The values of a header, joined as HTTP joins them; undefined where there is none. */
export function headerOf({ headers }: Answered, name: string): string | undefined {
  return headers.get(name.toLowerCase())?.join(', ')
}

/** Enough to recognise a body by, too little to fill a screen. */
const bodyShownMaxCharacters = 300

/** The request as curl sends it from bash, with variables where the keys stood. */
export function curlLine(sent: Sent, base: string, masks: Masks): string {
  const { method, target, headers, body, announcedBytes } = sent
  const words = ['curl -sS -i --path-as-is']
  if (method === 'HEAD') words.push('--head')
  // A body would make a POST of it.
  else if (method !== 'GET' || body !== undefined) words.push(`-X ${method}`)
  if (isSentAsIs(target)) words.push(shellWord(base + shortened(target, 500, masks), masks))
  else words.push(shellWord(base, masks), `--request-target ${shellWord(target, masks)}`)
  for (const [name, value] of headers) {
    words.push(`-H ${shellWord(`${name}: ${shortened(value, 300, masks)}`, masks)}`)
  }
  const isTyped = headers.some(([name]) => name.toLowerCase() === 'content-type')
  // It would say one by itself.
  if (body !== undefined && !isTyped) words.push("-H 'Content-Type:'")
  if (announcedBytes !== undefined) words.push(`# announces ${announcedBytes} bytes`)
  else if (body !== undefined && method !== 'HEAD') words.push(bodyWords(body))
  return words.join(' ')
}

/** Curl makes targets of its own where a host is in them, or bytes that it would escape. */
function isSentAsIs(target: string): boolean {
  return /^\/[\x21-\x7e]*$/.test(target)
}

/** The request in a few words: method, end of the path, beginning of the body. */
export function briefly({ method, target, body }: Sent, masks: Masks): string {
  const end = masked(target, masks).replace(/^.*\/tenantry-verify-[0-9a-f]{16}[^/?]*/, '…')
  const said = body === undefined ? '' : masked(Buffer.from(body).toString(), masks)
  const text = said === '' ? '' : ` ${shortened(said, 200, [])}`
  return escapedControls(`${method} ${shortened(end, 120, [])}${text}`)
}

function bodyWords(body: Uint8Array): string {
  const bytes = Buffer.from(body)
  if (bytes.length <= bodyShownMaxCharacters) {
    return `--data-binary ${shellWord(bytes.toString('latin1'), [], bytes.toString())}`
  }
  // A character that the end cuts in two is left out.
  const start = JSON.stringify(new TextDecoder().decode(bytes.subarray(0, 40), { stream: true }))
  return `--data-binary @BODY # of ${bytes.length} bytes, beginning ${printable(start, [])}`
}

/** By its length as it is printed, and cut as it is printed; else as it was. */
function shortened(text: string, maxCharacters: number, masks: Masks): string {
  const printed = masked(text, masks)
  if (printed.length <= maxCharacters) return text
  return `${printed.slice(0, 80)}…[${text.length} characters]`
}

/**
 * In single quotes; in double ones where a variable has to be read; as escapes where it is no text.
 * Each character of `bytes` is a byte, and `text` what they say.
 */
function shellWord(bytes: string, masks: Masks, text: string = bytes): string {
  const isText = /^[\x20-\x7e]*$/.test(bytes) || (text !== bytes && isPrintable(text))
  if (!isText) {
    const escaped = bytes.replaceAll(
      /[^\x20-\x7e]|['\\]/g,
      (each) => `\\x${each.charCodeAt(0).toString(16).padStart(2, '0')}`,
    )
    return `$'${escaped}'`
  }
  const pieces = piecesOf(text, masks)
  if (!pieces.some((piece) => 'instead' in piece)) return `'${text.replaceAll("'", "'\\''")}'`
  const words = pieces.map((piece) =>
    'instead' in piece ? piece.instead : piece.text.replaceAll(/["\\`$]/g, '\\$&'),
  )
  return `"${words.join('')}"`
}

function isPrintable(text: string): boolean {
  return !/[\x00-\x1f\x7f-\x9f\ufffd\ufeff]/.test(text)
}
