/** `tenantry tenant create|list`; `delete` is in a file of its own. */
import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { Refusal } from '../contract/errors.ts'
import type { TenantId } from '../contract/names.ts'
import { parseTenantId } from '../contract/names.ts'
import type { IdentityNeeds } from '../identity/keys.ts'
import { createTenant, listTenants } from '../identity/keys.ts'
import type { Storage } from '../storage/engine.ts'
import { commandLine } from './command-line.ts'
import { operatorName } from './operator.ts'
import type { SharedOptions } from './options.ts'
import { storeSettings, withSettings } from './options.ts'
import { printResult, printTable, timeText } from './output.ts'
import { withStore } from './store.ts'
import { addTenantDelete } from './tenant-delete.ts'

type ListOptions = SharedOptions & { readonly ended?: boolean }

/** Throws `NotFound`, with the command that makes it, where this tenant is not there. */
export async function checkTenant(
  id: TenantId,
  needs: IdentityNeeds,
  config: Config,
): Promise<void> {
  if ((await listTenants(needs)).some((tenant) => tenant.id === id)) return
  throw new Refusal(
    'NotFound',
    `There is no tenant ${id} at ${config.data}. This makes it: ` +
      commandLine(['tenant', 'create', id], config),
  )
}

/** Adds the commands. */
export function addTenant(program: Command): void {
  const tenant = program.command('tenant').description('make, list and delete tenants')

  withSettings(tenant.command('create <id>'), storeSettings)
    .description('make a tenant; its id is 1 to 128 of A-Z a-z 0-9 . _ -')
    .action((id: string, options: SharedOptions) =>
      withStore(options, (needs) => create(needs, id, options), true),
    )

  withSettings(tenant.command('list'), storeSettings)
    .description('list all tenants')
    .option('--ended', 'those that were deleted instead, and who did it when')
    .action((options: ListOptions) =>
      withStore(options, (needs, storage) =>
        options.ended === true ? listEnded(storage, options) : list(needs, options),
      ),
    )

  addTenantDelete(tenant)
}

async function create(needs: IdentityNeeds, text: string, options: SharedOptions): Promise<void> {
  const id = parseTenantId(text)
  const tenant = await createTenant(id, operatorName(), needs)
  if (tenant === undefined)
    throw new Refusal('BadRequest', `There is a tenant ${id} already; nothing was changed.`)
  printResult(options.json, tenant, `made tenant ${id}`)
}

async function list(needs: IdentityNeeds, options: SharedOptions): Promise<void> {
  const tenants = await listTenants(needs)
  const rows = tenants.map(({ id, created, createdBy }) => [id, timeText(created), createdBy])
  const none = 'There are no tenants; tenantry tenant create ID makes one.'
  printTable(options.json, tenants, ['TENANT', 'CREATED', 'BY'], rows, none)
}

async function listEnded({ tenantEnds }: Storage, options: SharedOptions): Promise<void> {
  const ended = await tenantEnds.listEndedTenants()
  const rows = ended.map((each) => [
    each.id,
    timeText(each.created),
    each.createdBy,
    timeText(each.ended),
    each.endedBy,
    each.gone ? 'nothing' : 'rows; tenantry tenant delete drops them',
  ])
  const heads = ['TENANT', 'CREATED', 'BY', 'ENDED', 'BY', 'LEFT']
  printTable(options.json, ended, heads, rows, 'No tenant was ever deleted.')
}
