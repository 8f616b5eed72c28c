/** What a delete leaves of a resource, by the rule book, and what can be made of that again. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { refusalOf } from '../../test/support/refusal.ts'
import {
  both,
  commandOf,
  decide,
  matching,
  noneMatching,
  plain,
  tombstone,
} from '../../test/support/rule-book.ts'
import { etagOfBase, etagOfLive } from './resource.ts'
import type { WriteCommand } from './write.ts'
import { decideWrite } from './write.ts'

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
    assert.deepEqual(resource, { ...both, revision: 8, live: undefined, liveEnded: 5000 })
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
