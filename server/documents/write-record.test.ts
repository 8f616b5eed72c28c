/**
 * What a write leaves beside contents: its place in the record, the stamps of what it wrote, and
 * version numbers of what it published.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Write } from '../../test/support/rule-book.ts'
import {
  contentOf,
  decideRequest,
  everyWrite,
  liveState,
  now,
  requestCommand,
  resourceOf,
  states,
} from '../../test/support/rule-book.ts'
import type { JsonObject } from '../contract/json.ts'
import type { Resource } from './resource.ts'
import { showBase } from './resource.ts'
import { decideWrite } from './write.ts'

describe('the record of a write', () => {
  test('says who, when, in which request, what was done and to which part', () => {
    for (const write of everyWrite) {
      const { change } = decideRequest(states[liveState], write, { b: 2 })
      assert.equal(change.by, 'apikey:now')
      assert.equal(change.at, 5000)
      assert.equal(change.requestId, 'request-1')
      assert.equal(change.action, write.startsWith('POST') ? 'replace' : 'merge')
      assert.equal(change.part, write.endsWith('base') ? 'base' : 'live')
    }
  })

  test('calls the first POST of each part a creation', () => {
    assert.equal(decideRequest(undefined, 'POST base', {}).change.action, 'create')
    assert.equal(decideRequest(undefined, 'POST live', {}).change.action, 'create')
    assert.equal(decideRequest(states['a base'], 'POST live', {}).change.action, 'create')
  })
})

describe('stamps', () => {
  for (const write of everyWrite) {
    test(`${write}: what the client says of them is ignored`, () => {
      const said = { updated: 99_999, updatedBy: 'me' }
      const body: JsonObject = write.endsWith('base')
        ? { ...said, b: 2, versions: { current: { ...said, y: 2 } } }
        : { ...said, y: 2 }
      const { resource } = decideRequest(states[liveState], write, body)
      assert.ok(resource.live)
      for (const document of [resource.live, ...(write.endsWith('base') ? [resource.base] : [])]) {
        assert.equal(document.updated, 5000)
        assert.equal(document.updatedBy, 'apikey:now')
        assert.doesNotMatch(document.content, /updated/)
      }
    })

    test(`${write}: the time is never less than before, when the clock went back`, () => {
      const { resource, change } = decideRequest(states[liveState], write, { b: 2 }, { at: 10 })
      const written = write.endsWith('base') ? resource.base : resource.live
      assert.ok((written?.updated ?? 0) >= 1000)
      assert.equal(change.at, written?.updated)
    })
  }

  test('a live version made again is stamped no earlier than before', () => {
    const { base } = states[liveState] ?? assert.fail()
    const command = { ...requestCommand('PUT live', {}), mode: 'delete', at: 7000 } as const
    const { resource: off } = decideWrite(states[liveState], command)
    assert.ok(off.base !== undefined)
    assert.deepEqual([off.base, off.live], [base, undefined])
    const { resource: between } = decideRequest(off, 'PUT base', { b: 2 }, { at: 10 })
    assert.equal(between.base.updated, 7000)
    for (const former of [off, between]) {
      for (const [write, body] of [
        ['POST live', {}],
        ['POST base', { versions: { current: {} } }],
      ] as const) {
        const { resource } = decideRequest(former, write, body, { at: 10 })
        assert.equal(resource.live?.updated, 7000)
        assert.equal(resource.liveEnded, undefined)
        assert.equal(decideRequest(former, write, body, { at: 8000 }).resource.live?.updated, 8000)
      }
    }
  })

  test('the names of stamps are ordinary further down', () => {
    const { resource } = decideRequest(undefined, 'POST base', { a: { updated: 1, updatedBy: 2 } })
    assert.deepEqual(contentOf(resource.base), { a: { updated: 1, updatedBy: 2 } })
  })

  test('two documents that are written together carry one time, whatever they had before', () => {
    for (const [base, live] of [
      [9000, 1000],
      [1000, 9000],
    ] as const) {
      const before = resourceOf({ a: 1 }, { x: 1 })
      assert.ok(before.live)
      const apart: Resource = {
        ...before,
        base: { ...before.base, updated: base },
        live: { ...before.live, updated: live },
      }
      const { resource } = decideRequest(apart, 'PUT base', { versions: { current: {} } })
      assert.equal(resource.base.updated, 9000)
      assert.equal(resource.live?.updated, 9000)
    }
  })

  test('a base that is made for a live version carries the same time and writer', () => {
    const { resource } = decideRequest(undefined, 'POST live', { y: 2 })
    assert.deepEqual(JSON.parse(showBase(resource)), {
      versions: { current: { y: 2, ...now } },
      ...now,
    })
  })
})

describe('publishing', () => {
  const rows: readonly (readonly [title: string, Write, JsonObject, JsonObject, boolean])[] = [
    ['the same again', 'POST live', { x: 1 }, { x: 1 }, false],
    ['other members in another order', 'POST live', { x: 1, y: 2 }, { y: 2, x: 1 }, false],
    [
      'deep members in another order',
      'POST live',
      { x: [{ a: 1, b: 2 }] },
      { x: [{ b: 2, a: 1 }] },
      false,
    ],
    ['other stamps alone', 'POST live', { x: 1 }, { x: 1, updated: 7, updatedBy: 'me' }, false],
    ['an empty merge', 'PUT live', { x: 1 }, {}, false],
    ['a merge of what is there', 'PUT live', { x: { y: 1 }, z: 2 }, { x: { y: 1 } }, false],
    ['elements in another order', 'POST live', { x: [1, 2] }, { x: [2, 1] }, true],
    ['a member less', 'POST live', { x: 1, y: 2 }, { x: 1 }, true],
    ['null for nothing', 'PUT live', {}, { x: null }, true],
    [
      'a key with a quote for one with a backslash',
      'POST live',
      { x: 1, 'w\\': 1 },
      { x: 1, 'w"': 1 },
      true,
    ],
    ['a text for a number', 'PUT live', { x: 1 }, { x: '1' }, true],
  ]
  for (const [title, write, live, body, publishes] of rows) {
    test(`${title} ${publishes ? 'adds a number' : 'adds none, but stamps and counts'}`, () => {
      const { resource, change } = decideRequest(resourceOf({ a: 1 }, live), write, body)
      assert.equal(resource.version, publishes ? 4 : 3)
      assert.equal(change.version, publishes ? 4 : undefined)
      assert.equal(resource.revision, 8)
      assert.equal(resource.live?.revision, 8)
      assert.equal(resource.live?.updated, 5000)
    })
  }

  test('through the base, the same live version again adds no number', () => {
    const { resource } = decideRequest(states[liveState], 'POST base', {
      versions: { current: { x: 1 } },
    })
    assert.deepEqual([resource.version, resource.revision], [3, 8])
    assert.deepEqual(contentOf(resource.base), {})
  })

  test('the first live version is number 1, though it is empty', () => {
    assert.equal(decideRequest(undefined, 'POST live', {}).change.version, 1)
  })
})
