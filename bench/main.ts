/**
 * `npm run bench`: the server against its limits, in rounds that take turns, so that a noisy
 * moment hits all alike. Results go to stdout and `bench/results.json`, progress to stderr.
 */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { describeMachine, describeTree, fileSystemOf } from '../test/support/machine.ts'
import type { Run } from './contestants.ts'
import { measureStart, seedStore, startContestants } from './contestants.ts'
import { hotDocuments } from './documents.ts'
import { connections } from './load.ts'
import { cleanUpAtExit } from './processes.ts'
import { profile } from './profile.ts'
import type { Results } from './results.ts'
import { judgeTargets, othersCoresOf, summarise } from './results.ts'
import { tableOf } from './table.ts'
import type { Figures, Workload } from './workloads.ts'
import { selectWorkloads, targets } from './workloads.ts'

const usage = `npm run bench -- [--rounds N] [--seconds S] [--only NAME,NAME] [--quick]
                 [--data DIR] [--out FILE] [--profile NAME]

--only      these workloads and what they are compared with (${selectWorkloads([])
  .map(({ name }) => name)
  .join(', ')})
--quick     small and short: shows that it works
--data      where the stores are made; on a real disk, and a gigabyte is free there
--out       where the results go as JSON; bench/results.json for a whole run, else nowhere
--profile   no figures, but the hottest functions of the server under this workload`

/** What `progress` said last. */
let told = ''

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seconds: { type: 'string' },
    only: { type: 'string', default: '' },
    quick: { type: 'boolean', default: false },
    data: { type: 'string', default: tmpdir() },
    out: { type: 'string' },
    profile: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

async function main(): Promise<void> {
  const rounds = Number(flags.rounds ?? (flags.quick ? 1 : 9))
  const seconds = Number(flags.seconds ?? (flags.quick ? 0.3 : 2))
  if (!(rounds >= 1 && seconds > 0)) throw new Error(usage)
  const asked = (flags.profile ?? flags.only).split(',').filter((name) => name !== '')
  const chosen = selectWorkloads(asked)
  const folder = mkdtempSync(join(resolve(flags.data), 'tenantry-bench-'))
  cleanUpAtExit(folder)
  const fileSystem = fileSystemOf(folder)
  if (/^(tmpfs|ramfs)$/.test(fileSystem)) {
    throw new Error(`${folder} is in memory, where commits cost nothing; choose another by --data.`)
  }
  const run: Run = { folder, largeDocuments: flags.quick ? 20_000 : 1_000_000, progress }
  console.log(`The stores are in ${folder}, on ${fileSystem}.`)
  if (flags.profile !== undefined) return printProfile(flags.profile, run)

  // More starts than rounds, since a p95 needs some.
  const few = flags.quick ? { starts: 2, warmUps: 1 } : { starts: 20, warmUps: warmUp.turnsMax }
  const measured = await measureAll(chosen, { rounds, seconds, ...few }, run)
  const results: Results = {
    date: new Date().toISOString(),
    // What is changed elsewhere is not what is measured.
    ...describeTree('server', 'bin'),
    machine: describeMachine(),
    node: process.versions.node,
    fileSystem,
    settings: {
      rounds,
      seconds,
      connections,
      hotDocuments,
      largeDocuments: run.largeDocuments,
    },
    othersCores: othersCoresOf(measured),
    workloads: summarise(chosen, measured),
    // So short a run, on so small a store, can neither meet nor miss one.
    targets: flags.quick ? [] : judgeTargets(targets, measured),
  }
  progress('')
  console.log(`\n${tableOf(results)}`)
  // What is not the whole of it must not take its place.
  const isWhole = !flags.quick && asked.length === 0
  const out = flags.out ?? (isWhole ? join(import.meta.dirname, 'results.json') : undefined)
  if (out !== undefined) {
    writeFileSync(out, `${JSON.stringify(results, rounded, 2)}\n`)
    console.log(`All figures are in ${out}.`)
  }
  if (flags.quick) console.log('Quick: this shows that it works; the figures say nothing.')
  else console.log(adviceOn(results))
}

