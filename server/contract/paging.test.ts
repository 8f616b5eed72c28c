/** Parameters of queries: what is known must come once and parse, all else is passed over. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseQuery } from './paging.ts'

const names = ['limit', 'cursor'] as const

function parse(parameters: { readonly [name: string]: readonly string[] }) {
  return parseQuery(names, new Map(Object.entries(parameters)))
}

test('what was not sent is not there', () => {
  assert.deepEqual(parse({}), {})
  assert.deepEqual(Object.keys(parse({ limit: ['3'] })), ['limit'])
})

test('limit and cursor are taken together or alone', () => {
  assert.deepEqual(parse({ limit: ['3'], cursor: ['a.b'] }), { limit: 3, cursor: 'a.b' })
  assert.deepEqual(parse({ cursor: ['a.b'] }), { cursor: 'a.b' })
})

test('a cursor is any text; what it is bound to is for its list to say', () => {
  for (const cursor of ['', ' ', '%zz', '5000', 'é']) {
    assert.deepEqual(parse({ cursor: [cursor] }), { cursor })
  }
})

test('parameters that are not known are passed over, however often they come', () => {
  const known = { limit: 7 }
  const others = { Limit: ['x'], limits: ['x', 'y'], offset: ['-1'], constructor: ['1', '2'] }
  assert.deepEqual(parse({ limit: ['7'], ...others }), known)
  assert.deepEqual(parseQuery(['limit'], new Map([['cursor', ['x', 'y']]])), {})
  assert.deepEqual(parseQuery([], new Map([['limit', ['none']]])), {})
})

describe('a limit', () => {
  for (const [text, limit] of [
    ['1', 1],
    ['5000', 5000],
    ['4999', 4999],
    ['0042', 42],
  ] as const) {
    test(`may be ${text}`, () => assert.deepEqual(parse({ limit: [text] }), { limit }))
  }

  const others = ['0', '5001', '-1', '+1', '1.0', '1e3', '0x10', '', ' ', ' 1', '1 ', '1\n', 'all']
  for (const text of [...others, '٣', '１', '1,2', '1_000', '9'.repeat(7), '1'.repeat(400)]) {
    test(`may not be ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.throws(
        () => parse({ limit: [text] }),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'BadRequest')
          assert.match(error.message, /is no whole number from 1 to 5000\.$/)
          assert.ok(error.message.length < 300, 'it repeats too much')
          return true
        },
      )
    })
  }
})

describe('what comes twice is refused, be it the same', () => {
  for (const name of names) {
    for (const values of [
      ['1', '1'],
      ['1', '2'],
      ['', ''],
      ['1', '2', '3'],
    ]) {
      test(`${name} as ${JSON.stringify(values)}`, () => {
        assert.throws(() => parse({ [name]: values }), {
          code: 'BadRequest',
          message: `The parameter ${name} came twice; send it once.`,
        })
      })
    }
  }
})
