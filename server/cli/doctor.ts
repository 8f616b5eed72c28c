/**
 * `tenantry doctor`: looks at settings, files and data, and says what is wrong and what mends it.
 * It writes nothing, and what is too damaged to be served is still looked at as far as that goes.
 */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { build } from '../compose.ts'
import type { Config } from '../config.ts'
import { examineConfig, settingNames } from '../config.ts'
import { amountText, bytesText, countText } from '../contract/amounts.ts'
import type { Finding, Severity } from '../contract/finding.ts'
import type { StoreFacts } from '../storage/engine.ts'
import { examineStore } from '../stores.ts'
import { demoKeyFile } from './demo.ts'
import { examineFiles } from './doctor-files.ts'
import { examineSettings } from './doctor-settings.ts'
import type { SharedOptions } from './options.ts'
import { withSettings } from './options.ts'
import { exitStatus, printNote, printResult } from './output.ts'
import { startProgress } from './progress.ts'

type DoctorOptions = SharedOptions & { readonly quick?: boolean }

const severities: readonly Severity[] = ['error', 'warning', 'note']

/** Adds the command; it takes every setting, as the server would. */
export function addDoctor(program: Command): void {
  withSettings(program.command('doctor'), settingNames)
    .description(
      'examine settings, files and data, beside a running server or without one, and say what ' +
        'mends what is wrong; ends with 65 where there are errors',
    )
    .option('--quick', 'leave out what reads all of the data')
    .action(examine)
}

async function examine(options: DoctorOptions): Promise<void> {
  const reading = examineConfig(options)
  const { config } = reading
  const quick = options.quick === true
  const progress = startProgress(options.json)
  const { findings: ofStore, facts } = await examineStore(config, quick, progress.show)
  progress.end()
  const findings = [
    ...examineSettings(reading),
    ...examineFiles(config),
    ...examineDemo(config),
    ...ofStore,
  ].toSorted((one, other) => severities.indexOf(one.severity) - severities.indexOf(other.severity))
  const count = (severity: Severity) =>
    findings.filter((finding) => finding.severity === severity).length
  const counts = { errors: count('error'), warnings: count('warning'), notes: count('note') }
  const verdict = verdictOf(counts)
  const versions = { tenantry: build, node: process.versions.node }
  const result = { verdict, ...counts, findings, versions, quick, store: facts ?? null }
  const text = [factsText(facts, versions), ...findings.map(findingText), verdict]
  printResult(options.json, result, text.filter((part) => part !== '').join('\n\n'))
  if (quick && !options.json)
    printNote('The data were not read through; leave --quick out for that.')
  if (counts.errors > 0) process.exitCode = exitStatus.refused
}

type Counts = { readonly errors: number; readonly warnings: number; readonly notes: number }

function verdictOf({ errors, warnings, notes }: Counts): string {
  const others = [
    warnings > 0 ? amountText(warnings, 'warning') : '',
    notes > 0 ? amountText(notes, 'note') : '',
  ].filter((text) => text !== '')
  if (errors > 0) {
    const and = others.length === 0 ? '' : `, ${others.join(', ')}`
    return (
      `Not well: ${amountText(errors, 'error')}${and}. Mend the errors first, then run ` +
      'this again.'
    )
  }
  return others.length === 0 ? 'All is well.' : `Well, with ${others.join(' and ')}.`
}

function findingText({ severity, check, what, mend }: Finding): string {
  return `${severity} (${check}): ${what}\n  ${mend}`
}

/** The text of a key in a file: meant for trying things out, and easily forgotten. */
function examineDemo(config: Config): readonly Finding[] {
  const file = demoKeyFile(config)
  if (!existsSync(file)) return []
  return [
    {
      severity: 'note',
      check: 'demo',
      what: `${file} holds the text of the demo's key, which may do everything with its tenant.`,
      mend:
        'Where these are no data for trying things out, end it (tenantry key list, tenantry key ' +
        'revoke ID) and remove the file.',
    },
  ]
}

function factsText(
  facts: StoreFacts | undefined,
  { tenantry, node }: { readonly tenantry: string; readonly node: string },
): string {
  const lines = [`Tenantry ${tenantry}, Node ${node}`]
  if (facts === undefined) return lines.join('\n')
  const { place, served, schema, schemaKnown, library, dataBytes, logBytes, freeBytes } = facts
  lines[0] += `, SQLite ${library}, schema ${schema} of ${schemaKnown}`
  lines.push(
    `${place}: ${bytesText(dataBytes)}, of which ${bytesText(freeBytes)} are free; ` +
      `log ${bytesText(logBytes)}; ${served ? 'a server has it' : 'no server has it'}`,
  )
  if (facts.tenants !== undefined) lines.push(amountText(facts.tenants, 'tenant'))
  const { record } = facts
  if (record === undefined) return lines.join('\n')
  const perDay = (of: { readonly rows: number; readonly bytes: number }, days: number) =>
    `${countText(Math.round(of.rows / days))} rows and ${bytesText(of.bytes / days)}`
  lines.push(
    `Record: ${amountText(record.all.rows, 'row')}, ${bytesText(record.all.bytes)} of content`,
    `  a day: ${perDay(record.lastWeek, 7)} in the last 7 days, ` +
      `${perDay(record.lastMonth, 30)} in the last 30`,
    ...record.largest.map(
      ({ tenant, rows, bytes }) => `  ${tenant}: ${amountText(rows, 'row')}, ${bytesText(bytes)}`,
    ),
  )
  return lines.join('\n')
}
