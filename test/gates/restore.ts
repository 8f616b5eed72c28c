/**
 * Kills backups and restores at their system calls. Of a backup there is nothing under its name, or
 * all of it, and the next one tidies up. Behind a restore a start serves the old store whole, or
 * the new one whole, or refuses and says to restore again, which then succeeds; and what was there
 * before is whole, whichever way it went.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StartRefused } from '../../server/contract/errors.ts'
import {
  addFormerDocument,
  lookInto,
  newestSchema,
  openFormerStore,
} from '../support/former-store.ts'
import type { Finished } from '../support/process.ts'
import { makeFolder, runTenantry } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import { openTestStorage } from '../support/storage.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import type { Call } from './strace.ts'
import { readTrace, straceCommand, straceNeed, traceableEnvironment } from './strace.ts'

/** So many of each, spread over the hundreds of calls of a run. */
const kills = { full: 80, short: 8 } as const

/** What share of the runs has to be killed. */
const killedMin = 0.75

const db = 'tenantry.sqlite'
/** Those that read change nothing, and are instants all the same. */
const calls = [
  ...['openat', 'write', 'pwrite64', 'fsync', 'fdatasync', 'ftruncate', 'close'],
  ...['rename', 'link', 'unlink', 'mkdir', 'rmdir', 'read', 'pread64', 'fcntl', 'statx'],
].join(',')

export const restore: Gate = {
  name: 'restore',
  about:
    'Backups and restores that are killed at their system calls on files, one after the other.',
  target: '0 halves under a final name; old or new store whole, or a start that says what to do',
  needs: [straceNeed],
  run,
  control: {
    title: 'restores without a marker',
    breakages: [
      {
        file: 'server/storage/sqlite/restoring.ts',
        from: '  renameSync(fresh, markerOf(path))',
        to: '  rmSync(fresh)',
      },
      {
        file: 'server/storage/sqlite/restoring.ts',
        from: '  rmSync(markerOf(path))',
        to: '  rmSync(markerOf(path), { force: true })',
      },
    ],
  },
}

/** What both kinds begin with; copied for each kill. */
type Prepared = { readonly data: string; readonly file: string }

async function run({ build, short, seed, tell }: GateOptions): Promise<Verdict> {
  const folder = makeFolder()
  const random = seededRandom(seed)
  try {
    const prepared = await prepare(build, folder.path)
    const failures: string[] = []
    const figures: { [name: string]: string } = {}
    for (const [name, killOne] of [
      ['backup', killBackup],
      ['restore', killRestore],
    ] as const) {
      const ends = new Map<string, number>()
      const instants = drawInstants(await killOne(build, prepared, undefined), short, random)
      let killed = 0
      for (const instant of instants) {
        const { end, wrong, isKilled } = await killOne(build, prepared, instant)
        // SQLite's steps run on whichever thread is free, so that one may come to its end.
        if (isKilled) killed++
        ends.set(end, (ends.get(end) ?? 0) + 1)
        failures.push(...wrong.map((each) => `${name} killed at ${instant}: ${each}`))
      }
      if (killed < instants.length * killedMin) {
        throw new Error(`of ${instants.length} runs that were to be killed only ${killed} were`)
      }
      const said = [...ends].map(([end, count]) => `${count} × ${end}`).join(', ')
      figures[`${name}, killed ${killed} times`] = said
      tell(`${name}, killed ${killed} times: ${said}`)
    }
    return { figures, failures }
  } finally {
    folder.remove()
  }
}

/** A store as a crash left it, with one document in its log, and a backup of another store. */
async function prepare(build: string, folder: string): Promise<Prepared> {
  const data = join(folder, 'data')
  mkdirSync(data)
  const old = openFormerStore(join(folder, 'open'), newestSchema)
  old.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  addFormerDocument(old, 'old-in-the-log', JSON.stringify({ text: 'x'.repeat(60_000) }))
  for (const tail of ['', '-wal']) {
    copyFileSync(join(folder, 'open', db + tail), join(data, db + tail))
  }
  writeFileSync(join(data, `${db}.unclosed`), '')
  old.close()
  const other = openFormerStore(join(folder, 'other'), newestSchema)
  addFormerDocument(other, 'new', JSON.stringify({ text: 'x'.repeat(50_000) }))
  other.close()
  const file = join(folder, 'backup')
  await expectDone(runTenantry(['backup', file, '--data', join(folder, 'other')], { build }))
  return { data, file }
}

type Killed = {
  /** What was found behind it. */
  readonly end: string
  readonly wrong: readonly string[]
  readonly isKilled: boolean
  readonly calls: readonly Call[]
}

/** `undefined` for a run that nobody kills. */
type Instant = string | undefined

