/**
 * The server under test: the real one on a real store in a folder of its own, with a clock that
 * stands still until it is told to move, and random bytes that are the same in every run.
 */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AskedFaults } from '../../server/compose.ts'
import { startServer } from '../../server/compose.ts'
import type { Config, SettingName } from '../../server/config.ts'
import { readConfig } from '../../server/config.ts'
import { parseTenantId } from '../../server/contract/names.ts'
import type { ListenAt } from '../../server/http/server.ts'
import { createKey, createTenant } from '../../server/identity/keys.ts'
import type { Event } from '../../server/observe/events.ts'
import type { Storage } from '../../server/storage/engine.ts'
import { identityNeeds } from '../../server/stores.ts'
import type { World } from '../../server/world.ts'
import { systemWorld } from '../../server/world.ts'

export type TestServer = {
  readonly port: number
  readonly storage: Storage
  readonly config: Config
  /** All that was told since the start. */
  readonly events: readonly Event[]
  /** Epoch milliseconds of the clock; set it to move it. */
  time: number
  /** Makes the tenant if it is missing, and a key for it. */
  makeKey(
    tenant: string,
    scopes: readonly string[],
    expiresAt?: number,
    label?: string,
  ): Promise<{ id: string; text: string }>
  close(): Promise<void>
}

export type TestServerOptions = {
  readonly settings?: { readonly [Name in SettingName]?: string }
  readonly at?: Partial<ListenAt>
  /** Puts something between the server and its store, such as faults. */
  readonly wrap?: (storage: Storage) => Storage
  readonly faults?: AskedFaults
  /** A folder to open again; it is not removed then. */
  readonly folder?: string
}

export const startTime = 1_800_000_000_000

/** Started on a free port. The folder is removed at `close`. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'tenantry-test-'))
  const { config } = readConfig(
    { data: folder, port: '0', drainMs: '2000', ...options.settings },
    {},
  )
  const events: Event[] = []
  const clock = { time: startTime }
  const world: World = { ...systemWorld, now: () => clock.time, random: countingBytes() }
  const running = await startServer(config, {
    world,
    tell: (event) => events.push(event),
    onBroken: (fault) => {
      throw fault
    },
    at: options.at,
    wrap: options.wrap,
    faults: options.faults,
  })
  const { storage } = running
  const needs = identityNeeds(storage, world)
  return {
    port: Number(new URL(running.address).port),
    storage,
    config,
    events,
    get time() {
      return clock.time
    },
    set time(time) {
      clock.time = time
    },
    async makeKey(tenantText, scopes, expiresAt, label = 'test') {
      const tenant = parseTenantId(tenantText)
      await createTenant(tenant, 'cli:test', needs)
      const request = { tenant, scopes, label, expiresAt }
      const { key, text } = await createKey(request, 'cli:test', needs)
      return { id: key.id, text }
    },
    async close() {
      await running.close()
      if (options.folder === undefined) rmSync(folder, { recursive: true })
    },
  }
}

/** Bytes that look random and never repeat: the hash of a counter. */
function countingBytes(): (count: number) => Uint8Array {
  let drawn = 0
  return (count) => {
    const blocks: Uint8Array[] = []
    for (let size = 0; size < count; size += 32) {
      blocks.push(createHash('sha256').update(String(drawn++)).digest())
    }
    return Buffer.concat(blocks).subarray(0, count)
  }
}