/** What lies behind six digits is noise, and would make every file differ in every line. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value
}

/** Compilers are done with the server after some ten thousand requests, and take their time. */
const warmUp = { requests: 20_000, turnsMax: 10 } as const

type Extent = {
  readonly rounds: number
  readonly seconds: number
  readonly starts: number
  readonly warmUps: number
}

async function measureAll(
  chosen: readonly Workload[],
  { rounds, seconds, starts, warmUps }: Extent,
  run: Run,
): Promise<ReadonlyMap<string, readonly Figures[]>> {
  const measured = new Map<string, Figures[]>(chosen.map(({ name }) => [name, []]))
  const small = await seedStore('small', hotDocuments, run)
  const needsLarge = ({ does }: Workload) =>
    does.kind === 'start' || (does.kind === 'load' && does.on === 'large')
  const large = chosen.some(needsLarge)
    ? await seedStore('large', run.largeDocuments, run)
    : undefined
  if (large !== undefined && measured.has('start')) {
    for (let turn = 1; turn <= starts; turn++) {
      run.progress(`starts: ${turn} of ${starts}`)
      measured.get('start')?.push(await measureStart(large, run))
    }
  }
  const inRounds = chosen.filter(({ does }) => does.kind !== 'start')
  const contestants = await startContestants(inRounds, { small, large }, run)
  for (const workload of inRounds) {
    let requests = 0
    for (let turn = 0; turn < warmUps && requests < warmUp.requests; turn++) {
      run.progress(`warm-up: ${workload.title}`)
      const { rate = 0 } = await contestants.measure(workload, seconds)
      requests += rate * seconds
    }
  }
  for (let round = 1; round <= rounds; round++) {
    for (const workload of orderOf(inRounds, round)) {
      run.progress(`round ${round} of ${rounds}: ${workload.title}`)
      measured.get(workload.name)?.push(await contestants.measure(workload, seconds))
    }
  }
  await contestants.stop()
  return measured
}

/** Each begins with another, and those that are compared go first by turns. */
function orderOf(inRounds: readonly Workload[], round: number): readonly Workload[] {
  const first = round % inRounds.length
  const rotated = [...inRounds.slice(first), ...inRounds.slice(0, first)]
  return round % 2 === 0 ? rotated : rotated.toReversed()
}

async function printProfile(name: string, run: Run): Promise<void> {
  const [workload] = selectWorkloads([name]).filter((each) => each.name === name.toLowerCase())
  if (workload === undefined) return
  const isLarge = workload.does.kind === 'load' && workload.does.on === 'large'
  const store = await seedStore('profiled', isLarge ? run.largeDocuments : hotDocuments, run)
  const text = await profile(workload, store, run)
  progress('')
  console.log(`\n${text}`)
}

function adviceOn({ targets: judged }: Results): string {
  const missed = judged.filter(({ verdict }) => verdict === 'missed')
  if (missed.length === 0) return 'No target is missed.'
  const lines = missed.map(({ title, of }) =>
    of === 'start' ? `  ${title}` : `  ${title}: npm run bench -- --profile ${of}`,
  )
  return `Missed, and how to see where the time goes:\n${lines.join('\n')}`
}

/** One line that changes on a terminal; elsewhere a line whenever something else begins. */
function progress(text: string): void {
  const { stderr } = process
  if (stderr.isTTY) stderr.write(`\r\x1b[K${text}`)
  else if (text !== '' && kindOf(text) !== kindOf(told)) stderr.write(`${text}\n`)
  told = text
}

function kindOf(text: string): string {
  return text.replace(/:.*/, '')
}

try {
  if (flags.help) console.log(usage)
  else await main()
  process.exit()
} catch (error) {
  progress('')
  console.error(`\n${error instanceof Error ? error.message : error}`)
  process.exit(1)
}
