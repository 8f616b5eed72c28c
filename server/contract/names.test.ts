/** Which names address a document: each rule by its edge, and all of them by a second predicate. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { Refusal } from './errors.ts'
import type { TenantId } from './names.ts'
import {
  isTenantDocument,
  parseCollectionName,
  parseDocumentName,
  parseTenantId,
  quote,
  tenantDocument,
} from './names.ts'

const badRequest = { name: 'Refusal', code: 'BadRequest' }

const legalNames: readonly (readonly [title: string, name: string])[] = [
  ['one letter', 'a'],
  ['an e-mail address', 'ann.lee+test@example.com'],
  ['dots inside, before and behind', '.a..b.'],
  ['three dots', '...'],
  ['blanks, also at the ends', ' a b '],
  ['a single blank', ' '],
  ['percent signs, once decoded', '100%25'],
  ['a plus', 'a+b'],
  ['a backslash', 'a\\b'],
  ['quotes and brackets', `"'<>[]{}`],
  ['question mark and hash', 'a?b#c'],
  ['a star', '*'],
  ['any script', '名前-имя-שם'],
  ['a character beyond the first plane', '😀'],
  ['a byte order mark and other invisible characters', '\ufeff\u200b\u2028'],
  ['a no-break space, the first behind the control characters', '\u00a0'],
  ['a tilde, the last before them', '~'],
  ['one underscore at each end', '_a_'],
  ['two underscores at the start only', '__a'],
  ['two underscores at the end only', 'a__'],
  ['three underscores', '___'],
  ['__proto without the rest', '__proto'],
  ['constructor', 'constructor'],
  ['versions', 'versions'],
]

const illegalNames: readonly (readonly [title: string, name: string, says: RegExp])[] = [
  ['nothing', '', /empty/],
  ['one dot', '.', /folder/],
  ['two dots', '..', /folder/],
  ['a slash', 'a/b', /slash/],
  ['a slash alone', '/', /slash/],
  ['NUL', 'a\u0000', /control character/],
  ['a line break', 'a\nb', /control character/],
  ['U+001F', '\u001f', /control character/],
  ['U+007F', 'a\u007f', /control character/],
  ['U+0080', '\u0080', /control character/],
  ['U+009F', '\u009f', /control character/],
  ['the first half of a surrogate pair', 'a\ud83d', /surrogate/],
  ['the second half of a surrogate pair', '\ude00a', /surrogate/],
  ['__proto__', '__proto__', /reserved/],
  ['four underscores', '____', /reserved/],
  ['five underscores', '_____', /reserved/],
  ['anything between double underscores', '__a b__', /reserved/],
]

for (const [kind, parse, most] of [
  ['collection name', parseCollectionName, 512],
  ['document name', parseDocumentName, 1500],
] as const) {
  describe(`a ${kind}`, () => {
    for (const [title, name] of legalNames) {
      test(`may be ${title}, and stays as it is`, () => assert.equal(parse(name), name))
    }
    for (const [title, name, says] of illegalNames) {
      test(`is not ${title}`, () => {
        assert.throws(() => parse(name), { ...badRequest, message: says })
        assert.throws(() => parse(name), { message: new RegExp(`is no ${kind}: `) })
      })
    }

    test(`has ${most} bytes at most, counted as UTF-8`, () => {
      const euros = '€'.repeat(Math.floor(most / 3))
      const full = euros + 'a'.repeat(most - euros.length * 3)
      assert.equal(parse('a'.repeat(most)).length, most)
      assert.equal(parse(full), full)
      const tooLong = {
        ...badRequest,
        message: new RegExp(`${most + 1} bytes, and ${most} is the`),
      }
      assert.throws(() => parse('a'.repeat(most + 1)), tooLong)
      assert.throws(() => parse(`${full}a`), tooLong)
    })

    test('is echoed no further than 200 characters', () => {
      assert.throws(() => parse('b'.repeat(9000)), { message: /^"b{200}…" is no/ })
    })

    test('is legal exactly when no rule is broken', () => {
      const pieces = ['_', '__', '.', '/', 'a', '\u0000', '\u0085', 'é', '😀', '\ud800', ' ']
      const text = fc.oneof(
        fc.string({ unit: fc.constantFrom(...pieces), maxLength: 5 }),
        fc.string({ unit: 'binary', maxLength: 600 }),
        fc.nat(1600).map((length) => 'x'.repeat(length)),
      )
      fc.assert(
        fc.property(text, (name) => {
          if (isLegal(name, most)) assert.equal(parse(name), name)
          else assert.throws(() => parse(name), badRequest)
        }),
        { numRuns: 2000 },
      )
    })
  })
}

/** The rules of names once more, character by character. */
function isLegal(name: string, most: number): boolean {
  const codes = [...name].map((character) => character.codePointAt(0) ?? 0)
  const sizes = codes.map((code) => (code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4))
  const size = sizes.reduce((sum, one) => sum + one, 0)
  if (size < 1 || size > most || name === '.' || name === '..' || /^__.*__$/su.test(name)) {
    return false
  }
  return codes.every(
    (code) =>
      code > 0x1f &&
      !(code >= 0x7f && code <= 0x9f) &&
      code !== 0x2f &&
      !(code >= 0xd800 && code <= 0xdfff),
  )
}

