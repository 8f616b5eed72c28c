/**
 * How a base body is taken apart into what it says of the base and what of the live version.
 * SEED=n repeats the random bodies.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isJsonObject } from '../../test/support/json-values.ts'
import { seed, tellSeed } from '../../test/support/seed.ts'
import type { Json, JsonObject } from '../contract/json.ts'
import { splitBaseBody, withoutStamps } from './versions.ts'

fc.configureGlobal({ seed })
tellSeed()

/** The halves of the body as objects, after a look that both are compact texts. */
function split(body: JsonObject): { content: JsonObject; live: JsonObject | undefined } {
  const { content, live } = splitBaseBody(JSON.stringify(body))
  for (const half of [content, live ?? '{}']) {
    assert.equal(JSON.stringify(JSON.parse(half)), half)
  }
  return { content: JSON.parse(content), live: live && JSON.parse(live) }
}

type Row = {
  readonly title: string
  readonly body: JsonObject
  readonly content: JsonObject
  readonly live?: JsonObject
}

const rows: readonly Row[] = [
  { title: 'a body without versions speaks of the base only', body: { a: 1 }, content: { a: 1 } },
  { title: 'an empty body says nothing', body: {}, content: {} },
  {
    title: 'empty versions are data',
    body: { a: 1, versions: {} },
    content: { a: 1, versions: {} },
  },
  {
    title: 'versions without current are data',
    body: { versions: { draft: { b: 1 } } },
    content: { versions: { draft: { b: 1 } } },
  },
  {
    title: 'current is taken out, and versions with it when nothing else is in it',
    body: { a: 1, versions: { current: { b: 2 } } },
    content: { a: 1 },
    live: { b: 2 },
  },
  {
    title: 'an empty current is a live version',
    body: { versions: { current: {} } },
    content: {},
    live: {},
  },
  {
    title: 'what stands beside current stays data of the base',
    body: { versions: { draft: 1, current: { b: 2 }, old: null }, a: 1 },
    content: { versions: { draft: 1, old: null }, a: 1 },
    live: { b: 2 },
  },
  {
    title: 'versions inside the live version are data of it',
    body: { versions: { current: { versions: { current: { c: 3 } } } } },
    content: {},
    live: { versions: { current: { c: 3 } } },
  },
  {
    title: 'versions further down in the base are data',
    body: { a: { versions: { current: { b: 1 } } } },
    content: { a: { versions: { current: { b: 1 } } } },
  },
  {
    title: 'a key that spells the path is a key',
    body: { 'versions.current': { b: 1 } },
    content: { 'versions.current': { b: 1 } },
  },
  {
    title: 'the stamps of both documents are dropped',
    body: { updated: 1, updatedBy: 'me', versions: { current: { updated: 'x', updatedBy: {} } } },
    content: {},
    live: {},
  },
  {
    title: 'one stamp alone is dropped as well',
    body: { updatedBy: null, versions: { current: { updated: 1, b: 2 } } },
    content: {},
    live: { b: 2 },
  },
  {
    title: 'the names of stamps are ordinary elsewhere',
    body: { a: { updated: 1 }, versions: { updated: 2, current: { b: { updatedBy: 3 } } } },
    content: { a: { updated: 1 }, versions: { updated: 2 } },
    live: { b: { updatedBy: 3 } },
  },
  ...[null, [], [{ current: {} }], 'current', 0, true].map((versions) => ({
    title: `versions that are ${JSON.stringify(versions)} are data`,
    body: { a: 1, versions },
    content: { a: 1, versions },
  })),
]

describe('a base body', () => {
  for (const { title, body, content, live } of rows) {
    test(title, () => {
      assert.deepEqual(split(body), { content, live })
      assert.deepEqual(
        splitBaseBody(JSON.stringify(body)),
        { content: JSON.stringify(content), live: live && JSON.stringify(live) },
        'order of members',
      )
    })
  }

  for (const current of [null, [], [{}], 'text', 0, false]) {
    test(`with ${JSON.stringify(current)} as versions.current is refused`, () => {
      const body = JSON.stringify({ a: 1, versions: { current, draft: 1 } })
      assert.throws(() => splitBaseBody(body), {
        name: 'Refusal',
        code: 'BadRequest',
        message: /versions\.current, must be an object/,
        details: [{ pointer: '/versions/current', reason: 'not an object' }],
      })
    })
  }
})

