/**
 * Any patches and deletes in any order: counters go on, no ETag comes twice, and a patch is a POST
 * of its outcome. SEED=n repeats the histories.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { commandOf } from '../../test/support/rule-book.ts'
import { seed, tellSeed } from '../../test/support/seed.ts'
import { Refusal } from '../contract/errors.ts'
import type { Json, JsonObject } from '../contract/json.ts'
import { parseJsonObject } from '../contract/json.ts'
import type { Resource, Tombstone } from './resource.ts'
import { etagOfBase, showBase, showLive } from './resource.ts'
import type { Part, WriteDecision, WriteMode } from './write.ts'
import { decideWrite } from './write.ts'

fc.configureGlobal({ seed })
tellSeed()

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
