/**
 * Backups of the real server under load, one after the other; each is restored into an empty
 * folder and served from there. What clients were told is written before a backup began is in it,
 * what they sent after its end is not, and it shows a state that was: the record without gaps, and
 * each document as its last row in the record.
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseTenantId } from '../../server/contract/names.ts'
import type { RecordedChange } from '../../server/documents/store.ts'
import { commandOf } from '../../server/storage/conformance/document-commands.ts'
import type { DemoServer } from '../support/demo-server.ts'
import { demoHome, demoTenant, startDemoServer } from '../support/demo-server.ts'
import { send } from '../support/http.ts'
import { makeFolder, runTenantry } from '../support/process.ts'
import { openTestStorage } from '../support/storage.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import { checkRecord } from './store-check.ts'
import { contentOf } from './write-load.ts'

const clients = 64
const documents = 640
const writesPerSecond = 1000
const collection = 'load'
const text = 'x'.repeat(300)

/** What is there before: it has to be copied while the log grows, and takes some time. */
const forms = {
  full: { backups: 10, filled: 20_000 },
  short: { backups: 3, filled: 4000 },
} as const

/** What lies in the log between two of its moves into the file, and in bad luck one more. */
const logSlackBytes = 12 * 1_048_576

/** So long the load goes on behind the last backup: with a log that is held, this would show. */
const afterwardsMs = 2000

export const backup: Gate = {
  name: 'backup',
  about: `Backups of a server under ${writesPerSecond} writes a second, each restored and served.`,
  target: 'all acknowledged before, none sent after, no gaps; the log is cut again afterwards',
  needs: [],
  run,
  control: {
    title: 'copies the file beside the log, one half after the other, and takes it as it comes',
    breakages: [
      {
        file: 'server/storage/sqlite/snapshot.ts',
        from: `    await backup(source, to, {
      rate: pagesAtOnce,`,
        to: `    const { readFileSync, writeFileSync } = await import('node:fs')
    // A large file takes longer to copy than this.
    const copy = async (..._: Parameters<typeof backup>) => {
      const head = readFileSync(place)
      await new Promise((resolve) => void setTimeout(resolve, 500))
      const half = 4096 * Math.floor(head.length / 8192)
      writeFileSync(to, Buffer.concat([head.subarray(0, half), readFileSync(place).subarray(half)]))
    }
    await copy(source, to, {
      rate: pagesAtOnce,`,
      },
      {
        file: 'server/storage/sqlite/snapshot.ts',
        from: '    if (found !== wanted)',
        to: "    if (found === '')",
      },
    ],
  },
}

/** Of one write, in milliseconds of this process's clock. */
type Sent = { readonly document: string; readonly at: number; acknowledgedAt: number | undefined }

type Load = { readonly sent: Map<string, Sent>; readonly refused: string[]; stop(): Promise<void> }

async function run({ build, short, tell }: GateOptions): Promise<Verdict> {
  const { backups, filled } = short ? forms.short : forms.full
  const folder = makeFolder()
  const data = join(folder.path, 'data')
  let server: DemoServer | undefined
  let load: Load | undefined
  try {
    await fill(data, filled)
    server = await startDemoServer(data, { build })
    load = startLoad(server)
    await wait(500)
    const watch = watchLog(data)
    const began = performance.now()
    const failures: string[] = []
    const tookMs: number[] = []
    for (let count = 1; count <= backups && failures.length === 0; count++) {
      const file = join(folder.path, `backup-${count}`)
      const found = await backUpOnce(build, data, file, load)
      tookMs.push(found.tookMs)
      const wrong = [...found.wrong, ...(await compare(build, file, load, found))]
      failures.push(...wrong.map((each) => `backup ${count}: ${each}`))
      tell(`backup ${count} of ${backups}: ${found.tookMs} ms, ${load.sent.size} writes so far`)
    }
    const largest = watch.largest()
    await wait(afterwardsMs)
    await load.stop()
    const left = statSync(join(data, 'tenantry.sqlite-wal')).size
    watch.stop()
    if (watch.largest() > largest + logSlackBytes) {
      failures.push(`the log grew from ${largest} to ${watch.largest()} bytes behind the backups`)
    }
    failures.push(...load.refused)
    const rate = (load.sent.size / (performance.now() - began)) * 1000
    if (rate < writesPerSecond / 4) failures.push(`it took only ${rate.toFixed(0)} writes a second`)
    return {
      figures: {
        backups: tookMs.length,
        writes: load.sent.size,
        'writes/s': Math.round(rate),
        'store (MB)': Math.round(statSync(join(data, 'tenantry.sqlite')).size / 1e6),
        'longest backup (ms)': Math.max(...tookMs),
        'log at most (MB)': (watch.largest() / 1e6).toFixed(1),
        'log at the end (MB)': (left / 1e6).toFixed(1),
      },
      failures,
    }
  } finally {
    await load?.stop()
    await server?.running.stop('SIGKILL')
    folder.remove()
  }
}

