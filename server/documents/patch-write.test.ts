/**
 * What patches and deletes make of a resource, by the rule book: stamps, revision, version numbers,
 * the live version through its base, what is left of a delete, and what goes into the record.
 * SEED=n repeats the random histories.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { seed, tellSeed } from '../../test/support/seed.ts'
import { parseConditions } from '../contract/conditions.ts'
import { Refusal } from '../contract/errors.ts'
import type { Json, JsonObject } from '../contract/json.ts'
import { parseJsonObject } from '../contract/json.ts'
import type { Resource, Tombstone } from './resource.ts'
import { etagOfBase, etagOfLive, showBase, showLive } from './resource.ts'
import { splitBaseBody, withoutStamps } from './versions.ts'
import type { Part, WriteCommand, WriteDecision, WriteMode } from './write.ts'
import { decideWrite } from './write.ts'

fc.configureGlobal({ seed })
tellSeed()

const earlier = { updated: 1000, updatedBy: 'apikey:earlier' }
const now = { updated: 5000, updatedBy: 'apikey:now' }

/** A body as an operation hands it in: a patch as it was sent, a document taken apart. */
function commandOf(
  mode: WriteMode,
  part: Part,
  body: Json,
  more: Partial<WriteCommand> = {},
): WriteCommand {
  const text = JSON.stringify(body)
  const isDocument = mode === 'replace' || mode === 'merge'
  const nested = isDocument && part === 'base'
  return {
    part,
    mode,
    versioned: true,
    mergeDepth: 'deep',
    repeat: undefined,
    ...(nested
      ? splitBaseBody(text)
      : { content: isDocument ? withoutStamps(text) : text, live: undefined }),
    conditions: {},
    by: now.updatedBy,
    at: now.updated,
    requestId: 'request-1',
    sizeMaxBytes: 1_048_576,
    ...more,
  }
}

/** The two ways to say that a member of the base or live version becomes this value. */
const setting = (
  key: string,
  value: Json,
): readonly (readonly [mode: 'mergePatch' | 'jsonPatch', patch: Json])[] => [
  ['mergePatch', { [key]: value }],
  ['jsonPatch', [{ op: 'add', path: `/${key}`, value }]],
]

function resourceOf(base: JsonObject, live?: JsonObject): Resource {
  return {
    revision: 7,
    version: live === undefined ? 0 : 3,
    base: { content: JSON.stringify(base), ...earlier },
    live: live && { content: JSON.stringify(live), ...earlier, revision: 4 },
  }
}

const plain = resourceOf({ a: 1 })
const both = resourceOf({ a: 1, versions: { draft: 1 } }, { x: 1 })
const tombstone: Tombstone = {
  revision: 9,
  version: 3,
  updated: 8000,
  base: undefined,
  live: undefined,
}

function decide(
  former: Resource | Tombstone | undefined,
  mode: WriteMode,
  part: Part,
  body: Json,
  more: Partial<WriteCommand> = {},
): Omit<WriteDecision, 'resource'> & { readonly resource: Resource } {
  const { resource, change } = decideWrite(former, commandOf(mode, part, body, more))
  assert.ok(resource.base !== undefined, 'there is nothing left of it')
  return { resource, change }
}

