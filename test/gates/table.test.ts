/** The table of the README: every row there, and nothing red that looks green. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatesReport } from './table.ts'
import { gatesTable } from './table.ts'

const report: GatesReport = {
  date: '2030-01-02T03:04:05.678Z',
  machine: { cpu: 'Example 3000', cores: 2, memoryGib: 24, kernel: 'Linux 6.1' },
  node: '26.10.0',
  commit: '0123456789abcdef0123456789abcdef01234567',
  dirty: false,
  form: 'full',
  seed: 7,
  gates: [
    {
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
    },
    {
      name: 'worse',
      target: 'a | b',
      green: false,
      figures: { lost: 1 },
      failures: ['one was lost'],
      durationMs: 1,
      control: { none: 'it fails by itself' },
    },
  ],
}

test('a gate is a row, below what is known of the run', () => {
  assert.equal(
    gatesTable(report),
    `Measured on 2030-01-02 at commit 0123456789ab, in full form, with seed 7, on \
2 × Example 3000, 24 GiB, Linux 6.1, Node 26.10.0.

| gate | target | measured | its control, a build that |
| --- | --- | --- | --- |
| \`merge\` | all kept | kept: 3200, revision: 3201 | reads, then writes: red, as it must be |
| \`worse\` | a \\| b | **red**, lost: 1 | none: it fails by itself |`,
  )
})

test('a control that stayed green and a tree with changes are shown', () => {
  const [merge] = report.gates
  assert.ok(merge !== undefined && 'title' in merge.control)
  const gates = [{ ...merge, green: false, control: { ...merge.control, failures: [] } }]
  const table = gatesTable({ ...report, dirty: true, gates })
  assert.match(table, /at commit 0123456789ab \(with changes\),/)
  assert.match(table, /\*\*red\*\*, kept.* \| reads, then writes: \*\*green\*\* \|$/)
})
