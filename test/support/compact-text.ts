/** JSON text as the server keeps and gives it, looked at by tests: its form, and what it says. */
import assert from 'node:assert/strict'
import type { Json } from '../../server/contract/json.ts'
import { parseJsonArray, parseJsonObject } from '../../server/contract/json.ts'
import type { JsonText } from '../../server/contract/json-text.ts'

/** The text, after a look that a client could have sent it: compact JSON, and no key twice. */
export function checkedText(text: JsonText): JsonText {
  assert.equal(parseJsonObject(Buffer.from(text), 'refuse'), text)
  return text
}

/**
 * Text for comparison, without escapes: what must have one is another character. V8 14 misreads a
 * key with an escape where it has seen one with a backslash (nodejs/node#63785).
 */
export function unescapedText(text: JsonText): JsonText {
  return text.replace(/\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])/g, (token) => {
    const unit: string = JSON.parse(`"${token}"`)
    const mustEscape = unit < ' ' || unit === '"' || unit === '\\'
    return mustEscape ? String.fromCharCode(0xe000 + unit.charCodeAt(0)) : unit
  })
}

/** What this text says, read once its escapes are other characters. */
export function readText(text: JsonText, reviver?: (key: string, value: Json) => Json) {
  return JSON.parse(unescapedText(text), reviver)
}

/** A JSON Patch as the door hands it in: compact. */
export function compactPatch(patch: string): JsonText {
  return parseJsonArray(Buffer.from(patch), 'refuse')
}
