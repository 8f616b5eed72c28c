/**
 * Patches that are many, large or deep: each ends in text or in a refusal for its size, never in a
 * fault, and soon.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compactPatch } from '../../test/support/compact-text.ts'
import { Refusal } from '../contract/errors.ts'
import type { JsonText } from '../contract/json-text.ts'
import { measureJson } from '../contract/json-text.ts'
import { bodyDepthMax, patchCopiesMaxCharacters } from '../contract/limits.ts'
import { applyJsonPatch } from './patch.ts'

describe('bounds', () => {
  const times = (count: number, stepAt: (at: number) => object) =>
    JSON.stringify(Array.from({ length: count }, (_, at) => stepAt(at)))

  /** Ends in text or in a refusal for its size, never in a fault, and soon. */
  function bounded(document: JsonText, patch: JsonText): JsonText | 'PayloadTooLarge' {
    const start = performance.now()
    let outcome: JsonText | 'PayloadTooLarge'
    try {
      outcome = applyJsonPatch(document, patch)
    } catch (error) {
      assert.ok(error instanceof Refusal, `a fault: ${error}`)
      assert.equal(error.code, 'PayloadTooLarge')
      outcome = 'PayloadTooLarge'
    }
    // Some hundred times what it takes, for machines that have much else to do.
    assert.ok(performance.now() - start < 10_000, 'it took too long')
    return outcome
  }

  const moveOf = (from: string, path: string) => ({ op: 'move', from, path })
  const wide = JSON.stringify({ a: Array(19_998).fill(0) })

  for (const [what, ends, stepAt] of [
    ['adds at the front', 'done', () => ({ op: 'add', path: '/a/0', value: 1 })],
    ['adds at the end', 'done', () => ({ op: 'add', path: '/a/-', value: 1 })],
    ['removals at the front', 'done', () => ({ op: 'remove', path: '/a/0' })],
    ['moves from the front to the end', 'done', () => ({ op: 'move', from: '/a/0', path: '/a/-' })],
    ['copies of one element', 'done', () => ({ op: 'copy', from: '/a/9', path: '/a/0' })],
    ['tests', 'done', (at: number) => ({ op: 'test', path: `/a/${at}`, value: 0 })],
    ['replacements', 'done', (at: number) => ({ op: 'replace', path: `/a/${at}`, value: at })],
    [
      'moves of it all',
      'refused',
      (at: number) => moveOf(at % 2 ? '/b' : '/a', at % 2 ? '/a' : '/b'),
    ],
    ['copies of it all', 'refused', (at: number) => ({ op: 'copy', from: '/a', path: `/c${at}` })],
  ] as const) {
    test(`6000 ${what} in an array of 20 000 elements are ${ends}`, () => {
      const outcome = bounded(wide, times(6000, stepAt))
      assert.equal(outcome === 'PayloadTooLarge' ? 'refused' : 'done', ends)
    })
  }

  const doubling = times(40, (at) => ({ op: 'copy', from: '', path: `/c${at}` }))
  for (const [what, document] of [
    ['an empty document', '{}'],
    ['a long text', JSON.stringify({ a: 'x'.repeat(900_000) })],
    ['empty texts', JSON.stringify({ a: Array(1000).fill('') })],
    ['long names of empty arrays', longNames('[]')],
    ['long names of empty objects', longNames('{}')],
    ['long names in each other', '{"a":'.repeat(30) + longNames('[]') + '}'.repeat(30)],
  ] as const) {
    test(`copies that double ${what} are refused`, () => {
      assert.equal(bounded(document, doubling), 'PayloadTooLarge')
    })
  }

  test('copies of names count as those of texts do', () => {
    const document = longNames('[]')
    const enough = Math.ceil(patchCopiesMaxCharacters / document.length)
    const copies = (count: number) =>
      times(count, (at) => ({ op: 'copy', from: '/a', path: `/c${at}` }))
    const within = `{"a":${document}}`
    const isRefused = (count: number) => bounded(within, copies(count)) === 'PayloadTooLarge'
    assert.deepEqual([isRefused(enough - 2), isRefused(enough + 2)], [false, true])
  })

  /** A container 60 levels deep, brought in at the end of a path, again and again. */
  const tower = (levels: number) => `${'{"a":'.repeat(levels)}{}${'}'.repeat(levels)}`
  const foot = '/a'.repeat(60)
  const deepening = [
    [
      'adds',
      `[${Array(20)
        .fill(`{"op":"add","path":"${foot}","value":${tower(60)}}`)
        .join()}]`,
    ],
    [
      'moves',
      `[{"op":"add","path":"/b","value":${tower(60)}},
        {"op":"move","from":"/b","path":"${foot}/a"},
        {"op":"move","from":"/a","path":"/b"},
        {"op":"add","path":"/a","value":${tower(59)}},
        {"op":"move","from":"/b","path":"${foot}/a"}]`,
    ],
    ['copies', times(20, () => ({ op: 'copy', from: '', path: `${foot}/a` }))],
  ] as const
  for (const [what, patch] of deepening) {
    test(`${what} of deep values into deep places stay within twice the depth`, () => {
      const outcome = bounded(tower(60), compactPatch(patch))
      if (outcome !== 'PayloadTooLarge') {
        assert.ok(measureJson(outcome).depth <= 2 * bodyDepthMax + 1)
      }
    })
  }

  function longNames(value: string): JsonText {
    const names = Array.from({ length: 600 }, (_, at) => String(at).padStart(1500, 'n'))
    return `{${names.map((name) => `"${name}":${value}`).join()}}`
  }
})
