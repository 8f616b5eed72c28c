/**
 * What a patch makes of a resource, by the rule book: stamps, revision and version numbers, what
 * goes into the record, and the limits of the outcome.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { refusalOf } from '../../test/support/refusal.ts'
import {
  both,
  decide,
  earlier,
  matching,
  noneMatching,
  now,
  plain,
  resourceOf,
  setting,
  tombstone,
} from '../../test/support/rule-book.ts'
import type { Json, JsonObject } from '../contract/json.ts'
import type { Resource } from './resource.ts'
import { etagOfBase, etagOfLive } from './resource.ts'
import type { WriteCommand } from './write.ts'

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

test('in a live version and in the document of a tenant versions are ordinary data', () => {
  for (const [mode, body] of setting('versions', { current: 5 })) {
    const live = decide(both, mode, 'live', body).resource.live
    assert.equal(live?.content, '{"x":1,"versions":{"current":5}}')
    const tenant = decide(plain, mode, 'base', body, { versioned: false }).resource
    assert.equal(tenant.base.content, '{"a":1,"versions":{"current":5}}')
    assert.deepEqual([tenant.live, tenant.version], [undefined, 0])
  }
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