async function killBackup(build: string, prepared: Prepared, instant: Instant): Promise<Killed> {
  const folder = makeFolder()
  try {
    const out = join(folder.path, 'out')
    const data = join(folder.path, 'data')
    mkdirSync(out)
    cpSync(prepared.data, data, { recursive: true })
    const partial = join(out, 'b.tenantry-partial')
    const only = [
      ...[out, join(out, 'b'), partial, join(partial, 'lock'), join(partial, 'lock-journal')],
      ...['', '-journal', '-wal', '-shm'].map((tail) => join(partial, `copy${tail}`)),
    ]
    const file = join(out, 'b')
    const ran = await runKilled(build, ['backup', file, '--data', data], only, instant, folder)
    const isThere = existsSync(file)
    const wrong = isThere ? wrongOf(file, 'old-in-the-log') : []
    await expectDone(runTenantry(['backup', join(out, 'next'), '--data', data], { build }))
    wrong.push(...wrongOf(join(out, 'next'), 'old-in-the-log'))
    const left = readdirSync(out).toSorted().join(' ')
    if (left !== (isThere ? 'b next' : 'next')) wrong.push(`the next one left ${left}`)
    return { end: isThere ? 'whole' : 'not there', wrong, ...ran }
  } finally {
    folder.remove()
  }
}

async function killRestore(build: string, prepared: Prepared, instant: Instant): Promise<Killed> {
  const folder = makeFolder()
  try {
    const data = join(folder.path, 'data')
    cpSync(prepared.data, data, { recursive: true })
    const args = ['restore', prepared.file, '--replace', '--data', data]
    const tails = ['', '-wal', '-shm', '-journal', '.unclosed', '.restoring', '.restoring.new']
    const only = [data, ...[...tails, '.restoring-copy'].map((tail) => join(data, db + tail))]
    const ran = await runKilled(build, args, only, instant, folder)
    const wrong: string[] = []
    const end = await startBehind(data)
    if (end === 'refused') {
      await expectDone(runTenantry(args, { build }))
      const again = await startBehind(data)
      if (again !== 'new') wrong.push(`restored again, a start found it ${again}`)
    } else if (end !== 'old' && end !== 'new') wrong.push(`a start found ${end}`)
    if (end !== 'old') wrong.push(...wrongOfKept(data))
    return { end, wrong, ...ran }
  } finally {
    folder.remove()
  }
}

/** Kills at the instant; without one, gives the calls of the whole run. */
async function runKilled(
  build: string,
  args: readonly string[],
  only: readonly string[],
  instant: Instant,
  folder: { readonly path: string },
): Promise<Pick<Killed, 'calls' | 'isKilled'>> {
  const traceFile = join(folder.path, 'trace')
  const [call, count] = instant?.split(' ') ?? []
  const inject = instant === undefined ? {} : { inject: `${call}:signal=KILL:when=${count}` }
  const wrap = straceCommand(traceFile, { trace: calls, textBytes: 100, only, ...inject })
  const ended = runTenantry(args, { build, wrap, env: traceableEnvironment })
  if (instant !== undefined) return { calls: [], isKilled: (await ended).status !== 0 }
  await expectDone(ended)
  return { calls: readTrace(traceFile).calls, isKilled: false }
}

/** Every call of the run, as strace counts them: each thread by itself, and each name. */
function drawInstants({ calls }: Killed, short: boolean, random: () => number): string[] {
  const counts = new Map<string, number>()
  const instants = new Set<string>()
  for (const { thread, name } of calls) {
    const count = (counts.get(`${thread} ${name}`) ?? 0) + 1
    counts.set(`${thread} ${name}`, count)
    if (name !== 'execve') instants.add(`${name} ${count}`)
  }
  const wanted = short ? kills.short : kills.full
  // Between these a store has no name: whatever else is left out, they are not.
  const [naming, rest] = [true, false].map((isNaming) =>
    [...instants].filter((instant) => /^(rename|link) /.test(instant) === isNaming),
  ) as [string[], string[]]
  while (rest.length > 0 && naming.length + rest.length > wanted) {
    rest.splice(Math.floor(random() * rest.length), 1)
  }
  return [...naming, ...rest]
}

/** What a server that starts on it finds: the one store, the other, a refusal, or worse. */
async function startBehind(data: string): Promise<string> {
  try {
    const storage = await openTestStorage(data, { make: true })
    await storage.close()
  } catch (error) {
    const isTold = error instanceof StartRefused && /Run tenantry restore again/.test(error.message)
    return isTold ? 'refused' : String(error)
  }
  const found = lookInto(join(data, db)).documents.join()
  return { 'old-in-the-log': 'old', new: 'new' }[found] ?? `a store with the documents "${found}"`
}

/** What was there before lies in one folder, with its log. */
function wrongOfKept(data: string): string[] {
  const folders = readdirSync(data).filter((name) => name.includes('.replaced-'))
  if (folders.length !== 1) return [`the former store is in ${folders.length} folders`]
  return wrongOf(join(data, folders[0] ?? '', db), 'old-in-the-log')
}

function wrongOf(file: string, wanted: string): string[] {
  try {
    const found = lookInto(file).documents.join()
    return found === wanted ? [] : [`${file} holds "${found}", not "${wanted}"`]
  } catch (error) {
    return [`${file} cannot be read: ${error}`]
  }
}

async function expectDone(ended: Promise<Finished>): Promise<void> {
  const { status, err } = await ended
  if (status !== 0) throw new Error(`a run that nobody killed ended with ${status}: ${err}`)
}