/** Documents of another tenant, so that the record of the load begins with the load. */
async function fill(data: string, count: number): Promise<void> {
  const storage = await openTestStorage(data)
  const tenant = parseTenantId('filler')
  await storage.identity.createTenant({ id: tenant, created: 1, createdBy: 'cli:gate' })
  const command = commandOf({ content: { text: text.repeat(5) }, at: 1 })
  let next = 0
  const writeOn = async () => {
    while (next < count) {
      const address = { tenant, collection: 'c', document: `d${next++}` } as never
      await storage.documents.write(address, command)
    }
  }
  await Promise.all(Array.from({ length: 256 }, writeOn))
  await storage.close()
}

/** Each client sends its next write at its time, or when the last is answered, if that is later. */
function startLoad({ port, headers }: DemoServer): Load {
  const sent = new Map<string, Sent>()
  const refused: string[] = []
  let going = true
  const client = async (number: number) => {
    let next = performance.now()
    while (going) {
      next = Math.max(next + (clients / writesPerSecond) * 1000, performance.now() - 100)
      await wait(Math.max(0, next - performance.now()))
      const id = `write-${sent.size}`
      // Those of one client come in order, so each of its documents has one writer.
      const document = `d${number * 1000 + (sent.size % (documents / clients))}`
      const write: Sent = { document, at: performance.now(), acknowledgedAt: undefined }
      sent.set(id, write)
      const content = contentOf({ id, document, method: 'POST', text })
      const body = JSON.stringify({ ...content, versions: { current: content } })
      const path = `${demoHome}/${collection}/${document}`
      const { status, text: said } = await send(port, {
        ...{ method: 'POST', path, body },
        headers: { ...headers, 'X-Request-Id': id },
      })
      if (status < 300) write.acknowledgedAt = performance.now()
      else refused.push(`a write was refused: ${said}`)
    }
  }
  const ended = Promise.all(Array.from({ length: clients }, (_, number) => client(number)))
  return {
    sent,
    refused,
    async stop() {
      going = false
      await ended
    },
  }
}

type Made = { readonly due: readonly string[]; readonly sentAtEnd: number; tookMs: number }

async function backUpOnce(build: string, data: string, file: string, { sent }: Load) {
  const due = [...sent].filter(([, write]) => write.acknowledgedAt !== undefined)
  const began = performance.now()
  const args = ['backup', file, '--json', '--data', data]
  const { status, err } = await runTenantry(args, { build })
  const made: Made = {
    due: due.map(([id]) => id),
    sentAtEnd: sent.size,
    tookMs: Math.round(performance.now() - began),
  }
  return { ...made, wrong: status === 0 ? [] : [`it ended with ${status}: ${err}`] }
}

/** Every way in which a server over the restored backup shows no state that was. */
async function compare(build: string, file: string, { sent }: Load, made: Made) {
  const folder = makeFolder()
  const data = join(folder.path, 'data')
  let server: DemoServer | undefined
  try {
    const args = ['restore', file, '--json', '--data', data]
    const { status, err } = await runTenantry(args, { build })
    if (status !== 0) return [`its restore ended with ${status}: ${err}`]
    server = await startDemoServer(data, { build })
    const record = await readRecord(data)
    // The demo wrote its documents before.
    const ours = record.filter((change) => change.collection === collection)
    const ids = new Map(ours.map((change, at) => [change.requestId, at]))
    const order = [...sent.keys()]
    const allowed = new Set(order.slice(0, made.sentAtEnd))
    const lost = made.due.filter((id) => !ids.has(id))
    const strange = [...ids.keys()].filter((id) => !allowed.has(id))
    return [
      ...(lost.length > 0 ? [`${lost.length} acknowledged writes are lost, as ${lost[0]}`] : []),
      ...(strange.length > 0 ? [`${strange.length} are there too early, as ${strange[0]}`] : []),
      ...checkRecord(record).map(({ sentence }) => sentence),
      ...(await compareShown(server, record)),
    ]
  } finally {
    await server?.running.stop('SIGKILL')
    folder.remove()
  }
}

/** Of the tenant that the load is in. */
async function readRecord(data: string): Promise<readonly RecordedChange[]> {
  const storage = await openTestStorage(data, { as: 'command', make: false })
  const record: RecordedChange[] = []
  for (;;) {
    const after = record.at(-1)?.position ?? 0
    const page = await storage.documents.listChanges(parseTenantId(demoTenant), after, 5000)
    if (page.length === 0) break
    record.push(...page)
  }
  await storage.close()
  return record
}

async function compareShown({ port, headers }: DemoServer, record: readonly RecordedChange[]) {
  const { text: listed } = await send(port, {
    ...{ method: 'GET', path: `${demoHome}/${collection}`, headers },
  })
  const shown = new Map<string, string>(
    JSON.parse(listed).map(({ id, data }: { id: string; data: { id: string } }) => [id, data.id]),
  )
  const ours = record.filter((change) => change.collection === collection)
  const last = new Map(ours.map(({ document, requestId }) => [String(document), requestId]))
  return [...new Set([...shown.keys(), ...last.keys()])]
    .filter((document) => shown.get(document) !== last.get(document))
    .map((document) => `${document} is ${shown.get(document)}, recorded as ${last.get(document)}`)
}

/** How large the log was at most. */
function watchLog(data: string) {
  let largest = 0
  const look = () => {
    largest = Math.max(largest, statSync(join(data, 'tenantry.sqlite-wal')).size)
  }
  const timer = setInterval(look, 20)
  return { largest: () => largest, stop: () => clearInterval(timer) }
}
