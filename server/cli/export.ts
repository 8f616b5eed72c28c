/** `tenantry export`: the documents of a tenant as lines, to stdout or into a file. */
import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { amountText, bytesText } from '../contract/amounts.ts'
import { parseCollectionName, parseTenantId } from '../contract/names.ts'
import type { ExportRequest } from '../documents/export.ts'
import { exportDocuments } from '../documents/export.ts'
import type { Storage } from '../storage/engine.ts'
import { refuseStoreName } from '../stores.ts'
import { commandLine, commandPlace } from './command-line.ts'
import type { SharedOptions } from './options.ts'
import { storeSettings, withSettings } from './options.ts'
import { printNote, printResult } from './output.ts'
import type { Progress } from './progress.ts'
import { startProgress } from './progress.ts'
import { awaitStop, Interrupted } from './signals.ts'
import { withStore } from './store.ts'
import { checkTenant } from './tenant.ts'
import { writeWhole } from './whole-file.ts'

type ExportOptions = SharedOptions & {
  readonly tenant: string
  readonly collection?: readonly string[]
  readonly out?: string
  readonly force?: boolean
  readonly stamps?: boolean
}

export function addExport(program: Command): void {
  withSettings(program.command('export'), storeSettings)
    .description(
      'write the documents of a tenant as lines of JSON, live versions included, for import; ' +
        'keys, old versions and the record are not in it',
    )
    .requiredOption('--tenant <id>', 'whose documents')
    .option('--collection <name...>', "only these, and not the tenant's own document")
    .option('--out <file>', 'the file to write, which appears whole or not at all; else stdout')
    .option('--force', 'replace that file if it is there')
    .option('--stamps', 'with updated and updatedBy, which an import does not take over')
    .action((options: ExportOptions) => run(options))
}

async function run(options: ExportOptions): Promise<void> {
  const request: ExportRequest = {
    tenant: parseTenantId(options.tenant),
    collections: options.collection?.map(parseCollectionName),
    stamps: options.stamps === true,
  }
  const { out, json } = options
  const stop = awaitStop()
  // Lines on a terminal say themselves how far it is.
  const progress = startProgress(json || (out === undefined && process.stdout.isTTY))
  try {
    await withStore(options, async (needs, { documents }, config) => {
      await checkTenant(request.tenant, needs, config)
      if (out !== undefined) refuseStoreName(config, out)
      const writeBy = (write: Write) => writeLines(request, documents, write, progress, stop.signal)
      if (out === undefined) {
        const sums = await writeBy(toStdout)
        progress.end()
        if (!sums.whole) return
        printNote(json ? JSON.stringify(resultOf(request, sums)) : `${text(sums)}.`)
        return
      }
      const sums = await writeWhole(out, options.force === true, async (path) => {
        const file = await open(path, 'w')
        try {
          return await writeBy(async (lines) => {
            await file.writeFile(lines)
            return true
          })
        } finally {
          await file.close()
        }
      })
      progress.end()
      const result = { ...resultOf(request, sums), file: out }
      printResult(json, result, `${text(sums)}, into ${out}`)
      if (json) return
      printNote(`This imports it again${commandPlace}; into any tenant of any data:`)
      printNote(commandLine(['import', resolve(out), '--tenant', request.tenant], config))
    })
  } finally {
    progress.end()
    stop.release()
  }
}

type Sums = {
  readonly documents: number
  readonly collections: number
  readonly bytes: number
  /** False where no more is taken: who reads has seen enough, as `head`, or a disk is full. */
  readonly whole: boolean
}

/** Resolves once the lines are taken, so that no more is read than is wanted; false: by nobody. */
type Write = (lines: Uint8Array) => Promise<boolean>

async function writeLines(
  request: ExportRequest,
  store: Storage['documents'],
  write: Write,
  progress: Progress,
  stop: AbortSignal,
): Promise<Sums> {
  const collections = new Set<string>()
  let documents = 0
  let bytes = 0
  for await (const page of exportDocuments(request, store)) {
    if (stop.aborted) {
      throw new Interrupted(`The export was stopped after ${documents} documents; run it again.`)
    }
    const lines = Buffer.from(page.text)
    if (!(await write(lines)))
      return { documents, collections: collections.size, bytes, whole: false }
    documents += page.documents
    bytes += lines.length
    if (page.collection !== undefined) collections.add(page.collection)
    progress.show(() => `exported ${amountText(documents, 'document')}, ${bytesText(bytes)}`)
  }
  return { documents, collections: collections.size, bytes, whole: true }
}

/** What is no failure of stdout, and what is, is told where its errors are: in `main.ts`. */
function toStdout(lines: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    process.stdout.write(lines, (error) => resolve(error === undefined || error === null))
  })
}

function resultOf({ tenant }: ExportRequest, { whole: _, ...sums }: Sums) {
  return { tenant, ...sums }
}

function text({ documents, collections, bytes }: Sums): string {
  const of = amountText(collections, 'collection')
  return `exported ${amountText(documents, 'document')}, of ${of}, ${bytesText(bytes)}`
}
