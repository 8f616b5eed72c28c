/**
 * What the main thread remembers while writes are on their way: a writer of the test's own commits
 * when it is told to and acknowledges when it is told to, so that every moment between can be
 * looked at. SEED=n repeats the random one.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { seededRandom } from '../../../test/support/random.ts'
import { seed, tellSeed } from '../../../test/support/seed.ts'
import { documentOf, lamp } from '../../../test/support/stored-samples.ts'
import type { DocumentAddress } from '../../contract/names.ts'
import type { DocumentStore } from '../../documents/store.ts'
import type { WriteCommand } from '../../documents/write.ts'
import { commandOf } from '../conformance/document-commands.ts'
import { openReader, openWriter, readsTelling } from './database.ts'
import { documentTasks } from './document-tasks.ts'
import { documentsOn, makeDocumentCache } from './documents.ts'
import { identityTasks } from './identity.ts'
import { makeListCache } from './list-cache.ts'
import type { Writer } from './writer.ts'

tellSeed()

/** One write on its way, in its two steps. */
type Flight = { readonly commit: () => void; readonly acknowledge: () => void }

/** The port over a real file, and the writes that it sent and that wait for their steps. */
function openWithheld(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-documents-'))
  const path = join(folder, 'db')
  const { connection, transaction } = openWriter(path, { busyTimeoutMs: 1000, alone: true })
  const reader = openReader(path, 1000)
  context.after(() => {
    reader.close()
    connection.close()
    rmSync(folder, { recursive: true })
  })
  const tasks = documentTasks(connection)
  identityTasks(connection).createTenant({ id: lamp.tenant, created: 1, createdBy: 'check' })
  const flights: Flight[] = []
  const unused = () => assert.fail('it is not asked for')
  const writer: Writer = {
    run(name, ...takes) {
      const { promise, resolve } = Promise.withResolvers<unknown>()
      assert.equal(name, 'write')
      let gives: unknown
      flights.push({
        commit: () => {
          const [packed] = takes as unknown as Parameters<typeof tasks.write>
          gives = transaction(() => tasks.write(packed))
        },
        acknowledge: () => resolve(gives),
      })
      return promise as ReturnType<Writer['run']> as never
    },
    look: unused,
    waiting: 0,
    silentMs: 0,
    close: unused,
  }
  const read = readsTelling(unused)
  const [cache, lists] = [makeDocumentCache(1_000_000), makeListCache(1_000_000)]
  const documents = documentsOn(reader, read, writer, cache, lists)
  /** Sends a write; both steps are left to the caller. */
  const begin = (address: DocumentAddress, command: WriteCommand) => {
    const ended = documents.write(address, command)
    const flight = flights.pop() ?? assert.fail('no write was sent')
    return { ...flight, ended }
  }
  const write = async (address: DocumentAddress, command: WriteCommand) => {
    const { commit, acknowledge, ended } = begin(address, command)
    commit()
    acknowledge()
    await ended
  }
  return { documents, begin, write }
}

/** The number in the document as a read shows it; undefined where there is none. */
async function numberOf(documents: DocumentStore, address = lamp): Promise<number | undefined> {
  const resource = await documents.read(address)
  return resource && JSON.parse(resource.base.content).n
}

async function numbersOf(documents: DocumentStore): Promise<ReadonlyMap<string, number>> {
  const page = await documents.list(lamp, undefined)
  return new Map(
    page.map(({ document, resource }) => [document, JSON.parse(resource.base.content).n]),
  )
}

test('no list shows again what was shown as gone', async (context) => {
  const { documents, begin, write } = openWithheld(context)
  await write(lamp, commandOf({ content: { n: 1 } }))
  assert.equal(await numberOf(documents), 1)
  const { commit, acknowledge, ended } = begin(lamp, commandOf({ mode: 'delete' }))
  assert.deepEqual([...(await numbersOf(documents))], [['lamp', 1]])
  assert.equal(await numberOf(documents), 1)
  commit()
  // It is gone for whoever reads the file, and nobody was told that the delete is done.
  for (let look = 0; look < 2; look++) {
    assert.deepEqual([...(await numbersOf(documents))], [])
    assert.equal(await numberOf(documents), undefined)
    assert.deepEqual(await documents.listNames(lamp, undefined, 9), [])
  }
  acknowledge()
  await ended
  assert.deepEqual([...(await numbersOf(documents))], [])
  assert.equal(await numberOf(documents), undefined)
})

describe('of a write that is not acknowledged', () => {
  test('nothing is remembered before it is on the disk', async (context) => {
    const { documents, begin, write } = openWithheld(context)
    await write(lamp, commandOf({ content: { n: 1 } }))
    const { commit, acknowledge, ended } = begin(lamp, commandOf({ content: { n: 2 } }))
    for (let look = 0; look < 2; look++) {
      assert.equal(await numberOf(documents), 1)
      assert.deepEqual([...(await numbersOf(documents))], [['lamp', 1]])
    }
    commit()
    // Who saw it in a list sees it from then on, though it is remembered otherwise.
    assert.deepEqual([...(await numbersOf(documents))], [['lamp', 2]])
    assert.equal(await numberOf(documents), 2)
    acknowledge()
    await ended
    assert.deepEqual([...(await numbersOf(documents))], [['lamp', 2]])
    assert.equal(await numberOf(documents), 2)
  })

  test('whatever is asked when, nothing is ahead of the disk, nothing goes back', async (on) => {
    const names = ['a', 'b']
    const random = seededRandom(seed)
    const draw = (below: number) => Math.floor(random() * below)
    for (let round = 0; round < 30; round++) {
      const { documents, begin } = openWithheld(on)
      /** What each document was after each of its writes; `seen` and `acked` are places in it. */
      const states = new Map(
        names.map((name) => [name, { past: [undefined] as (number | undefined)[], seen: 0 }]),
      )
      const stateOf = (name: string) => states.get(name) ?? assert.fail()
      const look = (name: string, shown: number | undefined) => {
        const state = stateOf(name)
        const at = state.past.indexOf(shown, state.seen)
        assert.ok(at >= 0, `${name} was shown as ${shown} in round ${round} of SEED=${seed}`)
        state.seen = at
      }
      const flying: { name: string; n: number | undefined; flight: Flight; ended: unknown }[] = []
      let committed = 0
      for (let step = 1; step <= 60; step++) {
        const name = names[draw(2)] ?? ''
        const move = draw(7)
        if (move === 0 && flying.length < 4) {
          const last = flying.findLast((each) => each.name === name)
          const there = last === undefined ? stateOf(name).past.at(-1) : last.n
          const n = there !== undefined && draw(2) === 0 ? undefined : step
          const mode = n === undefined ? 'delete' : 'replace'
          const { ended, ...flight } = begin(
            documentOf(name),
            commandOf({ content: { n: step }, mode }),
          )
          flying.push({ name, n, flight, ended })
        } else if (move === 1 && committed < flying.length) {
          const { name: written, n, flight } = flying[committed++] ?? assert.fail()
          flight.commit()
          stateOf(written).past.push(n)
        } else if (move === 2 && committed > 0) {
          committed--
          const { name: written, flight, ended } = flying.shift() ?? assert.fail()
          flight.acknowledge()
          await ended
          const later = flying.slice(0, committed).filter((each) => each.name === written).length
          const state = stateOf(written)
          state.seen = Math.max(state.seen, state.past.length - 1 - later)
        } else if (move < 5) {
          look(name, await numberOf(documents, documentOf(name)))
        } else {
          const shown = await numbersOf(documents)
          for (const each of names) look(each, shown.get(each))
        }
      }
    }
  })
})
