/**
 * `tenantry dev`, which is `npm start`: a server with a demo tenant and a key that may do
 * everything. The key is kept in a file, so it never listens beyond this machine.
 */
import type { Command } from 'commander'
import { settingNames } from '../config.ts'
import { StartRefused } from '../contract/errors.ts'
import { demoKey, demoTenant, seedDemo } from './demo.ts'
import { isLoopback } from './loopback.ts'
import type { SharedOptions } from './options.ts'
import { configFrom, withSettings } from './options.ts'
import { printResult } from './output.ts'
import { runServer } from './serve.ts'

export function addDev(program: Command): void {
  withSettings(program.command('dev'), settingNames)
    .description('run a server for trying things out, with a demo tenant and a key')
    .action((options: SharedOptions) => {
      const { config } = configFrom(options)
      refusePublicAddress(config.host)
      return runServer(config, async (server, needs) => {
        const { address, storage } = server
        const key = await demoKey(needs, config)
        await seedDemo(server, key)
        const result = { address, store: storage.place, tenant: demoTenant, key }
        printResult(options.json, result, welcome(address, storage.place, key))
      })
    })
}

function refusePublicAddress(host: string): void {
  if (isLoopback(host)) return
  throw new StartRefused(
    'tenantry dev keeps a key that may do everything in a file, so it listens on this machine ' +
      `only, not on ${host}. Leave TENANTRY_HOST out, or use tenantry serve.`,
  )
}

function welcome(address: string, place: string, key: string): string {
  return `Tenantry serves ${address} from ${place}
Paste this into another terminal:

export CRESCENDO_TENANT_ID=${demoTenant}
export CRESCENDO_API_KEY=${key}
export API=${address}/api/v1/provisioning/tenants/${demoTenant}
curl -sS -H "Authorization: Bearer $CRESCENDO_API_KEY" $API/users

Control-C stops the server; the data stays.`
}
