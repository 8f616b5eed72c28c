/**
 * `tenantry tenant delete`: says what would go, wants the tenant's id once more, and drops all of
 * it beside whoever serves the store. What is confirmed is done for good.
 */
import { createInterface } from 'node:readline/promises'
import type { Readable, Writable } from 'node:stream'
import type { Command } from 'commander'
import { CommanderError } from 'commander'
import { amountText, bytesText, countText } from '../contract/amounts.ts'
import { Refusal } from '../contract/errors.ts'
import type { TenantId } from '../contract/names.ts'
import { parseTenantId, quote } from '../contract/names.ts'
import type { IdentityNeeds } from '../identity/keys.ts'
import { listTenants, pagesOfKeys, stateOfKey } from '../identity/keys.ts'
import type { EndedTenant, Tenant, TenantSizes } from '../identity/store.ts'
import { deleteTenant } from '../identity/tenant-end.ts'
import type { Storage } from '../storage/engine.ts'
import { tenantEndNeeds } from '../stores.ts'
import { systemWorld } from '../world.ts'
import { operatorName } from './operator.ts'
import type { SharedOptions } from './options.ts'
import { storeSettings, withSettings } from './options.ts'
import { exitStatus, printNote, printResult, timeText } from './output.ts'
import { percentText, startProgress } from './progress.ts'
import { withStore } from './store.ts'

type DeleteOptions = SharedOptions & {
  readonly confirm?: string
  readonly dryRun?: boolean
}

/** What is told of a tenant before it goes. */
export type Deletion = {
  readonly tenant: Tenant | EndedTenant
  readonly sizes: TenantSizes
  /** Of its keys, those that open it now. */
  readonly livingKeys: number
}

/** Adds the command below `tenant`. */
export function addTenantDelete(tenant: Command): void {
  withSettings(tenant.command('delete <id>'), storeSettings)
    .description(
      'delete a tenant with its documents, their record and its keys, for good; a server that ' +
        'runs lets no request of it in from then on. Asks for the id to be typed',
    )
    .option('--confirm <id>', 'the id once more, where nobody is there to type it')
    .option('--dry-run', 'say what would go, and delete nothing')
    .action((id: string, options: DeleteOptions) => {
      checkConfirmation(id, options)
      return withStore(options, (needs, storage) => run(parseTenantId(id), options, needs, storage))
    })
}

/** Before the store is opened: what cannot be confirmed is not begun. */
function checkConfirmation(id: string, { confirm, dryRun }: DeleteOptions): void {
  if (dryRun === true || confirm === id) return
  if (confirm !== undefined) {
    throw usage(
      `--confirm says ${quote(confirm)}, and the tenant to delete is ${quote(id)}; ` +
        'nothing was deleted',
    )
  }
  if (process.stdin.isTTY === true && process.stderr.isTTY === true) return
  throw usage(
    'The id of the tenant has to be typed once more, and there is no terminal to ask at. Add ' +
      `--confirm ${quote(id)}, or see with --dry-run what would go. Nothing was deleted`,
  )
}

function usage(message: string): CommanderError {
  return new CommanderError(exitStatus.usage, 'tenantry.confirm', message)
}

async function run(
  id: TenantId,
  options: DeleteOptions,
  needs: IdentityNeeds,
  storage: Storage,
): Promise<void> {
  const deletion = await survey(id, options, needs, storage)
  const text = deletionText(deletion)
  if (options.dryRun === true) {
    printResult(options.json, deletion, text)
    printNote('Nothing was deleted: this was a dry run.')
    return
  }
  if (!options.json) printNote(text)
  if (options.confirm === undefined) {
    await askForId(id, process.stdin, process.stderr)
  }
  const ended = await drop(deletion, options, storage)
  printResult(options.json, ended, `deleted tenant ${id}`)
  printNote(
    'Backups and exports that were made before still hold it; its id is free for another tenant.',
  )
}

