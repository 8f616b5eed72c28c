/** `tenantry backup FILE`: all of the data as it is at one moment, in one file, beside a server. */
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { amountText, bytesText } from '../contract/amounts.ts'
import { Refusal } from '../contract/errors.ts'
import { backUpStore } from '../stores.ts'
import { commandLine } from './command-line.ts'
import type { SharedOptions } from './options.ts'
import { configFrom, storeSettings, withSettings } from './options.ts'
import { printNote, printResult, timeText } from './output.ts'
import { percentText, startProgress } from './progress.ts'

type BackupOptions = SharedOptions & { readonly damaged?: boolean }

export function addBackup(program: Command): void {
  withSettings(program.command('backup <file>'), storeSettings)
    .description('make a backup of all data in a file that is not there yet, while a server runs')
    .option('--damaged', 'also where rows of the data fail their checksums, which it then has too')
    .action(backUp)
}

async function backUp(file: string, options: BackupOptions): Promise<void> {
  // What follows the slash is nothing: a folder is meant, also where there is none.
  if (file === '-' || file === '' || file.endsWith('/')) {
    throw new Refusal('BadRequest', `"${file}" names no file. A backup is made in a file.`)
  }
  const { config } = configFrom(options)
  const progress = startProgress(options.json)
  const began = performance.now()
  const made = await backUpStore(config, {
    file: resolve(file),
    keepDamaged: options.damaged === true,
    onCopied: ({ step, done, all }) => progress.show(() => `${step}: ${percentText(done, all)}`),
  }).finally(progress.end)
  const durationMs = Math.round(performance.now() - began)
  const { file: path, bytes, takenAt, newestChange, tenants, documents, schema } = made
  const { damagedCount, damaged } = made
  const result = { path, bytes, takenAt, newestChange: newestChange ?? null, tenants, documents }
  const holds = `${amountText(tenants, 'tenant')}, ${amountText(documents, 'document')}`
  printResult(
    options.json,
    { ...result, schema, damaged: damagedCount, durationMs },
    `backed up ${holds} to ${path} (${bytesText(bytes)}, newest change ${timeText(newestChange)})`,
  )
  if (damagedCount > 0) {
    printNote(`It holds ${amountText(damagedCount, 'damaged row')}: ${damaged.join(', ')}`)
  }
  const state = damagedCount > 0 ? 'all else in it is whole' : 'is whole'
  const restore = ['restore', path, '--replace', ...(damagedCount > 0 ? ['--damaged'] : [])]
  printNote(`It was read again and ${state}. Keep it on another machine, and as secret as the data:
who has it can go on signing as this server. This puts it back while no server runs, and puts aside
what is there then:
${commandLine(restore, config)}`)
}
