/** What is made of the figures of a run, and how it reads. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Results } from './results.ts'
import { judgeTargets, summarise } from './results.ts'
import { spreadOf } from './spread.ts'
import { tableOf } from './table.ts'
import type { Figures } from './workloads.ts'
import { selectWorkloads, targets, workloads } from './workloads.ts'

/** A noisy second round, in which both took twice as long. */
const rounds = new Map<string, Figures[]>([
  ['get-bare', [20, 40, 20].map((cpuMicros) => ({ cpuMicros, rate: 1e6 / cpuMicros }))],
  ['get', [50, 100, 50].map((cpuMicros) => ({ cpuMicros, rate: 1e6 / cpuMicros }))],
])
const measured = selectWorkloads(['get'])

const results: Results = {
  date: '2026-01-31T12:00:00.000Z',
  commit: '0123456789abcdef0123456789abcdef01234567',
  dirty: false,
  machine: { cpu: 'Example 3000', cores: 2, memoryGib: 24, kernel: 'Linux 6.1' },
  node: '26.10.0',
  fileSystem: 'ext4',
  settings: {
    rounds: 3,
    seconds: 2,
    connections: 32,
    hotDocuments: 10_000,
    largeDocuments: 1_000_000,
  },
  othersCores: spreadOf([0.25, 0.25, 0.5]),
  workloads: summarise(measured, rounds),
  targets: judgeTargets(targets, rounds),
}

test('a round is compared with itself, so noise that hits both does not show', () => {
  const ratio = results.workloads.find(({ name }) => name === 'get')?.cpuRatio
  assert.deepEqual(ratio?.values, [2.5, 2.5, 2.5])
  assert.equal(ratio?.against, 'get-bare')
})

test('only targets of what was measured are judged', () => {
  assert.deepEqual(
    results.targets.map(({ of, value, verdict }) => ({ of, value, verdict })),
    [{ of: 'get', value: 2.5, verdict: 'missed' }],
  )
})

/** Twenty starts, so many of them slow. */
function judgeStarts(slow: number) {
  const starts = Array.from({ length: 20 }, (_, at) => ({
    readyMs: at < slow ? 2000 : 300,
    rssMegabytes: 100,
  }))
  const [ready] = judgeTargets(targets, new Map([['start', starts]]))
  return { value: ready?.value, median: ready?.found.median, verdict: ready?.verdict }
}

test('a p95 is judged by itself, since a median would hide the slow starts', () => {
  assert.deepEqual(judgeStarts(5), { value: 2000, median: 300, verdict: 'missed' })
})

test('two slow starts of twenty may be chance, one does not touch the p95', () => {
  assert.equal(judgeStarts(2).verdict, 'within the spread')
  assert.equal(judgeStarts(1).verdict, 'met')
})

test('a workload brings along what it is compared with, and that its own', () => {
  const names = selectWorkloads(['get-large']).map(({ name }) => name)
  assert.deepEqual(names, ['get-bare', 'get-plain', 'get-large'])
})

test('names of workloads may be written in capitals, and unknown ones are refused', () => {
  assert.deepEqual(selectWorkloads(['PUT']), selectWorkloads(['put']))
  assert.throws(() => selectWorkloads(['patch']), /no workload patch/)
})

test('no name means all workloads', () => {
  assert.deepEqual(selectWorkloads([]), workloads)
})

test('every target is about workloads that there are, in one run', () => {
  for (const { of, against } of targets) {
    const names = selectWorkloads([of]).map(({ name }) => name)
    assert.ok(names.includes(against ?? of), `${of} runs without ${against}`)
  }
})

test('a run without verdicts has no table of them, and one round is one', () => {
  const settings = { ...results.settings, rounds: 1, largeDocuments: 20_000 }
  const text = tableOf({ ...results, settings, targets: [] })
  assert.match(text, /\n1 round of 2 s each,.*\n10 000 hot documents, 20 000 in the large store\./)
  assert.ok(!text.includes('verdict'), text)
  assert.equal(text.match(/^\| what /gm)?.length, 1)
  assert.ok(text.endsWith(' |\n'), text)
})

test('no title says how large the large store is, since that differs', () => {
  for (const { title } of [...workloads, ...targets]) assert.ok(!/million/.test(title), title)
})

test('the table says on what, when, the figures with their spread, and the verdicts', () => {
  assert.equal(
    tableOf(results),
    `Measured on 2026-01-31 at commit 0123456789ab, on
2 × Example 3000, 24 GiB, Linux 6.1, ext4, Node 26.10.0;
other processes kept 0.25 (0.25–0.38) cores busy.
3 rounds of 2 s each, 32 connections, documents of about 300 bytes;
10 000 hot documents, 1 000 000 in the large store.
Figures are medians of the rounds, with their middle half in brackets; CPU is user and system
time of all threads of the server, and its ratio is taken within a round.

| what            | requests/s | CPU µs a request | CPU ratio        | MB/s | p50 ms | p99 ms |
| --------------- | ---------- | ---------------- | ---------------- | ---- | ------ | ------ |
| GET, bare       | 50 000     | 20.0 (20.0–30.0) |                  |      |        |        |
| GET, as shipped | 20 000     | 50.0 (50.0–75.0) | 2.50 (2.50–2.50) |      |        |        |

| target                            | wanted | found            | verdict |
| --------------------------------- | ------ | ---------------- | ------- |
| GET, as shipped: CPU against bare | ≤ 2    | 2.50 (2.50–2.50) | missed  |
`,
  )
})