async function survey(
  id: TenantId,
  options: DeleteOptions,
  needs: IdentityNeeds,
  { tenantEnds }: Storage,
): Promise<Deletion> {
  const ending = (await tenantEnds.listEndedTenants()).find((each) => each.id === id && !each.gone)
  const tenant = ending ?? (await listTenants(needs)).find((each) => each.id === id)
  if (tenant === undefined) {
    throw new Refusal(
      'NotFound',
      `There is no tenant ${quote(id)} to delete; tenantry tenant list shows those there are.`,
    )
  }
  const progress = startProgress(options.json)
  let counted = 0
  const sizes = await tenantEnds.measureTenant(id, (rows) => {
    counted += rows
    progress.show(() => `counting what there is of ${id}: ${countText(counted)} rows`)
  })
  progress.end()
  let livingKeys = 0
  for await (const page of pagesOfKeys(id, needs)) {
    livingKeys += page.filter((key) => stateOfKey(key, needs.now()) === 'alive').length
  }
  return { tenant, sizes, livingKeys }
}

/** What goes, for people; a list of at most some dozen lines, however much there is. */
export function deletionText({ tenant, sizes, livingKeys }: Deletion): string {
  const { id, created, createdBy } = tenant
  const { documents, liveVersions, collections, largest, changes, newestChange, bytes } = sizes
  const others = collections - largest.length
  const lines = [
    'ended' in tenant
      ? `Tenant ${id} was ended on ${timeText(tenant.ended)} by ${tenant.endedBy}. What is left:`
      : `Tenant ${id}, made on ${timeText(created)} by ${createdBy}. What goes, for good:`,
    `  ${amountText(documents, 'document')}, ${countText(liveVersions)} with a live version, in ` +
      amountText(collections, 'collection'),
    ...largest.map((each) => `    ${each.collection}: ${countText(each.documents)}`),
    ...(others > 0 ? [`    and ${amountText(others, 'collection')} more`] : []),
    `  ${amountText(changes, 'row')} of the record` +
      (newestChange === undefined ? '' : `, the newest of ${timeText(newestChange)}`),
    `  ${amountText(sizes.keys, 'key')}` +
      ('ended' in tenant ? '' : `, ${countText(livingKeys)} of them alive`),
    `  ${bytesText(bytes)} of content in all of these, about`,
  ]
  if ('ended' in tenant) return lines.join('\n')
  return `${lines.join('\n')}
To keep a copy, stop here: tenantry export --tenant ${id}, or tenantry backup FILE.`
}

/** Resolves when the id was typed. Throws `BadRequest` for anything else, and for nothing. */
export async function askForId(id: TenantId, input: Readable, output: Writable): Promise<void> {
  const asking = createInterface({ input, output })
  const { promise: gone, resolve: giveUp } = Promise.withResolvers<string>()
  // Control-C and Control-D are answers too.
  asking.once('SIGINT', () => giveUp('')).once('close', () => giveUp(''))
  try {
    const question = 'This cannot be undone. Type the id of the tenant to delete it: '
    const typed = await Promise.race([asking.question(question), gone])
    if (typed.trim() === id) return
  } finally {
    asking.close()
  }
  throw new Refusal('BadRequest', `That is not ${id}; nothing was deleted.`)
}

async function drop(
  { tenant: { id }, sizes }: Deletion,
  { json }: DeleteOptions,
  storage: Storage,
): Promise<EndedTenant & { readonly rows: number }> {
  const all = sizes.documents + sizes.changes + sizes.keys + sizes.others
  const progress = startProgress(json)
  let rows = 0
  try {
    const ended = await deleteTenant(
      id,
      operatorName(),
      tenantEndNeeds(storage, systemWorld),
      (dropped) => {
        rows += dropped
        progress.show(
          () =>
            `deleting ${id}: ${countText(rows)} of ${countText(all)} rows, ` +
            `${percentText(Math.min(rows, all), all)}; when stopped, run it again`,
        )
      },
    )
    return { ...ended, rows }
  } finally {
    progress.end()
  }
}
