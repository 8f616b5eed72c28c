/**
 * The real server in a process of its own, over a store that was filled before: any tenants, and
 * keys with any scopes, those too that no door would take. `tenantry serve`, not the demo.
 */
import { parseTenantId } from '../../server/contract/names.ts'
import { hashKeyText, makeKeyId, makeKeyText } from '../../server/identity/key-text.ts'
import { createTenant } from '../../server/identity/keys.ts'
import { identityNeeds } from '../../server/stores.ts'
import { systemWorld } from '../../server/world.ts'
import type { Running, StartOptions } from './process.ts'
import { startTenantry } from './process.ts'
import { openTestStorage } from './storage.ts'

export type KeyWanted = {
  readonly tenant: string
  readonly scopes: readonly string[]
  readonly label?: string
  readonly expiresAt?: number
  readonly revoked?: number
  /** A text that was made elsewhere; without it, one is made. */
  readonly text?: string
}

export type FilledKey = KeyWanted & { readonly id: string; readonly text: string }

/** Makes the tenants and keys in this folder's store, in the order asked for. */
export async function fillStore(
  dataFolder: string,
  tenants: readonly string[],
  wanted: readonly KeyWanted[],
): Promise<FilledKey[]> {
  const storage = await openTestStorage(dataFolder)
  try {
    const needs = identityNeeds(storage, systemWorld)
    for (const tenant of tenants) await createTenant(parseTenantId(tenant), 'cli:test', needs)
    return await Promise.all(
      wanted.map(async (key) => {
        const made = makeKeyText(systemWorld.random)
        const text = key.text ?? made.text
        const id = key.text === undefined ? made.id : makeKeyId(systemWorld.random)
        // Past the rules: a store may hold what an older or a newer server let in.
        const creation = await storage.identity.createKey({
          id,
          tenant: parseTenantId(key.tenant),
          hash: hashKeyText(text),
          scopes: key.scopes,
          label: key.label ?? '',
          created: systemWorld.now(),
          createdBy: 'cli:test',
          expiresAt: key.expiresAt,
          lastUsed: undefined,
          revoked: key.revoked,
          rotatedTo: undefined,
        })
        if (creation !== 'created') throw new Error(`a key could not be made: ${creation}`)
        return { ...key, id, text }
      }),
    )
  } finally {
    await storage.close()
  }
}

export type FilledServer = {
  readonly running: Running
  readonly port: number
}

/** Rejects when it ends before it serves. */
export async function startFilledServer(
  dataFolder: string,
  options: StartOptions = {},
): Promise<FilledServer> {
  const env = { TENANTRY_DATA: dataFolder, TENANTRY_PORT: '0', ...options.env }
  const running = startTenantry(['serve', '--json'], { ...options, env })
  const { address } = JSON.parse(await running.waitFor(/\n/))
  return { running, port: Number(new URL(address).port) }
}
