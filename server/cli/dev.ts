/**
 * `tenantry dev`, which is `npm start`: a server with a tenant to try things out on and a key that
 * may do everything. The key is kept in a file, so it never listens beyond this machine.
 */
import type { Command } from 'commander'
import { CommanderError } from 'commander'
import type { Config } from '../config.ts'
import { settingNames, settings } from '../config.ts'
import { StartRefused } from '../contract/errors.ts'
import { parseTenantId } from '../contract/names.ts'
import { lineOverheadMaxBytes } from '../documents/lines.ts'
import { createTenant } from '../identity/keys.ts'
import { quoted } from './command-line.ts'
import { demoKey, demoTenant, seedDemo } from './demo.ts'
import { makeEphemeralFolder } from './ephemeral.ts'
import type { FaultOptions } from './faults.ts'
import { faultsNote, faultsOf, withFaultOptions } from './faults.ts'
import { importLines } from './import.ts'
import { keepKeyOfFile } from './key-file.ts'
import type { LineFile } from './line-file.ts'
import { openLineFile } from './line-file.ts'
import { isLoopback } from './loopback.ts'
import { operatorName } from './operator.ts'
import type { SharedOptions } from './options.ts'
import { configFrom, withSettings } from './options.ts'
import { exitStatus, printNote, printResult } from './output.ts'
import { runServer } from './serve.ts'

type DevOptions = SharedOptions &
  FaultOptions & {
    readonly ephemeral?: boolean
    readonly seed?: readonly string[]
    readonly tenant: string
    readonly keyFile?: string
  }

export function addDev(program: Command): void {
  withFaultOptions(withSettings(program.command('dev'), settingNames))
    .description('run a server for trying things out, with a tenant and a key')
    .option('--tenant <id>', 'the tenant, which is made if it is missing', demoTenant)
    .option('--seed <file...>', 'import these lines before it serves, in place of the demo')
    .option('--ephemeral', 'keep the data in a folder of its own, and remove it at the end')
    .option('--key-file <file>', 'the key is the text in this file; a missing one is made')
    .action(run)
}

async function run(options: DevOptions): Promise<void> {
  const tenant = parseTenantId(options.tenant)
  const config = configOf(options)
  refusePublicAddress(config.host)
  const seeds: LineFile[] = []
  for (const file of options.seed ?? []) {
    seeds.push(await openLineFile(file, config.bodySizeMaxBytes + lineOverheadMaxBytes))
  }
  const { keyFile } = options
  let key = ''
  let armed = false
  const faults = faultsOf(options, () => armed)
  await runServer(config, {
    faults,
    // Before it listens: whoever gets an answer finds key and documents there.
    async prepare({ documents }, needs, stop) {
      await createTenant(tenant, operatorName(), needs)
      key =
        keyFile === undefined
          ? await demoKey(tenant, needs, config)
          : await keepKeyOfFile(keyFile, tenant, needs)
      for (const seed of seeds) {
        const more = { dryRun: false, quiet: options.json === true, stop }
        const { tally } = await importLines(seed, tenant, documents, config, more)
        const { created, replaced, unchanged } = tally
        const sums = `${created} created, ${replaced} replaced, ${unchanged} unchanged`
        if (!options.json) printNote(`seeded ${tenant} from ${seed.name}: ${sums}`)
        await seed.close()
      }
    },
    async greet(server) {
      const { address, storage } = server
      if (seeds.length === 0) await seedDemo(server, tenant, key)
      armed = true
      // Who has the file has the text; one place less where it can be read.
      const said = keyFile === undefined ? { key } : { keyFile }
      const result = { address, store: storage.place, tenant, ...said }
      printResult(options.json, result, welcome(address, storage.place, options, key))
      if (faults !== undefined) printNote(faultsNote(faults))
    },
  })
}

/** Where the data lies: in the folder that is set, or in one of this run alone. */
function configOf(options: DevOptions): Config {
  if (!options.ephemeral) return configFrom(options).config
  const placed = (['data', 'store'] as const).find((name) => options[name] !== undefined)
  if (placed !== undefined) {
    throw new CommanderError(
      exitStatus.usage,
      'tenantry.ephemeral',
      `--ephemeral makes a folder for its data and removes it; leave --${placed} out`,
    )
  }
  // Flags, so that the environment does not send it elsewhere.
  const own = { data: makeEphemeralFolder(), store: settings.store.default, newStore: 'make' }
  return configFrom({ ...options, ...own }).config
}

function refusePublicAddress(host: string): void {
  if (isLoopback(host)) return
  throw new StartRefused(
    'tenantry dev keeps a key that may do everything in a file, so it listens on this machine ' +
      `only, not on ${host}. Leave TENANTRY_HOST out, or use tenantry serve.`,
  )
}

function welcome(
  address: string,
  place: string,
  { tenant, keyFile, ephemeral }: DevOptions,
  key: string,
): string {
  const shown = keyFile === undefined ? key : `$(cat ${quoted(keyFile)})`
  return `Tenantry serves ${address} from ${place}
Paste this into another terminal:

export CRESCENDO_TENANT_ID=${tenant}
export CRESCENDO_API_KEY=${shown}
export API=${address}/api/v1/provisioning/tenants/${tenant}
curl -sS -H "Authorization: Bearer $CRESCENDO_API_KEY" $API/users

Control-C stops the server; the data ${ephemeral ? 'goes with it' : 'stays'}.`
}
