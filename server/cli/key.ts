/** `tenantry key create|list|rotate|revoke`. A key's text is printed once, alone, on stdout. */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { CommanderError } from 'commander'
import { Refusal } from '../contract/errors.ts'
import { keyOverlapMaxSeconds } from '../contract/limits.ts'
import { parseTenantId, quote } from '../contract/names.ts'
import { parseScope } from '../contract/scopes.ts'
import type { IdentityNeeds } from '../identity/keys.ts'
import {
  createKey,
  importKey,
  listKeys,
  revokeKey,
  rotateKey,
  stateOfKey,
} from '../identity/keys.ts'
import type { Key } from '../identity/store.ts'
import { systemWorld } from '../world.ts'
import { operatorName } from './operator.ts'
import type { SharedOptions } from './options.ts'
import { storeSettings, withSettings } from './options.ts'
import { exitStatus, printNote, printResult, printTable, timeText } from './output.ts'
import { withStore } from './store.ts'
import { parseExpiry, parseSpan } from './times.ts'

type CreateOptions = SharedOptions & {
  readonly tenant: string
  readonly scope: readonly string[]
  readonly label?: string
  readonly expires?: string
  readonly import?: boolean
}

type ListOptions = SharedOptions & { readonly tenant?: string }

type RotateOptions = SharedOptions & { readonly overlap?: string }

export function addKey(program: Command): void {
  const key = program.command('key').description('make, list, rotate and revoke API keys')

  withSettings(key.command('create'), storeSettings)
    .description('make a key and print its text, which is shown this once')
    .requiredOption('--tenant <id>', 'the tenant that the key belongs to')
    .requiredOption(
      '--scope <scope...>',
      'what it may do, one or more, a blank between: provisioning:*, provisioning:users.read, …',
    )
    .option('--label <text>', 'what it is for, for people')
    .option('--import', 'bring a text along that clients have already, read from stdin')
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

  withSettings(key.command('rotate <id>'), storeSettings)
    .description('make a key that takes the place of this one, and print its text')
    .option(
      '--overlap <span>',
      'how long the old text lives on (30m, 12h, at most 7d); without, it ends at once',
    )
    .action((id: string, options: RotateOptions) =>
      withStore(options, (needs) => rotate(needs, id, options)),
    )

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
    expiresAt:
      options.expires === undefined ? undefined : parseExpiry(options.expires, needs.now()),
  }
  const by = operatorName()
  const made =
    options.import === true
      ? importKey(readFirstLine(process.stdin.fd), request, by, needs)
      : createKey(request, by, needs)
  const { key, text } = await orHint(made, whatTenantsThereAre)
  const until = key.expiresAt === undefined ? 'may' : `may until ${timeText(key.expiresAt)}`
  if (options.import === true) {
    // Who brought the text along has it; one place less where it can be read.
    printResult(options.json, publicKey(key), key.id)
    printNote(`made key ${key.id} of the text from stdin. It ${until}:`)
  } else {
    printResult(options.json, { ...publicKey(key), key: text }, text)
    printNote(`made key ${key.id}; its text is shown this once. It ${until}:`)
  }
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

async function rotate(needs: IdentityNeeds, id: string, options: RotateOptions): Promise<void> {
  const overlapMs = options.overlap === undefined ? 0 : parseSpan(options.overlap)
  if (overlapMs > keyOverlapMaxSeconds * 1000) {
    throw new Refusal('BadRequest', 'An old text lives on for seven days at most.')
  }
  const { key, text } = await orHint(
    rotateKey({ tenant: undefined, id, overlapMs }, operatorName(), needs),
    whatKeysThereAre,
  )
  printResult(options.json, { ...publicKey(key), key: text }, text)
  const end = overlapMs === 0 ? 'ended' : `ends on ${timeText(needs.now() + overlapMs)}`
  printNote(`made key ${key.id}; its text is shown this once. Key ${id} ${end}.`)
}

async function revoke(needs: IdentityNeeds, id: string, options: SharedOptions): Promise<void> {
  const at = needs.now()
  const key = await orHint(revokeKey(id, undefined, { ...needs, now: () => at }), whatKeysThereAre)
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

/** The text before the first line end; a key has none in it. Throws `BadRequest` for nothing. */
function readFirstLine(descriptor: number): string {
  const [line = ''] = readFileSync(descriptor, 'utf8').split(/\r?\n/, 1)
  if (line !== '') return line
  throw new Refusal('BadRequest', 'There is no key on stdin; pipe it in, as from a file.')
}
