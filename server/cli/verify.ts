/**
 * `tenantry verify`: asks a server what the contract says, and tells what holds. The text of a key
 * comes from a file or the environment rather than from the command line, which others can read.
 */
import { readFileSync } from 'node:fs'
import type { Command } from 'commander'
import { CommanderError, Option } from 'commander'
import { readClientEnvironment } from '../config.ts'
import { Refusal } from '../contract/errors.ts'
import { quote } from '../contract/names.ts'
import type { Level } from '../verify/check.ts'
import { levels } from '../verify/check.ts'
import { compare } from '../verify/compare.ts'
import { CannotVerify } from '../verify/reach.ts'
import type { Report } from '../verify/report.ts'
import { isGood, leftBehindText, reportText, reportValue } from '../verify/report.ts'
import type { Run } from '../verify/run.ts'
import { verify } from '../verify/run.ts'
import type { Site } from '../verify/site.ts'
import { parseBase } from '../verify/site.ts'
import { systemWorld } from '../world.ts'
import { exitStatus, printNote, printResult } from './output.ts'
import { startProgress } from './progress.ts'
import { awaitStop, Interrupted } from './signals.ts'

type Options = {
  readonly base: string
  readonly tenant?: string
  readonly key?: string
  readonly keyFile?: string
  readonly readerKey?: string
  readonly readerKeyFile?: string
  readonly against?: readonly string[]
  readonly againstTenant?: readonly string[]
  readonly againstKey?: readonly string[]
  readonly againstKeyFile?: readonly string[]
  readonly againstReaderKey?: readonly string[]
  readonly againstReaderKeyFile?: readonly string[]
  readonly only?: Level
  readonly extensions?: true
  readonly timeout: string
  readonly verbose?: true
  readonly json?: true
}

/** A run takes some seconds; over a slow link a minute. */
const timeoutDefaultSeconds = 300

const help = `
It writes to collections of its own alone, whose names begin with tenantry-verify- and a number
drawn for this run; it removes them at its end, also when it fails or is stopped by Control-C. Of
the tenant's own document and of keys it only reads.

A key in a command line can be read by other users of the machine: give it as CRESCENDO_API_KEY, the
second as CRESCENDO_READER_KEY, or in a file (- is stdin). The tenant may be CRESCENDO_TENANT_ID.

With --against, each --against-… is given once for all other servers, or once for each in their
order; what is not given is that of --base, keys too.

Exit status: 0 all that was asked holds, and no answer differs; 65 something fails, differs or could
not be asked, or the server refuses the key; 69 the server cannot be reached; 64 the command line is
wrong; 1 it was stopped. Checks that need a second key do not count where there is none.`

/** Adds the command. */
export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('ask a server what the contract says, and tell what holds')
    .requiredOption('--base <url>', 'its address, as far as /api/v1: http://127.0.0.1:8080')
    .option('--tenant <id>', 'the tenant of the key (or CRESCENDO_TENANT_ID)')
    .option('--key <text>', 'a key with provisioning:* (or CRESCENDO_API_KEY)')
    .option('--key-file <file>', 'the file that has it in its first line; - is stdin')
    .option('--reader-key <text>', 'a key with provisioning:read alone (or CRESCENDO_READER_KEY)')
    .option('--reader-key-file <file>', 'the file that has it')
    .option('--against <url...>', 'other servers, to tell where their answers differ')
    .option('--against-tenant <id...>', 'their tenants')
    .option('--against-key <text...>', 'their keys')
    .option('--against-key-file <file...>', 'the files that have them')
    .option('--against-reader-key <text...>', 'their keys that read and may not write')
    .option('--against-reader-key-file <file...>', 'the files that have them')
    .addOption(
      new Option(
        '--only <level>',
        'only what the published document fixes, what the contract adds, or its extensions',
      ).choices(levels),
    )
    .option('--extensions', 'the extensions too, which a server need not have')
    .option('--timeout <seconds>', 'for the whole run', String(timeoutDefaultSeconds))
    .option('--verbose', 'list what holds, too')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', help)
    .action(run)
}

async function run(options: Options): Promise<void> {
  const sites = sitesFrom(options)
  const asked = levelsFrom(options)
  const timeMaxMs = secondsFrom(options.timeout) * 1000
  // By a second signal the process ends, and what was made stays.
  const { signal: stop } = awaitStop()
  stop.addEventListener('abort', () => printNote('tenantry: stopping; it removes what it made.'))
  const progress = startProgress(options.json)
  const runs: Run[] = []
  try {
    for (const site of sites) {
      const onProgress = (done: number, all: number) =>
        progress.show(() => `${site.base}: ${done} of ${all} checks`)
      runs.push(await verify(site, { levels: asked, timeMaxMs, stop, onProgress }, systemWorld))
      if (stop.aborted) break
    }
  } catch (error) {
    progress.end()
    if (stop.aborted) throw interrupted(runs)
    throw error instanceof CannotVerify
      ? new Refusal(error.isRefused ? 'BadRequest' : 'Unavailable', error.message, { cause: error })
      : error
  }
  progress.end()
  if (stop.aborted) throw interrupted(runs)
  const [first, ...others] = runs as [Run, ...Run[]]
  const against = others.map((other) => ({ run: other, differences: compare(first, other) }))
  const report: Report = { levels: asked, run: first, against }
  printResult(
    options.json,
    options.json ? reportValue(report) : undefined,
    reportText(report, options.verbose === true),
  )
  tellLeftBehind(runs)
  process.exitCode = isGood(report) ? 0 : exitStatus.refused
}

