/**
 * A process that fills a new store through the product's own storage, and makes a key for the hot
 * tenant. Many writes are in flight at once, so that they share commits; one by one a million of
 * them would take a quarter of an hour.
 */
import { randomBytes } from 'node:crypto'
import { createKey, createTenant } from '../server/identity/keys.ts'
import { openTestStorage } from '../test/support/storage.ts'
import { addressesOf, contentOf, hotTenant } from './documents.ts'

export type SeedMessage = { readonly written: number } | { readonly key: string }

/** Twice what the writer takes in a batch: while one is on the disk, the next is full. */
const inFlight = 1024

const tellEvery = 10_000

const [folder = '', count = '0'] = process.argv.slice(2)
const tell = (message: SeedMessage) => process.send?.(message)

const storage = await openTestStorage(folder, { cacheMaxBytes: 0 })
const needs = { identity: storage.identity, now: Date.now, random: randomBytes }
await createTenant(hotTenant, 'cli:bench', needs)
const request = { tenant: hotTenant, scopes: ['provisioning:*'], label: '', expiresAt: undefined }
const { text } = await createKey(request, 'cli:bench', needs)

for (const tenant of new Set([...addressesOf(Number(count))].map((each) => each.tenant))) {
  await createTenant(tenant, 'cli:bench', needs)
}

let written = 0
const addresses = addressesOf(Number(count))
await Promise.all(Array.from({ length: inFlight }, writeOn))
await storage.close()
tell({ key: text })
process.disconnect?.()

async function writeOn(): Promise<void> {
  for (const address of addresses) {
    await storage.documents.write(address, {
      part: 'base',
      versioned: true,
      repeat: undefined,
      mode: 'replace',
      mergeDepth: 'deep',
      content: contentOf(written),
      live: undefined,
      conditions: {},
      by: 'cli:seed',
      at: Date.now(),
      requestId: `seed-${written}`,
      sizeMaxBytes: 1_048_576,
    })
    if (++written % tellEvery === 0) tell({ written })
  }
}
