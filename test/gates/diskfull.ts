/**
 * A disk that is full: writes are refused as the contract says and change nothing, reads go on,
 * and all comes back by itself when there is room. "Full" is when not even the smallest write
 * fits, since a small one may still succeed where a large one was refused.
 */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import type { DemoServer } from '../support/demo-server.ts'
import { demoHome, startDemoServer } from '../support/demo-server.ts'
import type { Received } from '../support/http.ts'
import { send } from '../support/http.ts'
import { seededRandom } from '../support/random.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'
import { mountNeed, mountSmallDisk } from './small-disk.ts'
import { checkStore } from './store-check.ts'
import type { Ledger, SentWrite } from './write-load.ts'
import { contentOf, drawText, loadCollection, makeLedger, sendWrite } from './write-load.ts'

const diskMb = 64
const fillerMb = 8
const clients = 16
/** So many small writes in turn that are all refused: the disk is full. */
const refusedInTurn = 4 * clients
const resumeMaxMs = 5000
/** Each takes five pages of the log or more: they only fit if the server empties its log. */
const writesAfter = { full: 2000, short: 800 }

export const diskfull: Gate = {
  name: 'diskfull',
  about: `The data folder on a disk of ${diskMb} MB: filled, freed, stopped and started again.`,
  target: `writes 507, reads 200, resumes ≤ ${resumeMaxMs / 1000} s`,
  needs: [mountNeed, { ...mountNeed, command: 'umount' }],
  run,
  control: {
    title: 'takes a full disk for a fault of its own',
    breakages: [
      {
        file: 'server/storage/sqlite/database.ts',
        from: "return new Refusal('StorageFull',",
        to: 'return new Error(',
      },
    ],
  },
}

async function run({ build, short, seed, tell }: GateOptions): Promise<Verdict> {
  const disk = mountSmallDisk(diskMb)
  const data = join(disk.path, 'data')
  let server: DemoServer | undefined
  try {
    const filler = join(disk.path, 'filler')
    writeFileSync(filler, Buffer.alloc(fillerMb * 1_048_576))
    server = await startDemoServer(data, { build })
    const client = new Client(server, seededRandom(seed))

    await client.fill()
    tell(`full after ${client.ledger.acknowledged.size} writes`)
    const refused = await client.writeToFullDisk()
    const read = await client.readAll()
    const full = await client.findReadiness()
    client.expect(full === '200 {"status":"degraded"}', `with a full disk, /ready says ${full}`)

    rmSync(filler)
    const resumedMs = await client.awaitRoom()
    tell(`room again, taken after ${resumedMs} ms`)
    const written = await client.writeOn(short ? writesAfter.short : writesAfter.full)
    await client.readAll()

    const { status, err } = await server.running.stop()
    client.expect(status === 0, `the server ended with ${status}: ${err}`)
    const again = await startDemoServer(data, { build }).catch((error) => {
      client.expect(false, `it does not start again: ${error.message}`)
    })
    await again?.running.stop()
    const { ledger, failures } = client
    const due = new Set(ledger.acknowledged.keys())
    const findings = await checkStore(build, data, { ...ledger, due })
    return {
      figures: {
        'writes until full': ledger.acknowledged.size - written,
        'refused with 507': refused,
        'read meanwhile': read,
        'resumed after, ms': resumedMs ?? 'never',
        'writes afterwards': written,
        'lost, corrupt or invented': findings.length,
      },
      failures: [...failures, ...findings.map(({ sentence }) => sentence)],
    }
  } finally {
    await server?.running.stop('SIGKILL')
    disk.remove()
  }
}

/** All clients of one server, and what they were told. */
class Client {
  readonly ledger: Ledger = makeLedger()
  readonly failures: string[] = []
  /** By document, the last write that was acknowledged. */
  private readonly last = new Map<string, SentWrite>()
  private readonly server: DemoServer
  private readonly random: () => number
  private count = 0

  constructor(server: DemoServer, random: () => number) {
    this.server = server
    this.random = random
  }

  expect(holds: boolean, failure: string): void {
    if (!holds && !this.failures.includes(failure)) this.failures.push(failure)
  }

