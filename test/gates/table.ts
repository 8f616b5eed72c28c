/**
 * `gates.json`, and the table that the README shows of it. A figure is worth what is known of how
 * it came about, so commit, machine and date stand above the rows, and a red row says that it is.
 */
import type { Measured } from './measure.ts'

/** What a full run leaves behind. */
export type GatesReport = {
  /** ISO 8601, UTC. */
  readonly date: string
  readonly machine: Machine
  /** Of Node. */
  readonly node: string
  /** What was measured; `dirty` when files differed from it. */
  readonly commit: string
  readonly dirty: boolean
  readonly form: 'full' | 'short'
  readonly seed: number
  readonly gates: readonly Measured[]
}

export type Machine = {
  readonly cpu: string
  readonly cores: number
  readonly memoryGib: number
  readonly kernel: string
}

/** Markdown: a sentence on the run, then a row for each gate. */
export function gatesTable(report: GatesReport): string {
  const { machine, gates } = report
  const commit = `${report.commit.slice(0, 12)}${report.dirty ? ' (with changes)' : ''}`
  const where = `${machine.cores} × ${machine.cpu}, ${machine.memoryGib} GiB, ${machine.kernel}`
  return [
    `Measured on ${report.date.slice(0, 10)} at commit ${commit}, in ${report.form} form, ` +
      `with seed ${report.seed}, on ${where}, Node ${report.node}.`,
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
