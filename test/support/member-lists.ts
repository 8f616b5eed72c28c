/**
 * Objects as lists of members, told beside their texts, for what cuts and splices text. Keys and
 * values are full of what looks like JSON itself.
 */
import fc from 'fast-check'
import type { JsonText, QuotedKey } from '../../server/contract/json-text.ts'

/** The members of an object in their order, the elements of an array, and all else as text. */
export type Members = readonly (readonly [key: string, value: Value])[]
export type Value = Members | { readonly elements: readonly Value[] } | JsonText

/** The text of it, members and elements in their order. */
export function textOf(value: Value): JsonText {
  if (typeof value === 'string') return value
  if ('elements' in value) return `[${value.elements.map(textOf).join()}]`
  return `{${value.map(([key, member]) => `${JSON.stringify(key)}:${textOf(member)}`).join()}}`
}

/** A key as it stands in a text. */
export function quoted(key: string): QuotedKey {
  return JSON.stringify(key) as QuotedKey
}

const oddTexts = [
  ...['', 'a', 'aa', 'b', 'a"', '"a', 'a\\', 'a\\"', '\\', '\\\\', '\\\\"', '"', '""', ':', ','],
  ...['a":', '"a":', '"a":1', ',"a":1', '{"a":1}', '}', '{', '[', ']', '"}', '{"', '[]', '{}'],
  ...['versions', 'x"versions', '"versions":', '"versions":{"current":{}}', 'current', 'updated'],
  ...['updatedBy', '0', '1', '10', '01', '-1', '4294967294', 'constructor', 'toString', '__proto'],
  ...['\u0000', '\n', '\u007f', '\u2028', '\u00e9', '\u2222', '😀', 'a😀', '\u{10ffff}', 'null'],
]
const anyText = fc.oneof(
  fc.constantFrom(...oddTexts),
  fc.string({ unit: fc.constantFrom('a', '"', '\\', ':', ',', '{', '}', '[', ']'), maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
/** Few as well as odd ones, so that one key often stands at several places. */
export const anyKey = fc.oneof(
  fc.constantFrom('a', 'b', '1', '0', 'versions', 'a"', ''),
  anyText.filter((key) => key !== '__proto__'),
)
const anyScalar = fc.oneof(
  anyText.map((text) => JSON.stringify(text)),
  fc.constantFrom('0', '-1.5', '1e+21', '9007199254740992', '-1e-7', 'true', 'false', 'null'),
)
/** Random objects, and values of any kind. */
export const { object: anyMembers, value: anyValue } = fc.letrec<{
  value: Value
  object: Members
  array: Value
}>((tie) => ({
  value: fc.oneof({ depthSize: 'small', maxDepth: 5 }, anyScalar, tie('object'), tie('array')),
  object: fc.uniqueArray(fc.tuple(anyKey, tie('value')), {
    maxLength: 6,
    selector: ([key]) => key,
  }),
  array: fc.array(tie('value'), { maxLength: 4 }).map((elements) => ({ elements })),
}))

/** An object, and a key that it has as often as not. */
export const objectAndKey = anyMembers.chain((members) =>
  fc.tuple(
    fc.constant(members),
    members.length === 0
      ? anyKey
      : fc.oneof(anyKey, fc.constantFrom(...members.map(([key]) => key))),
  ),
)
