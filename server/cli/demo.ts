/**
 * The demo of `tenantry dev`: a tenant, some documents, and a key that may do everything. The key's
 * text is kept in a file, the one exception to "shown once", and it lives until it is revoked.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningServer } from '../compose.ts'
import type { Config } from '../config.ts'
import { StartRefused } from '../contract/errors.ts'
import type { TenantId } from '../contract/names.ts'
import { parseCollectionName, parseDocumentName, parseTenantId } from '../contract/names.ts'
import { apis } from '../contract/scopes.ts'
import type { IdentityNeeds } from '../identity/keys.ts'
import { createKey, findLivingKey, listKeys, revokeKey, stateOfKey } from '../identity/keys.ts'
import type { Key } from '../identity/store.ts'
import { operatorName } from './operator.ts'

export const demoTenant = parseTenantId('tenant-alpha')

/** What a key of the demo may do. */
export const everything = apis.map((api) => `${api}:*`)

/** By which a key is known to be the demo's. */
const demoLabel = 'demo of tenantry dev'

const demoDocuments = [
  ['users', 'user-001', { email: 'owner@alpha.test', role: 'owner' }],
  ['users', 'user-002', { email: 'viewer@alpha.test', role: 'viewer' }],
  [
    'bots',
    'bot-001',
    {
      name: 'Front desk',
      versions: { current: { greeting: 'Hello, how can I help?', model: 'fast' } },
    },
  ],
] as const

/** Where the text of the demo's key is kept. */
export function demoKeyFile({ data }: Config): string {
  return join(data, 'demo-key')
}

/** The demo's keys that are alive: one at the most, unless somebody made more with its label. */
export async function findDemoKeys(needs: IdentityNeeds): Promise<readonly Key[]> {
  const keys = await listKeys(undefined, needs)
  return keys.filter((key) => key.label === demoLabel && stateOfKey(key, needs.now()) === 'alive')
}

/** The key of the file while it lives; else a new one, in the file from now on. */
export async function demoKey(
  tenant: TenantId,
  needs: IdentityNeeds,
  config: Config,
): Promise<string> {
  const file = demoKeyFile(config)
  const kept = readKept(file)
  const living = kept === undefined ? undefined : await findLivingKey(kept, needs)
  if (kept !== undefined && living?.tenant === tenant) return kept
  // A demo key whose file is gone is in nobody's hands, or in the wrong ones.
  for (const { id } of await findDemoKeys(needs)) await revokeKey(id, undefined, needs)
  const request = { tenant, scopes: everything, label: demoLabel, expiresAt: undefined }
  const { text } = await createKey(request, operatorName(), needs)
  keepText(file, text)
  return text
}

/**
 * Writes what is missing through the front door: the demo is the first client of the API. What is
 * there from an earlier start is left alone, also when that start was cut off before the last.
 */
export async function seedDemo(
  { address, storage }: Pick<RunningServer, 'address' | 'storage'>,
  tenant: TenantId,
  key: string,
): Promise<void> {
  for (const [collection, document, content] of demoDocuments) {
    // Asked of the store: to ask the API would leave a line in the log at each start.
    const there = await storage.documents.read({
      tenant,
      collection: parseCollectionName(collection),
      document: parseDocumentName(document),
    })
    if (there !== undefined) continue
    const path = `/api/v1/provisioning/tenants/${tenant}/${collection}/${document}`
    const headers = {
      Authorization: `Bearer ${key}`,
      'Content-Type': 'application/json',
      'If-None-Match': '*',
    }
    const body = JSON.stringify(content)
    const answer = await fetch(address + path, { method: 'POST', headers, body })
    // 412: somebody who knows the key was quicker.
    if (!answer.ok && answer.status !== 412)
      throw new Error(`the demo's ${collection}/${document} was answered with ${answer.status}`)
  }
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
