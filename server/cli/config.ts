/** `tenantry config`: each setting with its value and where that comes from. */
import type { Command } from 'commander'
import { flagOf, settingNames, settings, variableOf } from '../config.ts'
import type { SharedOptions } from './options.ts'
import { configFrom, withSettings } from './options.ts'
import { printTable } from './output.ts'

export function addConfig(program: Command): void {
  withSettings(program.command('config'), settingNames)
    .description('list every setting with its value and where that comes from')
    .action((options: SharedOptions) => {
      const { config, origins } = configFrom(options)
      const rows = settingNames.map((name) => ({
        variable: variableOf(name),
        flag: flagOf(name),
        value: config[name],
        origin: origins[name],
        takes: settings[name].takes,
        about: settings[name].about,
      }))
      const texts = rows.map((row) => [
        row.variable,
        String(row.value) === '' ? 'none' : String(row.value),
        row.origin,
        row.takes,
        row.about,
      ])
      const heads = ['SETTING', 'VALUE', 'ORIGIN', 'TAKES', 'ABOUT']
      printTable(options.json, rows, heads, texts, 'There are no settings.')
    })
}
