/**
 * What commands say, and how they end: results on stdout, everything else on stderr, and an exit
 * status that means something (the numbers are those of BSD's sysexits.h).
 */
import { CommanderError } from 'commander'
import { Refusal, StartRefused } from '../contract/errors.ts'
import { AddressRefused } from './ports.ts'
import { Interrupted } from './signals.ts'

export const exitStatus = {
  usage: 64,
  refused: 65,
  unavailable: 69,
  fault: 70,
  config: 78,
} as const

/** A result: as one line of JSON with `--json`, else as the text for people. */
export function printResult(json: boolean | undefined, value: unknown, text: string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : text}\n`)
}

/** A word beside the result. */
export function printNote(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** A table as the result; without rows, people get the sentence on stderr, machines `[]`. */
export function printTable(
  json: boolean | undefined,
  values: readonly unknown[],
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  none: string,
): void {
  if (json || rows.length > 0) printResult(json, values, table(heads, rows))
  else printNote(none)
}

/** A time of a table or a message; `-` where there is none. */
export function timeText(time: number | undefined): string {
  return time === undefined ? '-' : new Date(time).toISOString()
}

/** Says what went wrong and gives the exit status for it. */
export function reportFailure(error: unknown, json: boolean): number {
  // Help and version are no failures, and were printed.
  if (error instanceof CommanderError && error.code.startsWith('commander.help')) {
    return error.exitCode === 0 ? 0 : exitStatus.usage
  }
  if (error instanceof CommanderError && error.exitCode === 0) return 0
  const { code, status, message } = describe(error)
  printNote(json ? JSON.stringify({ code, message }) : `tenantry: ${message}`)
  return status
}

/** Rows of equal width under their heads, two blanks between. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [heads, ...rows]
  const widths = heads.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)))
  return all
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}

function describe(error: unknown): { code: string; status: number; message: string } {
  if (error instanceof Refusal) {
    const busy = error.code === 'Unavailable'
    const status = busy ? exitStatus.unavailable : exitStatus.refused
    return { code: error.code, status, message: error.message }
  }
  if (error instanceof StartRefused) {
    const status = error.inUse ? exitStatus.unavailable : exitStatus.config
    return { code: 'StartRefused', status, message: error.message }
  }
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: |\.$/g, '').replaceAll('\n', ' ')
    return { code: 'Usage', status: exitStatus.usage, message: `${message}. See --help.` }
  }
  if (error instanceof Interrupted) {
    return { code: 'Interrupted', status: 1, message: error.message }
  }
  if (error instanceof AddressRefused) {
    return { code: error.code, status: exitStatus.unavailable, message: error.message }
  }
  const { message, stack } = error as Error
  return { code: 'Fault', status: exitStatus.fault, message: stack ?? message ?? String(error) }
}
