/** `tenantry import`: lines, as export writes them, into the documents of a tenant. */
import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { readConfig } from '../config.ts'
import { amountText } from '../contract/amounts.ts'
import { Refusal } from '../contract/errors.ts'
import type { TenantId } from '../contract/names.ts'
import { isTenantDocument, parseTenantId, quote } from '../contract/names.ts'
import type { ImportEnd, ImportNeeds, ImportPlan, ImportTally } from '../documents/import.ts'
import { planImport, writeImport } from '../documents/import.ts'
import { lineOverheadMaxBytes, splitLines } from '../documents/lines.ts'
import type { Storage } from '../storage/engine.ts'
import { systemWorld } from '../world.ts'
import type { LineFile } from './line-file.ts'
import { openLineFile } from './line-file.ts'
import { operatorName } from './operator.ts'
import type { SharedOptions } from './options.ts'
import { storeSettings, withSettings } from './options.ts'
import { printNote, printResult } from './output.ts'
import type { Progress } from './progress.ts'
import { startProgress } from './progress.ts'
import { awaitStop, Interrupted } from './signals.ts'
import { withStore } from './store.ts'
import { checkTenant } from './tenant.ts'

type ImportOptions = SharedOptions & { readonly tenant: string; readonly dryRun?: boolean }

/** What a body may be: those of the server, since what it took has to be taken here. */
const ruleSettings = ['bodySizeMaxBytes', 'numbers'] as const

/** Adds the command. */
export function addImport(program: Command): void {
  withSettings(program.command('import <file>'), [...storeSettings, ...ruleSettings])
    .description(
      'write documents of a tenant from lines of JSON, as export makes them (- for stdin); the ' +
        'whole file is checked first, what is there already is not written again, and nothing ' +
        'is deleted',
    )
    .requiredOption('--tenant <id>', 'whose documents they become')
    .option('--dry-run', 'say what it would do, and do nothing')
    .action((file: string, options: ImportOptions) => run(file, options))
}

async function run(file: string, options: ImportOptions): Promise<void> {
  const tenant = parseTenantId(options.tenant)
  // What settings give rise to warn of is said where the store is opened, and not twice.
  const { bodySizeMaxBytes } = readConfig(options).config
  const lines = await openLineFile(file, bodySizeMaxBytes + lineOverheadMaxBytes)
  const stop = awaitStop()
  try {
    await withStore(options, async (needs, { documents }, config) => {
      await checkTenant(tenant, needs, config)
      const dryRun = options.dryRun === true
      const more = { dryRun, quiet: options.json === true, stop: stop.signal }
      const done = await importLines(lines, tenant, documents, config, more)
      report(lines.name, tenant, done, options)
    })
  } finally {
    stop.release()
    await lines.close()
  }
}

export type ImportDone = { readonly tally: ImportTally; readonly plan: ImportPlan }

/**
 * Checks all lines, then writes them unless it is a dry run. Throws `BadRequest` with the lines
 * that are at fault, `Interrupted`, and what made a write fail; each says what was changed.
 */
export async function importLines(
  lines: LineFile,
  tenant: TenantId,
  documents: Storage['documents'],
  config: Config,
  { dryRun, quiet, stop }: { dryRun: boolean; quiet: boolean; stop: AbortSignal },
): Promise<ImportDone> {
  const progress = startProgress(quiet)
  const { now, random } = systemWorld
  const needs: Omit<ImportNeeds, 'onLines'> = {
    documents,
    tenant,
    rules: { mergeDepth: config.merge, bodySizeMaxBytes: config.bodySizeMaxBytes },
    numbers: config.numbers,
    by: operatorName(),
    requestId: Buffer.from(random(requestIdBytes)).toString('base64url'),
    now,
    isStopped: () => stop.aborted,
  }
  const read = () => splitLines(lines.read(), config.bodySizeMaxBytes + lineOverheadMaxBytes)
  try {
    const plan = await planImport(read(), { ...needs, ...onLines(progress, 'checked') })
    progress.end()
    if (plan.stopped) throw new Interrupted('The import was stopped; nothing was changed.')
    if (plan.faultCount > 0) throw faulty(lines.name, plan)
    const changes = plan.tally.created + plan.tally.replaced
    if (dryRun || changes === 0) return { tally: plan.tally, plan }
    const end = await writeImport(read(), { ...needs, ...onLines(progress, 'imported') })
    progress.end()
    if (end.cut !== undefined) throw cutOff(end, end.cut, plan)
    return { tally: end.tally, plan }
  } finally {
    progress.end()
  }
}

