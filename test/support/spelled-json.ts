/**
 * Bodies as clients may spell them, each with the compact form that it has: blanks, escapes and
 * notations of numbers at random.
 */
import fc from 'fast-check'
import { anyInteger, anyNumber, anyText, escapeUnit } from './any-json.ts'

/** A value as a client may spell it, and its compact form. */
export type Spelled = { readonly sent: string; readonly text: string }

function join(parts: readonly (Spelled | string)[]): Spelled {
  const side = (name: keyof Spelled) =>
    parts.map((part) => (typeof part === 'string' ? part : part[name])).join('')
  return { sent: side('sent'), text: side('text') }
}

/** Bodies with blanks, escapes and notations at random, and members in any order. */
export function bodies(
  number: fc.Arbitrary<Spelled>,
  key: fc.Arbitrary<Spelled>,
): fc.Arbitrary<Spelled> {
  const blank = fc
    .oneof(
      { arbitrary: fc.constant(''), weight: 3 },
      fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\r'), maxLength: 3 }),
    )
    .map((sent) => ({ sent, text: '' }))
  const word = fc.constantFrom('true', 'false', 'null').map((sent) => ({ sent, text: sent }))
  const inBlanks = (value: fc.Arbitrary<Spelled>) => fc.tuple(blank, value, blank).map(join)
  const between = (open: string, items: readonly Spelled[], close: string) =>
    join([open, ...items.flatMap((item, at) => (at === 0 ? [item] : [',', item])), close])
  const empty = (open: string, close: string) => blank.map((inner) => join([open, inner, close]))

  const { object } = fc.letrec<{ json: Spelled; object: Spelled; array: Spelled }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      fc.oneof(spelled(anyText), number, word, empty('{', '}'), empty('[', ']')),
      tie('object'),
      tie('array'),
    ),
    object: fc
      .uniqueArray(fc.tuple(key, blank, blank, inBlanks(tie('json'))), {
        minLength: 1,
        // More than a few, so that each way of looking for keys is taken.
        maxLength: 12,
        selector: ([name]) => name.text,
      })
      .map((members) =>
        members.map(([name, left, right, value]) => join([left, name, right, ':', value])),
      )
      .map((members) => between('{', members, '}')),
    array: fc
      .array(inBlanks(tie('json')), { minLength: 1, maxLength: 4 })
      .map((items) => between('[', items, ']')),
  }))
  return inBlanks(object)
}

const shortEscapes: { readonly [unit: string]: string } = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

/** The text in quotes, each character as it is or escaped in one of the ways that there are. */
export function spelled(text: fc.Arbitrary<string>): fc.Arbitrary<Spelled> {
  return text.chain((value) => {
    const ways = fc.array(fc.nat(5), { minLength: value.length, maxLength: value.length })
    return ways.map((way) => {
      const sent = Array.from(value, (character, at) => spellCharacter(character, way[at] ?? 0))
      return { sent: `"${sent.join('')}"`, text: JSON.stringify(value) }
    })
  })
}

function spellCharacter(character: string, way: number): string {
  const mustEscape = character < ' ' || character === '"' || character === '\\'
  const short = shortEscapes[character]
  if (way <= 2 && !mustEscape) return character
  if (way <= 3 && short !== undefined) return short
  const escaped = character.replace(/[\s\S]/g, escapeUnit)
  return way === 5 ? `\\u${escaped.slice(2).toUpperCase().replaceAll('\\U', '\\u')}` : escaped
}

/** One of the notations that there are for this double. */
export function spellNumber(value: number): fc.Arbitrary<Spelled> {
  const shortest = value.toExponential()
  const exponents = [
    shortest,
    shortest.replace('e', 'E'),
    shortest.replace('+', ''),
    shortest.replace(/e([+-])/, 'e$100'),
    shortest.replace('e', shortest.includes('.') ? '00e' : '.0e'),
  ]
  const digits = Number.isInteger(value) ? `${BigInt(value)}` : String(value)
  const zeros = value === 0 ? ['-0', '-0.0', '0e9', '-0E-9', '1e-400', '-0.1e-999'] : []
  const tenfold = value === 0 ? [] : [`${digits}0E-1`]
  const whole = Number.isInteger(value) ? [`${digits}.0`, `${digits}e0`, ...tenfold] : []
  const kept = Number.isInteger(value) && Math.abs(value) < 1e21
  return fc.oneof(
    fc.constantFrom(...exponents, ...zeros, ...whole).map((sent) => ({
      sent,
      text: kept ? digits : String(value),
    })),
    // What is in digits alone stays so, however great.
    fc.constant({ sent: digits, text: digits }),
  )
}

/** Any number in any of its notations, the great ones among them. */
export const anySpelledNumber = fc
  .oneof(anyNumber, fc.constantFrom(0, 1, 100, 2 ** 53, -(2 ** 60), 1e20), anyInteger.map(Number))
  .chain(spellNumber)
