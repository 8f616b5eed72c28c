/**
 * Writes under conditions: which ETag each part has, when it changes, and what a condition is
 * asked before.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { refusalOf } from '../../test/support/refusal.ts'
import {
  decideRequest,
  everyWrite,
  liveState,
  matching,
  noneMatching,
  states,
} from '../../test/support/rule-book.ts'
import { etagOfBase, etagOfLive } from './resource.ts'
import type { WriteDecision } from './write.ts'

describe('conditions', () => {
  const current = states[liveState]
  assert.ok(current?.live)
  const etags = { base: etagOfBase(current), live: etagOfLive(current.live) }
  const codeOf = (run: () => WriteDecision) => refusalOf(run).code

  for (const write of everyWrite) {
    const own = write.endsWith('base') ? etags.base : etags.live
    const other = write.endsWith('base') ? etags.live : etags.base

    test(`${write} with the right If-Match is written`, () => {
      assert.equal(decideRequest(current, write, {}, matching(own)).resource.revision, 8)
      assert.equal(decideRequest(current, write, {}, matching(`W/${own}`)).resource.revision, 8)
      assert.equal(decideRequest(current, write, {}, matching('*')).resource.revision, 8)
    })

    test(`${write} with the ETag of the other part fails`, () => {
      const refusal = refusalOf(() => decideRequest(current, write, {}, matching(other)))
      assert.equal(refusal.code, 'PreconditionFailed')
      assert.ok(refusal.message.includes(`with ETag ${own}`), refusal.message)
    })

    test(`${write} with If-None-Match fails on what is there`, () => {
      const code = 'PreconditionFailed'
      assert.equal(
        codeOf(() => decideRequest(current, write, {}, noneMatching('*'))),
        code,
      )
      assert.equal(
        codeOf(() => decideRequest(current, write, {}, noneMatching(own))),
        code,
      )
      assert.equal(decideRequest(current, write, {}, noneMatching(other)).resource.revision, 8)
    })

    test(`${write} over nothing: existence comes first for a PUT, the condition for a POST`, () => {
      const code = write.startsWith('PUT') ? 'NotFound' : 'PreconditionFailed'
      assert.equal(
        codeOf(() => decideRequest(undefined, write, {}, matching('*'))),
        code,
      )
      assert.equal(
        codeOf(() => decideRequest(undefined, write, {}, matching('"7-00000000"'))),
        code,
      )
    })

    test(`${write} is refused for its condition before its outcome is measured`, () => {
      const more = { ...matching('"0-00000000"'), sizeMaxBytes: 1 }
      assert.equal(
        codeOf(() => decideRequest(current, write, { b: 2 }, more)),
        'PreconditionFailed',
      )
    })
  }

  test('POST with If-None-Match * creates what is missing', () => {
    for (const write of ['POST base', 'POST live'] as const) {
      assert.equal(decideRequest(undefined, write, {}, noneMatching('*')).change.action, 'create')
    }
  })

  test('on the live version they ask about it, though there is a base', () => {
    const base = states['a base']
    const created = decideRequest(base, 'POST live', {}, noneMatching('*'))
    assert.equal(created.change.action, 'create')
    assert.equal(
      codeOf(() => decideRequest(base, 'POST live', {}, matching('*'))),
      'PreconditionFailed',
    )
    assert.equal(
      codeOf(() => decideRequest(base, 'PUT live', {}, matching('*'))),
      'NotFound',
    )
  })

  test('a write to either part changes the ETag of the base', () => {
    for (const write of everyWrite) {
      assert.notEqual(etagOfBase(decideRequest(current, write, {}).resource), etags.base)
    }
  })

  test('a write to the base alone leaves the ETag of the live version', () => {
    const { resource } = decideRequest(current, 'POST base', { b: 2 })
    assert.ok(resource.live)
    assert.equal(etagOfLive(resource.live), etags.live)
  })

  test('saying the same again changes the ETags', () => {
    const { resource } = decideRequest(current, 'PUT base', { versions: { current: {} } })
    assert.ok(resource.live)
    assert.notEqual(etagOfBase(resource), etags.base)
    assert.notEqual(etagOfLive(resource.live), etags.live)
  })
})
