/**
 * Merges by the rule book: how deep they go, and that what they do not mention stays as it was
 * written.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  contentOf,
  decideRequest,
  earlier,
  requestCommand,
  resourceOf,
  states,
} from '../../test/support/rule-book.ts'
import type { Resource } from './resource.ts'
import { decideWrite } from './write.ts'

describe('a shallow merge', () => {
  const shallow = { mergeDepth: 'shallow' } as const

  test('replaces objects below the top of a base whole', () => {
    const before = resourceOf({ a: { b: 1 }, c: { d: 1 } })
    const { resource } = decideRequest(before, 'PUT base', { a: { e: 2 } }, shallow)
    assert.deepEqual(contentOf(resource.base), { a: { e: 2 }, c: { d: 1 } })
  })

  test('replaces objects below the top of a live version whole', () => {
    const before = resourceOf({}, { a: { b: 1 }, c: { d: 1 } })
    const { resource } = decideRequest(before, 'PUT live', { a: { e: 2 } }, shallow)
    assert.deepEqual(contentOf(resource.live), { a: { e: 2 }, c: { d: 1 } })
  })

  test('replaces the data in versions, and leaves a live version alone', () => {
    const before = states['a base with a live version and versions data']
    const { resource } = decideRequest(before, 'PUT base', { versions: { old: 2 } }, shallow)
    assert.deepEqual(contentOf(resource.base), { a: 1, versions: { old: 2 } })
    assert.deepEqual(contentOf(resource.live), { x: 1 })
  })
})

describe('text', () => {
  test('of keys that are numbers keeps its order, through replacing and merging', () => {
    const command = requestCommand(
      'POST base',
      {},
      { content: '{"b":1,"2":{"x":1},"1":3}', live: '{}' },
    )
    const { resource } = decideWrite(undefined, command)
    assert.equal(resource.base?.content, '{"b":1,"2":{"x":1},"1":3}')
    const change = requestCommand('PUT base', {}, { content: '{"0":4,"2":{"0":1},"b":2}' })
    const merged = decideWrite(resource, change)
    assert.equal(merged.resource.base?.content, '{"b":2,"2":{"x":1,"0":1},"1":3,"0":4}')
    assert.equal(merged.change.base, merged.resource.base?.content)
  })
})

describe('a number', () => {
  test('that a merge does not mention is kept as it was written', () => {
    // A double holds 2^60; JSON.stringify writes another integer for it.
    const before: Resource = {
      ...resourceOf({}),
      base: { content: '{"n":1152921504606846976}', ...earlier },
    }
    const { resource } = decideRequest(before, 'PUT base', { b: 2 })
    assert.equal(resource.base.content, '{"n":1152921504606846976,"b":2}')
  })
})
