/**
 * Results as Markdown, for the terminal and the README alike: pure, and the same text for the same
 * results. Every figure is a median; what stands in brackets is the middle half of the rounds.
 */
import { machineInWords, treeInWords } from '../test/support/machine.ts'
import type { JudgedTarget, MeasuredWorkload, Results } from './results.ts'
import type { Limit, Spread } from './spread.ts'

/**
 * Two tables, what was measured and what was wanted, under a sentence that says on what. A table
 * that would be empty is left out.
 */
export function tableOf(results: Results): string {
  const { workloads, targets } = results
  const measured = workloads.filter(({ figures }) => figures.rate !== undefined)
  const parts = [
    caption(results),
    table(workloadHeads, measured.map(workloadRow)),
    table(targetHeads, targets.map(targetRow)),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

function caption(results: Results): string {
  const { date, machine, fileSystem, node, settings, othersCores } = results
  const { rounds, seconds, connections, hotDocuments, largeDocuments } = settings
  const roundsInWords = rounds === 1 ? '1 round' : `${rounds} rounds`
  return `Measured on ${date.slice(0, 10)} at ${treeInWords(results)}, on
${machineInWords(machine)}, ${fileSystem}, Node ${node};
other processes kept ${withSpread(othersCores)} cores busy.
${roundsInWords} of ${seconds} s each, ${connections} connections, documents of about 300 bytes;
${grouped(hotDocuments)} hot documents, ${grouped(largeDocuments)} in the large store.
Figures are medians of the rounds, with their middle half in brackets; CPU is user and system
time of all threads of the server, and its ratio is taken within a round.`
}

const workloadHeads = [
  'what',
  'requests/s',
  'CPU µs a request',
  'CPU ratio',
  'MB/s',
  'p50 ms',
  'p99 ms',
]

function workloadRow({ title, figures, cpuRatio }: MeasuredWorkload): string[] {
  const { rate, cpuMicros, bytesPerSecond, p50Ms, p99Ms } = figures
  const megabytes = bytesPerSecond && bytesPerSecond.median / 1e6
  return [
    title,
    rate === undefined ? '' : grouped(rate.median),
    cpuMicros === undefined ? '' : withSpread(cpuMicros),
    cpuRatio === undefined ? '' : withSpread(cpuRatio),
    megabytes === undefined ? '' : short(megabytes),
    p50Ms === undefined ? '' : short(p50Ms.median),
    p99Ms === undefined ? '' : short(p99Ms.median),
  ]
}

const targetHeads = ['target', 'wanted', 'found', 'verdict']

function targetRow({ title, limit, found, value, verdict }: JudgedTarget): string[] {
  // Brackets of the middle half say nothing of a p95.
  const shown = value === found.median ? withSpread(found) : short(value)
  return [title, wanted(limit), shown, verdict]
}

function wanted(limit: Limit): string {
  return 'atMost' in limit ? `≤ ${limit.atMost}` : `≥ ${limit.atLeast}`
}

function withSpread({ median, low, high }: Spread): string {
  return `${short(median)} (${short(low)}–${short(high)})`
}

/** Three digits at least, and none that noise would change anyway. */
function short(value: number): string {
  if (value >= 1000) return grouped(value)
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2)
}

function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replaceAll(/\B(?=(\d{3})+$)/g, ' ')
}

/** Padded, so that it can be read as it stands; nothing where there are no rows. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = widths.map((width) => '-'.repeat(width))
  return [line(heads), line(rule), ...rows.map(line)].join('\n')
}
