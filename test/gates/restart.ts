/**
 * How long a server that was killed while it wrote is away, with much in its store: from the start
 * of the process to the first answer that it is ready. A user of `serve` waits for exactly this.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import {
  parseCollectionName,
  parseDocumentName,
  parseTenantId,
} from '../../server/contract/names.ts'
import { createKey, createTenant } from '../../server/identity/keys.ts'
import { commandOf } from '../../server/storage/conformance/document-commands.ts'
import type { Storage } from '../../server/storage/engine.ts'
import { identityNeeds } from '../../server/stores.ts'
import { systemWorld } from '../../server/world.ts'
import { send } from '../support/http.ts'
import type { Running } from '../support/process.ts'
import { findFreePort, makeFolder, startTenantry } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import { openTestStorage } from '../support/storage.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'

const readyMaxMs = 1000

/** Later than this is not late, it is not there. */
const patienceMs = 60_000
const pollMs = 5

type Form = {
  readonly storeBytes: number
  /** Of a document's content; small ones make a short form's store as many rows as a full one's. */
  readonly documentCharacters: number
  readonly kills: number
}

const full: Form = { storeBytes: 2 ** 30, documentCharacters: 8000, kills: 40 }
const short: Form = { storeBytes: 80 * 2 ** 20, documentCharacters: 200, kills: 6 }

const tenant = parseTenantId('acme')
const collection = parseCollectionName('filled')
const home = `/api/v1/provisioning/tenants/${tenant}`

const clients = 16
const loadMs = { min: 200, max: 800 }
/** What a client writes, so that the log is never short when the kill comes. */
const loadBody = JSON.stringify({ text: 'x'.repeat(16_000) })

export const restart: Gate = {
  name: 'restart',
  about: `kill -9 under write load with 1 GiB in the store, and a new start, ${full.kills} times.`,
  target: `ready ≤ ${readyMaxMs} ms after the start, at p95`,
  needs: [],
  run,
  control: {
    title: 'checks the integrity of the whole file before it serves',
    breakages: [
      {
        file: 'server/storage/sqlite/database.ts',
        from: '      assertDurable(connection, path)\n',
        to: `      assertDurable(connection, path)
      connection.prepare('PRAGMA integrity_check').all()
`,
      },
    ],
  },
}

async function run({ build, short: isShort, seed, tell }: GateOptions): Promise<Verdict> {
  const form = isShort ? short : full
  const random = seededRandom(seed)
  const folder = makeFolder()
  let server: Running | undefined
  try {
    const key = await fill(folder.path, form, tell)
    const port = await findFreePort()
    const env = { TENANTRY_DATA: folder.path, TENANTRY_PORT: String(port) }
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }
    const readyMs: number[] = []
    for (let kill = 0; kill <= form.kills; kill++) {
      const began = performance.now()
      server = startTenantry(['serve', '--json'], { build, env })
      await untilReady(port, server)
      const took = performance.now() - began
      // Before the first kill there is nothing to recover from.
      if (kill > 0) {
        readyMs.push(took)
        tell(`kill ${kill} of ${form.kills}: ready after ${took.toFixed(0)} ms`)
      }
      const writers = Array.from({ length: clients }, (_, client) => write(client, port, headers))
      await wait(loadMs.min + random() * (loadMs.max - loadMs.min))
      await server.stop('SIGKILL')
      const written = (await Promise.all(writers)).reduce((sum, count) => sum + count, 0)
      if (written === 0) throw new Error('nothing was written before the kill')
    }
    return judge(readyMs, sizeOf(folder.path))
  } finally {
    await server?.stop('SIGKILL')
    folder.remove()
  }
}

function judge(readyMs: readonly number[], bytes: number): Verdict {
  const sorted = readyMs.toSorted((one, other) => one - other).map(Math.round)
  const at = (share: number) => sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN
  const p95 = at(0.95)
  const failures = p95 <= readyMaxMs ? [] : [`it was ready after ${p95} ms at p95`]
  return {
    figures: {
      'p50 (ms)': at(0.5),
      'p95 (ms)': p95,
      'max (ms)': at(1),
      kills: sorted.length,
      'store (MiB)': Math.round(bytes / 2 ** 20),
    },
    failures,
  }
}

/** Through the product's own storage, with many writes in flight. Gives a key that may write. */
async function fill(dataFolder: string, form: Form, tell: GateOptions['tell']): Promise<string> {
  const storage = await openTestStorage(dataFolder)
  try {
    const needs = identityNeeds(storage, systemWorld)
    await createTenant(tenant, 'cli:gate', needs)
    await writeUntilFull(storage, dataFolder, form, tell)
    const wanted = { tenant, scopes: ['provisioning:*'], label: 'gate', expiresAt: undefined }
    const { text } = await createKey(wanted, 'cli:gate', needs)
    return text
  } finally {
    await storage.close()
  }
}

async function writeUntilFull(
  { documents }: Storage,
  dataFolder: string,
  { storeBytes, documentCharacters }: Form,
  tell: GateOptions['tell'],
): Promise<void> {
  const content = JSON.stringify({ text: 'x'.repeat(documentCharacters) })
  const command = {
    ...commandOf({ by: 'cli:gate', at: Date.now(), requestId: 'gate' }),
    content,
    sizeMaxBytes: content.length,
  }
  let count = 0
  let told = 0
  const writeOn = async () => {
    for (let size = 0; size < storeBytes; size = sizeOf(dataFolder)) {
      const document = parseDocumentName(`document-${count++}`)
      await documents.write({ tenant, collection, document }, command)
      const tenths = Math.floor((size * 10) / storeBytes)
      if (tenths > told) {
        told = tenths
        tell(`the store is filled to ${tenths * 10} %: ${count} documents`)
      }
    }
  }
  // As many as share a commit.
  await Promise.all(Array.from({ length: 512 }, writeOn))
}

function sizeOf(dataFolder: string): number {
  return statSync(join(dataFolder, 'tenantry.sqlite')).size
}

async function untilReady(port: number, server: Running): Promise<void> {
  const until = performance.now() + patienceMs
  while (performance.now() < until) {
    if (await isReady(port)) return
    if (server.child.exitCode !== null) throw new Error(`it ended: ${server.printed.err}`)
    await wait(pollMs)
  }
  throw new Error(`it was not ready within ${patienceMs} ms`)
}

async function isReady(port: number): Promise<boolean> {
  try {
    const { status } = await send(port, { method: 'GET', path: '/ready' })
    return status === 200
  } catch {
    return false
  }
}

/** Writes until the connection breaks, and gives how often that was acknowledged. */
async function write(
  client: number,
  port: number,
  headers: { readonly [name: string]: string },
): Promise<number> {
  for (let count = 0; ; count++) {
    const path = `${home}/load/c${client}-${count % 50}`
    try {
      const answer = await send(port, { method: 'POST', path, headers, body: loadBody })
      if (answer.status >= 300) throw new Error(`a write was answered with ${answer.text}`)
    } catch {
      return count
    }
  }
}
