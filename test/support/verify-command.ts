/** `tenantry verify` as it is typed, and the servers that it is pointed at. */
import { DatabaseSync } from 'node:sqlite'
import type { DemoServer } from './demo-server.ts'
import { demoTenant, startDemoServer } from './demo-server.ts'
import type { Finished, Running, StartOptions } from './process.ts'
import { makeFolder, runTenantry, startTenantry } from './process.ts'

export type Verified = {
  readonly demo: DemoServer
  readonly base: string
  readonly key: string
  readonly readerKey: string
  /** All documents that the store has, by collection and name, with their revisions. */
  readonly documents: () => unknown
  stop(): Promise<void>
}

/** A server of its own with the demo's tenant and both keys. */
export async function startVerified(env: StartOptions['env'] = {}): Promise<Verified> {
  const folder = makeFolder()
  const demo = await startDemoServer(folder.path, { env })
  const key = String(demo.headers.Authorization).slice('Bearer '.length)
  const scope = ['--scope', 'provisioning:read']
  const made = await runTenantry(['key', 'create', '--tenant', demoTenant, ...scope], {
    env: { TENANTRY_DATA: folder.path },
  })
  return {
    demo,
    base: `http://127.0.0.1:${demo.port}`,
    key,
    readerKey: made.out.trim(),
    documents() {
      const store = new DatabaseSync(`${folder.path}/tenantry.sqlite`, { readOnly: true })
      try {
        const columns = 'tenant, collection, document, revision'
        return store.prepare(`SELECT ${columns} FROM documents ORDER BY 1, 2, 3`).all()
      } finally {
        store.close()
      }
    },
    async stop() {
      await demo.running.stop()
      folder.remove()
    },
  }
}

/** The keys go along in the environment, where those are that people have. */
export function runVerify(
  { key, readerKey }: Pick<Verified, 'key' | 'readerKey'>,
  args: readonly string[],
  env: StartOptions['env'] = {},
): Promise<Finished> {
  return startVerify({ key, readerKey }, args, env).ended
}

/** The same, not waited for. */
export function startVerify(
  { key, readerKey }: Pick<Verified, 'key' | 'readerKey'>,
  args: readonly string[],
  env: StartOptions['env'] = {},
): Running {
  const keys = { CRESCENDO_API_KEY: key, CRESCENDO_READER_KEY: readerKey }
  const tenant = { CRESCENDO_TENANT_ID: demoTenant }
  return startTenantry(['verify', ...args], { env: { ...keys, ...tenant, ...env } })
}