/** As those of requests. */
const requestIdBytes = 12

function onLines(progress: Progress, verb: string): Pick<ImportNeeds, 'onLines'> {
  return { onLines: (lines) => progress.show(() => `${verb} ${amountText(lines, 'line')}`) }
}

function faulty(name: string, { faults, faultCount }: ImportPlan): Refusal {
  const some = faultCount === 1 ? 'One line' : `${faultCount} lines`
  const list = faults.map(({ number, reason }) => `line ${number}: ${reason}`)
  const rest = faultCount - faults.length
  const more = rest > 0 ? [`and ${rest} more`] : []
  return new Refusal(
    'BadRequest',
    [`${some} of ${name} cannot be imported; nothing was changed.`, ...list, ...more].join('\n'),
  )
}

/** What ended it, and what that leaves: nothing is half, and the same command completes it. */
function cutOff(
  { tally }: ImportEnd,
  cut: NonNullable<ImportEnd['cut']>,
  plan: ImportPlan,
): unknown {
  const written = tally.created + tally.replaced
  const all = written + tally.unchanged
  const left = linesOf(plan.tally) - all
  const documents = written === 1 ? '1 document was' : `${written} documents were`
  const state =
    `${documents} written, ${tally.unchanged} were so already, ${left} are left; ` +
    'each is whole. The same command, run again, completes it.'
  if (cut === 'stopped') return new Interrupted(`The import was stopped. ${state}`)
  const { number, error } = cut
  if (error instanceof Refusal) {
    const message = `Line ${number} could not be written: ${error.message} ${state}`
    return new Refusal(error.code, message, { cause: error })
  }
  printNote(`tenantry: Line ${number} could not be written. ${state}`)
  return error
}

function linesOf({ created, replaced, unchanged }: ImportTally): number {
  return created + replaced + unchanged
}

function report(
  name: string,
  tenant: TenantId,
  { tally, plan }: ImportDone,
  { json, dryRun = false }: ImportOptions,
): void {
  const { created, replaced, unchanged, liveKept } = tally
  const changes = plan.changes.map(({ outcome, address }) => ({
    outcome,
    ...(!isTenantDocument(address) && { collection: address.collection, id: address.document }),
  }))
  const result = { tenant, dryRun, created, replaced, unchanged, liveKept }
  const sums = `${created} created, ${replaced} replaced, ${unchanged} unchanged`
  const text = dryRun
    ? [`would import ${name} into ${tenant}: ${sums}`, ...listed(plan)]
    : [`imported ${name} into ${tenant}: ${sums}`]
  printResult(json, dryRun ? { ...result, changes } : result, text.join('\n'))
  if (json) return
  if (linesOf(tally) === 0) printNote(`There is no line in ${name}.`)
  if (liveKept > 0) {
    printNote(
      `${liveKept} of them ${dryRun ? 'would keep' : 'keep'} the live version that is there: ` +
        'their lines have none.',
    )
  }
  if (dryRun) printNote('Nothing was changed; without --dry-run it is done.')
}

function listed({ changes, tally }: ImportPlan): readonly string[] {
  const verbs = { created: 'create', replaced: 'replace' } as const
  const list = changes.map(({ outcome, address }) =>
    isTenantDocument(address)
      ? `${verbs[outcome]} the tenant's own document`
      : `${verbs[outcome]} ${quote(address.document)} in ${quote(address.collection)}`,
  )
  const rest = tally.created + tally.replaced - changes.length
  return rest > 0 ? [...list, `and ${rest} more`] : list
}