/** Without escapes: V8 14 misreads keys with them (nodejs/node#63785). */
const json = fc
  .jsonValue({ maxDepth: 2 })
  .map((value): Json => JSON.parse(JSON.stringify(value).replace(/\\(?:u[0-9a-f]{4}|.)/g, '/')))
const members = fc.constantFrom('a', 'updated', 'updatedBy', 'versions', 'current', 'constructor')
const anyObject = fc.dictionary(members, json, { maxKeys: 4, noNullPrototype: true })
const versions = fc.oneof(
  anyObject,
  fc.tuple(anyObject, anyObject).map(([others, current]) => ({ ...others, current })),
)
const anyBody = fc.oneof(
  anyObject,
  fc.tuple(anyObject, versions).map(([rest, versions]): JsonObject => ({ ...rest, versions })),
)

test('a body is taken apart as its object would be', () => {
  fc.assert(
    fc.property(anyBody, (body) => {
      const { updated: _, updatedBy: __, ...content } = body
      const versions = Object.hasOwn(content, 'versions') ? content.versions : undefined
      if (!isJsonObject(versions) || !Object.hasOwn(versions, 'current')) {
        assert.deepEqual(split(body), { content, live: undefined })
        return
      }
      const { current, ...others } = versions
      if (!isJsonObject(current)) {
        assert.throws(() => split(body), { name: 'Refusal', code: 'BadRequest' })
        return
      }
      const { updated: ___, updatedBy: ____, ...live } = current
      const { versions: _____, ...rest } = content
      const emptied = Object.keys(others).length === 0
      assert.deepEqual(split(body), {
        content: emptied ? rest : { ...content, versions: others },
        live,
      })
    }),
    { numRuns: 2000 },
  )
})

test('numbers, texts and places are kept as they were sent, in both halves', () => {
  const current = String.raw`{"2":1152921504606846976,"1":"\"versions\":","updated":0}`
  assert.deepEqual(
    splitBaseBody(
      String.raw`{"9":"\"updated\":1","updatedBy":"}","x\"versions":{"current":1},` +
        `"versions":{"b":[{"current":2}],"current":${current},"0":1e+21},` +
        '"8":-36893488147419103232}',
    ),
    {
      content:
        String.raw`{"9":"\"updated\":1","x\"versions":{"current":1},` +
        '"versions":{"b":[{"current":2}],"0":1e+21},"8":-36893488147419103232}',
      live: String.raw`{"2":1152921504606846976,"1":"\"versions\":"}`,
    },
  )
})

test('neither half has a stamp, and the base never has a current version', () => {
  fc.assert(
    fc.property(anyObject, versions, (rest, versions) => {
      fc.pre(!Object.hasOwn(versions, 'current') || isJsonObject(versions.current))
      const { content, live = {} } = split({ ...rest, versions })
      for (const half of [content, live]) {
        assert.ok(!Object.hasOwn(half, 'updated') && !Object.hasOwn(half, 'updatedBy'))
      }
      const kept = content.versions
      assert.ok(!isJsonObject(kept) || !Object.hasOwn(kept, 'current'))
    }),
    { numRuns: 1000 },
  )
})

test('without stamps, all else of a body is as it was', () => {
  fc.assert(
    fc.property(anyObject, (body) => {
      const expected = Object.entries(body).filter(([key]) => !/^updated(By)?$/.test(key))
      const content: JsonObject = JSON.parse(withoutStamps(JSON.stringify(body)))
      assert.deepEqual(Object.entries(content), expected)
    }),
    { numRuns: 500 },
  )
})