function interrupted(runs: readonly Run[]): Interrupted {
  tellLeftBehind(runs)
  const left = runs.some(({ leftBehind }) => leftBehind !== undefined)
  return new Interrupted(`The run was stopped${left ? '' : '; what it made is removed'}.`)
}

function tellLeftBehind(runs: readonly Run[]): void {
  for (const each of runs) {
    const text = leftBehindText(each)
    if (text !== undefined) printNote(`tenantry: ${text}`)
  }
}

function levelsFrom({ only, extensions }: Options): readonly Level[] {
  if (only !== undefined && extensions && only !== 'extension') {
    throw usage('--only and --extensions contradict each other')
  }
  if (only !== undefined) return [only]
  return levels.filter((level) => extensions || level !== 'extension')
}

function secondsFrom(text: string): number {
  const seconds = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(seconds)) throw usage(`--timeout ${quote(text)} is no number of seconds`)
  return seconds
}

function sitesFrom(options: Options): readonly Site[] {
  const environment = readClientEnvironment()
  const readFile = makeKeyReader()
  const key = one('--key', options.key, options.keyFile, readFile) ?? environment.key
  const readerKey =
    one('--reader-key', options.readerKey, options.readerKeyFile, readFile) ?? environment.readerKey
  const tenant = options.tenant ?? environment.tenant
  if (key === undefined) {
    throw usage('there is no key: set CRESCENDO_API_KEY, or give --key-file FILE (- is stdin)')
  }
  if (tenant === undefined) {
    throw usage('there is no tenant: give --tenant ID, or set CRESCENDO_TENANT_ID')
  }
  const first = { base: baseFrom('--base', options.base), tenant, key, readerKey }
  const others = options.against ?? []
  const spread = (flag: string, values: readonly string[] | undefined) =>
    spreadOver(others.length, flag, values)
  const read = (files: readonly string[] | undefined) => files?.map(readFile)
  const tenants = spread('--against-tenant', options.againstTenant)
  const keys = spread('--against-key', options.againstKey ?? read(options.againstKeyFile))
  const readerKeys = spread(
    '--against-reader-key',
    options.againstReaderKey ?? read(options.againstReaderKeyFile),
  )
  return [
    first,
    ...others.map((url, at) => ({
      base: baseFrom('--against', url),
      tenant: tenants[at] ?? tenant,
      key: keys[at] ?? key,
      readerKey: readerKeys[at] ?? readerKey,
    })),
  ]
}

/** One for all of them, or one for each. */
function spreadOver(
  count: number,
  flag: string,
  values: readonly string[] | undefined,
): readonly (string | undefined)[] {
  if (values === undefined) return []
  if (values.length === 1 && count > 0) return Array.from({ length: count }, () => values[0])
  if (values.length === count) return values
  throw usage(`${flag} is given ${values.length} times, for ${count} of --against`)
}

function one(
  flag: string,
  text: string | undefined,
  file: string | undefined,
  readFile: (file: string) => string,
): string | undefined {
  if (text !== undefined && file !== undefined) {
    throw usage(`${flag} and ${flag}-file contradict each other`)
  }
  return text ?? (file === undefined ? undefined : readFile(file))
}

/** The first lines of files; those of stdin in turn, so that it may hold several keys. */
function makeKeyReader(): (file: string) => string {
  let stdin: string[] | undefined
  return (file) => {
    try {
      if (file === '-') stdin ??= linesOf(process.stdin.fd)
      const line = file === '-' ? stdin?.shift() : linesOf(file)[0]
      if (line) return line.trim()
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      throw new Refusal('BadRequest', `The key in ${quote(file)} cannot be read (${code}).`, {
        cause: error,
      })
    }
    const where = file === '-' ? 'on stdin' : `in the first line of ${quote(file)}`
    throw new Refusal('BadRequest', `There is no key ${where}.`)
  }
}

function linesOf(file: string | number): string[] {
  return readFileSync(file, 'utf8').split(/\r?\n/)
}

function baseFrom(flag: string, text: string): string {
  const parsed = parseBase(text)
  if ('fault' in parsed) throw usage(`${flag}: ${parsed.fault}`)
  return parsed.base
}

function usage(message: string): CommanderError {
  return new CommanderError(exitStatus.usage, 'tenantry.verify', message)
}
