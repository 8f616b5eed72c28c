/** The table of the README: every row there, and nothing red that looks green. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MeasuredGate } from './table.ts'
import { gatesTable, withRow } from './table.ts'

const run: MeasuredGate['run'] = {
  date: '2030-01-02T03:04:05.678Z',
  machine: { cpu: 'Example 3000', cores: 2, memoryGib: 24, kernel: 'Linux 6.1' },
  node: '26.10.0',
  commit: '0123456789abcdef0123456789abcdef01234567',
  dirty: false,
  form: 'full',
  seed: 7,
}

const merge: MeasuredGate = {
  name: 'merge',
  target: 'all kept',
  green: true,
  figures: { kept: 3200, revision: 3201 },
  failures: [],
  durationMs: 1000,
  control: {
    title: 'reads, then writes',
    figures: { kept: 70 },
    failures: ['70 of 3200 were kept'],
    durationMs: 900,
  },
  run,
}

const worse: MeasuredGate = {
  name: 'worse',
  target: 'a | b',
  green: false,
  figures: { lost: 1 },
  failures: ['one was lost'],
  durationMs: 1,
  control: { none: 'it fails by itself' },
  run: { ...run, date: '2030-01-03T00:00:00.000Z', form: 'short' },
}

test('a gate is a row, with what is known of its run', () => {
  assert.equal(
    gatesTable([merge, worse]),
    `Measured on 2 × Example 3000, 24 GiB, Linux 6.1, Node 26.10.0. \
Each row names its commit and date.

| gate | target | measured | its control, a build that | at |
| --- | --- | --- | --- | --- |
| \`merge\` | all kept | kept: 3200, revision: 3201 | reads, then writes: red, as it must be | \
commit 0123456789ab, 2030-01-02, seed 7 |
| \`worse\` | a \\| b | **red**, lost: 1 | none: it fails by itself | \
commit 0123456789ab, 2030-01-03, seed 7, in short form |`,
  )
})

test('a control that stayed green, a tree with changes and another machine are shown', () => {
  assert.ok('title' in merge.control)
  const machine = { ...run.machine, cpu: 'Example 4000' }
  const green = { ...merge, green: false, control: { ...merge.control, failures: [] } }
  const table = gatesTable([{ ...green, run: { ...run, machine, dirty: true } }, worse])
  assert.match(table, /commit 0123456789ab \(with changes\),/)
  assert.match(table, /\*\*red\*\*, kept.* \| reads, then writes: \*\*green\*\* \|/)
  assert.match(table, /^Measured on 2 × Example 4000, .*; and on 2 × Example 3000, /)
})

test('a row takes the place of its former self, and no other is lost', () => {
  const again = { ...worse, green: true }
  const names = ['worse', 'merge', 'new']
  assert.deepEqual(withRow([merge, worse], again, names), [again, merge])
  assert.deepEqual(withRow([merge], again, names), [again, merge])
  assert.deepEqual(withRow([merge, worse], again, ['worse']), [again])
})
