/**
 * Bodies as the server takes them in: their compact form, what a client reads of it, and what one
 * meant that sent them.
 */
import type { Refusal } from '../../server/contract/errors.ts'
import type { JsonObject, NumberRule } from '../../server/contract/json.ts'
import { parseJsonObject } from '../../server/contract/json.ts'
import type { JsonText } from '../../server/contract/json-text.ts'
import { checkedText, readText } from './compact-text.ts'
import { refusalOf } from './refusal.ts'

/** The compact form, after a look that it is its own compact form under the stricter rule. */
export function compactBody(body: string | Uint8Array, numbers: NumberRule = 'refuse'): JsonText {
  return checkedText(parseJsonObject(typeof body === 'string' ? Buffer.from(body) : body, numbers))
}

/** What a client reads that gets the compact form. */
export function parseBody(body: string | Uint8Array, numbers: NumberRule = 'refuse'): JsonObject {
  return readText(compactBody(body, numbers))
}

/** What a client means that sends this text: -0 is 0, as `JSON.stringify` writes it. */
export function meant(text: string): JsonObject {
  return readText(text, (_, value) => (value === 0 ? 0 : value))
}

/** The refusal that this body comes to. */
export function refusalOfBody(body: string | Uint8Array, numbers: NumberRule = 'refuse'): Refusal {
  return refusalOf(() => compactBody(body, numbers))
}

/** Objects in each other, the root counted. */
export const nested = (depth: number) => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`
export const nestedArrays = (depth: number) =>
  `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
export const elements = (count: number) => `{"a":[${Array(count).fill('1').join(',')}]}`
