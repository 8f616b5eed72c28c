/** `tenantry key create|list|revoke`. The text of a key is printed once, alone, on stdout. */
import type { Command } from 'commander'
import { CommanderError } from 'commander'
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
import { exitStatus, printNote, printResult, printTable, timeText } from './output.ts'
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
      'what it may do, one or more, a blank between: provisioning:*, provisioning:users.read, …',
    )
    .option('--label <text>', 'what it is for, for people')
    .option(
      '--expires <when>',
      'a date (2027-01-31, with or without a time; UTC unless it has a zone), or a span in ' +
        'minutes, hours or days (30m, 12h, 90d)',
    )
    .action((options: CreateOptions) => {
      checkScopeArguments(options.scope)
      return withStore(options, (needs) => create(needs, options))
    })

  withSettings(key.command('list'), storeSettings)
    .description(
      'list keys, revoked and expired ones too, without their texts; a server that runs writes ' +
        'down every ten seconds which keys were used, so LAST USED may lag by as much',
    )
    .option('--tenant <id>', 'only the keys of this tenant')
    .action((options: ListOptions) => withStore(options, (needs) => list(needs, options)))

  withSettings(key.command('revoke <id>'), storeSettings)
    .description('end a key for good; a server that runs refuses it within a second')
    .action((id: string, options: SharedOptions) =>
      withStore(options, (needs) => revoke(needs, id, options)),
    )
}

async function create(needs: IdentityNeeds, options: CreateOptions): Promise<void> {
  const request = {
    tenant: parseTenantId(options.tenant),
    scopes: options.scope,
    label: options.label ?? '',
    expiresAt: options.expires === undefined ? undefined : parseExpiry(options.expires),
  }
  const made = createKey(request, operatorName(), needs)
  const { key, text } = await orHint(made, whatTenantsThereAre)
  printResult(options.json, { ...publicKey(key), key: text }, text)
  const until = key.expiresAt === undefined ? 'may' : `may until ${timeText(key.expiresAt)}`
  printNote(`made key ${key.id}; its text is shown this once. It ${until}:`)
  for (const scope of key.scopes) printNote(`- ${meaningOf(scope)} (${scope})`)
}

async function list(needs: IdentityNeeds, options: ListOptions): Promise<void> {
  const tenant = options.tenant === undefined ? undefined : parseTenantId(options.tenant)
  const keys = await orHint(listKeys(tenant, needs), whatTenantsThereAre)
  const rows = keys.map((key) => [
    key.id,
    key.tenant,
    stateOf(key),
    key.scopes.join(' '),
    timeText(key.created),
    key.createdBy,
    timeText(key.expiresAt),
    timeText(key.lastUsed),
    key.label,
  ])
  printTable(
    options.json,
    keys.map(publicKey),
    ['ID', 'TENANT', 'STATE', 'SCOPES', 'CREATED', 'BY', 'EXPIRES', 'LAST USED', 'LABEL'],
    rows,
    'There are no keys; tenantry key create makes one.',
  )
}

async function revoke(needs: IdentityNeeds, id: string, options: SharedOptions): Promise<void> {
  const at = needs.now()
  const key = await orHint(revokeKey(id, { ...needs, now: () => at }), whatKeysThereAre)
  // What was revoked before keeps its time.
  const text =
    key.revoked === at
      ? `revoked key ${id}`
      : `key ${id} was revoked already, on ${timeText(key.revoked)}`
  printResult(options.json, publicKey(key), text)
}

const whatTenantsThereAre =
  'tenantry tenant list shows those there are; tenantry tenant create makes one.'
const whatKeysThereAre = 'tenantry key list shows those there are.'

/** What rejects with `NotFound` says in addition how to find what there is. */
async function orHint<Result>(result: Promise<Result>, hint: string): Promise<Result> {
  return result.catch((error: unknown) => {
    if (!(error instanceof Refusal) || error.code !== 'NotFound') throw error
    throw new Refusal('NotFound', `${error.message} ${hint}`, { cause: error })
  })
}

/**
 * The grammar takes commas and blanks, since collections may have them in their names. What is
 * typed so is two scopes in one argument, and would be a key for a collection of that odd name.
 */
function checkScopeArguments(scopes: readonly string[]): void {
  const glued = scopes.find((scope) => /\s|,\w+:/.test(scope))
  if (glued === undefined) return
  throw new CommanderError(
    exitStatus.usage,
    'tenantry.scope',
    `${quote(glued)} is no scope, but looks like several in one argument. ` +
      'Give each as an argument of its own: --scope provisioning:read voc:read',
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
  return api === 'provisioning'
    ? `${verb} the documents of the collection ${quote(resource)} alone`
    : `${verb} the resource ${quote(resource)} of ${api} alone`
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
