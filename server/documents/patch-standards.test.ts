/**
 * Any patch of any document, against small implementations of both standards on lists and maps.
 * All is compared as text. SEED=n repeats the documents and patches.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkedText, compactPatch } from '../../test/support/compact-text.ts'
import { refusalOf } from '../../test/support/refusal.ts'
import { seed, tellSeed } from '../../test/support/seed.ts'
import type { RefusalCode } from '../contract/errors.ts'
import type { JsonText } from '../contract/json-text.ts'
import { applyJsonPatch, applyMergePatch } from './patch.ts'

fc.configureGlobal({ seed })
tellSeed()

// Both references work on these: scalars as their texts, so that nothing is parsed.
type Value = string | readonly Value[] | ReadonlyMap<string, Value>

function textOf(value: Value): JsonText {
  if (typeof value === 'string') return value
  if (!(value instanceof Map)) return `[${(value as readonly Value[]).map(textOf).join()}]`
  return `{${[...value].map(([key, each]) => `${JSON.stringify(key)}:${textOf(each)}`).join()}}`
}

const isMap = (value: Value | undefined): value is ReadonlyMap<string, Value> =>
  value instanceof Map
const isArray = (value: Value | undefined): value is readonly Value[] => Array.isArray(value)

/** RFC 7396, section 2, as it stands there. */
function merged(target: Value | undefined, patch: Value): Value {
  if (!isMap(patch)) return patch
  const result = new Map(isMap(target) ? target : [])
  for (const [name, value] of patch) {
    if (value === 'null') result.delete(name)
    else result.set(name, merged(result.get(name), value))
  }
  return result
}

const keys = ['', 'a', 'b', '0', '1', '01', '-', 'a/b', 'm~n', '~1', '"', '\\', 'é', 'constructor']
const anyKey = fc.constantFrom(...keys)
const scalars = ['null', 'true', '0', '1', '1.5', '1e+21', '1152921504606846976', '"x"', '"\\""']
const { value: anyValue, map: anyMap } = fc.letrec<{ value: Value; map: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Value>(...scalars),
    tie('map'),
    fc.array(tie('value'), { maxLength: 4 }),
  ),
  map: fc
    .uniqueArray(fc.tuple(anyKey, tie('value')), { maxLength: 5, selector: ([key]) => key })
    .map((entries): Value => new Map(entries)),
}))

test('any merge patch of any document comes to what the standard says', () => {
  fc.assert(
    fc.property(anyMap, anyMap, (target, patch) => {
      const outcome = applyMergePatch(textOf(target), textOf(patch))
      assert.equal(checkedText(outcome), textOf(merged(target, patch)))
      // What was removed is gone, and what was set is set already.
      assert.equal(applyMergePatch(outcome, textOf(patch)), outcome)
    }),
    { numRuns: 3000 },
  )
})

type Path = readonly string[]
type Step = { readonly op: string; readonly path: Path; readonly from: Path; readonly value: Value }

/** Thrown by the reference where the document does not let an operation be done. */
class Absent extends Error {}

function find(root: Value, [key, ...rest]: Path): Value {
  if (key === undefined) return root
  const index = isArray(root) && /^\d+$/.test(key) && String(Number(key)) === key
  const next = isMap(root) ? root.get(key) : index ? (root[Number(key)] as Value) : undefined
  if (next === undefined) throw new Absent()
  return find(next, rest)
}

/** The root with what `change` makes of the container that the path ends in. */
function changed(
  root: Value,
  path: Path,
  change: (container: Map<string, Value> | Value[], key: string) => void,
): Value {
  const [key = '', ...rest] = path
  if (rest.length > 0) {
    const below = changed(find(root, [key]), rest, change)
    if (isMap(root)) return new Map([...root]).set(key, below)
    return (root as readonly Value[]).map((each, at) => (at === Number(key) ? below : each))
  }
  const container = isMap(root) ? new Map(root) : isArray(root) ? [...root] : undefined
  if (container === undefined) throw new Absent()
  change(container, key)
  return container
}

function added(root: Value, path: Path, value: Value): Value {
  if (path.length === 0) return value
  return changed(root, path, (container, key) => {
    if (!Array.isArray(container)) container.set(key, value)
    else {
      const places = [...container.keys(), container.length].map(String)
      const place = key === '-' ? container.length : places.indexOf(key)
      if (place < 0) throw new Absent()
      container.splice(place, 0, value)
    }
  })
}

