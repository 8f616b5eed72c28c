/** `If-Match` and `If-None-Match`: which texts are taken, and for which documents they fail. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { EntityTags } from './conditions.ts'
import { failedCondition, parseConditions } from './conditions.ts'

const taken: readonly (readonly [title: string, text: string, tags: EntityTags])[] = [
  ['a star', '*', '*'],
  ['a star between blanks', ' * ', '*'],
  ['one tag', '"7-1b2c3d4e"', ['"7-1b2c3d4e"']],
  ['the empty tag', '""', ['""']],
  ['a tag that is a star in quotes', '"*"', ['"*"']],
  ['several tags', '"a", "b","c"\t,"d"', ['"a"', '"b"', '"c"', '"d"']],
  ['a weak tag, without its mark', 'W/"a"', ['"a"']],
  ['weak tags among strong ones', '"a", W/"b"', ['"a"', '"b"']],
  ['a tag with a comma in it', '"a,b", "c"', ['"a,b"', '"c"']],
  ['a tag with a backslash, which escapes nothing', '"a\\"', ['"a\\"']],
  ['a tag with bytes over 0x7F', '"\u00e9\u00ff"', ['"\u00e9\u00ff"']],
  ['empty elements of a list, as lists allow', ', "a",, "b" ,', ['"a"', '"b"']],
]

const refused: readonly (readonly [title: string, text: string])[] = [
  ['nothing', ''],
  ['blanks', '  '],
  ['commas alone', ',,'],
  ['a tag without quotes', '7-1b2c3d4e'],
  ['a tag that is not closed', '"a'],
  ['a tag that is not opened', 'a"'],
  ['a tag in single quotes', "'a'"],
  ['a tag with a blank in it', '"a b"'],
  ['a star among tags', '*, "a"'],
  ['two stars', '**'],
  ['a weakness mark in the wrong case', 'w/"a"'],
  ['a weakness mark alone', 'W/'],
  ['a weakness mark apart from its tag', 'W/ "a"'],
  ['a weak star', 'W/*'],
  ['text behind a tag', '"a"b'],
  ['text before a tag', 'b"a"'],
  ['another mark between tags', '"a";"b"'],
  ['two tags with no comma between them', '"a" "b"'],
  ['two tags with nothing between them', '"a""b"'],
  ['a date', 'Tue, 15 Nov 1994 12:45:26 GMT'],
]

for (const [header, name] of [
  ['If-Match', 'ifMatch'],
  ['If-None-Match', 'ifNoneMatch'],
] as const) {
  const parse = (text: string) =>
    name === 'ifMatch' ? parseConditions(text, undefined) : parseConditions(undefined, text)

  describe(`${header} takes`, () => {
    for (const [title, text, tags] of taken) {
      test(title, () => assert.deepEqual(parse(text), { [name]: tags }))
    }
  })

  describe(`${header} refuses`, () => {
    for (const [title, text] of refused) {
      test(title, () => {
        assert.throws(() => parse(text), {
          name: 'Refusal',
          code: 'BadRequest',
          message: new RegExp(`^The ${header} header "`),
        })
      })
    }
  })
}

test('no headers make no conditions', () => {
  assert.deepEqual(parseConditions(undefined, undefined), {})
})

test('both headers are kept apart', () => {
  assert.deepEqual(parseConditions('"a"', '*'), { ifMatch: ['"a"'], ifNoneMatch: '*' })
})

test('a list of any tags is taken apart into these tags', () => {
  const etagCharacter = fc.oneof(
    fc.integer({ min: 0x21, max: 0xff }).filter((code) => code !== 0x22 && code !== 0x7f),
    fc.constantFrom(0x2c, 0x2a, 0x57, 0x2f),
  )
  const tag = fc.string({
    unit: etagCharacter.map((code) => String.fromCharCode(code)),
    maxLength: 8,
  })
  const element = fc.record({ tag, weak: fc.boolean(), gap: fc.constantFrom(',', ', ', ' ,\t') })
  fc.assert(
    fc.property(fc.array(element, { minLength: 1, maxLength: 5 }), (elements) => {
      const text = elements
        .map(({ tag, weak, gap }) => `${weak ? 'W/' : ''}"${tag}"${gap}`)
        .join('')
      const tags = elements.map(({ tag }) => `"${tag}"`)
      assert.deepEqual(parseConditions(text, undefined), { ifMatch: tags })
    }),
    { numRuns: 1000 },
  )
})

type Row = {
  readonly title: string
  readonly match?: string
  readonly noneMatch?: string
  readonly etag: string | undefined
  readonly failed?: 'If-Match' | 'If-None-Match'
}

const rows: readonly Row[] = [
  { title: 'no condition holds for a document', etag: '"1"' },
  { title: 'no condition holds for a missing document', etag: undefined },
  { title: 'If-Match * holds for any document', match: '*', etag: '"1"' },
  {
    title: 'If-Match * fails for a missing document',
    match: '*',
    etag: undefined,
    failed: 'If-Match',
  },
  { title: 'If-Match holds for the tag it names', match: '"1"', etag: '"1"' },
  { title: 'If-Match holds for one of the tags it names', match: '"0", "1"', etag: '"1"' },
  { title: 'If-Match fails for another tag', match: '"0"', etag: '"1"', failed: 'If-Match' },
  { title: 'If-Match compares whole tags', match: '"1"', etag: '"11"', failed: 'If-Match' },
  { title: 'If-Match compares cases', match: '"a"', etag: '"A"', failed: 'If-Match' },
  {
    title: 'If-Match with a tag fails for a missing document',
    match: '"1"',
    etag: undefined,
    failed: 'If-Match',
  },
  { title: 'a W/ in If-Match is ignored', match: 'W/"1"', etag: '"1"' },
  { title: 'a star in quotes is a tag like others', match: '"*"', etag: '"1"', failed: 'If-Match' },
  {
    title: 'If-None-Match * fails for any document',
    noneMatch: '*',
    etag: '"1"',
    failed: 'If-None-Match',
  },
  { title: 'If-None-Match * holds for a missing document', noneMatch: '*', etag: undefined },
  {
    title: 'If-None-Match fails for the tag it names',
    noneMatch: '"0", "1"',
    etag: '"1"',
    failed: 'If-None-Match',
  },
  {
    title: 'If-None-Match fails for a tag that a proxy made weak',
    noneMatch: 'W/"1"',
    etag: '"1"',
    failed: 'If-None-Match',
  },
  { title: 'If-None-Match holds for another tag', noneMatch: '"0"', etag: '"1"' },
  { title: 'both hold when both do', match: '"1"', noneMatch: '"0"', etag: '"1"' },
  {
    title: 'If-Match is judged first',
    match: '"0"',
    noneMatch: '"1"',
    etag: '"1"',
    failed: 'If-Match',
  },
  {
    title: 'If-None-Match is judged when If-Match holds',
    match: '"1"',
    noneMatch: '"1"',
    etag: '"1"',
    failed: 'If-None-Match',
  },
]

describe('a condition is judged', () => {
  for (const { title, match, noneMatch, etag, failed } of rows) {
    test(title, () => {
      assert.equal(failedCondition(parseConditions(match, noneMatch), etag), failed)
    })
  }
})

test('blanks without end are read in one go', () => {
  const start = performance.now()
  for (let time = 0; time < 20; time++) {
    assert.throws(() => parseConditions(`"a",${' '.repeat(32_000)}x`, undefined))
  }
  // Tried in every way against each other they take 20 s; in one go some milliseconds.
  assert.ok(performance.now() - start < 2000)
})
