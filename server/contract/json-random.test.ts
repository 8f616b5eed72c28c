/**
 * Random bodies, whole and damaged, taken and refused as `JSON.parse` says and by our rules beyond
 * that. SEED=n repeats them.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyInteger, anyKey, anyObject, escapeUnit } from '../../test/support/any-json.ts'
import { isJsonObject } from '../../test/support/json-values.ts'
import { seed, tellSeed } from '../../test/support/seed.ts'
import { meant, parseBody, refusalOfBody } from '../../test/support/taken-bodies.ts'
import { Refusal } from './errors.ts'
import type { Json, JsonObject } from './json.ts'

fc.configureGlobal({ seed })
tellSeed()

const indent = fc.constantFrom(0, 1, 2, '\t')

test('any object comes out as JSON.parse reads it, however it is laid out', () => {
  fc.assert(
    fc.property(anyObject, indent, (object, space) => {
      const text = JSON.stringify(object, null, space)
      assert.deepEqual(parseBody(text), meant(text))
      assert.deepEqual(parseBody(text, 'round'), meant(text))
    }),
    { numRuns: 500 },
  )
})

test('any object comes out the same when all of its text is escaped', () => {
  fc.assert(
    fc.property(anyObject, (object) => {
      const text = JSON.stringify(object).replace(/[^\u0020-\u007e]/g, escapeUnit)
      assert.deepEqual(parseBody(text), meant(text))
    }),
    { numRuns: 500 },
  )
})

const strayCharacters = '{}[]:,"\\019-.eE+ \n\t\u0000ntfu/aé\u2028\ufeff'
type Edit = { at: number; remove: number; insert: string }
const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(10_000),
  remove: fc.nat(2),
  insert: fc.string({ unit: fc.constantFrom(...strayCharacters), maxLength: 2 }),
})

test('a damaged text is judged as JSON.parse judges it, and by our rules beyond that', () => {
  fc.assert(
    fc.property(anyObject, fc.array(edit, { minLength: 1, maxLength: 3 }), (object, edits) => {
      const text = edits.reduce(apply, JSON.stringify(object)).toWellFormed()
      let reference: Json
      try {
        JSON.parse(text)
        reference = meant(text)
      } catch {
        assert.equal(refusalOfBody(text).code, 'BadRequest')
        return
      }
      let taken: JsonObject
      try {
        taken = parseBody(text)
      } catch (error) {
        assert.ok(error instanceof Refusal)
        const ours = isJsonObject(reference) ? /breaks a rule at/ : /must be a JSON object/
        assert.match(error.message, ours)
        return
      }
      assert.deepEqual(taken, reference)
    }),
    { numRuns: 2000 },
  )
})

type Wrapper = { before: string; after: string; step: string }
const wrapper: fc.Arbitrary<Wrapper> = fc.constantFrom(
  { before: '{"x":', after: '}', step: '/x' },
  { before: '{"a":{},"b":', after: ',"c":0}', step: '/b' },
  { before: '[', after: ']', step: '/0' },
  { before: '[{"k":1}, ', after: ', null]', step: '/1' },
)

test('a key that occurs twice is refused at any depth, and pointed at', () => {
  const spelled = fc.record({ key: anyKey, escaped: fc.boolean(), between: anyObject })
  fc.assert(
    fc.property(fc.array(wrapper, { maxLength: 8 }), spelled, (wrappers, row) => {
      const { key, escaped, between } = row
      const plain = JSON.stringify(key)
      const again = escaped ? `"${key.replace(/[\s\S]/g, escapeUnit)}"` : plain
      const twice = `{${plain}:1,"\\u0000other":${JSON.stringify(between)},${again}:2}`
      const all: readonly Wrapper[] = [
        { before: '{"root":', after: '}', step: '/root' },
        ...wrappers,
      ]
      const text = all.reduceRight((inner, { before, after }) => before + inner + after, twice)
      const step = key.replaceAll('~', '~0').replaceAll('/', '~1')
      const refusal = refusalOfBody(text)
      assert.equal(refusal.code, 'BadRequest')
      assert.equal(refusal.details[0]?.pointer, `${all.map(({ step }) => step).join('')}/${step}`)
      assert.match(refusal.message, /twice/)
    }),
    { numRuns: 500 },
  )
})

test('an integer in digits is taken exactly when a double holds it', () => {
  let taken = 0
  fc.assert(
    fc.property(anyInteger, (integer) => {
      const text = `{"a":${integer}}`
      if (BigInt(Number(integer)) === integer) {
        assert.deepEqual(parseBody(text), { a: Number(integer) })
        taken++
      } else {
        assert.match(refusalOfBody(text).message, /would be rounded; send it as a string/)
      }
      assert.deepEqual(parseBody(text, 'round'), { a: Number(integer) })
    }),
    { numRuns: 2000 },
  )
  assert.ok(taken > 300, `only ${taken} of the integers were such as a double holds`)
})

function apply(text: string, { at, remove, insert }: Edit): string {
  const start = at % (text.length + 1)
  return text.slice(0, start) + insert + text.slice(start + remove)
}
