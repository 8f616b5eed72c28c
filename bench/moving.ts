/**
 * `npm run bench:moving`: how long it takes to export and import many documents, and how much
 * memory each command needs at its peak; and whether what arrives is equal to the byte. Figures go
 * to stdout as a table, progress to stderr.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import {
  describeMachine,
  describeTree,
  fileSystemOf,
  machineInWords,
  treeInWords,
} from '../test/support/machine.ts'
import { root } from '../test/support/process.ts'
import { contentOf } from './documents.ts'
import { cleanUpAtExit } from './processes.ts'

const usage = 'npm run bench:moving -- [--documents N] [--data DIR]'

const { values: flags } = parseArgs({
  options: {
    documents: { type: 'string', default: '100000' },
    data: { type: 'string', default: tmpdir() },
  },
})

type Figures = Spent & { readonly step: string; readonly seconds: number }

/** Processor time of all threads, and the peak of what the system counts as resident. */
type Spent = { readonly cpuSeconds: number; readonly peakMb: number }

async function main(): Promise<void> {
  const documents = Number(flags.documents)
  if (!(documents >= 1)) throw new Error(usage)
  const folder = mkdtempSync(join(resolve(flags.data), 'tenantry-moving-'))
  cleanUpAtExit(folder)
  const sent = join(folder, 'sent.ndjson')
  const one = { data: join(folder, 'one'), file: join(folder, 'one.ndjson') }
  const other = { data: join(folder, 'other'), file: join(folder, 'other.ndjson') }
  await writeLines(sent, documents)
  const ask = (step: string, { data }: typeof one, ...args: string[]) =>
    measure(step, [...args, '--data', data])
  const bring = (step: string, to: typeof one, file: string) =>
    ask(step, to, 'import', file, '--tenant', 'acme')
  const take = (step: string, from: typeof one) =>
    ask(step, from, 'export', '--tenant', 'acme', '--out', from.file)
  for (const store of [one, other]) await ask('a store', store, 'tenant', 'create', 'acme')
  const figures = [
    await bring('import into a fresh store', one, sent),
    await take('export', one),
    await bring('import of that into another', other, one.file),
    await bring('the same import again', other, one.file),
    await take('export of the other', other),
  ]
  if ((await digestOf(one.file)) !== (await digestOf(other.file))) {
    throw new Error('what was imported is not what was exported')
  }
  process.stdout.write(`${pageOf(documents, one.file, figures)}\n`)
}

/** About a kilobyte each, from 400 bytes to ten kilobytes; each fifth has a live version. */
async function writeLines(file: string, documents: number): Promise<void> {
  const stream = createWriteStream(file)
  for (let at = 0; at < documents; at++) {
    // In an order that no index has.
    const n = (at * 7919) % documents
    const live = n % 5 === 0 ? { versions: { current: dataOf(n + 1) } } : {}
    const data = { ...dataOf(n), ...live }
    const line = { collection: `collection-${n % 50}`, id: `document-${n}`, data }
    if (!stream.write(`${JSON.stringify(line)}\n`)) await once(stream, 'drain')
  }
  stream.end()
  await once(stream, 'close')
}

function dataOf(n: number): { readonly [member: string]: unknown } {
  const text = 'Some words that a flow of dialogue is made of. '
  // Most have few, one in sixteen has many.
  const repeats = n % 32 === 0 ? 90 : (n * 31) % 16
  const flow = Array.from({ length: repeats }, (_, at) => `${at} ${text}`)
  return { ...JSON.parse(contentOf(n)), flow }
}

/** Runs `tenantry` with these arguments. */
async function measure(step: string, args: readonly string[]): Promise<Figures> {
  process.stderr.write(`${step} …\n`)
  const start = performance.now()
  const command = [join(root, 'bin/tenantry.cjs'), ...args]
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
  let told = ''
  child.stderr.on('data', (text: Buffer) => {
    told += text
  })
  let spent: Spent = { cpuSeconds: 0, peakMb: 0 }
  // Both only grow, so that the last that is seen is the sum, but for a moment at the end.
  const look = setInterval(() => {
    spent = spentBy(child.pid ?? 0) ?? spent
  }, 10)
  const [status] = await once(child, 'close')
  clearInterval(look)
  if (status !== 0) throw new Error(`${step} ended with ${status}: ${told}`)
  return { step, seconds: (performance.now() - start) / 1000, ...spent }
}

/** In seconds, and MB of 10^6 bytes; undefined once it has ended. */
function spentBy(pid: number): Spent | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? []
    // User and system time, behind the name, which may have blanks in it; in hundredths.
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11)
    if (kib === undefined) return undefined
    return { cpuSeconds: (Number(user) + Number(system)) / 100, peakMb: (Number(kib) * 1024) / 1e6 }
  } catch {
    return undefined
  }
}

async function digestOf(file: string): Promise<string> {
  const digest = createHash('sha256')
  for await (const piece of createReadStream(file)) digest.update(piece)
  return digest.digest('hex')
}

function pageOf(documents: number, file: string, figures: readonly Figures[]): string {
  const megabytes = statSync(file).size / 1e6
  const date = new Date().toISOString().slice(0, 10)
  const rows = figures.map(({ step, seconds, cpuSeconds, peakMb }) => {
    const rate = Math.round(documents / seconds)
    const times = `${seconds.toFixed(1)} | ${cpuSeconds.toFixed(1)}`
    return `| ${step} | ${times} | ${rate} | ${Math.round(peakMb)} |`
  })
  return `Measured on ${date} at ${treeInWords(describeTree('server', 'bench'))}, on
${machineInWords(describeMachine())}, ${fileSystemOf(file)}, Node ${process.versions.node};
${documents} documents, ${megabytes.toFixed(0)} MB as lines; equal to the byte in the end.

| what | seconds | of CPU | documents/s | memory at its peak, MB |
| --- | --- | --- | --- | --- |
${rows.join('\n')}`
}

await main()
