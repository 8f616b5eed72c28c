/**
 * Bytes to checked JSON text (RFC 8259), in one pass and with our own parser: `JSON.parse` keeps
 * the last of two equal keys, rounds what a double cannot hold and has no bound on members. No
 * object is made, so no key can do harm as one, and GET shows what was sent. What is refused says
 * where.
 */
import { Refusal } from './errors.ts'
import type { JsonText } from './json-text.ts'
import { bodyDepthMax, bodyMembersMax, echoMaxCharacters, memberNameMaxBytes } from './limits.ts'
import { quote } from './names.ts'

export type Json = null | boolean | number | string | Json[] | JsonObject
export type JsonObject = { [member: string]: Json }

/** What to do with an integer that a double cannot hold: refuse it, or take the nearest double. */
export type NumberRule = 'refuse' | 'round'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const numberToken = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y

/** Integers of so many characters are safe, whatever their digits. */
const shortIntegerMaxCharacters = 15

/** What comes behind the backslash of an escape that `JSON.stringify` writes too. */
const shortEscapes = new Set([...'"\\bfnrt'].map((character) => character.charCodeAt(0)))

/** Up to here it is cheaper to look at every key of an object than to keep a set of them. */
const fewKeys = 8

/**
 * The object in its compact form. Throws `BadRequest` for anything but one strict UTF-8 JSON
 * object within the limits: at most 64 levels, 20 000 members and elements, keys of 1500 bytes,
 * none twice in one object.
 */
export function parseJsonObject(
  bytes: Uint8Array,
  numbers: NumberRule,
  wrapping: Wrapping = asBody,
): JsonText {
  return new Parser(decode(bytes, wrapping), numbers, wrapping).root('object')
}

/** The same for a body that must be an array. */
export function parseJsonArray(bytes: Uint8Array, numbers: NumberRule): JsonText {
  return new Parser(decode(bytes, asBody), numbers, asBody).root('array')
}

/** What stands around the document, which is measured without it. */
export type Wrapping = {
  /** What messages call the whole. */
  readonly word: 'body' | 'line'
  readonly levels: number
  readonly members: number
}

const asBody: Wrapping = { word: 'body', levels: 0, members: 0 }

function decode(bytes: Uint8Array, { word }: Wrapping): string {
  const fail = (fault: string, cause?: unknown) =>
    new Refusal('BadRequest', `The ${word} ${fault}.`, { cause })
  if (bytes.length === 0) throw fail('is empty; send a JSON object')
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw fail('begins with a byte order mark; send it without')
  }
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw fail('is not valid UTF-8; encode it so before sending', cause)
  }
}

/**
 * Goes through the text once. The compact form is the text itself but for blanks, and for strings
 * and numbers that are not in their one form; so most bodies are copied in few pieces, or not.
 */
class Parser {
  private readonly text: string
  private readonly numbers: NumberRule
  private readonly wrapping: Wrapping
  /** The way from the root to where we are, for messages. */
  private readonly path: (string | number)[] = []
  private at = 0
  private members = 0
  /** The compact form of all before `kept`. */
  private compact = ''
  private kept = 0

  constructor(text: string, numbers: NumberRule, wrapping: Wrapping) {
    this.text = text
    this.numbers = numbers
    this.wrapping = wrapping
  }

  root(wanted: 'object' | 'array'): JsonText {
    this.skipBlanks()
    const first = this.text.charCodeAt(this.at)
    const start = this.at
    this.value(1)
    const end = this.at
    this.skipBlanks()
    if (this.at < this.text.length) this.failSyntax('the end')
    if (first !== (wanted === 'object' ? 0x7b : 0x5b)) {
      const kind = kindOf(this.text.slice(start, end))
      const { word } = this.wrapping
      throw new Refusal('BadRequest', `The ${word} must be a JSON ${wanted}; this is ${kind}.`)
    }
    return this.compact + this.text.slice(this.kept)
  }

