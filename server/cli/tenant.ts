/** `tenantry tenant create|list`. */
import type { Command } from 'commander'
import type { Store } from '../compose.ts'
import { identityNeeds, systemWorld } from '../compose.ts'
import { Refusal } from '../contract/errors.ts'
import { parseTenantId } from '../contract/names.ts'
import { createTenant } from '../identity/keys.ts'
import { operatorName } from './operator.ts'
import type { SharedOptions } from './options.ts'
import { storeSettings, withSettings } from './options.ts'
import { printResult, printTable } from './output.ts'
import { withStore } from './store.ts'

export function addTenant(program: Command): void {
  const tenant = program.command('tenant').description('make and list tenants')

  withSettings(tenant.command('create <id>'), storeSettings)
    .description('make a tenant; its id is 1 to 128 of A-Z a-z 0-9 . _ -')
    .action((id: string, options: SharedOptions) =>
      withStore(options, (storage) => create(storage, id, options), true),
    )

  withSettings(tenant.command('list'), storeSettings)
    .description('list all tenants')
    .action((options: SharedOptions) => withStore(options, (storage) => list(storage, options)))
}

async function create(storage: Store, text: string, options: SharedOptions): Promise<void> {
  const id = parseTenantId(text)
  const needs = identityNeeds(storage, systemWorld)
  const { tenant, created } = await createTenant(id, operatorName(), needs)
  if (!created)
    throw new Refusal('BadRequest', `There is a tenant ${id} already; nothing was changed.`)
  printResult(options.json, tenant, `made tenant ${id}`)
}

async function list({ identity }: Store, options: SharedOptions): Promise<void> {
  const tenants = await identity.listTenants()
  const rows = tenants.map(({ id, created, createdBy }) => [
    id,
    new Date(created).toISOString(),
    createdBy,
  ])
  const none = 'There are no tenants; tenantry tenant create ID makes one.'
  printTable(options.json, tenants, ['TENANT', 'CREATED', 'BY'], rows, none)
}
