/** `tenantry config`: each setting with its value and where that comes from. */
import type { Command } from 'commander'
import { flagOf, settingNames, settings, variableOf } from '../config.ts'
import type { SharedOptions } from './options.ts'
import { configFrom, withSettings } from './options.ts'
import { printResult, table } from './output.ts'

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
        about: settings[name].about,
      }))
      const texts = rows.map((row) => [row.variable, String(row.value), row.origin, row.about])
      printResult(
        options.json,
        rows,
        table(['SETTING', 'VALUE', 'ORIGIN', 'ABOUT'], texts, 'There are no settings.'),
      )
    })
}