  private value(depth: number): void {
    const first = this.text.charCodeAt(this.at)
    if (first === 0x7b) this.object(depth)
    else if (first === 0x5b) this.array(depth)
    else if (first === 0x22) this.string()
    else if (first === 0x2d || (first >= 0x30 && first <= 0x39)) this.number()
    else if (!this.takeWord('true') && !this.takeWord('false') && !this.takeWord('null')) {
      this.failSyntax('a value')
    }
  }

  private object(depth: number): void {
    this.enter(depth)
    if (this.take(0x7d)) return
    const keys = new Keys()
    for (;;) {
      const keyStart = this.at
      if (this.text.charCodeAt(this.at) !== 0x22) this.failSyntax('a key in double quotes')
      const key = this.string()
      this.path.push(key)
      this.checkKey(key, keyStart)
      if (!keys.add(key)) this.fail('this key occurs twice in one object; keep one', keyStart)
      this.skipBlanks()
      if (this.text.charCodeAt(this.at) !== 0x3a) this.failSyntax('a colon')
      this.at++
      this.countMember()
      this.value(depth + 1)
      this.path.pop()
      this.skipBlanks()
      if (this.take(0x7d)) return
      this.next('a comma or }')
    }
  }

  private array(depth: number): void {
    this.enter(depth)
    if (this.take(0x5d)) return
    for (let element = 0; ; element++) {
      this.path.push(element)
      this.countMember()
      this.value(depth + 1)
      this.path.pop()
      this.skipBlanks()
      if (this.take(0x5d)) return
      this.next('a comma or ]')
    }
  }

  /** Takes a string, and gives its one form, quotes included. */
  private string(): string {
    const { text, at: start } = this
    let escaped = false
    for (let at = start + 1; ; at++) {
      const code = text.charCodeAt(at)
      if (code === 0x22) {
        this.at = at + 1
        break
      }
      if (code === 0x5c) {
        // A short escape is how we write that character too; any other has to be looked at.
        at++
        if (!shortEscapes.has(text.charCodeAt(at))) escaped = true
      } else if (!(code >= 0x20)) {
        this.at = Math.min(at, text.length)
        this.failSyntax(
          at >= text.length ? 'the closing quote of a string' : 'an escape such as \\n',
        )
      }
    }
    const token = text.slice(start, this.at)
    return escaped ? this.replace(start, token, this.rewrite(token, start)) : token
  }

  private rewrite(token: string, start: number): string {
    let value: string
    try {
      value = JSON.parse(token)
    } catch {
      this.at = start
      return this.failSyntax('a string whose escapes are those of JSON')
    }
    if (!value.isWellFormed()) {
      this.fail('a string has half of a surrogate pair; send both halves, or neither', start)
    }
    return JSON.stringify(value)
  }

  private number(): void {
    const start = this.at
    numberToken.lastIndex = start
    const token = numberToken.exec(this.text)
    if (token === null) this.failSyntax('a number')
    const [digits, fraction, exponent] = token
    const whole = fraction === undefined && exponent === undefined
    const plain = whole && digits.length <= shortIntegerMaxCharacters && digits !== '-0'
    const text = plain ? digits : this.numberText(digits, whole)
    this.at += digits.length
    this.replace(start, digits, text)
  }

  /** The one form of this number; `whole` if it is written in digits alone. */
  private numberText(digits: string, whole: boolean): string {
    const value = Number(digits)
    if (!Number.isFinite(value)) {
      this.fail(`the number ${quote(digits)} is beyond the range of a double; send it as a string`)
    }
    if (!whole || Number.isSafeInteger(value)) return textOfDouble(value)
    if (BigInt(digits) === BigInt(value)) return digits
    if (this.numbers === 'round') return textOfDouble(value)
    return this.fail(`the integer ${quote(digits)} would be rounded; send it as a string`)
  }

  /** What was just taken goes into the compact form as this text, which it gives back. */
  private replace(start: number, token: string, text: string): string {
    if (token === text) return text
    this.compact += this.text.slice(this.kept, start) + text
    this.kept = start + token.length
    return text
  }

  private enter(depth: number): void {
    if (depth > bodyDepthMax + this.wrapping.levels)
      this.fail(`nested deeper than ${bodyDepthMax} levels; flatten it`)
    this.at++
    this.skipBlanks()
  }

