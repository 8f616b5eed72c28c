/**
 * One request and what came back, kept so that a report can show it. The text of a key is in it:
 * whatever is printed of it goes through `curlLine` or `Masks` first.
 */

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

/** What must never be printed, and what is printed in its place. */
export type Masks = readonly (readonly [secret: string, instead: string])[]

/** A text without the secrets. */
export function masked(text: string, masks: Masks): string {
  return masks.reduce((masked, [secret, instead]) => masked.replaceAll(secret, instead), text)
}

/** Enough to recognise a body by, too little to fill a screen. */
const bodyShownMaxCharacters = 300

/** The request as a shell sends it, with variables where the keys stood. */
export function curlLine(sent: Sent, base: string, masks: Masks): string {
  const { method, target, headers, body, announcedBytes } = sent
  const words = ['curl -sS -i --path-as-is']
  if (method === 'HEAD') words.push('--head')
  else if (method !== 'GET') words.push(`-X ${method}`)
  const absolute = /^https?:/.test(target)
  words.push(shellWord(absolute ? base : `${base}${shortened(target, 500)}`, masks))
  if (absolute) words.push(`--request-target ${shellWord(target, masks)}`)
  for (const [name, value] of headers) {
    if (name !== 'Host' && name !== 'Content-Length') {
      words.push(`-H ${shellWord(`${name}: ${shortened(value, 300)}`, masks)}`)
    }
  }
  const hosts = headers.filter(([name]) => name === 'Host').slice(1)
  const lengths = headers.filter(([name]) => name === 'Content-Length').slice(1)
  for (const [name, value] of [...hosts, ...lengths]) words.push(`-H '${name}: ${value}'`)
  if (announcedBytes !== undefined) words.push(`# announces ${announcedBytes} bytes`)
  else if (body !== undefined) words.push(bodyWords(body))
  return words.join(' ')
}

function bodyWords(body: Uint8Array): string {
  const text = Buffer.from(body).toString()
  const isText = text.isWellFormed() && !text.includes('\ufffd')
  if (body.length > bodyShownMaxCharacters) {
    const start = Buffer.from(body).toString('latin1', 0, 40)
    return `--data-binary @BODY # ${body.length} bytes that begin ${JSON.stringify(start)}`
  }
  if (isText) return `--data-binary ${shellWord(text, [])}`
  const escaped = [...body].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`)
  return `--data-binary $'${escaped.join('')}'`
}

function shortened(text: string, maxCharacters: number): string {
  if (text.length <= maxCharacters) return text
  return `${text.slice(0, 80)}…[${text.length} characters]`
}

/** In single quotes, or in double ones where a variable has to be read. */
function shellWord(word: string, masks: Masks): string {
  if (masked(word, masks) === word) return `'${word.replaceAll("'", "'\\''")}'`
  const escaped = word.replaceAll(/["\\`$]/g, (character) => `\\${character}`)
  return `"${masked(escaped, masks)}"`
}