  /**
   * Large writes by all until each has been refused; then the smallest until those are, too, over
   * new text and over the large ones: which needs fewer pages depends on what was there.
   */
  async fill(): Promise<void> {
    await this.together(async (client) => {
      for (let turn = 0; ; turn++) {
        if ((await this.write(`c${client}-${turn % 10}`, 60_000)) >= 300) return
      }
    })
    for (let refused = 0, tried = 0; refused < refusedInTurn; tried++) {
      const document = tried % 2 === 0 ? 'small' : `c${(tried >> 1) % clients}-0`
      refused = (await this.write(document, 0)) < 300 ? 0 : refused + 1
      if (tried > 10_000) throw new Error('the disk does not get full')
    }
  }

  /** Gives how many were refused, as they all must be. */
  async writeToFullDisk(): Promise<number> {
    let refused = 0
    await this.together(async (client) => {
      for (let turn = 0; turn < 5; turn++) {
        const status = await this.write(`c${client}-${turn}`, turn * 1000)
        this.expect(status === 507, `with a full disk, a write was answered ${status}`)
        if (status === 507) refused++
      }
    })
    return refused
  }

  /** Gives how many documents were as the last acknowledged write left them. */
  async readAll(): Promise<number> {
    let right = 0
    for (const [document, write] of this.last) {
      const { status, text } = await this.get(`${demoHome}/${loadCollection}/${document}`)
      const { id, text: said, versions } = status === 200 ? JSON.parse(text) : {}
      const isRight = status === 200 && isDeepStrictEqual({ id, text: said }, contentOf(write))
      this.expect(isRight && versions?.current?.id === id, `${document} was read with ${status}`)
      if (isRight) right++
    }
    const list = await this.get(`${demoHome}/users`)
    this.expect(list.status === 200, `a list was read with ${list.status}`)
    return right
  }

  async findReadiness(): Promise<string> {
    const { status, text } = await this.get('/ready')
    return `${status} ${text}`
  }

  /** Milliseconds until it says that it is ready, which must come by itself, and writes. */
  async awaitRoom(): Promise<number | undefined> {
    const began = performance.now()
    const elapsed = () => Math.round(performance.now() - began)
    let readiness = ''
    while (elapsed() < resumeMaxMs) {
      readiness = await this.findReadiness()
      if (readiness === '200 {"status":"ok"}') break
      await wait(50)
    }
    this.expect(readiness === '200 {"status":"ok"}', `with room again, /ready says ${readiness}`)
    // What it says of itself is one thing; that it writes is what counts.
    const waitedMs = elapsed()
    const status = await this.write('small', 0)
    this.expect(status < 300, `with room again, a write was answered ${status}`)
    return status < 300 ? waitedMs : undefined
  }

  /** One after the other, so that each takes its own pages of the log. All must be written. */
  async writeOn(writes: number): Promise<number> {
    const before = this.ledger.acknowledged.size
    for (let turn = 0; turn < writes; turn++) {
      const status = await this.write(`c${turn % clients}-${turn % 10}`, 0)
      this.expect(status < 300, `with room again, a write was answered ${status}`)
    }
    return this.ledger.acknowledged.size - before
  }

  private async write(document: string, textMaxBytes: number): Promise<number> {
    const method = this.last.has(document) && this.random() < 0.5 ? 'PUT' : 'POST'
    const text = drawText(this.random, textMaxBytes)
    const write: SentWrite = { id: `w${++this.count}`, document, method, text }
    const answer = await sendWrite(this.server, write, this.ledger)
    if (answer.status < 300) this.last.set(document, write)
    else this.expect(isStorageFull(answer), `a write was answered ${answer.status} ${answer.text}`)
    return answer.status
  }

  private get(path: string): Promise<Received> {
    return send(this.server.port, { method: 'GET', path, headers: this.server.headers })
  }

  private async together(run: (client: number) => Promise<void>): Promise<void> {
    await Promise.all(Array.from({ length: clients }, (_, client) => run(client)))
  }
}

function isStorageFull({ status, headers, text }: Received): boolean {
  if (status !== 507 || headers['content-type'] !== 'application/json') return false
  const { code, message, ...more } = JSON.parse(text)
  return code === 'StorageFull' && typeof message === 'string' && Object.keys(more).length === 0
}
