/** The faults that `tenantry dev` is asked for as flags; what they do is in `server/faults.ts`. */
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import type { AskedFaults } from '../compose.ts'
import { Refusal } from '../contract/errors.ts'
import type { FaultRule } from '../faults.ts'
import { faultForm, parseFaultRule } from '../faults.ts'
import { systemWorld } from '../world.ts'

export type FaultOptions = {
  readonly fault?: readonly FaultRule[]
  readonly faultSeed?: number
}

/** As many as 32 bits tell apart. */
const faultSeeds = 2 ** 32

/** Adds `--fault` and `--fault-seed`. */
export function withFaultOptions(command: Command): Command {
  return command
    .option('--fault <rule>', `a fault that clients are to meet: ${faultForm}`, addRule)
    .option('--fault-seed <n>', `draws the same again, from 0 to ${faultSeeds - 1}`, parseSeed)
}

/** The faults of these flags; undefined where none was asked for. */
export function faultsOf(
  { fault: rules = [], faultSeed }: FaultOptions,
  areArmed: () => boolean,
): AskedFaults | undefined {
  if (rules.length === 0) return undefined
  const seed = faultSeed ?? Buffer.from(systemWorld.random(4)).readUInt32LE()
  return { rules, seed, areArmed }
}

/** Which faults clients will meet, for people. */
export function faultsNote({ rules, seed }: AskedFaults): string {
  const lines = rules.map(({ text }) => `- ${text}`)
  return `Clients meet these faults, drawn from --fault-seed ${seed}:\n${lines.join('\n')}`
}

function addRule(text: string, former: readonly FaultRule[] = []): readonly FaultRule[] {
  try {
    return [...former, parseFaultRule(text)]
  } catch (error) {
    // What was typed is a mistake in the command line.
    throw error instanceof Refusal ? new InvalidArgumentError(error.message) : error
  }
}

function parseSeed(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) < faultSeeds) return Number(text)
  throw new InvalidArgumentError(`It is a whole number from 0 to ${faultSeeds - 1}.`)
}
