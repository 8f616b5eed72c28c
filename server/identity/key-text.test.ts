/** The text of a key: its shape, what its checksum notices, and that no letter is likelier. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { RandomBytes } from './key-text.ts'
import {
  findKeyId,
  hashKeyText,
  isForeignText,
  isSameSecret,
  makeKeyId,
  makeKeyText,
} from './key-text.ts'

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Gives these bytes in turn, again and again. */
function repeating(bytes: Iterable<number>): RandomBytes {
  const all = [...bytes]
  let at = 0
  return (count) => Uint8Array.from({ length: count }, () => all[at++ % all.length] ?? 0)
}

/** CRC-32 (IEEE 802.3) bit by bit, to hold the checksum to its name. */
function crc32Of(text: string): number {
  let crc = 0xffff_ffff
  for (const byte of Buffer.from(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1
  }
  return (crc ^ 0xffff_ffff) >>> 0
}

function base62Of(number: number): string {
  const digits = Array.from({ length: 6 }, (_, place) => Math.floor(number / 62 ** place) % 62)
  return digits
    .reverse()
    .map((digit) => alphabet.charAt(digit))
    .join('')
}

/** All of them such as are taken: a source of others only would be drawn from for ever. */
const anyBytes = fc.array(fc.integer({ min: 0, max: 247 }), { minLength: 1, maxLength: 200 })
const anyKey = anyBytes.map((bytes) => makeKeyText(repeating(bytes)))

test('a fixed source of randomness gives a fixed key', () => {
  const { id, text } = makeKeyText(repeating(Array.from({ length: 48 }, (_, at) => at)))
  assert.equal(id, '0123456789AB')
  const body = 'tnk_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl'
  assert.equal(text, body + base62Of(crc32Of(body)))
  assert.equal(text, 'tnk_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijkl15A2rP')
})

test('a key is tnk_ and 54 base62 characters, its id the first twelve', () => {
  fc.assert(
    fc.property(anyKey, ({ id, text }) => {
      assert.match(text, /^tnk_[0-9A-Za-z]{54}$/)
      assert.equal(text.slice(4, 16), id)
      assert.equal(findKeyId(text), id)
    }),
    { numRuns: 500 },
  )
})

test('the last six characters are the CRC-32 of what precedes them', () => {
  fc.assert(
    fc.property(anyKey, ({ text }) => {
      assert.equal(text.slice(-6), base62Of(crc32Of(text.slice(0, -6))))
    }),
    { numRuns: 200 },
  )
})

test('one changed character is always noticed, wherever it is', () => {
  fc.assert(
    fc.property(anyKey, fc.nat(57), fc.constantFrom(...alphabet), ({ text }, at, letter) => {
      fc.pre(text.charAt(at) !== letter)
      assert.equal(findKeyId(text.slice(0, at) + letter + text.slice(at + 1)), undefined)
    }),
    { numRuns: 5000 },
  )
})

test('every change of one character of one key is noticed', () => {
  const { text } = makeKeyText(repeating([7, 77, 147, 217, 31]))
  for (let at = 0; at < text.length; at++) {
    for (const letter of alphabet) {
      const changed = text.slice(0, at) + letter + text.slice(at + 1)
      if (changed !== text) assert.equal(findKeyId(changed), undefined, changed)
    }
  }
})

test('two neighbours in each other’s place are noticed', () => {
  fc.assert(
    fc.property(anyKey, fc.integer({ min: 4, max: 56 }), ({ text }, at) => {
      const [one, other] = [text.charAt(at), text.charAt(at + 1)]
      fc.pre(one !== other)
      assert.equal(findKeyId(text.slice(0, at) + other + one + text.slice(at + 2)), undefined)
    }),
    { numRuns: 1000 },
  )
})

describe('no key id is in', () => {
  const { text } = makeKeyText(repeating([1, 2, 3]))
  const others: readonly (readonly [title: string, text: string])[] = [
    ['nothing', ''],
    ['the prefix alone', 'tnk_'],
    ['a key cut by one', text.slice(0, -1)],
    ['a key with one more', `${text}0`],
    ['a key with a blank before it', ` ${text}`],
    ['a key with a line break behind it', `${text}\n`],
    ['a key in capitals', text.toUpperCase()],
    ['a key of another prefix', text.replace('tnk_', 'key_')],
    ['a key without its underscore', text.replace('_', '')],
    ['a text of the right length', `tnk_${'0'.repeat(54)}`],
    ['a key with a letter of another script', text.replace(/.$/, 'é')],
  ]
  for (const [title, body] of [
    ['a shorter text with the right checksum', text.slice(0, -7)],
    ['a longer text with the right checksum', `${text.slice(0, -6)}0`],
    ['other characters with the right checksum', `${text.slice(0, -8)}-_`],
    ['another prefix with the right checksum', `key_${text.slice(4, -6)}`],
  ] as const) {
    test(title, () => assert.equal(findKeyId(body + base62Of(crc32Of(body))), undefined))
  }
  for (const [title, other] of others) {
    test(title, () => assert.equal(findKeyId(other), undefined))
  }
})

describe('letters', () => {
  test('are equally likely: each comes of exactly four bytes, and eight bytes give none', () => {
    const counts = new Map<string, number>()
    for (let byte = 0; byte < 256; byte++) {
      // The byte under test, then a run that shows whether it was taken or drawn again.
      const { id } = makeKeyText(repeating([byte, ...Array(60).fill(61)]))
      const letter = byte >= 248 ? 'none' : id.charAt(0)
      if (byte >= 248) assert.equal(id.charAt(0), 'z', `byte ${byte} was taken`)
      counts.set(letter, (counts.get(letter) ?? 0) + 1)
    }
    assert.equal(counts.get('none'), 8)
    for (const letter of alphabet) assert.equal(counts.get(letter), 4, letter)
  })

  test('of bytes that are drawn again come from those that follow', () => {
    const plain = makeKeyText(repeating([5, 6, 7, 8]))
    const mixed = makeKeyText(repeating([255, 5, 248, 6, 250, 251, 7, 8]))
    assert.equal(mixed.text, plain.text)
  })
})

describe('a hash', () => {
  test('is the SHA-256 of the text', () => {
    // NIST's example of the message "abc".
    const expected = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
    assert.equal(Buffer.from(hashKeyText('abc')).toString('hex'), expected)
    assert.equal(hashKeyText('é').length, 32)
  })

  test('is the same only when every byte is', () => {
    const hash = hashKeyText('one')
    assert.equal(isSameSecret(hash, hashKeyText('one')), true)
    assert.equal(isSameSecret(hash, hashKeyText('two')), false)
    for (const at of [0, 15, 31]) {
      const changed = Uint8Array.from(hash)
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.equal(isSameSecret(hash, changed), false)
    }
  })

  test('of another length is another hash, and no fault', () => {
    assert.equal(isSameSecret(hashKeyText('one'), hashKeyText('one').slice(0, 31)), false)
    assert.equal(isSameSecret(new Uint8Array(), hashKeyText('one')), false)
  })
})

describe('a text from elsewhere', () => {
  const twenty = 'abcdefghij0123456789'
  const taken: readonly (readonly [title: string, text: string])[] = [
    ['20 letters and digits', twenty],
    ['512 of them', 'x'.repeat(512)],
    ['every sign of a token', "!#$%&'*+-.^_`|~0123456789"],
    ['every sign of a bearer token', 'aZ09-._~+/aZ09-._~+/=='],
    ['hexadecimal', '0123456789abcdef0123456789abcdef'],
    ['a UUID', '123e4567-e89b-12d3-a456-426614174000'],
    ['base64 with its padding', `${Buffer.from(twenty).toString('base64')}`],
    ['a JSON web token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def_0123456789'],
    ['the prefix of ours in capitals', `TNK_${twenty}`],
    ['the prefix of ours further in', `x-tnk_${twenty}`],
    ['the prefix of ours without its underscore', `tnk-${twenty}`],
  ]
  for (const [title, text] of taken) {
    test(`may be a key: ${title}`, () => assert.equal(isForeignText(text), true))
  }

  const { text: own } = makeKeyText(repeating([1, 2, 3]))
  const refused: readonly (readonly [title: string, text: string])[] = [
    ['nothing', ''],
    ['19 characters', twenty.slice(1)],
    ['513 characters', 'x'.repeat(513)],
    ['a blank in it', `${twenty} ${twenty}`],
    ['a blank behind it', `${twenty} `],
    ['a line break behind it', `${twenty}\n`],
    ['a tab', `\t${twenty}`],
    ['a comma', `${twenty},${twenty}`],
    ['a colon', `user:${twenty}`],
    ['quotes', `"${twenty}"`],
    ['an equal sign before the end', `a=${twenty}`],
    ['equal signs alone', '='.repeat(20)],
    ['a letter of another script', `${twenty}é`],
    ['a control character', `${twenty}\u0000`],
    ['a key of ours', own],
    ['a key of ours, cut', own.slice(0, -1)],
    ['a key of ours, mistyped', `${own.slice(0, -1)}!`],
    ['the prefix of ours before another text', `tnk_${twenty}`],
  ]
  for (const [title, text] of refused) {
    test(`is no key: ${title}`, () => assert.equal(isForeignText(text), false))
  }

  test('is judged at once, however long it is and whatever is in it', () => {
    const texts = ['=', 'a', '=a', 'a='].flatMap((part) => [
      part.repeat(100_000),
      `${part.repeat(100_000)}!`,
      `${part.repeat(100_000)} `,
    ])
    const start = performance.now()
    for (const text of texts) assert.equal(isForeignText(text), false)
    // Each at once takes far less than one of them took that was searched from every place.
    assert.ok(performance.now() - start < 1000, 'it took too long')
  })
})

test('an id for it is made as those of our own keys are', () => {
  const bytes = Array.from({ length: 24 }, (_, at) => at * 10)
  const id = makeKeyId(repeating(bytes))
  assert.match(id, /^[0-9A-Za-z]{12}$/)
  assert.equal(id, makeKeyText(repeating(bytes)).id)
})
