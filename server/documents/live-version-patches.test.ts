/**
 * What a patch of a base makes of the live version within it: it is changed and made, and never
 * removed.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { refusalOf } from '../../test/support/refusal.ts'
import { both, decide, earlier, plain, resourceOf } from '../../test/support/rule-book.ts'
import type { Json, JsonObject } from '../contract/json.ts'
import type { Resource } from './resource.ts'
import { showBase, showLive } from './resource.ts'
import type { WriteMode } from './write.ts'

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
