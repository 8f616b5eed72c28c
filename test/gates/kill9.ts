/**
 * Kills the real server under load, again and again, and starts it on what is left. What clients
 * were told is written is there afterwards, and nothing that nobody sent. Now and then the server
 * is killed while it starts, too: recovery has to survive its own interruption.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { parseTenantId } from '../../server/contract/names.ts'
import type { RecordedChange } from '../../server/documents/store.ts'
import type { DemoServer } from '../support/demo-server.ts'
import { demoHome, demoTenant, startDemoServer } from '../support/demo-server.ts'
import type { Received } from '../support/http.ts'
import { send } from '../support/http.ts'
import { makeFolder, startTenantry } from '../support/process.ts'
import { seededRandom } from '../support/random.ts'
import { openTestStorage } from '../support/storage.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import type { Series, SeriesLedger } from './series-ledger.ts'
import { makeSeriesLedger, seriesCollection } from './series-ledger.ts'

const clients = 16
const documentsEach = 4
const killsFull = 100
const killsShort = 5
const loadMs = { min: 50, max: 600 }
/** Every so many starts one is killed at some moment of its first so many milliseconds. */
const interrupted = { every: 4, withinMs: 700 }

export const kill9: Gate = {
  name: 'kill9',
  about: `${killsFull} times kill -9 under the load of ${clients} clients, who keep the ledger.`,
  target: '0 lost, 0 invented, history without gaps, no half of a write',
  needs: [],
  run,
  control: {
    title: 'acknowledges before it commits',
    breakages: [
      {
        file: 'server/storage/sqlite/writer-thread.ts',
        from: '      transaction(() => runWhileSmall(tasks, runTask, ends))',
        to: `      if (tasks.every(({ name }) => name === 'write')) {
        if (!connection.isTransaction) {
          connection.exec('BEGIN IMMEDIATE')
          setTimeout(() => connection.isTransaction && connection.exec('COMMIT'), 250)
        }
        runWhileSmall(tasks, runTask, ends)
        return ends
      }
      // The demo's key is read right after it is made.
      if (connection.isTransaction) connection.exec('COMMIT')
      transaction(() => runWhileSmall(tasks, runTask, ends))`,
      },
    ],
  },
}

async function run({ build, short, seed, tell }: GateOptions): Promise<Verdict> {
  const kills = short ? killsShort : killsFull
  const random = seededRandom(seed)
  const folder = makeFolder()
  const ledger = makeSeriesLedger()
  let server: DemoServer | undefined
  try {
    server = await startDemoServer(folder.path, { build })
    // All clients merge into this one, and nobody else would make it.
    await writeNext(server, ledger.seriesOf('shared', 'c0', false), 'POST')
    for (let kill = 1; ; kill++) {
      const acknowledged = ledger.count()
      const refused = await killUnderLoad(server, ledger, random)
      if (kill % interrupted.every === 0) await killAtStart(folder.path, build, random)
      server = await startDemoServer(folder.path, { build })
      const record = await readRecord(folder.path)
      const { lost, invented, gaps, halves } = ledger.compare(record)
      const wrong = await compareShown(server, record)
      const fresh = ledger.count() - acknowledged
      if (fresh === 0)
        refused.push('nothing was acknowledged before the kill, so it proves nothing')
      const all = [...lost, ...invented, ...gaps, ...halves, ...wrong, ...refused]
      const failures = all.map((failure) => `after kill ${kill}: ${failure}`)
      const state = `${lost.length} lost, ${invented.length} invented`
      tell(`kill ${kill} of ${kills}: ${ledger.count()} writes acknowledged, ${state}`)
      // What is lost stays lost, so nothing new would be learned from further kills.
      if (kill < kills && failures.length === 0) continue
      const figures = {
        kills: kill,
        acknowledged: ledger.count(),
        lost: lost.length,
        invented: invented.length,
        'gaps and halves': gaps.length + halves.length,
      }
      return { figures, failures }
    }
  } finally {
    await server?.running.stop('SIGKILL')
    folder.remove()
  }
}

/** Gives what the server refused, which under this load is nothing. */
async function killUnderLoad(
  server: DemoServer,
  ledger: SeriesLedger,
  random: () => number,
): Promise<string[]> {
  const refused: string[] = []
  const writers = Array.from({ length: clients }, (_, client) =>
    write(client, server, ledger, (answer) => refused.push(`an answer was ${answer.text}`)),
  )
  await wait(loadMs.min + random() * (loadMs.max - loadMs.min))
  await server.running.stop('SIGKILL')
  await Promise.all(writers)
  return refused
}

