/** How a base body is taken apart into what it says of the base and what of the live version. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Json, JsonObject } from '../contract/json.ts'
import { isJsonObject } from '../contract/json.ts'
import { splitBaseBody, withoutStamps } from './versions.ts'

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
    test(title, () => assert.deepEqual(splitBaseBody(body), { content, live }))
  }

  for (const current of [null, [], [{}], 'text', 0, false]) {
    test(`with ${JSON.stringify(current)} as versions.current is refused`, () => {
      const body = { a: 1, versions: { current, draft: 1 } }
      assert.throws(() => splitBaseBody(body), {
        name: 'Refusal',
        code: 'BadRequest',
        message: /versions\.current, must be an object/,
        details: [{ pointer: '/versions/current', reason: 'not an object' }],
      })
    })
  }
})

const json = fc.jsonValue({ maxDepth: 2 }).map((value): Json => JSON.parse(JSON.stringify(value)))
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

test('taking a body apart alters it nowhere', () => {
  fc.assert(
    fc.property(anyBody, (body) => {
      const copy = structuredClone(body)
      try {
        splitBaseBody(body)
      } catch {
        // A refusal alters nothing either.
      }
      withoutStamps(body)
      assert.deepEqual(body, copy)
    }),
    { numRuns: 1000 },
  )
})

test('neither half has a stamp, and the base never has a current version', () => {
  fc.assert(
    fc.property(anyObject, versions, (rest, versions) => {
      fc.pre(!Object.hasOwn(versions, 'current') || isJsonObject(versions.current))
      const { content, live = {} } = splitBaseBody({ ...rest, versions })
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
      assert.deepEqual(Object.entries(withoutStamps(body)), expected)
    }),
    { numRuns: 500 },
  )
})
