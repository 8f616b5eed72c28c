/**
 * Any writes in any order: what GET shows is what was sent, and stamps, counters and ETags keep
 * their promises. SEED=n repeats the histories.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { objectsOf } from '../../test/support/any-json.ts'
import { sameText } from '../../test/support/json-values.ts'
import type { Write } from '../../test/support/rule-book.ts'
import { decideRequest, everyWrite, now } from '../../test/support/rule-book.ts'
import { seed, tellSeed } from '../../test/support/seed.ts'
import { Refusal } from '../contract/errors.ts'
import type { JsonObject } from '../contract/json.ts'
import { parseJsonObject } from '../contract/json.ts'
import type { LiveVersion, Resource } from './resource.ts'
import { etagOfBase, showBase, showLive } from './resource.ts'

fc.configureGlobal({ seed })
tellSeed()

const key = fc.constantFrom('a', 'b', 'updated', 'updatedBy', 'versions', 'current', 'constructor')
const anyObject = objectsOf(key)
const anyBody = fc.oneof(
  anyObject,
  fc.tuple(anyObject, anyObject).map(([rest, current]) => ({ ...rest, versions: { current } })),
)
const anyWrite = fc.record({
  write: fc.constantFrom(...everyWrite),
  body: anyBody,
  at: fc.integer({ min: 0, max: 100 }),
})

function tryDecide(
  current: Resource | undefined,
  step: { write: Write; body: JsonObject; at: number },
) {
  try {
    return decideRequest(current, step.write, step.body, { at: step.at })
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

test('GET after POST on a missing document is what was sent, but for the stamps', () => {
  fc.assert(
    fc.property(anyBody, fc.constantFrom('POST base', 'POST live'), (body, write) => {
      const decision = tryDecide(undefined, { write, body, at: 1 })
      if (decision === undefined) return
      const { resource } = decision
      const shown = JSON.parse(
        write === 'POST base' ? showBase(resource) : showLive(resource.live as LiveVersion),
      )
      const stamped = (document: JsonObject) => ({
        ...document,
        updated: 1,
        updatedBy: now.updatedBy,
      })
      const sent: JsonObject = structuredClone(body)
      if (write === 'POST base' && resource.live !== undefined) {
        const versions = sent.versions as { current: JsonObject }
        versions.current = stamped(versions.current)
      }
      assert.deepEqual(shown, stamped(sent))
    }),
    { numRuns: 2000 },
  )
})

test('over any history, counters go up by one, times never fall, and no ETag comes twice', () => {
  fc.assert(
    fc.property(fc.array(anyWrite, { maxLength: 12 }), (steps) => {
      let current: Resource | undefined
      const etags = new Set<string>()
      for (const step of steps) {
        const before = structuredClone(current)
        const decision = tryDecide(current, step)
        assert.deepEqual(current, before)
        if (decision === undefined) continue
        const { resource } = decision
        assert.equal(resource.revision, (current?.revision ?? 0) + 1)
        const published = resource.version - (current?.version ?? 0)
        const changed = showContent(resource.live) !== showContent(current?.live)
        assert.equal(published, changed ? 1 : 0)
        assert.ok(resource.base.updated >= (current?.base.updated ?? 0))
        assert.ok((resource.live?.updated ?? 0) >= (current?.live?.updated ?? 0))
        assert.ok(resource.live !== undefined || current?.live === undefined)
        assert.ok(!etags.has(etagOfBase(resource)))
        // Of what is put together, too, the parser sees compact JSON without a key twice.
        const shown = showBase(resource)
        assert.equal(parseJsonObject(Buffer.from(shown), 'refuse'), shown)
        etags.add(etagOfBase(resource))
        current = resource
      }
    }),
    { numRuns: 1000 },
  )
})

/** Equal for equal contents. */
function showContent(document: LiveVersion | undefined): string | undefined {
  return document && sameText(JSON.parse(document.content))
}