function refusalOf(run: () => WriteDecision): Refusal {
  let decision: WriteDecision
  try {
    decision = run()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  return assert.fail(`this was written: ${JSON.stringify(decision.resource).slice(0, 300)}`)
}

const matching = (text: string) => ({ conditions: parseConditions(text, undefined) })
const noneMatching = (text: string) => ({ conditions: parseConditions(undefined, text) })

for (const [mode, body] of setting('b', 2)) {
  describe(`a ${mode} of a base`, () => {
    test('writes the base as a POST of its outcome would, and calls it a patch', () => {
      const { resource, change } = decide(plain, mode, 'base', body)
      assert.deepEqual(resource, {
        revision: 8,
        version: 0,
        base: { content: '{"a":1,"b":2}', ...now },
        live: undefined,
      })
      assert.deepEqual(change, {
        action: 'patch',
        part: 'base',
        revision: 8,
        version: undefined,
        base: '{"a":1,"b":2}',
        live: undefined,
        by: 'apikey:now',
        at: 5000,
        requestId: 'request-1',
      })
    })

    test('writes a live version that it shows too, and publishes nothing: it is equal', () => {
      const { resource, change } = decide(both, mode, 'base', body)
      assert.deepEqual(resource, {
        revision: 8,
        version: 3,
        base: { content: '{"a":1,"versions":{"draft":1},"b":2}', ...now },
        live: { content: '{"x":1}', ...now, revision: 8 },
      })
      assert.deepEqual([change.version, change.live], [undefined, '{"x":1}'])
    })

    test('is not found where there is none, or where it was deleted', () => {
      for (const former of [undefined, tombstone]) {
        assert.equal(refusalOf(() => decide(former, mode, 'base', body)).code, 'NotFound')
        const held = refusalOf(() => decide(former, mode, 'base', body, matching('*')))
        assert.equal(held.code, 'NotFound')
      }
    })

    test('never takes a time that is less than one of before', () => {
      const { resource, change } = decide(both, mode, 'base', body, { at: 10 })
      assert.deepEqual(
        [resource.base.updated, resource.live?.updated, change.at],
        [1000, 1000, 1000],
      )
    })
  })

  describe(`a ${mode} of a live version`, () => {
    test('publishes its outcome, and does not touch the base', () => {
      const { resource, change } = decide(both, mode, 'live', body)
      assert.deepEqual(resource.base, both.base)
      assert.deepEqual(resource.live, { content: '{"x":1,"b":2}', ...now, revision: 8 })
      assert.deepEqual([resource.revision, resource.version], [8, 4])
      assert.deepEqual([change.action, change.part, change.version], ['patch', 'live', 4])
      assert.deepEqual([change.base, change.live], [undefined, '{"x":1,"b":2}'])
    })

    test('is not found where there is none', () => {
      for (const former of [undefined, tombstone, plain]) {
        const refusal = refusalOf(() => decide(former, mode, 'live', body, matching('*')))
        assert.equal(refusal.code, 'NotFound')
      }
    })

    test('that leaves its content equal stamps it, and adds no number', () => {
      const nothing = mode === 'mergePatch' ? {} : [{ op: 'replace', path: '/x', value: 1 }]
      const { resource, change } = decide(both, mode, 'live', nothing)
      assert.deepEqual(resource.live, { content: '{"x":1}', ...now, revision: 8 })
      assert.deepEqual([resource.revision, resource.version, change.version], [8, 3, undefined])
    })
  })

  describe(`a condition of a ${mode}`, () => {
    test('is about the part that is patched', () => {
      assert.ok(both.live)
      const etags = { base: etagOfBase(both), live: etagOfLive(both.live) }
      for (const [part, other] of [
        ['base', 'live'],
        ['live', 'base'],
      ] as const) {
        const held = decide(both, mode, part, body, matching(etags[part]))
        assert.equal(held.resource.revision, 8)
        for (const failing of [matching(etags[other]), noneMatching(etags[part])]) {
          const refusal = refusalOf(() => decide(both, mode, part, body, failing))
          assert.equal(refusal.code, 'PreconditionFailed')
        }
      }
    })

    test('is asked before the patch is looked at', () => {
      const wrong: readonly Json[] =
        mode === 'jsonPatch'
          ? [
              [{ op: 'spam' }],
              [{ op: 'test', path: '/a', value: 9 }],
              [{ op: 'remove', path: '/z' }],
            ]
          : [{ versions: { current: null } }, { versions: 7 }]
      for (const patch of wrong) {
        const run = (more: Partial<WriteCommand>) => () => decide(both, mode, 'base', patch, more)
        assert.equal(refusalOf(run(matching('"1-00000000"'))).code, 'PreconditionFailed')
        assert.notEqual(refusalOf(run(matching(etagOfBase(both)))).code, 'PreconditionFailed')
      }
    })
  })
}

type LiveRow = readonly [
  fact: string,
  before: Resource,
  mode: WriteMode,
  patch: Json,
  after: { base: JsonObject; live: JsonObject | undefined; version: number } | string,
]

const liveRows: readonly LiveRow[] = [
  [
    'makes a live version that it speaks of',
    plain,
    'mergePatch',
    { versions: { current: { y: 2, z: null } } },
    { base: { a: 1 }, live: { y: 2 }, version: 1 },
  ],
  [
    'makes a live version by an operation',
    plain,
    'jsonPatch',
    [{ op: 'add', path: '/versions', value: { current: { y: 2 }, old: 1 } }],
    { base: { a: 1, versions: { old: 1 } }, live: { y: 2 }, version: 1 },
  ],
  [
    'makes a live version of the draft',
    resourceOf({ versions: { draft: { y: 2 } } }),
    'jsonPatch',
    [{ op: 'copy', from: '/versions/draft', path: '/versions/current' }],
    { base: { versions: { draft: { y: 2 } } }, live: { y: 2 }, version: 1 },
  ],
  [
    'changes a live version inside',
    both,
    'mergePatch',
    { versions: { current: { x: null, y: 2 } } },
    { base: { a: 1, versions: { draft: 1 } }, live: { y: 2 }, version: 4 },
  ],
  [
    'changes a live version by an operation',
    both,
    'jsonPatch',
    [{ op: 'add', path: '/versions/current/y', value: 2 }],
    { base: { a: 1, versions: { draft: 1 } }, live: { x: 1, y: 2 }, version: 4 },
  ],
  [
    'replaces a live version whole',
    both,
    'jsonPatch',
    [{ op: 'replace', path: '/versions/current', value: { y: 2 } }],
    { base: { a: 1, versions: { draft: 1 } }, live: { y: 2 }, version: 4 },
  ],
  [
    'takes the data beside a live version, and no empty versions are left',
    both,
    'mergePatch',
    { versions: { draft: null } },
    { base: { a: 1 }, live: { x: 1 }, version: 3 },
  ],
  [
    'moves the live version to the data and puts another there',
    both,
    'jsonPatch',
    [
      { op: 'move', from: '/versions/current', path: '/versions/old' },
      { op: 'add', path: '/versions/current', value: {} },
    ],
    {
      base: { a: 1, versions: { draft: 1, old: { x: 1, ...earlier } } },
      live: {},
      version: 4,
    },
  ],
  [
    'ignores what it says of stamps',
    both,
    'mergePatch',
    { updated: 9, updatedBy: null, versions: { current: { updated: 'x', updatedBy: 'y' } } },
    { base: { a: 1, versions: { draft: 1 } }, live: { x: 1 }, version: 3 },
  ],
  [
    'removes the base beside a live version down to nothing else',
    both,
    'jsonPatch',
    [
      { op: 'remove', path: '/a' },
      { op: 'remove', path: '/versions/draft' },
    ],
    { base: {}, live: { x: 1 }, version: 3 },
  ],
  [
    'cannot remove the live version',
    both,
    'mergePatch',
    { versions: { current: null } },
    'BadRequest',
  ],
  ['cannot remove it with versions', both, 'mergePatch', { versions: null }, 'BadRequest'],
  ['cannot write a text over it', both, 'mergePatch', { versions: 'none' }, 'BadRequest'],
  [
    'cannot remove it by an operation',
    both,
    'jsonPatch',
    [{ op: 'remove', path: '/versions/current' }],
    'BadRequest',
  ],
  [
    'cannot remove it with all else',
    both,
    'jsonPatch',
    [{ op: 'add', path: '', value: {} }],
    'BadRequest',
  ],
  [
    'cannot make it an array',
    both,
    'jsonPatch',
    [{ op: 'replace', path: '/versions/current', value: [] }],
    'BadRequest',
  ],
  ['cannot make one of a text', plain, 'mergePatch', { versions: { current: 'x' } }, 'BadRequest'],
]

describe('through its base a patch', () => {
  for (const [fact, before, mode, patch, after] of liveRows) {
    test(`${fact} (${mode})`, () => {
      const run = () => decide(before, mode, 'base', patch)
      if (typeof after === 'string') {
        const refusal = refusalOf(run)
        assert.equal(refusal.code, after)
        assert.equal(refusal.details[0]?.pointer, '/versions/current')
        return
      }
      const { resource, change } = run()
      assert.deepEqual(JSON.parse(resource.base.content), after.base)
      assert.deepEqual(resource.live && JSON.parse(resource.live.content), after.live)
      assert.equal(resource.version, after.version)
      assert.equal(change.version, after.version > before.version ? after.version : undefined)
      assert.deepEqual([change.action, change.part], ['patch', 'base'])
      assert.deepEqual([resource.base.updated, resource.live?.updated], [5000, 5000])
      assert.equal(resource.live?.revision, 8)
    })
  }

  test('sees stamps and live version as GET shows them', () => {
    const shown: JsonObject = JSON.parse(showBase(both))
    assert.deepEqual(Object.keys(shown), ['a', 'versions', 'updated', 'updatedBy'])
    const tests = [
      { op: 'test', path: '', value: shown },
      { op: 'test', path: '/updatedBy', value: 'apikey:earlier' },
      { op: 'test', path: '/versions/current', value: { x: 1, ...earlier } },
    ]
    assert.equal(decide(both, 'jsonPatch', 'base', tests).resource.revision, 8)
    assert.ok(both.live)
    const ofLive = [{ op: 'test', path: '', value: JSON.parse(showLive(both.live)) }]
    assert.equal(decide(both, 'jsonPatch', 'live', ofLive).resource.revision, 8)
  })
})

test('in a live version and in the document of a tenant versions are ordinary data', () => {
  for (const [mode, body] of setting('versions', { current: 5 })) {
    const live = decide(both, mode, 'live', body).resource.live
    assert.equal(live?.content, '{"x":1,"versions":{"current":5}}')
    const tenant = decide(plain, mode, 'base', body, { versioned: false }).resource
    assert.equal(tenant.base.content, '{"a":1,"versions":{"current":5}}')
    assert.deepEqual([tenant.live, tenant.version], [undefined, 0])
  }
})

describe('a delete', () => {
  const nothing = { base: undefined, live: undefined }

  test('of a base leaves revision, version number and time, and no content', () => {
    for (const [before, version] of [
      [plain, 0],
      [both, 3],
    ] as const) {
      const { resource, change } = decideWrite(before, commandOf('delete', 'base', {}))
      assert.deepEqual(resource, { revision: 8, version, updated: 5000, ...nothing })
      assert.deepEqual(change, {
        action: 'delete',
        part: 'base',
        revision: 8,
        version: undefined,
        by: 'apikey:now',
        at: 5000,
        requestId: 'request-1',
        ...nothing,
      })
    }
  })

  test('of a live version leaves the base and its stamps, and counts a revision', () => {
    const { resource, change } = decideWrite(both, commandOf('delete', 'live', {}))
    assert.deepEqual(resource, { ...both, revision: 8, live: undefined, liveEnded: change.at })
    assert.deepEqual([change.action, change.part, change.version], ['delete', 'live', undefined])
    assert.deepEqual([change.base, change.live], [undefined, undefined])
    assert.ok(resource.base)
    assert.notEqual(etagOfBase(resource), etagOfBase(both))
  })

  test('of what is not there, or not any more, is not found, whatever the condition', () => {
    for (const [former, part] of [
      [undefined, 'base'],
      [tombstone, 'base'],
      [undefined, 'live'],
      [tombstone, 'live'],
      [plain, 'live'],
    ] as const) {
      for (const more of [{}, matching('*'), noneMatching('*'), matching('"9-00000000"')]) {
        const run = () => decideWrite(former, commandOf('delete', part, {}, more))
        assert.equal(refusalOf(run).code, 'NotFound')
      }
    }
  })

  test('is done under a condition of its own part, and of no other', () => {
    assert.ok(both.live)
    const [base, live] = [etagOfBase(both), etagOfLive(both.live)]
    for (const [part, own, other] of [
      ['base', base, live],
      ['live', live, base],
    ] as const) {
      const attempt = (more: Partial<WriteCommand>) => () =>
        decideWrite(both, commandOf('delete', part, {}, more))
      assert.equal(attempt(matching(own))().resource.revision, 8)
      assert.equal(attempt(noneMatching(other))().resource.revision, 8)
      assert.equal(refusalOf(attempt(matching(other))).code, 'PreconditionFailed')
      assert.equal(refusalOf(attempt(noneMatching('*'))).code, 'PreconditionFailed')
    }
  })

  test('is not dated before what it deletes', () => {
    const { resource, change } = decideWrite(both, commandOf('delete', 'base', {}, { at: 10 }))
    assert.deepEqual([change.at, resource.base === undefined && resource.updated], [1000, 1000])
  })

  test('needs no room: of a document that is too large now it is done', () => {
    const command = commandOf('delete', 'base', {}, { sizeMaxBytes: 1 })
    assert.equal(decideWrite(both, command).resource.base, undefined)
    const live = commandOf('delete', 'live', {}, { sizeMaxBytes: 1 })
    assert.equal(decideWrite(both, live).resource.live, undefined)
  })
})

describe('what was deleted', () => {
  test('is created again by a POST, and revisions go on', () => {
    const { resource, change } = decide(tombstone, 'replace', 'base', { b: 2 }, { at: 9000 })
    assert.deepEqual(resource, {
      revision: 10,
      version: 3,
      base: { content: '{"b":2}', updated: 9000, updatedBy: 'apikey:now' },
      live: undefined,
    })
    assert.deepEqual([change.action, change.revision, change.version], ['create', 10, undefined])
  })

  test('is stamped with no time before that of the delete', () => {
    const { resource, change } = decide(tombstone, 'replace', 'base', {})
    assert.deepEqual([resource.base.updated, change.at], [8000, 8000])
  })

  test('publishes under the next number, be it the same content', () => {
    for (const [part, body] of [
      ['live', { x: 1 }],
      ['base', { versions: { current: { x: 1 } } }],
    ] as const) {
      const { resource, change } = decide(tombstone, 'replace', part, body)
      assert.deepEqual([resource.version, change.version, change.action], [4, 4, 'create'])
      assert.deepEqual([resource.base.content, resource.live?.content], ['{}', '{"x":1}'])
    }
    const off = decideWrite(both, commandOf('delete', 'live', {})).resource
    const { resource, change } = decide(off, 'replace', 'live', { x: 1 })
    assert.deepEqual([resource.version, change.version, change.action], [4, 4, 'create'])
    assert.deepEqual([resource.revision, resource.live?.revision], [9, 9])
  })

  test('is not there for conditions and merges', () => {
    const created = decide(tombstone, 'replace', 'base', {}, noneMatching('*'))
    assert.equal(created.change.action, 'create')
    for (const etag of ['*', '"9-00000000"']) {
      const run = () => decide(tombstone, 'replace', 'base', {}, matching(etag))
      assert.equal(refusalOf(run).code, 'PreconditionFailed')
    }
    assert.equal(refusalOf(() => decide(tombstone, 'merge', 'base', {})).code, 'NotFound')
    assert.equal(refusalOf(() => decide(tombstone, 'merge', 'live', {})).code, 'NotFound')
  })
})

describe('the outcome of a patch', () => {
  const nested = (depth: number): JsonObject => (depth === 1 ? {} : { a: nested(depth - 1) })
  const path = (length: number) => '/a'.repeat(length)

  test('may be 64 levels deep and not 65, however short it is', () => {
    const before = resourceOf(nested(40))
    // Put under the deepest of the 40, so that it is as deep as the two together.
    const patch = (depth: number) => [{ op: 'add', path: path(40), value: nested(depth) }]
    assert.ok(decide(before, 'jsonPatch', 'base', patch(24)))
    const refusal = refusalOf(() => decide(before, 'jsonPatch', 'base', patch(25)))
    assert.equal(refusal.code, 'BadRequest')
    assert.match(refusal.message, /65 levels deep, and 64 is the most/)
    const copy = [{ op: 'copy', from: '', path: path(40) }]
    assert.equal(refusalOf(() => decide(before, 'jsonPatch', 'base', copy)).code, 'BadRequest')
    const tenant = { versioned: false }
    const ofTenant = () => decide(before, 'jsonPatch', 'base', patch(25), tenant)
    assert.equal(refusalOf(ofTenant).code, 'BadRequest')
  })

  test('has the depth of a live version counted within its base', () => {
    const before = resourceOf({}, nested(40))
    const patch = (depth: number) => [{ op: 'add', path: path(40), value: nested(depth) }]
    assert.ok(decide(before, 'jsonPatch', 'live', patch(22)))
    assert.equal(refusalOf(() => decide(before, 'jsonPatch', 'live', patch(23))).code, 'BadRequest')
  })

  test('may have 20 000 members and not one more', () => {
    const list = (length: number) => Array<number>(length).fill(0)
    const half = resourceOf({ a: list(9999) })
    for (const [mode, body] of setting('b', list(9999))) {
      assert.ok(decide(half, mode, 'base', body))
    }
    for (const [mode, body] of setting('b', list(10_000))) {
      const refusal = refusalOf(() => decide(half, mode, 'base', body))
      assert.equal(refusal.code, 'BadRequest')
      assert.match(refusal.message, /20001 members and elements, and 20000 is the most/)
    }
  })

  test('may fill the size, and not pass it by a byte', () => {
    // {"a":1,"b":"é…"} in bytes: 14 and two for each é.
    for (const [mode, body] of setting('b', 'é'.repeat(100))) {
      const fits = decide(plain, mode, 'base', body, { sizeMaxBytes: 214 })
      assert.equal(Buffer.byteLength(fits.resource.base.content), 214)
      const over = () => decide(plain, mode, 'base', body, { sizeMaxBytes: 213 })
      assert.equal(refusalOf(over).code, 'PayloadTooLarge')
    }
  })

  test('of keys that are numbers keeps their order, and numbers their digits', () => {
    const base = { content: '{"b":1,"2":{"y":1,"1":2},"1":1152921504606846976}', ...earlier }
    const before: Resource = { ...plain, base }
    for (const [mode, body] of setting('0', [])) {
      const { content } = decide(before, mode, 'base', body).resource.base
      assert.equal(content, `${base.content.slice(0, -1)},"0":[]}`)
    }
  })
})

const key = fc.constantFrom('a', 'b', 'versions', 'current', 'updated')
const { json, object: anyObject } = fc.letrec<{ json: Json; object: JsonObject }>((tie) => ({
  json: fc.oneof({ depthSize: 'small' }, fc.constantFrom<Json>(null, 1, 'x', []), tie('object')),
  object: fc.dictionary(key, tie('json'), { maxKeys: 3, noNullPrototype: true }),
}))
const anyPath = fc
  .array(key, { minLength: 1, maxLength: 3 })
  .map((keys) => keys.map((each) => `/${each}`).join(''))
const anyStep = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'add', 'replace', 'test'), path: anyPath, value: json }),
  fc.record({ op: fc.constant('remove'), path: anyPath }),
  fc.record({ op: fc.constantFrom('move', 'copy'), path: anyPath, from: anyPath }),
)
const anySteps = fc.array(anyStep, { maxLength: 2 })
const anyBody = fc.oneof(
  anyObject,
  anyObject.map((current) => ({ versions: { current } })),
)
const anyCommand = fc
  .tuple(
    fc.oneof(
      fc.tuple(fc.constantFrom<WriteMode>('replace', 'replace', 'merge', 'mergePatch'), anyBody),
      fc.tuple(fc.constant<WriteMode>('jsonPatch'), anySteps),
      fc.tuple(fc.constant<WriteMode>('delete'), fc.constant({})),
    ),
    fc.constantFrom<Part>('base', 'base', 'live'),
    fc.integer({ min: 0, max: 100 }),
  )
  .map(([[mode, body], part, at]) => ({ mode, body, part, at }))