  private countMember(): void {
    this.skipBlanks()
    const { word, members } = this.wrapping
    if (++this.members > bodyMembersMax + members) {
      this.fail(`more than ${bodyMembersMax} members and elements in one ${word}; split it`)
    }
  }

  private checkKey(key: string, keyStart: number): void {
    if (key === '"__proto__"') this.fail('the key __proto__ is not allowed; rename it', keyStart)
    if (key.length * 3 <= memberNameMaxBytes) return
    if (Buffer.byteLength(JSON.parse(key)) > memberNameMaxBytes) {
      this.fail(`a key is longer than ${memberNameMaxBytes} bytes`, keyStart)
    }
  }

  /** Takes the comma before the next member or element. */
  private next(wanted: string): void {
    if (!this.take(0x2c)) this.failSyntax(wanted)
    this.skipBlanks()
  }

  /** Takes the character if it is next. */
  private take(code: number): boolean {
    if (this.text.charCodeAt(this.at) !== code) return false
    this.at++
    return true
  }

  private takeWord(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false
    this.at += word.length
    return true
  }

  private skipBlanks(): void {
    const { text, at: start } = this
    let end = start
    for (; ; end++) {
      const code = text.charCodeAt(end)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break
    }
    if (end === start) return
    this.compact += text.slice(this.kept, start)
    this.kept = end
    this.at = end
  }

  /** A rule of ours is broken by well-formed JSON: a pointer says where. */
  private fail(reason: string, at = this.at): never {
    const pointer = this.path.map((step) => `/${pointerStep(step)}`).join('')
    const where = pointer === '' ? 'at the root' : `at ${quote(pointer)}`
    const { word } = this.wrapping
    const message = `The ${word} breaks a rule ${where}, ${this.place(at)}: ${reason}.`
    // A pointer that was cut would point elsewhere, so a long one is left out.
    const details = pointer.length > echoMaxCharacters ? [] : [{ pointer, reason }]
    throw new Refusal('BadRequest', message, { details })
  }

  private failSyntax(wanted: string): never {
    const found = this.at >= this.text.length ? 'it ends' : `there is ${this.foundText()}`
    throw new Refusal(
      'BadRequest',
      `The ${this.wrapping.word} is not valid JSON: ` +
        `at ${this.place(this.at)} ${found} where ${wanted} belongs.`,
    )
  }

  private foundText(): string {
    const code = this.text.codePointAt(this.at) ?? 0
    return quote(String.fromCodePoint(code))
  }

  private place(at: number): string {
    // Which line it is, who reads lines knows.
    if (this.wrapping.word === 'line') return `column ${at + 1}`
    let line = 1
    let start = 0
    for (let end = this.text.indexOf('\n'); end >= 0 && end < at; line++) {
      start = end + 1
      end = this.text.indexOf('\n', start)
    }
    return `line ${line}, column ${at - start + 1}`
  }
}

/** The keys of one object. They keep their quotes: V8 hashes texts of digits all alike. */
class Keys {
  private readonly few: string[] = []
  private many: Set<string> | undefined

  /** False when it is there already. */
  add(key: string): boolean {
    if (this.many !== undefined) {
      if (this.many.has(key)) return false
      this.many.add(key)
      return true
    }
    if (this.few.includes(key)) return false
    this.few.push(key)
    if (this.few.length === fewKeys) this.many = new Set(this.few)
    return true
  }
}

/**
 * The shortest digits that a double would be read back from; but whole ones beyond 2^53 in all
 * their digits: the shortest are another integer to every reader that keeps integers exactly.
 */
function textOfDouble(value: number): string {
  const exact = Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21
  return exact ? String(BigInt(value)) : String(value)
}

function pointerStep(step: string | number): string {
  const name: string = typeof step === 'string' ? JSON.parse(step) : String(step)
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}

function kindOf(text: string): string {
  if (text === 'null') return 'null'
  if (text.startsWith('{')) return 'an object'
  if (text.startsWith('[')) return 'an array'
  if (text.startsWith('"')) return 'a string'
  return text === 'true' || text === 'false' ? 'a boolean' : 'a number'
}
