/**
 * `tenantry dev`, which is `npm start`: a server with a demo tenant and a key that may do
 * everything. The key is kept in a file, so it never listens beyond this machine.
 */
import { BlockList, isIP } from 'node:net'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { AskedFaults } from '../compose.ts'
import { systemWorld } from '../compose.ts'
import { settingNames } from '../config.ts'
import { Refusal, StartRefused } from '../contract/errors.ts'
import type { FaultRule } from '../faults.ts'
import { faultForm, parseFaultRule } from '../faults.ts'
import { demoKey, demoTenant, seedDemo } from './demo.ts'
import type { SharedOptions } from './options.ts'
import { configFrom, withSettings } from './options.ts'
import { printNote, printResult } from './output.ts'
import { runServer } from './serve.ts'

export function addDev(program: Command): void {
  withSettings(program.command('dev'), settingNames)
    .description('run a server for trying things out, with a demo tenant and a key')
    .option('--fault <rule>', `a fault that clients are to meet: ${faultForm}`, addFault)
    .option('--fault-seed <n>', 'draws the same faults again, from 0 to 4294967295', parseFaultSeed)
    .action((options: DevOptions) => {
      const { config } = configFrom(options)
      refusePublicAddress(config.host)
      let armed = false
      const faults = faultsOf(options, () => armed)
      return runServer(
        config,
        async (server, needs) => {
          const { address, storage } = server
          const key = await demoKey(needs, config)
          await seedDemo(server, key)
          armed = true
          const result = { address, store: storage.place, tenant: demoTenant, key }
          printResult(options.json, result, welcome(address, storage.place, key))
          if (faults !== undefined) printNote(faultsNote(faults))
        },
        faults,
      )
    })
}

type DevOptions = SharedOptions & {
  readonly fault?: readonly FaultRule[]
  readonly faultSeed?: number
}

function addFault(text: string, former: readonly FaultRule[] = []): readonly FaultRule[] {
  return [...former, asArgument(() => parseFaultRule(text))]
}

function parseFaultSeed(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) < faultSeeds) return Number(text)
  throw new InvalidArgumentError('It is a whole number from 0 to 4294967295.')
}

/** A refusal of what was typed is a mistake in the command line. */
function asArgument<Value>(parse: () => Value): Value {
  try {
    return parse()
  } catch (error) {
    throw error instanceof Refusal ? new InvalidArgumentError(error.message) : error
  }
}

const faultSeeds = 2 ** 32

function faultsOf(
  { fault: rules = [], faultSeed }: DevOptions,
  areArmed: () => boolean,
): AskedFaults | undefined {
  if (rules.length === 0) return undefined
  const seed = faultSeed ?? Buffer.from(systemWorld.random(4)).readUInt32LE()
  return { rules, seed, areArmed }
}

function faultsNote({ rules, seed }: AskedFaults): string {
  const lines = rules.map(({ text }) => `- ${text}`)
  return `Clients meet these faults, drawn from --fault-seed ${seed}:\n${lines.join('\n')}`
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

function welcome(address: string, place: string, key: string): string {
  return `Tenantry serves ${address} from ${place}
Paste this into another terminal:

export CRESCENDO_TENANT_ID=${demoTenant}
export CRESCENDO_API_KEY=${key}
export API=${address}/api/v1/provisioning/tenants/${demoTenant}
curl -sS -H "Authorization: Bearer $CRESCENDO_API_KEY" $API/users

Control-C stops the server; the data stays.`
}
