/**
 * `gates.json`, and the table that the README shows of it. A figure is worth what is known of how
 * it came about: all gates together take over an hour, so each row says which commit it measured
 * and when, and one that is measured again takes the place of its former self. A red row says so.
 */
import type { Machine, Tree } from '../support/machine.ts'
import { machineInWords, treeInWords } from '../support/machine.ts'
import type { Measured } from './measure.ts'

/** How figures came about. */
export type GateRun = Tree & {
  /** ISO 8601, UTC. */
  readonly date: string
  readonly machine: Machine
  /** Of Node. */
  readonly node: string
  readonly form: 'full' | 'short'
  readonly seed: number
}

export type MeasuredGate = Measured & { readonly run: GateRun }

/** The rows with this one in its place; in the order of `names`, others left out. */
export function withRow(
  rows: readonly MeasuredGate[],
  row: MeasuredGate,
  names: readonly string[],
): readonly MeasuredGate[] {
  const all = new Map([...rows, row].map((each) => [each.name, each]))
  return names.flatMap((name) => all.get(name) ?? [])
}

/** Markdown: a sentence on what all have in common, then a row for each gate. */
export function gatesTable(rows: readonly MeasuredGate[]): string {
  const machines = new Set(
    rows.map(({ run }) => `${machineInWords(run.machine)}, Node ${run.node}`),
  )
  return [
    `Measured on ${[...machines].join('; and on ')}. Each row names its commit and date.`,
    '',
    '| gate | target | measured | its control, a build that | at |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${cellsOf(row).map(escapeCell).join(' | ')} |`),
  ].join('\n')
}

function cellsOf({ name, target, figures, green, control, run }: MeasuredGate): string[] {
  const measured = Object.entries(figures).map(([figure, value]) => `${figure}: ${value}`)
  const verdict = green ? [] : ['**red**']
  const caught =
    'none' in control
      ? `none: ${control.none}`
      : `${control.title}: ${control.failures.length > 0 ? 'red, as it must be' : '**green**'}`
  const form = run.form === 'full' ? '' : ', in short form'
  const at = `${treeInWords(run)}, ${run.date.slice(0, 10)}, seed ${run.seed}${form}`
  return [`\`${name}\``, target, [...verdict, ...measured].join(', '), caught, at]
}

function escapeCell(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