function removed(root: Value, path: Path): Value {
  find(root, path)
  return changed(root, path, (container, key) => {
    if (Array.isArray(container)) container.splice(Number(key), 1)
    else container.delete(key)
  })
}

/** RFC 6902, section 4. */
function stepped(root: Value, { op, path, from, value }: Step): Value {
  switch (op) {
    case 'add':
      return added(root, path, value)
    case 'remove':
      return removed(root, path)
    case 'replace': {
      find(root, path)
      if (path.length === 0) return value
      return changed(root, path, (container, key) => {
        if (Array.isArray(container)) container[Number(key)] = value
        else container.set(key, value)
      })
    }
    case 'move': {
      const moved = find(root, from)
      return from.length === 0 ? root : added(removed(root, from), path, moved)
    }
    case 'copy':
      return added(root, path, find(root, from))
    default:
      if (canonical(find(root, path)) !== canonical(value)) throw new Absent()
      return root
  }
}

/** Equal for values that say the same. */
function canonical(value: Value): string {
  if (isArray(value)) return `[${value.map(canonical).join()}]`
  if (isMap(value)) {
    const members = [...value].map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`)
    return `{${members.sort().join()}}`
  }
  return /^[-\d]/.test(value) ? String(Number(value)) : value
}

function pathsIn(value: Value, here: Path = []): Path[] {
  const entries = isMap(value) ? [...value] : isArray(value) ? [...value.entries()] : []
  return [here, ...entries.flatMap(([key, each]) => pathsIn(each, [...here, String(key)]))]
}

function pointerOf(path: Path): string {
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Paths are chosen when it is known what is there: mostly of those, or with another last key. */
const anyPath = fc.record({ of: fc.nat(), last: fc.option(anyKey, { freq: 2 }) })
const anyDraft = fc.record({
  op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
  path: anyPath,
  from: anyPath,
  value: anyValue,
  /** A test of what is there, or else of any value. */
  holds: fc.boolean(),
})

function stepOf(
  root: Value,
  draft: typeof anyDraft extends fc.Arbitrary<infer T> ? T : never,
): Step {
  const paths = pathsIn(root)
  const pathOf = ({ of, last }: { of: number; last: string | null }): Path => {
    const path = paths[of % paths.length] ?? []
    return last === null ? path : [...path.slice(0, -1), last]
  }
  const { op, holds } = draft
  const [path, from] = [pathOf(draft.path), pathOf(draft.from)]
  let { value } = draft
  try {
    if (op === 'test' && holds) value = find(root, path)
  } catch (error) {
    if (!(error instanceof Absent)) throw error
  }
  return { op, path, from, value }
}

function isWithin(path: Path, from: Path): boolean {
  return path.length > from.length && from.every((key, at) => key === path[at])
}

test('any JSON Patch of any document comes to what the standard says', () => {
  const seen = { done: 0, Conflict: 0, BadRequest: 0 }
  fc.assert(
    fc.property(anyMap, fc.array(anyDraft, { maxLength: 6 }), (document, drafts) => {
      const steps: Step[] = []
      let root = document
      let expected: JsonText | RefusalCode | undefined
      for (const draft of drafts) {
        const step = stepOf(root, draft)
        steps.push(step)
        if (step.op === 'remove' && step.path.length === 0) expected = 'BadRequest'
        if (step.op === 'move' && isWithin(step.path, step.from)) expected = 'BadRequest'
        if (expected !== undefined) break
        try {
          root = stepped(root, step)
        } catch (error) {
          if (!(error instanceof Absent)) throw error
          expected = 'Conflict'
          break
        }
      }
      expected ??= isMap(root) ? textOf(root) : 'BadRequest'
      const patch = steps.map(({ op, path, from, value }) => {
        const [to, away] = [path, from].map((each) => JSON.stringify(pointerOf(each)))
        return `{"op":"${op}","path":${to},"from":${away},"value":${textOf(value)}}`
      })
      const run = () => applyJsonPatch(textOf(document), compactPatch(`[${patch.join()}]`))
      if (expected === 'Conflict' || expected === 'BadRequest') {
        seen[expected]++
        const refusal = refusalOf(run)
        assert.equal(refusal.code, expected, refusal.message)
        const [detail] = refusal.details
        if (detail) assert.equal(detail.pointer.split('/')[1], String(steps.length - 1))
      } else {
        seen.done++
        assert.equal(checkedText(run()), expected)
      }
    }),
    { numRuns: 6000 },
  )
  for (const [what, times] of Object.entries(seen)) {
    assert.ok(times > 300, `${what} came ${times} times: too few to tell`)
  }
})