async function killAtStart(data: string, build: string, random: () => number): Promise<void> {
  const env = { TENANTRY_DATA: data, TENANTRY_PORT: '0' }
  const starting = startTenantry(['dev', '--json'], { build, env })
  await wait(random() * interrupted.withinMs)
  await starting.stop('SIGKILL')
}

/** Writes until the connection breaks. Each client has documents and a shared member of its own. */
async function write(
  client: number,
  server: DemoServer,
  ledger: SeriesLedger,
  onRefused: (answer: Received) => void,
): Promise<void> {
  for (let turn = 0; ; turn++) {
    const own = turn % (documentsEach + 1)
    const series =
      own === documentsEach
        ? ledger.seriesOf('shared', `c${client}`, false)
        : ledger.seriesOf(`c${client}-${own}`, 'number', true)
    const isMerge = !series.live || turn % 2 === 1
    try {
      const answer = await writeNext(server, series, isMerge ? 'PUT' : 'POST')
      // A PUT to what is not there yet writes nothing, and says so.
      if (answer.status >= 300 && answer.status !== 404) onRefused(answer)
    } catch {
      return
    }
  }
}

/** Sends the next number of the series, and enters in the ledger what became of it. */
async function writeNext(
  server: DemoServer,
  series: Series,
  method: 'POST' | 'PUT',
): Promise<Received> {
  const number = ++series.sent
  const answer = await sendNumber(server, series, number, method)
  if (answer.status < 300) series.acknowledged.set(revisionOf(answer), number)
  return answer
}

/** The same number in base and live version: half of a write would show. */
function sendNumber(
  { port, headers }: DemoServer,
  { document, member, live }: Series,
  number: number,
  method: 'POST' | 'PUT',
): Promise<Received> {
  const both = { [member]: number, versions: { current: { [member]: number } } }
  const body = JSON.stringify(live ? both : { [member]: number })
  return send(port, { method, path: `${demoHome}/${seriesCollection}/${document}`, headers, body })
}

function revisionOf({ headers }: Received): number {
  return Number(/^"(\d+)-/.exec(headers.etag ?? '')?.[1])
}

/** All of it, read beside the server that has just recovered. */
async function readRecord(dataFolder: string): Promise<readonly RecordedChange[]> {
  const storage = await openTestStorage(dataFolder, { as: 'command', make: false })
  try {
    const record: RecordedChange[] = []
    for (;;) {
      const after = record.at(-1)?.position ?? 0
      const page = await storage.documents.listChanges(parseTenantId(demoTenant), after, 5000)
      if (page.length === 0) return record
      record.push(...page)
    }
  } finally {
    await storage.close()
  }
}

type Shown = { readonly id: string; readonly data: { readonly [member: string]: unknown } }

/** What a client is shown is what the last row of each document says, and there is no other. */
async function compareShown(
  { port, headers }: DemoServer,
  record: readonly RecordedChange[],
): Promise<string[]> {
  const path = `${demoHome}/${seriesCollection}`
  const list = await send(port, { method: 'GET', path, headers })
  const shown = new Map<string, Shown['data']>(
    JSON.parse(list.text).map(({ id, data }: Shown) => [id, data]),
  )
  const ours = record.filter(({ collection }) => collection === seriesCollection)
  const last = new Map(ours.map((change) => [String(change.document), change]))
  const wrong: string[] = []
  for (const id of new Set([...shown.keys(), ...last.keys()])) {
    const change = last.get(id)
    const one = await send(port, { method: 'GET', path: `${path}/${id}`, headers })
    const both = [shown.get(id), one.status === 200 ? JSON.parse(one.text) : undefined]
    const fits = both.every((data) => textOf(data) === textOfChange(change))
    if (!fits || revisionOf(one) !== change?.revision) {
      wrong.push(`${id} is shown as ${one.text}, and recorded as ${textOfChange(change)}`)
    }
  }
  return wrong
}

/** Without stamps, members in the order of their names. */
function textOf(data: Shown['data'] | undefined): string {
  return JSON.stringify(data, (key, value) => {
    if (key === 'updated' || key === 'updatedBy') return undefined
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)),
    )
  })
}

function textOfChange(change: RecordedChange | undefined): string {
  const { base = '{}', live } = change ?? {}
  const versions = live === undefined ? {} : { versions: { current: JSON.parse(live) } }
  return textOf({ ...JSON.parse(base), ...versions })
}
