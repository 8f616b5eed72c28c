/**
 * Bodies and patches as fast-check draws and shrinks them: texts, not values, so that blanks,
 * escapes and the ways of writing a number are drawn too. Most are legal; some break a rule.
 */
import fc from 'fast-check'
import type { Exact } from '../support/exact-json.ts'

const blanks = fc.oneof(
  { weight: 12, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom(' ', '\n', '\t', '\r\n', '  \n') },
)

/** A character as itself or in an escape. */
const letter = fc
  .tuple(
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...'ab01 .~/"\\\n\t\u0000\u001f\u007fé€') },
      { weight: 4, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('\u2028', '\ufeff', '\u{1f600}', '\uffff', '\u0301'),
      },
    ),
    fc.boolean(),
  )
  .map(([text, escapes]) => (escapes ? escapeAll(text) : JSON.stringify(text).slice(1, -1)))

/** Half of a pair, which no string may have. */
const half = fc.constantFrom('\\ud800', '\\udfff', '\\uDBFFx')

const string = fc
  .oneof(
    { weight: 400, arbitrary: fc.array(letter, { maxLength: 8 }) },
    { weight: 1, arbitrary: half.map((text) => [text]) },
  )
  .map((letters) => `"${letters.join('')}"`)

function escapeAll(text: string): string {
  return [...text]
    .flatMap((each) => each.split(''))
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}

const integer = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }).map(String),
  fc.maxSafeInteger().map(String),
  // Some of these a double holds, most it does not.
  fc
    .tuple(fc.bigInt({ min: 0n, max: 4096n }), fc.integer({ min: 42, max: 1010 }))
    .map(([few, by]) => String(few << BigInt(by))),
)

const number = fc.oneof(
  { weight: 40, arbitrary: integer },
  // Whole, but by their digits no double; they are not written in digits alone.
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.maxSafeInteger(), fc.constantFrom('e1', 'E+3', '.0', '7.5', '.25e2'))
      .map((parts) => parts.join('')),
  },
  { weight: 24, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
  {
    weight: 24,
    arbitrary: fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.nat(99),
        fc.constantFrom('', '.0', '.50', '.1000000000000000055'),
        fc.constantFrom('', 'e0', 'E+5', 'e-07', 'e22', 'E-330'),
      )
      .map((parts) => parts.join('')),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('1e400', '9007199254740993', '-9007199254740993', '1e309'),
  },
)

/** Few enough that two documents have some in common. */
const key = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.constantFrom(
      '"a"',
      '"b"',
      '"c"',
      '"\\u0061"',
      '""',
      '"0"',
      '"1"',
      '"10"',
      '"a/b~"',
    ),
  },
  { weight: 4, arbitrary: fc.constantFrom('"constructor"', '"toString"', '"length"', '"updated"') },
  { weight: 3, arbitrary: string },
)

/** Keys twice are left to chance in one object of twenty, and taken out of the others. */
function objectOf(value: fc.Arbitrary<string>, rest: fc.Arbitrary<string[]> = fc.constant([])) {
  return fc
    .tuple(
      fc.array(fc.tuple(blanks, key, blanks, blanks, value, blanks), { maxLength: 6 }),
      rest,
      fc.nat(19),
    )
    .map(([drawn, more, chance]) => {
      const seen = new Set<string>()
      const kept = drawn.filter(([, each]) => {
        const name: string = JSON.parse(each)
        const isNew = !seen.has(name)
        seen.add(name)
        return isNew || chance === 0
      })
      const members = kept.map(([b1, k, b2, b3, v, b4]) => `${b1}${k}${b2}:${b3}${v}${b4}`)
      return `{${[...members, ...more].join(',')}}`
    })
}

const value = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 3, arbitrary: number },
    { weight: 3, arbitrary: string },
    { weight: 2, arbitrary: fc.constantFrom('null', 'true', 'false') },
    {
      weight: 2,
      arbitrary: fc
        .array(fc.tuple(blanks, tie('value'), blanks), { maxLength: 5 })
        .map((items) => `[${items.map((item) => item.join('')).join(',')}]`),
    },
    { weight: 4, arbitrary: objectOf(tie('value')) },
  ),
})).value

/** What a base may say of its live version, and of what is beside it. */
const versions = fc.oneof<fc.MaybeWeightedArbitrary<string[]>[]>(
  { weight: 12, arbitrary: fc.constant<string[]>([]) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(objectOf(value), objectOf(value))
      .map(([others, live]) => [`"versions":${withCurrent(others, live)}`]),
  },
  { weight: 2, arbitrary: objectOf(value).map((others) => [`"versions":${others}`]) },
  { weight: 1, arbitrary: value.map((any) => [`"versions":{"current":${any}}`]) },
  { weight: 1, arbitrary: value.map((any) => [`"versions":${any}`]) },
)

function withCurrent(others: string, live: string): string {
  return `{"current":${live}${others === '{}' ? '' : ','}${others.slice(1)}`
}

/** The text of a body; an object, if it is anything. */
export const body: fc.Arbitrary<string> = fc
  .tuple(blanks, objectOf(value, versions), blanks)
  .map((parts) => parts.join(''))

/** Where a step goes: to a value that is there, beside one, or nowhere. */
export type DrawnStep = {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test'
  readonly path: number
  readonly from: number
  readonly end: string
  readonly value: string
}

export const steps: fc.Arbitrary<readonly DrawnStep[]> = fc.array(
  fc.record<DrawnStep>({
    op: fc.constantFrom('add', 'add', 'remove', 'replace', 'move', 'copy', 'test'),
    path: fc.nat(1000),
    from: fc.nat(1000),
    end: fc.constantFrom('', '', '', '/a', '/new', '/-', '/0', '/1', '/01', '/x/y'),
    value,
  }),
  { maxLength: 5 },
)

/** The steps as a patch on this document; only `test` mostly asks for what is there. */
export function patchOn(
  shown: Exact,
  drawn: readonly DrawnStep[],
  write: (value: Exact) => string,
) {
  const places = placesIn(shown)
  const placed = drawn.flatMap((step) => {
    const place = places[step.path % places.length]
    const other = places[step.from % places.length]
    if (place === undefined || other === undefined) return []
    const path = `${place.pointer}${step.end}`
    // The document itself and moves into themselves have rows of their own.
    if (path === '' || (step.op === 'move' && `${path}/`.startsWith(`${other.pointer}/`))) return []
    const asked = step.op === 'test' && step.from % 4 > 0 ? write(place.value) : step.value
    const members = [
      `"op":"${step.op}"`,
      `"path":${JSON.stringify(path)}`,
      ...(step.op === 'move' || step.op === 'copy'
        ? [`"from":${JSON.stringify(other.pointer)}`]
        : []),
      `"value":${asked}`,
    ]
    return [`{${members.join(',')}}`]
  })
  return `[${placed.join(',')}]`
}

type Place = { readonly pointer: string; readonly value: Exact }

function placesIn(value: Exact, pointer = ''): Place[] {
  const children: [string, Exact][] =
    value.kind === 'object'
      ? value.members.map(([name, each]) => [name, each])
      : value.kind === 'array'
        ? value.items.map((each, at) => [String(at), each])
        : []
  const inside = children.flatMap(([name, each]) =>
    placesIn(each, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  )
  return [{ pointer, value }, ...inside]
}
