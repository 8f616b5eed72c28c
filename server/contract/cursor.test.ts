/** Cursors: they come back to their position in their own list, and nothing else is one. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { seed, tellSeed } from '../../test/support/seed.ts'
import { makeSigner } from '../identity/signing.ts'
import { makeCursor, readCursor } from './cursor.ts'

fc.configureGlobal({ seed, numRuns: 1000 })
tellSeed()

const signer = makeSigner(Buffer.from('a secret of these tests'), 'cursor')
const scope = ['list', 'acme', 'bots'] as const
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom('', '.', 'a.b', '😀', '\ufeff', '\u0000', '"', '\\', '","', 'é', 'e\u0301'),
)
const anyScope = fc.array(anyText, { maxLength: 4 })

function assertNone(cursor: string, of: readonly string[] = scope) {
  assert.throws(() => readCursor(signer, of, cursor), {
    name: 'Refusal',
    code: 'BadRequest',
    message: /is not one of this list; take it whole from the Link header/,
  })
}

test('a cursor is read back as the position that it was made of', () => {
  fc.assert(
    fc.property(anyScope, anyText, (anyOf, position) => {
      const cursor = makeCursor(signer, anyOf, position)
      assert.match(cursor, /^[\w-]*\.[\w-]{22}$/)
      assert.equal(readCursor(signer, anyOf, cursor), position)
    }),
  )
})

test('equal places have equal cursors, and no two places one', () => {
  assert.equal(makeCursor(signer, scope, 'a'), makeCursor(signer, scope, 'a'))
  const places = ['a', 'b', 'A', 'a ', 'á', '', 'a.', 'a\u0000']
  assert.equal(new Set(places.map((each) => makeCursor(signer, scope, each))).size, places.length)
})

test('a cursor of one list is none of another', () => {
  fc.assert(
    fc.property(anyScope, anyScope, anyText, (one, other, position) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other))
      assertNone(makeCursor(signer, one, position), other)
    }),
  )
})

test('parts of a scope cannot flow into each other or into the position', () => {
  for (const [one, other] of [
    [
      ['list', 'a', 'b'],
      ['list', 'ab'],
    ],
    [
      ['list', 'a,b'],
      ['list', 'a', 'b'],
    ],
    [
      ['list', 'a","b'],
      ['list', 'a', 'b'],
    ],
    [
      ['list', 'a\u0000b'],
      ['list', 'a', 'b'],
    ],
    [
      ['list', 'a'],
      ['list', 'a', 'x'],
    ],
    [
      ['list', 'a', 'x'],
      ['list', 'a'],
    ],
    [
      ['list', 'acme', 'bots'],
      ['list', 'Acme', 'bots'],
    ],
    [
      ['list', 'bots', 'acme'],
      ['list', 'acme', 'bots'],
    ],
  ] as const) {
    assertNone(makeCursor(signer, one, 'x'), other)
  }
})

test('every change of one character is noticed', () => {
  for (const position of ['', 'a', 'ab', 'abc', 'bot-7']) {
    const cursor = makeCursor(signer, scope, position)
    for (let at = 0; at < cursor.length; at++) {
      for (const letter of `${alphabet}.=+/ %`) {
        const changed = cursor.slice(0, at) + letter + cursor.slice(at + 1)
        if (changed !== cursor) assertNone(changed)
      }
      assertNone(cursor.slice(0, at) + cursor.slice(at + 1))
    }
    for (const letter of `${alphabet}.=\n\u0000`) {
      assertNone(cursor + letter)
      assertNone(letter + cursor)
    }
  }
})

describe('no cursor is', () => {
  const good = makeCursor(signer, scope, 'bot-7')
  const [place = '', signature = ''] = good.split('.')
  const rows: readonly (readonly [title: string, text: string])[] = [
    ['nothing', ''],
    ['a dot', '.'],
    ['a place without a signature', place],
    ['a place with an empty signature', `${place}.`],
    ['a signature alone', `.${signature}`],
    ['three parts', `${good}.${signature}`],
    ['a place with its padding', `${place}=.${signature}`],
    ['a signature with its padding', `${good}==`],
    ['a place in plain text', `bot-7.${signature}`],
    [
      'a position of bytes that are no text',
      `${Buffer.from([0xff]).toString('base64url')}.${signature}`,
    ],
    ['one with a blank behind it', `${good} `],
    ['one that was escaped again', encodeURIComponent(`${good}%`)],
    ['two in one', `${good},${good}`],
    ['a text of another script', 'курсор'],
    ['a long text', 'A'.repeat(16_000)],
  ]
  for (const [title, text] of rows) test(title, () => assertNone(text))

  test('one of another secret, or signed for another purpose', () => {
    for (const other of [
      makeSigner(Buffer.from('another secret'), 'cursor'),
      makeSigner(Buffer.from('a secret of these tests'), 'webhook'),
    ]) {
      assertNone(makeCursor(other, scope, 'bot-7'))
    }
  })

  test('any text at all', () => {
    fc.assert(fc.property(fc.string({ maxLength: 60 }), (text) => assertNone(text)))
  })
})

test('a position that no text can be made of bytes is never given out', () => {
  // Both decode to the same replacement character; only one of them could have been made.
  const torn = Buffer.from([0x61, 0xc3]).toString('base64url')
  const signed = makeCursor(signer, scope, 'a\ufffd').split('.')[1]
  assertNone(`${torn}.${signed}`)
})
