/**
 * Every clause of the contract is held by something that is there, and every code is provoked. That
 * a holder holds is for its own suite to say; here it is only found.
 */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { refusals } from '../../server/contract/errors.ts'
import { root } from '../support/process.ts'
import type { Clause } from './clause.ts'
import { faultsOf } from './clause.ts'
import { clauses } from './clauses.ts'

function read(file: string): string | undefined {
  const path = join(root, file)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

describe('the contract', () => {
  test('has a holder for each of its clauses, and each is where it is said to be', (context) => {
    assert.deepEqual(faultsOf(clauses, read), [])
    const waiting = clauses.filter((each) => 'notYet' in each)
    context.diagnostic(`${clauses.length} clauses, ${waiting.length} of what is not built`)
  })

  test('is gone through section by section', () => {
    const sections = clauses.map(({ section }) => section)
    const runs = sections.filter((section, at) => section !== sections[at - 1])
    assert.deepEqual(runs, [
      '1 Service',
      '2 Keys and scopes',
      '3 Targets and names',
      '4 Bodies',
      '5 Documents',
      '5 The live version',
      '5 The record',
      '6 Errors',
    ])
  })

  for (const code of Object.keys(refusals)) {
    test(`has a scenario of the API that provokes ${code}`, () => {
      const provoking = clauses
        .filter((each) => each.code === code && 'heldBy' in each)
        .flatMap((each) => ('heldBy' in each ? each.heldBy : []))
        .filter(({ file }) => file.startsWith('test/api/'))
      assert.ok(provoking.length > 0)
      for (const { file } of provoking) assert.ok(read(file)?.includes(code), `${file}: ${code}`)
    })
  }
})

describe('an index is faulty', () => {
  const source =
    "/** about every lamp */\n  // and every chair\ntest('every lamp is lit', () => {})\n"
  const readOne = (file: string) => (file === 'test/lamps.ts' ? source : undefined)
  const faultsOfOne = (...heldBy: readonly { file: string; title: string }[]) =>
    faultsOf([{ section: '1 Lamps', clause: 'lit', heldBy }], readOne)

  test('not when each holder is found', () => {
    for (const title of ['every lamp is lit', "test('every … is lit'"]) {
      assert.deepEqual(faultsOfOne({ file: 'test/lamps.ts', title }), [])
    }
  })

  const faulty: readonly (readonly [what: string, file: string, title: string, says: RegExp])[] = [
    ['in a file that is not there', 'test/lamp.ts', 'every lamp is lit', /no test\/lamp\.ts/],
    [
      'under another title',
      'test/lamps.ts',
      'every lamp is off',
      /there is no "every lamp is off"/,
    ],
    ['in parts of two lines', 'test/lamps.ts', 'every chair … is lit', /there is no "every chair/],
    ['in a comment', 'test/lamps.ts', 'about every lamp', /there is no "about every lamp"/],
    ['in a comment of a line', 'test/lamps.ts', 'and every chair', /there is no "and every chair"/],
    ['by a word that is anywhere', 'test/lamps.ts', 'lamp', /no distinctive part/],
  ]
  for (const [what, file, title, says] of faulty) {
    test(`when a clause is held ${what}`, () => {
      const [fault, ...more] = faultsOfOne({ file, title })
      assert.match(fault ?? '', says)
      assert.deepEqual(more, [])
    })
  }

  test('when nothing holds a clause', () => {
    assert.deepEqual(faultsOfOne(), ['1 Lamps: lit: nothing holds it'])
  })

  test('when what is not built has no reason, or a clause is there twice', () => {
    const clause: Clause = { section: '1 Lamps', clause: 'dimmed', notYet: '' }
    const faults = faultsOf([clause, { ...clause, notYet: 'no dimmer' }], readOne)
    assert.deepEqual(faults, ['1 Lamps: dimmed: no reason', '1 Lamps: dimmed: it is there twice'])
  })
})
