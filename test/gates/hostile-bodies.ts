/**
 * Bodies within every limit of `server/contract/limits.ts`, each as costly as a mean mind could
 * make it: 1 MiB, up to 20 000 members, shaped to hurt a parser, a hash table or a writer of JSON.
 */

export type HostileBody = { readonly title: string; readonly text: string }

/** Room for what makes a body's outcome larger than itself: stamps, and a live version. */
const sizeBytes = 1_048_576 - 2048

/** The pad is a member, and a document that goes around them needs some for itself. */
const members = 19_990

const nesting = 64

/** `i` runs over how many there may be; what is left of the size goes into a pad. */
export function hostileBodies(part = 1): readonly HostileBody[] {
  const count = Math.floor(members * part)
  const size = Math.floor(sizeBytes * part)
  const keyed = (title: string, key: (i: number) => string, value = '1') =>
    bodyOf(title, count, size, (i) => `${JSON.stringify(key(i))}:${value}`)
  const valued = (title: string, value: (i: number) => string, many = count) =>
    bodyOf(title, many, size, (i) => `"k${i}":${value(i)}`)
  const listed = (title: string, value: string) => ({
    title,
    text: `{"a":[${Array(count - 1).fill(value)}]}`,
  })
  const each = Math.floor(size / count)
  const letters = each - 16
  return [
    keyed('integers upward as keys', (i) => `${i}`),
    keyed('integers downward as keys', (i) => `${count - i}`),
    keyed('keys i << 16', (i) => `${i * 2 ** 16}`),
    keyed('keys that come down from 2^32', (i) => `${2 ** 32 - 2 - i * 2 ** 17}`),
    keyed('keys i * 2^20, beyond an index', (i) => `${i * 2 ** 20}`),
    keyed('keys with a common prefix', (i) => `${'x'.repeat(letters)}${i}`),
    keyed('keys that are names of prototypes', (i) => `${prototypeNames[i % 8]}${i >> 3 || ''}`),
    keyed('keys of two bytes a letter', (i) => `${'ж'.repeat(letters >> 1)}${i}`),
    bodyOf('keys of 1500 bytes', Math.floor(size / 1520), size, (i) => {
      return `"${'k'.repeat(1490)}${String(i).padStart(5, '0')}":0`
    }),
    bodyOf('keys made of escapes', count, size, (i) => `"${escapes(`key${i}`)}":1`),
    valued('strings made of escapes', () => `"${'\\n'.repeat(letters >> 1)}"`),
    valued('strings made of surrogate pairs', () => `"${'\\ud83d\\ude00'.repeat(letters / 12)}"`),
    valued('a letter beyond Latin 1 in each string', () => `"${'a'.repeat(letters - 4)}Ω"`),
    { title: 'one string of \\u0000', text: `{"a":"${'\\u0000'.repeat((size - 8) / 6)}"}` },
    { title: 'one string of quotes', text: `{"a":"${'\\"'.repeat((size - 8) / 2)}"}` },
    { title: 'one number with a long fraction', text: `{"a":0.${'1'.repeat(size - 8)}}` },
    valued('long fractions', (i) => `0.${'7'.repeat(letters - 6)}${i}`),
    valued('exact integers beyond 2^53', (i) => `${2n ** 54n + BigInt(i) * 4n}`),
    valued('exact integers of 21 digits', (i) => `${BigInt(2 ** 69) + BigInt(i) * 2n ** 20n}`),
    valued('exact integers of 308 digits', () => `${2n ** 1023n}`, Math.floor(size / 320)),
    valued('exponents', (i) => `-${i}.5e-${i % 300}`),
    bodyOf('blanks between everything', count, size, (i) => {
      const blanks = ' \n\t\r'.repeat((each - 12) >> 4)
      return `${blanks}"${i}k"${blanks}:${blanks}1${blanks}`
    }),
    { title: 'nothing but line ends', text: `{${'\n'.repeat(size - 2)}}` },
    valued('empty objects', () => '{}'),
    valued('objects with a key of their own', (i) => `{"o${i}":1}`, count >> 1),
    valued('objects with the same ten keys', () => sameKeys, Math.floor(count / 11)),
    valued('objects nested 63 deep', () => nest('{"a":', '}'), Math.floor(count / nesting)),
    valued('arrays nested 63 deep', () => nest('[', ']'), Math.floor(count / (nesting - 1))),
    valued('objects that are called versions', () => '{"versions":{"current":{}}}', count / 4),
    listed('an array of empty arrays', '[]'),
    listed('an array of zeros', '0'),
    listed('an array of nulls in strings', '"\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000"'),
  ]
}

const prototypeNames = [
  'constructor',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '__defineGetter__',
  'toJSON',
  'then',
  'length',
]

const sameKeys = `{${Array.from({ length: 10 }, (_, i) => `"same${i}":${i}`)}}`

/** An object of so many members, and one of blanks that brings it to its size. */
function bodyOf(
  title: string,
  count: number,
  size: number,
  member: (i: number) => string,
): HostileBody {
  const text = Array.from({ length: Math.floor(count) - 1 }, (_, i) => member(i)).join(',')
  const left = size - Buffer.byteLength(text) - '{,"pad":""}'.length
  if (left < 0) throw new Error(`the body with ${title} is ${-left} bytes too large`)
  return { title, text: `{${text},"pad":"${' '.repeat(left)}"}` }
}

function nest(open: string, close: string): string {
  // The document and the innermost value are levels too.
  const levels = nesting - 1
  const inner = open === '[' ? '' : '0'
  return open.repeat(levels) + inner + close.repeat(levels)
}

function escapes(text: string): string {
  return [...text]
    .map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}
