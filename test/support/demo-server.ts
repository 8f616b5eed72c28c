/**
 * The real server in a process of its own, with the demo's tenant and key: what a test needs to
 * send it a request. It prints its address only once it answers.
 */
import type { Running, StartOptions } from './process.ts'
import { startTenantry } from './process.ts'

export const demoTenant = 'tenant-alpha'

/** Where the documents of the demo's tenant are: `${demoHome}/{collection}/{document}`. */
export const demoHome = `/api/v1/provisioning/tenants/${demoTenant}`

export type DemoServer = {
  readonly running: Running
  readonly port: number
  /** The key, and the type of a body. */
  readonly headers: { readonly [name: string]: string }
}

/** Rejects when it ends before it serves. */
export function startDemoServer(
  dataFolder: string,
  options: StartOptions = {},
): Promise<DemoServer> {
  return whenServing(startDemo(dataFolder, options))
}

/** The process alone, for those who expect that it may not come to serve. */
export function startDemo(dataFolder: string, options: StartOptions = {}): Running {
  const env = { TENANTRY_DATA: dataFolder, TENANTRY_PORT: '0', ...options.env }
  return startTenantry(['dev', '--json'], { ...options, env })
}

/** Rejects when it ends before it serves. */
export async function whenServing(running: Running): Promise<DemoServer> {
  const { address, key } = JSON.parse(await running.waitFor(/\n/))
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }
  return { running, port: Number(new URL(address).port), headers }
}
