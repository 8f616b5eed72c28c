/**
 * Bytes to a checked JSON object (RFC 8259), in one pass and with our own parser: `JSON.parse`
 * keeps the last of two equal keys, rounds what a double cannot hold and has no bound on members.
 * Whatever passes here comes back from GET as it was sent. What is refused says where.
 */
import { Refusal } from './errors.ts'
import { bodyDepthMax, bodyMembersMax, echoMaxCharacters, memberNameMaxBytes } from './limits.ts'
import { quote } from './names.ts'

export type Json = null | boolean | number | string | Json[] | JsonObject
export type JsonObject = { [member: string]: Json }

/** What to do with an integer that a double cannot hold: refuse it, or take the nearest double. */
export type NumberRule = 'refuse' | 'round'

/** Containers nested in each other, the root counted, and members and elements altogether. */
export type JsonMeasure = { readonly depth: number; readonly members: number }

/** ECMAScript's source text access, which TypeScript's library does not know yet. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const numberToken = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y

/**
 * Throws `BadRequest` for anything but one strict UTF-8 JSON object within the limits: at most 64
 * levels, 20 000 members and elements, keys of 1500 bytes, none twice in one object.
 */
export function parseJsonObject(bytes: Uint8Array, numbers: NumberRule): JsonObject {
  return new Parser(decode(bytes), numbers).root()
}

/**
 * The text of a value that passed the parser. A double beyond 2^53 that is whole is written in all
 * its digits: `JSON.stringify` writes the shortest ones that a double would round back, which are
 * another integer to every reader that keeps them exactly.
 */
export function writeJson(value: Json): string {
  const text = JSON.stringify(value)
  // A replacer makes writing several times slower; most documents have no such number.
  return /[0-9]{17}/.test(text) ? JSON.stringify(value, exactInteger) : text
}

/** Whether this is an object and no array or null. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Depth and members of a value that is at most 64 deep by itself. */
export function measureJson(value: Json): JsonMeasure {
  if (typeof value !== 'object' || value === null) return { depth: 0, members: 0 }
  let depth = 0
  let members = 0
  for (const child of Object.values(value)) {
    members++
    if (typeof child !== 'object' || child === null) continue
    const inner = measureJson(child)
    members += inner.members
    if (inner.depth > depth) depth = inner.depth
  }
  return { depth: depth + 1, members }
}

function exactInteger(_key: string, value: unknown): unknown {
  const exact = typeof value === 'number' && Math.abs(value) < 1e21
  if (!exact || !Number.isInteger(value) || Number.isSafeInteger(value)) return value
  return rawJSON(String(BigInt(value)))
}

function decode(bytes: Uint8Array): string {
  if (bytes.length === 0) throw new Refusal('BadRequest', 'The body is empty; send a JSON object.')
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw new Refusal('BadRequest', 'The body begins with a byte order mark; send it without.')
  }
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new Refusal('BadRequest', 'The body is not valid UTF-8; encode it so before sending.', {
      cause,
    })
  }
}

class Parser {
  private readonly text: string
  private readonly numbers: NumberRule
  /** The way from the root to where we are, for messages. */
  private readonly path: (string | number)[] = []
  private at = 0
  private members = 0

  constructor(text: string, numbers: NumberRule) {
    this.text = text
    this.numbers = numbers
  }

  root(): JsonObject {
    this.skipBlanks()
    const value = this.value(1)
    this.skipBlanks()
    if (this.at < this.text.length) this.failSyntax('the end')
    if (!isJsonObject(value)) {
      throw new Refusal('BadRequest', `The body must be a JSON object; this is ${kindOf(value)}.`)
    }
    return value
  }

  private value(depth: number): Json {
    const first = this.text.charCodeAt(this.at)
    if (first === 0x7b) return this.object(depth)
    if (first === 0x5b) return this.array(depth)
    if (first === 0x22) return this.string()
    if (first === 0x2d || (first >= 0x30 && first <= 0x39)) return this.number()
    if (this.takeWord('true')) return true
    if (this.takeWord('false')) return false
    if (this.takeWord('null')) return null
    return this.failSyntax('a value')
  }

  private object(depth: number): JsonObject {
    this.enter(depth)
    const object: JsonObject = {}
    if (this.take(0x7d)) return object
    for (;;) {
      const keyStart = this.at
      if (this.text.charCodeAt(this.at) !== 0x22) this.failSyntax('a key in double quotes')
      const key = this.string()
      this.path.push(key)
      this.checkKey(object, key, keyStart)
      this.skipBlanks()
      if (!this.take(0x3a)) this.failSyntax('a colon')
      this.countMember()
      object[key] = this.value(depth + 1)
      this.path.pop()
      this.skipBlanks()
      if (this.take(0x7d)) return object
      if (!this.take(0x2c)) this.failSyntax('a comma or }')
    }
  }