function tryDecide(
  former: Resource | Tombstone | undefined,
  { mode, body, part, at }: { mode: WriteMode; body: Json; part: Part; at: number },
): WriteDecision | undefined {
  try {
    return decideWrite(former, commandOf(mode, part, body, { at }))
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

test('over any history with patches and deletes, counters go on and no ETag comes twice', () => {
  const seen = { patch: 0, delete: 0, again: 0 }
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 14 }), (commands) => {
      let former: Resource | Tombstone | undefined
      let baseUpdated = 0
      const etags = new Set<string>()
      for (const command of commands) {
        const before = structuredClone(former)
        const decision = tryDecide(former, command)
        assert.deepEqual(former, before)
        if (decision === undefined) continue
        const { resource, change } = decision
        const { action } = change
        if (action === 'patch' || action === 'delete') seen[action]++
        if (action === 'create' && former !== undefined && former.base === undefined) seen.again++
        assert.equal(resource.revision, (former?.revision ?? 0) + 1)
        assert.equal(change.revision, resource.revision)
        const published = resource.version - (former?.version ?? 0)
        assert.deepEqual(
          [published, change.version],
          change.version ? [1, resource.version] : [0, undefined],
        )
        assert.equal(action === 'delete', command.mode === 'delete')
        if (resource.base !== undefined) {
          assert.ok(resource.base.updated >= baseUpdated)
          baseUpdated = resource.base.updated
          assert.ok(!etags.has(etagOfBase(resource)))
          etags.add(etagOfBase(resource))
          const shown = showBase(resource)
          assert.equal(parseJsonObject(Buffer.from(shown), 'refuse'), shown)
        } else baseUpdated = resource.updated
        former = resource
      }
    }),
    { numRuns: 2000 },
  )
  for (const [what, times] of Object.entries(seen)) {
    assert.ok(times > 100, `${what} came ${times} times: too few to tell`)
  }
})

test('a patch that is done is what a POST of its outcome would be, but for its name', () => {
  let done = 0
  const anyPatch = anyCommand.filter(({ mode }) => mode === 'mergePatch' || mode === 'jsonPatch')
  fc.assert(
    fc.property(anyBody, anyPatch, (body, patch) => {
      const former = tryDecide(undefined, { mode: 'replace', part: 'base', body, at: 1 })?.resource
      const decision = tryDecide(former, patch)
      if (former === undefined || decision?.resource.base === undefined) return
      done++
      const { base, live } = decision.resource
      const shown =
        patch.part === 'base' ? showBase({ ...decision.resource, base }) : live && showLive(live)
      const post = { ...patch, mode: 'replace' as const, body: JSON.parse(shown ?? '{}') }
      const posted = tryDecide(former, post)
      assert.deepEqual(posted?.resource, decision.resource)
      assert.deepEqual({ ...posted?.change, action: 'patch' }, decision.change)
    }),
    { numRuns: 3000 },
  )
  assert.ok(done > 500, `only ${done} patches were done: too few to tell`)
})
