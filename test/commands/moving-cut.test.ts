/**
 * Exports and imports that are cut off, or run beside a server that writes: what is there is whole,
 * what was acknowledged stays, and the same command run again completes it.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { parseTenantId } from '../../server/contract/names.ts'
import { mountSmallDisk } from '../gates/small-disk.ts'
import { fillStore, startFilledServer } from '../support/filled-server.ts'
import { send } from '../support/http.ts'
import type { Running } from '../support/process.ts'
import { makeFolder, runTenantry, startProcess, startTenantry } from '../support/process.ts'
import { openTestStorage } from '../support/storage.ts'

const keyText = 'a-key-that-was-brought-along'
const home = '/api/v1/provisioning/tenants/acme'

/** Enough for several commits, and more than a pipe holds. */
const count = 6000
const filler = 'x'.repeat(300)
const idOf = (n: number) => `b${String(n).padStart(5, '0')}`
const lines = Array.from({ length: count }, (_, n) =>
  JSON.stringify({
    collection: n % 3 ? 'bots' : 'users',
    id: idOf(n),
    data: { n, filler, ...(n % 5 ? {} : { versions: { current: { n, filler } } }) },
  }),
)

describe('a move that is cut off', () => {
  const folder = makeFolder()
  const file = join(folder.path, 'many.ndjson')
  const full = join(folder.path, 'full')
  const at = (name: string) => ({ env: { TENANTRY_DATA: join(folder.path, name) } })
  const start = (name: string, ...args: string[]) =>
    startTenantry([...args, '--tenant', 'acme'], at(name))
  const tallyOf = async (name: string) => {
    const { status, out, err } = await start(name, 'import', file, '--json').ended
    assert.equal(status, 0, err)
    return JSON.parse(out)
  }
  const exportOf = async (name: string) => {
    const { status, out, err } = await start(name, 'export').ended
    assert.equal(status, 0, err)
    return out
  }
  let whole = ''

  before(async () => {
    writeFileSync(file, `${lines.join('\n')}\n`)
    const wanted = { tenant: 'acme', scopes: ['provisioning:*'], text: keyText }
    await fillStore(full, ['acme'], [wanted])
    assert.equal((await tallyOf('full')).created, count)
    whole = await exportOf('full')
    assert.equal(whole.split('\n').length, count + 1)
  })
  after(() => folder.remove())

  for (const signal of ['SIGKILL', 'SIGINT', 'SIGTERM'] as const) {
    test(`by ${signal} while it imports leaves whole documents; again completes it`, async () => {
      await fillStore(join(folder.path, signal), ['acme'], [])
      const importing = start(signal, 'import', file)
      await untilWritten(importing, signal)
      const { status, out, err } = await importing.stop(signal)
      assert.equal(out, '')
      const left = await exportOf(signal)
      const known = new Set(whole.split('\n'))
      const found = left.split('\n').slice(0, -1)
      assert.ok(found.length > 0 && found.length < count, `${found.length} of ${count}`)
      for (const line of found) assert.ok(known.has(line), `half of a document: ${line}`)
      if (signal !== 'SIGKILL') {
        assert.equal(status, 1)
        assert.match(err, /The import was stopped\. (\d+) documents were written, 0 were so alre/)
        assert.match(err, /each is whole\. The same command, run again, completes it/)
        assert.equal(Number(/(\d+) documents were written/.exec(err)?.[1]), found.length)
      }
      const tally = await tallyOf(signal)
      assert.equal(tally.unchanged, found.length)
      assert.equal(tally.created, count - found.length)
      assert.equal(await exportOf(signal), whole)
    })
  }

  test('by a reader that has seen enough ends in order, and leaves no log behind', async () => {
    const script = `"$0" bin/tenantry.cjs export --tenant acme | head -2; echo "\${PIPESTATUS[0]}"`
    const { out, err } = await startProcess('bash', ['-c', script, process.execPath], at('full'))
      .ended
    assert.equal(out, `${whole.split('\n').slice(0, 2).join('\n')}\n0\n`)
    assert.equal(err, '')
    assert.deepEqual(readdirSync(full).sort(), ['tenantry.sqlite', 'tenantry.sqlite.lock'])
  })

  test('by a stdout that takes no more fails, and says why', async () => {
    const script = 'exec "$0" bin/tenantry.cjs "$@" > /dev/full'
    for (const args of [['export', '--tenant', 'acme'], ['config'], ['tenant', 'list', '--json']]) {
      const words = ['-c', script, process.execPath, ...args]
      const { status, err } = await startProcess('bash', words, at('full')).ended
      assert.match(err, /stdout cannot be written: the disk is full; make room on it/)
      assert.equal(status, 65)
      assert.equal(err.trim().split('\n').length, 1, err)
    }
  })

  test('by a signal while it exports leaves no file', async () => {
    const out = join(folder.path, 'cut.ndjson')
    // Stopped as soon as it has begun to write, which it may have ended by then.
    const exporting = start('full', 'export', '--out', out)
    while (!readdirSync(folder.path).some((name) => name.startsWith('cut.ndjson'))) await wait(1)
    const { status, err } = await exporting.stop('SIGINT')
    const left = readdirSync(folder.path).filter((name) => name.startsWith('cut.ndjson'))
    if (status !== 0) {
      assert.equal(status, 1)
      assert.match(err, /The export was stopped after \d+ documents; run it again/)
    }
    assert.deepEqual(left, status === 0 ? ['cut.ndjson'] : [])
  })

  test('by a full disk says so, and completes once there is room', async (context) => {
    const disk = smallDisk()
    if (typeof disk === 'string') return context.skip(disk)
    context.after(() => disk.remove())
    const env = { TENANTRY_DATA: join(disk.path, 'data') }
    await fillStore(env.TENANTRY_DATA, ['acme'], [])
    const args = ['import', file, '--tenant', 'acme']
    const { status, out, err } = await runTenantry(args, { env })
    assert.equal(out, '')
    assert.match(err, /^tenantry: Line \d+ could not be written: The store is full; .* run again/)
    assert.equal(status, 65)
    execFileSync('mount', ['-o', 'remount,size=64m', disk.path])
    const again = JSON.parse((await runTenantry([...args, '--json'], { env })).out)
    assert.ok(again.unchanged > 0 && again.created > 0, `${again.unchanged} were written`)
    const { out: text } = await runTenantry(['export', '--tenant', 'acme'], { env })
    assert.equal(text, whole)
  })

  test('beside a server that writes has every document that stays, once and whole', async () => {
    const server = await startFilledServer(full)
    let writing = true
    let writes = 0
    const writer = (async () => {
      for (let n = 0; writing; n = (n + 7) % count) {
        const at = n % 3 ? 'bots' : 'users'
        for (const path of [`${at}/${idOf(n)}!`, `${at}/a${n}`, `${at}/${idOf(n - (n % 5))}`]) {
          const { status } = await send(server.port, {
            method: 'POST',
            path: `${home}/${path}`,
            headers: { Authorization: `Bearer ${keyText}`, 'Content-Type': 'application/json' },
            body: JSON.stringify({ n, filler: filler.repeat(1 + (n % 4)) }),
          })
          assert.ok(status === 200 || status === 201, `${status}`)
          writes++
        }
      }
    })()
    const texts = [await exportOf('full'), await exportOf('full')]
    writing = false
    await writer
    await server.running.stop()
    assert.ok(writes > 20, `only ${writes} writes`)
    for (const text of texts) {
      const found = text
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
      const addresses = found.map(({ collection, id }) => `${collection}/${id}`)
      assert.deepEqual(addresses, [...new Set(addresses)].sort())
      const there = new Set(addresses)
      for (let n = 0; n < count; n++) {
        assert.ok(there.has(`${n % 3 ? 'bots' : 'users'}/${idOf(n)}`), `${n} is missing`)
      }
      for (const { data } of found) assert.equal(data.filler.length % filler.length, 0)
    }
  })

  /** Until some of it is committed. */
  async function untilWritten(importing: Running, name: string): Promise<void> {
    const storage = await openTestStorage(join(folder.path, name), { as: 'command' })
    try {
      const tenant = parseTenantId('acme')
      while ((await storage.documents.listCollections(tenant, undefined, 1)).length === 0) {
        assert.equal(importing.child.exitCode, null, 'it ended before it was stopped')
        await wait(2)
      }
    } finally {
      await storage.close()
    }
  }
})

/** Or why there is none. */
function smallDisk() {
  try {
    return mountSmallDisk(4)
  } catch (error) {
    return String(error)
  }
}
