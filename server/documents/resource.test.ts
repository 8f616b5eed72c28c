/** How a kept resource is shown, and what its ETags say. SEED=n repeats the random resources. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { readText } from '../../test/support/compact-text.ts'
import { isJsonObject } from '../../test/support/json-values.ts'
import { seed, tellSeed } from '../../test/support/seed.ts'
import type { Json, JsonObject } from '../contract/json.ts'
import type { LiveVersion, Resource } from './resource.ts'
import {
  contentOfBase,
  etagOfBase,
  etagOfLive,
  showBase,
  showLive,
  versionsOf,
} from './resource.ts'

fc.configureGlobal({ seed })
tellSeed()

const stamps = { updated: 1000, updatedBy: 'apikey:base' }
const liveStamps = { updated: 2000, updatedBy: 'apikey:live' }

function liveOf(content: JsonObject, revision = 5): LiveVersion {
  return { content: JSON.stringify(content), ...liveStamps, revision }
}

function resourceOf(base: JsonObject, live?: JsonObject): Resource {
  return {
    revision: 7,
    version: live ? 3 : 0,
    base: { content: JSON.stringify(base), ...stamps },
    live: live && liveOf(live),
  }
}

type Row = {
  readonly title: string
  readonly base: JsonObject
  readonly live?: JsonObject
  readonly shown: JsonObject
}

const rows: readonly Row[] = [
  { title: 'an empty base shows its stamps', base: {}, shown: { ...stamps } },
  { title: 'a base shows its members and its stamps', base: { a: 1 }, shown: { a: 1, ...stamps } },
  {
    title: 'the live version stands under versions.current with stamps of its own',
    base: { a: 1 },
    live: { x: 1 },
    shown: { a: 1, versions: { current: { x: 1, ...liveStamps } }, ...stamps },
  },
  {
    title: 'an empty live version beside an empty base is shown',
    base: {},
    live: {},
    shown: { versions: { current: liveStamps }, ...stamps },
  },
  {
    title: 'the live version joins other members of versions',
    base: { versions: { draft: { y: 1 } }, a: 1 },
    live: { x: 1 },
    shown: {
      versions: { draft: { y: 1 }, current: { x: 1, ...liveStamps } },
      a: 1,
      ...stamps,
    },
  },
  {
    title: 'the live version joins empty versions',
    base: { versions: {} },
    live: { x: 1 },
    shown: { versions: { current: { x: 1, ...liveStamps } }, ...stamps },
  },
  {
    title: 'versions of another kind are shown while there is no live version',
    base: { versions: 'two' },
    shown: { versions: 'two', ...stamps },
  },
  {
    title: 'versions inside the live version stay in it',
    base: {},
    live: { versions: { current: 1 } },
    shown: { versions: { current: { versions: { current: 1 }, ...liveStamps } }, ...stamps },
  },
  {
    title: 'a base that has the word versions elsewhere is not taken for one that has versions',
    base: { a: { versions: 1 }, b: 'versions', 'x"versions': 2 },
    live: { x: 1 },
    shown: {
      a: { versions: 1 },
      b: 'versions',
      'x"versions': 2,
      versions: { current: { x: 1, ...liveStamps } },
      ...stamps,
    },
  },
]

describe('GET shows', () => {
  for (const { title, base, live, shown } of rows) {
    test(title, () => {
      assert.deepEqual(JSON.parse(showBase(resourceOf(base, live))), shown)
      assert.equal(showBase(resourceOf(base, live)), JSON.stringify(shown), 'order of members')
    })
  }

  test('the live version alone as it stands in the base', () => {
    const resource = resourceOf({ a: 1, versions: { draft: 1 } }, { x: { y: 1 } })
    assert.ok(resource.live)
    const alone = JSON.parse(showLive(resource.live))
    assert.deepEqual(alone, { x: { y: 1 }, ...liveStamps })
    assert.deepEqual(JSON.parse(showBase(resource)).versions.current, alone)
  })

  test('a great integer in the digits that were stored, whatever stands beside it', () => {
    const content = '{"n":1152921504606846976,"versions":{"draft":-1152921504606846976}}'
    const resource: Resource = {
      ...resourceOf({}, {}),
      base: { content, ...stamps },
      live: { ...liveOf({}), content: '{"m":36893488147419103232}' },
    }
    assert.match(showBase(resource), /"n":1152921504606846976,/)
    assert.match(showBase(resource), /"draft":-1152921504606846976,/)
    assert.match(showBase(resource), /"m":36893488147419103232,/)
  })

  test('members in the places that they were sent in, keys that are numbers too', () => {
    const resource: Resource = {
      ...resourceOf({}, {}),
      base: { content: '{"b":1,"versions":{"9":1,"x":2,"1":3},"0":2}', ...stamps },
      live: { ...liveOf({}), content: '{"y":1,"0":2}' },
    }
    const live = '{"y":1,"0":2,"updated":2000,"updatedBy":"apikey:live"}'
    assert.equal(
      showBase(resource),
      `{"b":1,"versions":{"9":1,"x":2,"1":3,"current":${live}},"0":2,` +
        '"updated":1000,"updatedBy":"apikey:base"}',
    )
  })

  test('a writer with quotes in its name as that name', () => {
    const updatedBy = 'cli:"o\\neil"\u0001'
    const live: LiveVersion = { content: '{}', updated: 1, updatedBy, revision: 1 }
    assert.deepEqual(JSON.parse(showLive(live)), { updated: 1, updatedBy })
  })
})

describe('the content of a base', () => {
  test('has the live version in it, and no stamp of either', () => {
    const resource = resourceOf({ a: 1, versions: { draft: 1 } }, { x: 1 })
    assert.deepEqual(JSON.parse(contentOfBase(resource)), {
      a: 1,
      versions: { draft: 1, current: { x: 1 } },
    })
  })

  test('is the stored text where there is no live version', () => {
    assert.equal(contentOfBase(resourceOf({ a: 1 })), '{"a":1}')
  })
})

describe('what stands under versions', () => {
  const found: readonly (readonly [title: string, content: JsonObject, versions?: Json])[] = [
    ['nothing, in an empty content', {}],
    ['nothing, where it is a text', { a: 'versions', b: '"versions":{}' }],
    ['nothing, where it is deeper', { a: { versions: {} }, b: [{ versions: 1 }] }],
    ['nothing, where a key ends like it', { 'a"versions': 1, subversions: 2, versionsX: 3 }],
    ['an object', { a: 1, versions: { b: 2 } }, { b: 2 }],
    ['an empty object', { versions: {} }, {}],
    ['null', { versions: null }, null],
    ['an array', { versions: [] }, []],
    ['false', { versions: false }, false],
  ]
  for (const [title, content, versions] of found) {
    const text = versions === undefined ? undefined : JSON.stringify(versions)
    test(title, () => assert.equal(versionsOf(JSON.stringify(content)), text))
  }
})

describe('an ETag', () => {
  const before = resourceOf({ a: 1 }, { x: 1 })

  test('is strong: the revision and eight hex digits in quotes', () => {
    assert.ok(before.live)
    assert.match(etagOfBase(before), /^"7-[0-9a-f]{8}"$/)
    assert.match(etagOfLive(before.live), /^"5-[0-9a-f]{8}"$/)
  })

  test('is the same for the same document', () => {
    assert.equal(etagOfBase(before), etagOfBase(structuredClone(before)))
  })

  test('of the base changes with the revision', () => {
    assert.notEqual(etagOfBase(before), etagOfBase({ ...before, revision: 8 }))
  })

  test('tells apart two histories that came to one revision', () => {
    assert.notEqual(etagOfBase(before), etagOfBase(resourceOf({ a: 2 }, { x: 1 })))
    assert.notEqual(etagOfBase(before), etagOfBase(resourceOf({ a: 1 }, { x: 2 })))
    assert.notEqual(etagOfBase(before), etagOfBase(resourceOf({ a: 1 })))
    assert.notEqual(etagOfLive(liveOf({ x: 1 })), etagOfLive(liveOf({ x: 2 })))
  })

  test('of the live version is its own: it knows nothing of the base', () => {
    assert.ok(before.live)
    const after: Resource = { ...before, revision: 8, base: { content: '{"a":9}', ...stamps } }
    assert.ok(after.live)
    assert.equal(etagOfLive(after.live), etagOfLive(before.live))
    assert.notEqual(etagOfLive(liveOf({ x: 1 }, 6)), etagOfLive(before.live))
  })
})

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('versions', '"versions":', 'updated', '}', '{', '\\"', 'current'),
)
const key = text.filter((name) => !['__proto__', 'updated', 'updatedBy'].includes(name))
const { object: anyObject } = fc.letrec<{ json: Json; object: JsonObject; array: Json[] }>(
  (tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
      tie('object'),
      tie('array'),
    ),
    object: fc.dictionary(key, tie('json'), { maxKeys: 5, noNullPrototype: true }),
    array: fc.array(tie('json'), { maxLength: 4 }),
  }),
)

test('whatever is stored, GET shows its members, the live version and the stamps', () => {
  fc.assert(
    fc.property(anyObject, fc.option(anyObject, { nil: undefined }), (base, live) => {
      fc.pre(live === undefined || !Object.hasOwn(base, 'versions') || isJsonObject(base.versions))
      const others = isJsonObject(base.versions) ? base.versions : {}
      const versions = { versions: { ...others, current: { ...live, ...liveStamps } } }
      const shown = { ...base, ...(live === undefined ? {} : versions), ...stamps }
      assert.deepEqual(readText(showBase(resourceOf(base, live))), readText(JSON.stringify(shown)))
    }),
    { numRuns: 1000 },
  )
})
