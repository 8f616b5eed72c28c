/** The options that commands share, made from the list of settings so that none is forgotten. */
import type { Command } from 'commander'
import type { ConfigReading, SettingName } from '../config.ts'
import { flagOf, readConfig, settings, variableOf } from '../config.ts'
import { printNote } from './output.ts'

export type SharedOptions = { readonly json?: boolean } & {
  readonly [Name in SettingName]?: string
}

/** Where the data lies: what every command that opens the store takes. */
export const storeSettings = ['data', 'store', 'busyTimeoutMs'] as const satisfies SettingName[]

/** Adds `--json` and a flag for each of these settings. */
export function withSettings(command: Command, names: readonly SettingName[]): Command {
  command.option('--json', 'print the result as JSON')
  for (const name of names) {
    const { about, takes, default: fallback } = settings[name]
    const more = `${takes}; default ${fallback}, or ${variableOf(name)}`
    command.option(`${flagOf(name)} <value>`, `${about} (${more})`)
  }
  return command
}

/** The configuration under these flags; warnings are said on stderr. Throws `StartRefused`. */
export function configFrom(options: SharedOptions): ConfigReading {
  const reading = readConfig(options)
  for (const warning of reading.warnings) printNote(`tenantry: ${warning}`)
  return reading
}