  private array(depth: number): Json[] {
    this.enter(depth)
    const array: Json[] = []
    if (this.take(0x5d)) return array
    for (;;) {
      this.path.push(array.length)
      this.countMember()
      array.push(this.value(depth + 1))
      this.path.pop()
      this.skipBlanks()
      if (this.take(0x5d)) return array
      if (!this.take(0x2c)) this.failSyntax('a comma or ]')
    }
  }

  private string(): string {
    const start = this.at
    let escaped = false
    for (let at = start + 1; ; at++) {
      const code = this.text.charCodeAt(at)
      if (code === 0x22) {
        this.at = at + 1
        break
      }
      if (code === 0x5c) {
        escaped = true
        at++
      } else if (!(code >= 0x20)) {
        this.at = Math.min(at, this.text.length)
        this.failSyntax(
          at >= this.text.length ? 'the closing quote of a string' : 'an escape such as \\n',
        )
      }
    }
    return escaped ? this.unescape(start) : this.text.slice(start + 1, this.at - 1)
  }

  private unescape(start: number): string {
    let value: string
    try {
      value = JSON.parse(this.text.slice(start, this.at))
    } catch {
      this.at = start
      return this.failSyntax('a string whose escapes are those of JSON')
    }
    if (!value.isWellFormed()) {
      this.fail('a string has half of a surrogate pair; send both halves, or neither', start)
    }
    return value
  }

  private number(): number {
    numberToken.lastIndex = this.at
    const token = numberToken.exec(this.text)
    if (token === null) return this.failSyntax('a number')
    const [digits, fraction, exponent] = token
    const value = Number(digits)
    if (!Number.isFinite(value)) {
      this.fail(`the number ${quote(digits)} is beyond the range of a double; send it as a string`)
    }
    const whole = fraction === undefined && exponent === undefined
    if (whole && !Number.isSafeInteger(value) && this.numbers === 'refuse') {
      if (BigInt(digits) !== BigInt(value)) {
        this.fail(`the integer ${quote(digits)} would be rounded; send it as a string`)
      }
    }
    this.at += digits.length
    return value
  }

  private enter(depth: number): void {
    if (depth > bodyDepthMax) this.fail(`nested deeper than ${bodyDepthMax} levels; flatten it`)
    this.at++
    this.skipBlanks()
  }

  private countMember(): void {
    this.skipBlanks()
    if (++this.members > bodyMembersMax) {
      this.fail(`more than ${bodyMembersMax} members and elements in one body; split it`)
    }
  }

  private checkKey(object: JsonObject, key: string, keyStart: number): void {
    if (Object.hasOwn(object, key))
      this.fail('this key occurs twice in one object; keep one', keyStart)
    if (key === '__proto__') this.fail('the key __proto__ is not allowed; rename it', keyStart)
    if (key.length * 3 > memberNameMaxBytes && Buffer.byteLength(key) > memberNameMaxBytes) {
      this.fail(`a key is longer than ${memberNameMaxBytes} bytes`, keyStart)
    }
  }

  /** Takes the character, and the blanks behind it, if it is next. */
  private take(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false
    this.at++
    this.skipBlanks()
    return true
  }

  private takeWord(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false
    this.at += word.length
    return true
  }

  private skipBlanks(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.at++
    }
  }

  /** A rule of ours is broken by well-formed JSON: a pointer says where. */
  private fail(reason: string, at = this.at): never {
    const pointer = this.path.map((step) => `/${escapeStep(String(step))}`).join('')
    const where = pointer === '' ? 'at the root' : `at ${quote(pointer)}`
    const message = `The body breaks a rule ${where}, ${this.place(at)}: ${reason}.`
    // A pointer that was cut would point elsewhere, so a long one is left out.
    const details = pointer.length > echoMaxCharacters ? [] : [{ pointer, reason }]
    throw new Refusal('BadRequest', message, { details })
  }

  private failSyntax(wanted: string): never {
    const found = this.at >= this.text.length ? 'it ends' : `there is ${this.foundText()}`
    throw new Refusal(
      'BadRequest',
      `The body is not valid JSON: at ${this.place(this.at)} ${found} where ${wanted} belongs.`,
    )
  }

  private foundText(): string {
    const code = this.text.codePointAt(this.at) ?? 0
    return quote(String.fromCodePoint(code))
  }

  private place(at: number): string {
    let line = 1
    let start = 0
    for (let end = this.text.indexOf('\n'); end >= 0 && end < at; line++) {
      start = end + 1
      end = this.text.indexOf('\n', start)
    }
    return `line ${line}, column ${at - start + 1}`
  }
}

function escapeStep(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1')
}

function kindOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return `a ${typeof value}`
}
