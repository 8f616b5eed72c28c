/** `tenantry key create|list|revoke`. The text of a key is printed once, alone, on stdout. */
import type { Command } from 'commander'
import { systemWorld } from '../compose.ts'
import { Refusal } from '../contract/errors.ts'
import { parseTenantId, quote } from '../contract/names.ts'
import { parseScope } from '../contract/scopes.ts'
import type { IdentityNeeds } from '../identity/keys.ts'
import { createKey, listKeys, revokeKey, stateOfKey } from '../identity/keys.ts'
import type { Key } from '../identity/store.ts'
import { operatorName } from './operator.ts'
import type { SharedOptions } from './options.ts'
import { storeSettings, withSettings } from './options.ts'
import { printNote, printResult, printTable } from './output.ts'
import { withStore } from './store.ts'

type CreateOptions = SharedOptions & {
  readonly tenant: string
  readonly scope: readonly string[]
  readonly label?: string
  readonly expires?: string
}

type ListOptions = SharedOptions & { readonly tenant?: string }

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

export function addKey(program: Command): void {
  const key = program.command('key').description('make, list and revoke API keys')

  withSettings(key.command('create'), storeSettings)
    .description('make a key and print its text, which is shown this once')
    .requiredOption('--tenant <id>', 'the tenant that the key belongs to')
    .requiredOption(
      '--scope <scope...>',
      'what it may do, one or more: provisioning:*, provisioning:read, provisioning:users.write, …',
    )
    .option('--label <text>', 'what it is for, for people')
    .option('--expires <when>', 'a date (2027-01-31, with or without a time) or a span (90d, 12h)')
    .action((options: CreateOptions) => withStore(options, (needs) => create(needs, options)))

  withSettings(key.command('list'), storeSettings)
    .description('list keys, revoked and expired ones too, without their texts')
    .option('--tenant <id>', 'only the keys of this tenant')
    .action((options: ListOptions) => withStore(options, (needs) => list(needs, options)))

  withSettings(key.command('revoke <id>'), storeSettings)
    .description('end a key for good; a server that runs refuses it within a second')
    .action((id: string, options: SharedOptions) =>
      withStore(options, async (needs) => {
        const revoked = await revokeKey(id, undefined, needs)
        printResult(options.json, publicKey(revoked), `revoked key ${id}`)
      }),
    )
}

async function create(needs: IdentityNeeds, options: CreateOptions): Promise<void> {
  const request = {
    tenant: parseTenantId(options.tenant),
    scopes: options.scope,
    label: options.label ?? '',
    expiresAt: options.expires === undefined ? undefined : parseExpiry(options.expires),
  }
  const { key, text } = await createKey(request, operatorName(), needs)
  printResult(options.json, { ...publicKey(key), key: text }, text)
  printNote(`made key ${key.id}; its text is shown this once. It may:`)
  if (key.expiresAt !== undefined) printNote(`- until ${timeText(key.expiresAt)}`)
  for (const scope of key.scopes) printNote(`- ${meaningOf(scope)} (${scope})`)
}

async function list(needs: IdentityNeeds, options: ListOptions): Promise<void> {
  const tenant = options.tenant === undefined ? undefined : parseTenantId(options.tenant)
  const keys = await listKeys(tenant, needs)
  const rows = keys.map((key) => [
    key.id,
    key.tenant,
    stateOf(key),
    key.scopes.join(' '),
    timeText(key.expiresAt),
    timeText(key.lastUsed),
    key.label,
  ])
  printTable(
    options.json,
    keys.map(publicKey),
    ['ID', 'TENANT', 'STATE', 'SCOPES', 'EXPIRES', 'LAST USED', 'LABEL'],
    rows,
    'There are no keys; tenantry key create makes one.',
  )
}

/** Everything but the hash, and what the key is good for now. */
function publicKey(key: Key) {
  const { hash: _, ...rest } = key
  return { ...rest, state: stateOf(key) }
}

function stateOf(key: Key): string {
  return stateOfKey(key, systemWorld.now())
}

/** In words, so that a mistyped scope, which is a collection's name, is noticed at once. */
function meaningOf(text: string): string {
  const { api, resource, mode } = parseScope(text)
  const verb = mode ?? 'read and write'
  if (resource === undefined) return `${verb} everything of ${api}`
  const kind = api === 'provisioning' ? 'the documents of the collection' : `of ${api} the resource`
  return `${verb} ${kind} ${quote(resource)}`
}

function timeText(time: number | undefined): string {
  return time === undefined ? '-' : new Date(time).toISOString()
}

/** RFC 3339, or a date alone; UTC where no zone is said. Undefined for days that no month has. */
function parseDateTime(text: string): number | undefined {
  const shape = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2})?))?([Zz]|[+-]\d{2}:\d{2})?$/
  const [, date, clock = '00:00', zone = 'Z'] = shape.exec(text) ?? []
  if (date === undefined) return undefined
  const midnight = Date.parse(`${date}T00:00Z`)
  // Date.parse takes the 31st of February for a day in March.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return undefined
  const time = Date.parse(`${date}T${clock}${zone.toUpperCase()}`)
  return Number.isNaN(time) ? undefined : time
}

/** Epoch milliseconds. Throws `BadRequest`. */
function parseExpiry(text: string): number {
  const span = /^([1-9][0-9]{0,4})([mhd])$/.exec(text)
  if (span !== null) {
    return systemWorld.now() + Number(span[1]) * unitMs[span[2] as keyof typeof unitMs]
  }
  const time = parseDateTime(text)
  if (time === undefined) {
    throw new Refusal(
      'BadRequest',
      `${quote(text)} is no time: a date as 2027-01-31, a date-time as 2027-01-31T12:00:00Z, ` +
        'or a span as 90d, 12h, 30m.',
    )
  }
  return time
}
