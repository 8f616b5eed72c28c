/** `tenantry restore FILE`: puts a backup in the place of the data, while no server runs. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { amountText } from '../contract/amounts.ts'
import { restoreStore } from '../stores.ts'
import { commandLine } from './command-line.ts'
import type { SharedOptions } from './options.ts'
import { configFrom, storeSettings, withSettings } from './options.ts'
import { printNote, printResult, timeText } from './output.ts'
import { percentText, startProgress } from './progress.ts'

type RestoreOptions = SharedOptions & { readonly replace?: boolean; readonly damaged?: boolean }

export function addRestore(program: Command): void {
  withSettings(program.command('restore <file>'), storeSettings)
    .description('put a backup in the place of the data, while no server runs')
    .option('--replace', 'where there is data: put that aside, in a folder beside it')
    .option('--damaged', 'take a backup some of whose rows fail their checksums as it is')
    .action(restore)
}

async function restore(file: string, options: RestoreOptions): Promise<void> {
  const { config } = configFrom(options)
  const progress = startProgress(options.json)
  const restored = await restoreStore(config, {
    file: resolve(file),
    replace: options.replace === true,
    keepDamaged: options.damaged === true,
    onCopied: ({ step, done, all }) => progress.show(() => `${step}: ${percentText(done, all)}`),
  }).finally(progress.end)
  const { place, tenants, documents, newestChange, schema, migrates, replaced } = restored
  const { damagedCount, damaged } = restored
  const result = { store: place, backup: restored.file, newestChange: newestChange ?? null }
  const holds = `${amountText(tenants, 'tenant')}, ${amountText(documents, 'document')}`
  printResult(
    options.json,
    {
      ...{ ...result, tenants, documents, schema, migrates },
      ...{ replaced: replaced ?? null, damaged: damagedCount },
    },
    `restored ${holds} to ${place} (newest change ${timeText(newestChange)})`,
  )
  if (replaced !== undefined) printNote(`What was there before is kept in ${replaced}`)
  if (damagedCount > 0) {
    printNote(`It holds ${amountText(damagedCount, 'damaged row')}: ${damaged.join(', ')}`)
  }
  if (migrates) {
    printNote(`It is of an older Tenantry (schema ${schema}): the next start migrates it, behind a
backup of its own.`)
  }
  printNote(`All is as it was when the backup was made: keys that were made since are gone, and keys
that were revoked since are alive again. List them, end those that must not live, then start:
${commandLine(['key', 'list'], config)}
${commandLine(['key', 'revoke', 'ID'], config)}
${commandLine(['serve'], config)}`)
}
