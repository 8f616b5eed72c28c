/**
 * `gates.json`, and the table that the README shows of it. A figure is worth what is known of how
 * it came about, so commit, machine and date stand above the rows, and a red row says that it is.
 */
import type { Machine, Tree } from '../support/machine.ts'
import { machineInWords, treeInWords } from '../support/machine.ts'
import type { Measured } from './measure.ts'

/** What a full run leaves behind. */
export type GatesReport = Tree & {
  /** ISO 8601, UTC. */
  readonly date: string
  readonly machine: Machine
  /** Of Node. */
  readonly node: string
  readonly form: 'full' | 'short'
  readonly seed: number
  readonly gates: readonly Measured[]
}

/** Markdown: a sentence on the run, then a row for each gate. */
export function gatesTable(report: GatesReport): string {
  const { date, machine, node, form, seed, gates } = report
  return [
    `Measured on ${date.slice(0, 10)} at ${treeInWords(report)}, in ${form} form, ` +
      `with seed ${seed}, on ${machineInWords(machine)}, Node ${node}.`,
    '',
    '| gate | target | measured | its control, a build that |',
    '| --- | --- | --- | --- |',
    ...gates.map((gate) => `| ${cellsOf(gate).map(escapeCell).join(' | ')} |`),
  ].join('\n')
}

function cellsOf({ name, target, figures, green, control }: Measured): string[] {
  const measured = Object.entries(figures).map(([figure, value]) => `${figure}: ${value}`)
  const verdict = green ? [] : ['**red**']
  const caught =
    'none' in control
      ? `none: ${control.none}`
      : `${control.title}: ${control.failures.length > 0 ? 'red, as it must be' : '**green**'}`
  return [`\`${name}\``, target, [...verdict, ...measured].join(', '), caught]
}

function escapeCell(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
