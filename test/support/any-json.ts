/**
 * Random JSON for tests of what a body may be: values, keys, numbers that a double holds and
 * integers that it may not.
 */
import fc from 'fast-check'
import type { Json, JsonObject } from '../../server/contract/json.ts'

/** Text without half surrogates, up to far beyond the ASCII that bodies are mostly made of. */
export const anyText = fc.string({ unit: 'binary', maxLength: 12 })

export const anyKey = fc
  .oneof(
    anyText,
    fc.constantFrom('constructor', 'toString', '', 'a.b', 'a', '1', '10', '\\', 'a"', 'b\\"'),
  )
  .filter((key) => key !== '__proto__')

/** Beyond 2^53 `JSON.stringify` writes digits that no double holds: a property of their own. */
export const anyNumber = fc.oneof(
  fc.maxSafeInteger(),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((value) => Math.abs(value) < 2 ** 53 || Math.abs(value) >= 1e21),
)

export const { object: anyObject } = fc.letrec<{ json: Json; object: JsonObject; array: Json[] }>(
  (tie) => ({
    json: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(anyText, anyNumber, fc.boolean(), fc.constant(null)),
      tie('object'),
      tie('array'),
    ),
    object: fc.dictionary(anyKey, tie('json'), { maxKeys: 6, noNullPrototype: true }),
    array: fc.array(tie('json'), { maxLength: 6 }),
  }),
)

/** Integers around and beyond 2^53, many of them whole multiples of a power of two. */
export const anyInteger = fc.oneof(
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.bigInt({ min: 2n ** 53n - 10n, max: 2n ** 53n + 10n }),
  fc
    .tuple(fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }), fc.bigInt({ min: 0n, max: 900n }))
    .map(([mantissa, exponent]) => mantissa << exponent),
)

/** The escape of this UTF-16 unit, in four digits. */
export function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Small objects in each other with these keys; of few, two often speak of one place. */
export function objectsOf(key: fc.Arbitrary<string>): fc.Arbitrary<JsonObject> {
  const { object } = fc.letrec<{ json: Json; object: JsonObject }>((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<Json>(null, true, 0, 1, 'x', [], [1, {}]),
      tie('object'),
    ),
    object: fc.dictionary(key, tie('json'), { maxKeys: 4, noNullPrototype: true }),
  }))
  return object
}