describe('a tenant id', () => {
  for (const id of ['a', '7', 'Acme', 'acme-eu.west_1', 'a..b', 'a--', `a${'.'.repeat(127)}`]) {
    test(`may be ${quote(id).slice(0, 40)}`, () => assert.equal(parseTenantId(id), id))
  }
  const others = ['', '.a', '-a', '_a', 'a b', 'a/b', 'é', 'a\n', 'a@b', 'a%', '*', 'a'.repeat(129)]
  for (const id of others) {
    test(`is not ${quote(id).slice(0, 40)}`, () => {
      assert.throws(() => parseTenantId(id), { ...badRequest, message: /is no tenant id/ })
    })
  }
})

describe('the document of a tenant', () => {
  const tenant: TenantId = parseTenantId('acme')

  test('lives at names that no request can spell', () => {
    const address = tenantDocument(tenant)
    assert.equal(address.tenant, tenant)
    assert.throws(() => parseCollectionName(address.collection), Refusal)
    assert.throws(() => parseDocumentName(address.document), Refusal)
  })

  test('is told from every other', () => {
    const other = {
      tenant,
      collection: parseCollectionName('bots'),
      document: parseDocumentName('bot-1'),
    }
    assert.equal(isTenantDocument(tenantDocument(tenant)), true)
    assert.equal(isTenantDocument(other), false)
  })
})

describe('an echo', () => {
  test('is cut behind 200 characters, and says so', () => {
    assert.equal(quote('a'.repeat(200)), `"${'a'.repeat(200)}"`)
    assert.equal(quote('a'.repeat(201)), `"${'a'.repeat(200)}…"`)
  })

  test('of control characters shows none of them', () => {
    assert.equal(quote('a\u0000b\n'), '"a\\u0000b\\n"')
    assert.equal(quote('a\u007fb\u0080c\u009fd\u00a0'), '"a\ufffdb\ufffdc\ufffdd\u00a0"')
  })

  test('has no control character and no half of a pair, whatever was sent', () => {
    const sent = fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map(unitOf),
      maxLength: 300,
    })
    fc.assert(
      fc.property(sent, (text) => {
        const echo = quote(text)
        assert.doesNotMatch(echo, /[\u0000-\u001f\u007f-\u009f]/)
        assert.ok(echo.isWellFormed())
        assert.ok(JSON.parse(echo).length <= 201)
      }),
      { numRuns: 1000 },
    )
  })
})

function unitOf(code: number): string {
  return String.fromCharCode(code)
}
