/**
 * JSON read so that nothing is lost: numbers as they are written, members in their order and as
 * often as they are there. A second reader beside the server's, as plain as can be, so that what
 * one of them gets wrong shows; and the contract's rules for bodies, told a second time.
 */

/** Words and numbers are texts as they stand; a string is its value. */
export type Exact =
  | { readonly kind: 'word'; readonly text: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'array'; readonly items: readonly Exact[] }
  | ExactObject

export type ExactObject = { readonly kind: 'object'; readonly members: readonly Member[] }
export type Member = readonly [key: string, value: Exact]

/** What this text says. Throws where it is no JSON (RFC 8259). */
export function readExact(text: string): Exact {
  let at = 0
  const fail = (): never => {
    throw new SyntaxError(`no JSON at ${at}: ${JSON.stringify(text.slice(at, at + 20))}`)
  }
  const take = (pattern: RegExp): string | undefined => {
    const sticky = new RegExp(pattern, 'y')
    sticky.lastIndex = at
    const found = sticky.exec(text)?.[0]
    at += found?.length ?? 0
    return found
  }
  const blanks = () => take(/[ \t\r\n]*/)
  const string = (): string => {
    const token = take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/)
    return token === undefined ? fail() : unescaped(token.slice(1, -1))
  }
  /** Elements with commas between them, until this end. */
  const listed = (end: RegExp, element: () => void) => {
    blanks()
    if (take(end) !== undefined) return
    for (;;) {
      blanks()
      element()
      blanks()
      if (take(end) !== undefined) return
      if (take(/,/) === undefined) fail()
    }
  }
  const value = (): Exact => {
    const number = take(/-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/)
    if (number !== undefined) return { kind: 'number', text: number }
    const word = take(/true|false|null/)
    if (word !== undefined) return { kind: 'word', text: word }
    if (text[at] === '"') return { kind: 'string', value: string() }
    if (take(/\[/) !== undefined) {
      const items: Exact[] = []
      listed(/\]/, () => void items.push(value()))
      return { kind: 'array', items }
    }
    if (take(/\{/) === undefined) fail()
    const members: Member[] = []
    listed(/\}/, () => {
      const key = string()
      blanks()
      if (take(/:/) === undefined) fail()
      blanks()
      members.push([key, value()])
    })
    return { kind: 'object', members }
  }
  blanks()
  const whole = value()
  blanks()
  return at === text.length ? whole : fail()
}

const shortEscapes: { readonly [letter: string]: string } = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(?:u(....)|(.))/g, (_, hex: string | undefined, letter: string) =>
    hex === undefined
      ? (shortEscapes[letter] ?? letter)
      : String.fromCharCode(Number.parseInt(hex, 16)),
  )
}

const depthMax = 64
const membersMax = 20_000
const keyMaxBytes = 1500

/** Which rule of the contract's section 4 these bytes break as a body; undefined: none. */
export function faultOfBody(
  bytes: Uint8Array,
  root: 'object' | 'array' = 'object',
): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'a byte order mark'
  let body: Exact
  try {
    body = readExact(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes))
  } catch (error) {
    return String(error)
  }
  if (body.kind !== root) return `its root is no ${root}`
  let members = 0
  const faultOf = (value: Exact, depth: number): string | undefined => {
    if (value.kind === 'number') return faultOfNumber(value.text)
    if (value.kind === 'word') return undefined
    if (value.kind === 'string') return value.value.isWellFormed() ? undefined : 'half a pair'
    if (depth > depthMax) return 'too deep'
    const keys = value.kind === 'object' ? value.members.map(([key]) => key) : []
    if (new Set(keys).size < keys.length) return 'a key twice'
    if (keys.includes('__proto__')) return 'the key __proto__'
    if (!keys.every((key) => key.isWellFormed())) return 'half a pair in a key'
    if (keys.some((key) => Buffer.byteLength(key) > keyMaxBytes)) return 'a long key'
    const items = value.kind === 'object' ? value.members.map(([, each]) => each) : value.items
    members += items.length
    if (members > membersMax) return 'too many members'
    for (const item of items) {
      const fault = faultOf(item, depth + 1)
      if (fault !== undefined) return fault
    }
    return undefined
  }
  return faultOf(body, 1)
}

function faultOfNumber(text: string): string | undefined {
  const value = Number(text)
  if (!Number.isFinite(value)) return `${text} is beyond a double`
  const inDigits = /^-?\d+$/.test(text)
  return inDigits && BigInt(text) !== BigInt(value) ? `${text} is no double` : undefined
}

/** Where the one says other than what was expected; undefined where they are equal. */
export function differenceOf(expected: Exact, found: Exact, path = ''): string | undefined {
  const differ = `at ${JSON.stringify(path)} there is ${told(found)}, not ${told(expected)}`
  if (expected.kind === 'number' && found.kind === 'number') {
    return isSameNumber(expected.text, found.text) ? undefined : differ
  }
  if (expected.kind === 'array' && found.kind === 'array') {
    if (expected.items.length !== found.items.length) return differ
    return expected.items
      .map((item, at) => differenceOf(item, found.items[at] ?? item, `${path}/${at}`))
      .find((each) => each !== undefined)
  }
  if (expected.kind === 'object' && found.kind === 'object') {
    const [keys, others] = [expected, found].map(({ members }) => members.map(([key]) => key))
    if (JSON.stringify(keys) !== JSON.stringify(others)) return differ
    return expected.members
      .map(([key, value], at) =>
        differenceOf(value, found.members[at]?.[1] ?? value, `${path}/${key}`),
      )
      .find((each) => each !== undefined)
  }
  if (expected.kind === 'string' && found.kind === 'string') {
    return expected.value === found.value ? undefined : differ
  }
  if (expected.kind === 'word' && found.kind === 'word' && expected.text === found.text) {
    return undefined
  }
  return differ
}

/**
 * The double that was sent, and to a reader who keeps digits exactly too: an integer in digits is
 * that very integer.
 */
function isSameNumber(sent: string, shown: string): boolean {
  if (Number(sent) !== Number(shown)) return false
  return !/^-?\d+$/.test(shown) || BigInt(shown) === BigInt(Number(sent))
}

/** JSON text of it, for messages; long ones cut. */
export function told(value: Exact): string {
  const text = writeExact(value)
  return text.length > 300 ? `${text.slice(0, 300)}…` : text
}

/** JSON text of it, numbers as they were. */
export function writeExact(value: Exact): string {
  switch (value.kind) {
    case 'string':
      return JSON.stringify(value.value)
    case 'array':
      return `[${value.items.map(writeExact).join(',')}]`
    case 'object': {
      const members = value.members.map(
        ([key, each]) => `${JSON.stringify(key)}:${writeExact(each)}`,
      )
      return `{${members.join(',')}}`
    }
    default:
      return value.text
  }
}
