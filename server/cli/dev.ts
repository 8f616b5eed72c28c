/**
 * `tenantry dev`, which is `npm start`: a server with a demo tenant and a key that may do
 * everything. The key is kept in a file, the one exception to "shown once", so it never listens
 * beyond this machine.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { BlockList, isIP } from 'node:net'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { Config } from '../config.ts'
import { settingNames } from '../config.ts'
import { StartRefused } from '../contract/errors.ts'
import { parseTenantId } from '../contract/names.ts'
import { apis } from '../contract/scopes.ts'
import { findLivingKey } from '../identity/caller.ts'
import type { IdentityNeeds } from '../identity/keys.ts'
import { createKey, createTenant, listKeys, revokeKey } from '../identity/keys.ts'
import { operatorName } from './operator.ts'
import type { SharedOptions } from './options.ts'
import { configFrom, withSettings } from './options.ts'
import { printResult } from './output.ts'
import { runServer } from './serve.ts'

const demoTenant = parseTenantId('tenant-alpha')
const demoLabel = 'demo of tenantry dev'

const demoDocuments = {
  'users/user-001': { email: 'owner@alpha.test', role: 'owner' },
  'users/user-002': { email: 'viewer@alpha.test', role: 'viewer' },
  'bots/bot-001': {
    name: 'Front desk',
    versions: { current: { greeting: 'Hello, how can I help?', model: 'fast' } },
  },
} as const

export function addDev(program: Command): void {
  withSettings(program.command('dev'), settingNames)
    .description('run a server for trying things out, with a demo tenant and a key')
    .action((options: SharedOptions) => {
      const { config } = configFrom(options)
      refusePublicAddress(config.host)
      return runServer(config, async ({ address, storage: { place } }, needs) => {
        const key = await demoKey(needs, config)
        await seed(address, key)
        const result = { address, store: place, tenant: demoTenant, key }
        printResult(options.json, result, welcome(address, place, key))
      })
    })
}

function refusePublicAddress(host: string): void {
  const loopback = new BlockList()
  loopback.addSubnet('127.0.0.0', 8, 'ipv4')
  loopback.addAddress('::1', 'ipv6')
  const family = isIP(host) === 6 ? 'ipv6' : 'ipv4'
  if (host === 'localhost' || (isIP(host) > 0 && loopback.check(host, family))) return
  throw new StartRefused(
    'tenantry dev keeps a key that may do everything in a file, so it listens on this machine ' +
      `only, not on ${host}. Leave TENANTRY_HOST out, or use tenantry serve.`,
  )
}

/** The key of the file while it lives; else a new one, in the file from now on. */
async function demoKey(needs: IdentityNeeds, config: Config): Promise<string> {
  const file = join(config.data, 'demo-key')
  const by = operatorName()
  await createTenant(demoTenant, by, needs)
  const kept = readKept(file)
  const living = kept === undefined ? undefined : await findLivingKey(kept, needs)
  if (kept !== undefined && living?.tenant === demoTenant) return kept
  // A demo key whose file is gone is in nobody's hands, or in the wrong ones.
  for (const { id, label, revoked } of await listKeys(demoTenant, needs)) {
    if (label === demoLabel && revoked === undefined) await revokeKey(id, demoTenant, needs)
  }
  const scopes = apis.map((api) => `${api}:*`)
  const request = { tenant: demoTenant, scopes, label: demoLabel, expiresAt: undefined }
  const { text } = await createKey(request, by, needs)
  keepText(file, text)
  return text
}

/** A new file in the place of the old: a link that stands there is replaced, not followed. */
function keepText(file: string, text: string): void {
  const fresh = `${file}.new`
  try {
    rmSync(fresh, { force: true })
    writeFileSync(fresh, `${text}\n`, { mode: 0o600, flag: 'wx' })
    renameSync(fresh, file)
  } catch (cause) {
    throw new StartRefused(`${file} cannot be written, and keeps the demo's key. Remove it.`, {
      cause,
    })
  }
}

function readKept(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new StartRefused(`${file} cannot be read, and keeps the demo's key. Remove it.`, {
      cause: error,
    })
  }
}

/** Through the front door: the demo is the first client of the API. */
async function seed(address: string, key: string): Promise<void> {
  for (const [path, document] of Object.entries(demoDocuments)) {
    const url = `${address}/api/v1/provisioning/tenants/${demoTenant}/${path}`
    const headers = {
      Authorization: `Bearer ${key}`,
      'Content-Type': 'application/json',
      'If-None-Match': '*',
    }
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(document) })
    // 412: it is there from an earlier start.
    if (!answer.ok && answer.status !== 412)
      throw new Error(`the demo's ${path} was answered with ${answer.status}`)
  }
}

function welcome(address: string, place: string, key: string): string {
  return `Tenantry serves ${address} from ${place}
Paste this into another terminal:

export CRESCENDO_TENANT_ID=${demoTenant}
export CRESCENDO_API_KEY=${key}
curl -sS -H "Authorization: Bearer $CRESCENDO_API_KEY" \\
  ${address}/api/v1/provisioning/tenants/$CRESCENDO_TENANT_ID/users

Control-C stops the server; the data stays.`
}
