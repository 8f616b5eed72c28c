/**
 * JSON text in its compact form: cutting, splicing and measuring it without making objects of it.
 * Only what `parseJsonObject` let through comes here, so nothing is checked again; and keys and
 * values stay as they were written, whatever is done around them.
 */

/**
 * Text of a JSON value without blanks, every string in the one form it can have, and every number;
 * but whole ones of 10^21 or more have two, in digits and with an exponent.
 */
export type JsonText = string

/** A key with its quotes, as it stands in the text. */
export type QuotedKey = `"${string}"`

/** Containers nested in each other, the root counted, and members and elements altogether. */
export type JsonMeasure = { readonly depth: number; readonly members: number }

type Span = { readonly keyStart: number; readonly valueStart: number; readonly end: number }

/** Whether this text is that of an object. */
export function isObjectText(text: JsonText): boolean {
  return text.charCodeAt(0) === brace
}

/** What stands under this key at the top of the object; undefined when nothing does. */
export function findMember(object: JsonText, key: QuotedKey): JsonText | undefined {
  const span = findSpan(object, key)
  return span && object.slice(span.valueStart, span.end)
}

/** The object without this key at its top. */
export function withoutMember(object: JsonText, key: QuotedKey): JsonText {
  const span = findSpan(object, key)
  if (span === undefined) return object
  const { keyStart, end } = span
  // With one of the commas beside it, if there is one.
  if (keyStart > 1) return object.slice(0, keyStart - 1) + object.slice(end)
  return `{${object.slice(object.charCodeAt(end) === comma ? end + 1 : end)}`
}

/** The object with this value under the key, in the place that it had or else at the end. */
export function withMember(object: JsonText, key: QuotedKey, value: JsonText): JsonText {
  const span = findSpan(object, key)
  if (span === undefined) return append(object, `${key}:${value}`)
  return object.slice(0, span.valueStart) + value + object.slice(span.end)
}

/** The object with these members, none of which it has, at its end. */
export function append(object: JsonText, members: string): JsonText {
  return object === '{}' ? `{${members}}` : `${object.slice(0, -1)},${members}}`
}

/** Depth and members of a value. */
export function measureJson(text: JsonText): JsonMeasure {
  let depth = 0
  let deepest = 0
  let members = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quotes) at = endOfString(text, at) - 1
    else if (code === comma) members++
    else if (code === brace || code === bracket) {
      depth++
      if (depth > deepest) deepest = depth
      // As many as commas, and one more unless it is empty; its end is the code plus two.
      if (text.charCodeAt(at + 1) !== code + 2) members++
    } else if (code === brace + 2 || code === bracket + 2) depth--
  }
  return { depth: deepest, members }
}

/** An object's members by key, in their order. */
export type JsonTree = Map<string, JsonNode>

/** Of arrays and objects that are read as such, and texts of all else. */
export type JsonNode = JsonText | JsonTree | readonly JsonNode[]

/**
 * Reads the object in one pass, and the objects in it; arrays stay text. Recursion is bounded by
 * the checked 64 levels. There is no `JSON.parse` here: V8 14 takes a key with an escape for
 * another one (nodejs/node#63785).
 */
export function readTree(object: JsonText): JsonTree {
  return new TreeReader(object, false).tree()
}

/** The same, reading the arrays in it too. */
export function readWholeTree(object: JsonText): JsonTree {
  return new TreeReader(object, true).tree()
}

/** Any value, the arrays and objects in it read too. */
export function readNode(text: JsonText): JsonNode {
  return new TreeReader(text, true).node()
}

/** The text of the tree, its members in the order of the map. */
export function writeTree(tree: JsonTree): JsonText {
  // Not by `join`: what is appended is copied once in the end, not once for every level.
  let text = '{'
  for (const [key, node] of tree) {
    if (text.length > 1) text += ','
    text += `${key}:${writeNode(node)}`
  }
  return `${text}}`
}

/** The text of any value. */
export function writeNode(node: JsonNode): JsonText {
  if (typeof node === 'string') return node
  return node instanceof Map ? writeTree(node) : `[${node.map(writeNode).join(',')}]`
}

const quotes = 0x22
const comma = 0x2c
const backslash = 0x5c
const brace = 0x7b
const bracket = 0x5b

class TreeReader {
  private readonly text: JsonText
  private readonly arrays: boolean
  private at = 0

  constructor(text: JsonText, arrays: boolean) {
    this.text = text
    this.arrays = arrays
  }

  /** Takes the object that begins here. */
  tree(): JsonTree {
    const { text } = this
    const tree: JsonTree = new Map()
    while (text.charCodeAt(++this.at) === quotes) {
      const keyEnd = endOfString(text, this.at)
      const key = text.slice(this.at, keyEnd)
      this.at = keyEnd + 1
      tree.set(key, this.node())
      if (text.charCodeAt(this.at) !== comma) break
    }
    this.at++
    return tree
  }

  private list(): readonly JsonNode[] {
    const list: JsonNode[] = []
    // The opening bracket, and then the comma before each element but the first.
    while (this.text.charCodeAt(++this.at) !== bracket + 2) {
      list.push(this.node())
      if (this.text.charCodeAt(this.at) !== comma) break
    }
    this.at++
    return list
  }

  /** Takes the value that begins here. */
  node(): JsonNode {
    const code = this.text.charCodeAt(this.at)
    if (code === brace) return this.tree()
    if (code === bracket && this.arrays) return this.list()
    const start = this.at
    this.at = endOfValue(this.text, start)
    return this.text.slice(start, this.at)
  }
}

function findSpan(object: JsonText, key: QuotedKey): Span | undefined {
  // Inside of a string quotes are escaped, so this finds nothing but keys; most have none.
  if (!object.includes(`${key}:`)) return undefined
  let keyStart = 1
  while (object.charCodeAt(keyStart) === quotes) {
    const keyEnd = endOfString(object, keyStart)
    const valueStart = keyEnd + 1
    const end = endOfValue(object, valueStart)
    if (object.startsWith(key, keyStart)) return { keyStart, valueStart, end }
    keyStart = end + 1
  }
  return undefined
}

/** The index behind the value that begins at `start`. */
function endOfValue(text: JsonText, start: number): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quotes) {
      at = endOfString(text, at) - 1
      if (depth === 0) return at + 1
    } else if (code === brace || code === bracket) depth++
    else if (code === brace + 2 || code === bracket + 2) {
      // A scalar ends where the container around it does.
      if (depth === 0) return at
      depth--
      if (depth === 0) return at + 1
    } else if (code === comma && depth === 0) return at
  }
  return text.length
}

/** The index behind the closing quote of the string that begins at `start`. */
function endOfString(text: JsonText, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end > 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  // Only text that is none of ours has no end; it must not be searched for ever.
  return end < 0 ? text.length : end + 1
}

function isEscaped(text: JsonText, at: number): boolean {
  let before = at - 1
  while (text.charCodeAt(before) === backslash) before--
  return (at - before) % 2 === 0
}
