/**
 * `tenantry tenant delete` as an operator runs it: what it asks, and what becomes of a tenant that
 * is deleted beside a running server, under its own writes, and of one whose deletion was killed.
 */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { askForId } from '../../server/cli/tenant-delete.ts'
import { parseTenantId } from '../../server/contract/names.ts'
import { commandOf } from '../../server/storage/conformance/document-commands.ts'
import type { FilledKey, FilledServer } from '../support/filled-server.ts'
import { fillStore, startFilledServer } from '../support/filled-server.ts'
import { makeFolder, runTenantry, startTenantry } from '../support/process.ts'
import { openTestStorage } from '../support/storage.ts'

const scopes = ['provisioning:*']

/** So many documents of the tenant, past the door: each is a row in the record too. */
async function fillDocuments(dataFolder: string, tenant: string, count: number): Promise<void> {
  const storage = await openTestStorage(dataFolder)
  const content = { marker: `of ${tenant}`, text: 'x'.repeat(300) }
  const command = commandOf({ content, at: 1 })
  const writes = Array.from({ length: count }, (_, n) =>
    storage.documents.write(
      { tenant, collection: `c${n % 7}`, document: `d${n}` } as never,
      command,
    ),
  )
  await Promise.all(writes)
  await storage.close()
}

function homeOf({ port }: FilledServer, tenant: string): string {
  return `http://127.0.0.1:${port}/api/v1/provisioning/tenants/${tenant}`
}

function headersOf({ text }: FilledKey) {
  return { Authorization: `Bearer ${text}`, 'Content-Type': 'application/json' }
}

/** Writes until it is told to stop; gives each status and how long each took. */
function writeOn(home: string, key: FilledKey) {
  let stopped = false
  const ends: { status: number; ms: number; at: number }[] = []
  const done = (async () => {
    for (let n = 0; !stopped; n++) {
      const start = performance.now()
      const answer = await fetch(`${home}/live/d${n % 50}`, {
        method: 'POST',
        headers: headersOf(key),
        body: JSON.stringify({ n }),
      })
      await answer.arrayBuffer()
      const at = performance.now()
      ends.push({ status: answer.status, ms: at - start, at })
    }
  })()
  return {
    ends,
    async stop() {
      stopped = true
      await done
      return ends
    },
  }
}

async function rowsOf(dataFolder: string, tenant: string) {
  const storage = await openTestStorage(dataFolder, { as: 'command', make: false })
  const sizes = await storage.tenantEnds.measureTenant(parseTenantId(tenant), () => {})
  await storage.close()
  return sizes
}

describe('tenant delete asks', () => {
  const folder = makeFolder()
  const run = (...args: string[]) => runTenantry(args, { env: { TENANTRY_DATA: folder.path } })
  before(async () => {
    await fillStore(folder.path, ['acme', 'globex'], [{ tenant: 'acme', scopes }])
    await fillDocuments(folder.path, 'acme', 40)
  })
  after(() => folder.remove())

  const refused = [
    ['acme', 64, /no terminal to ask at\. Add --confirm "acme", or see with --dry-run/],
    ['acme --confirm globex', 64, /--confirm says "globex", and the tenant to delete is "acme"/],
    ['acme --confirm Acme', 64, /nothing was deleted/],
    ['acme --confirm=', 64, /--confirm says ""/],
    ['acm --confirm acm', 65, /no tenant "acm" to delete; tenantry tenant list shows/],
    ['.acme --confirm .acme', 65, /is no tenant id/],
  ] as const
  for (const [words, status, message] of refused) {
    test(`tenant delete ${words}: exit ${status}, and nothing is deleted`, async () => {
      const ended = await run('tenant', 'delete', ...words.split(' '))
      assert.equal(ended.out, '')
      assert.match(ended.err, message)
      assert.equal(ended.status, status)
      const { documents, changes, keys } = await rowsOf(folder.path, 'acme')
      assert.deepEqual([documents, changes, keys], [40, 40, 1])
    })
  }

  test('a dry run says what would go, and deletes nothing', async () => {
    const { status, out, err } = await run('tenant', 'delete', 'acme', '--dry-run')
    assert.equal(status, 0)
    assert.match(out, /^Tenant acme, made on .* by cli:test\. What goes, for good:\n/)
    assert.match(out, /\n {2}40 documents, 0 with a live version, in 7 collections\n {4}c0: 6\n/)
    assert.match(out, /\n {2}40 rows of the record, the newest of 1970-01-01T00:00:00\.001Z\n/)
    assert.match(out, /\n {2}1 key, 1 of them alive\n/)
    assert.match(out, /tenantry export --tenant acme, or tenantry backup FILE/)
    assert.match(err, /Nothing was deleted/)
    const json = JSON.parse((await run('tenant', 'delete', 'acme', '--dry-run', '--json')).out)
    assert.deepEqual([json.tenant.id, json.sizes.documents, json.livingKeys], ['acme', 40, 1])
    assert.equal((await rowsOf(folder.path, 'acme')).documents, 40)
  })

  test('what is typed has to be the id', async () => {
    const id = parseTenantId('acme')
    const answer = (text: string) => {
      const input = new PassThrough()
      input.end(text)
      return askForId(id, input, new PassThrough())
    }
    await answer('acme\n')
    await answer(' acme \r\n')
    for (const text of ['ACME\n', 'yes\n', '\n', '', 'acme2\n', 'globex\nacme\n']) {
      await assert.rejects(answer(text), /That is not acme; nothing was deleted/)
    }
  })

  test('what was deleted is told with who did it, and may be made anew, empty', async () => {
    const { status, out, err } = await run('tenant', 'delete', 'acme', '--confirm', 'acme')
    assert.deepEqual([status, out], [0, 'deleted tenant acme\n'])
    assert.match(err, /Backups and exports that were made before still hold it/)
    const [ended, ...more] = JSON.parse((await run('tenant', 'list', '--ended', '--json')).out)
    assert.deepEqual([ended.id, ended.gone, more], ['acme', true, []])
    assert.match(ended.endedBy, /^cli:/)
    assert.match((await run('tenant', 'list', '--ended')).out, /^TENANT .*\nacme .* nothing\n$/)
    assert.ok(!/acme/.test((await run('tenant', 'list')).out))
    assert.equal((await run('tenant', 'create', 'acme')).status, 0)
    const { documents, changes, keys, others } = await rowsOf(folder.path, 'acme')
    assert.deepEqual([documents, changes, keys, others], [0, 0, 0, 0])
  })
})

describe('a tenant that is deleted beside a running server', () => {
  const folder = makeFolder()
  const env = { TENANTRY_DATA: folder.path }
  let server: FilledServer
  let keys: readonly FilledKey[]
  before(async () => {
    const wanted = ['acme', 'globex'].map((tenant) => ({ tenant, scopes }))
    keys = await fillStore(folder.path, ['acme', 'globex'], wanted)
    await fillDocuments(folder.path, 'acme', 4000)
    server = await startFilledServer(folder.path)
  })
  after(async () => {
    await server.running.stop()
    folder.remove()
  })

  test('under its own writes: none lands behind it, and no others are disturbed', async (on) => {
    const [acme, globex] = keys as [FilledKey, FilledKey]
    const own = [1, 2, 3].map(() => writeOn(homeOf(server, 'acme'), acme))
    const others = [1, 2, 3].map(() => writeOn(homeOf(server, 'globex'), globex))
    const listed = fetch(`${homeOf(server, 'acme')}/c0`, { headers: headersOf(acme) })
    assert.equal(((await (await listed).json()) as unknown[]).length, 572)
    await new Promise((resolve) => setTimeout(resolve, 500))
    const quiet = others.flatMap(({ ends }) => ends.map(({ ms }) => ms))
    const began = performance.now()
    const deleted = await runTenantry(['tenant', 'delete', 'acme', '--confirm', 'acme'], { env })
    assert.equal(deleted.status, 0, deleted.err)
    const took = performance.now() - began
    const ownEnds = (await Promise.all(own.map((each) => each.stop()))).flat()
    const otherEnds = (await Promise.all(others.map((each) => each.stop()))).flat()
    // First those that were let in, then 401 and nothing else.
    for (const each of own) {
      const statuses = each.ends.map(({ status }) => status)
      const end = statuses.indexOf(401)
      assert.ok(end > 0, 'it was not refused')
      assert.ok(statuses.slice(0, end).every((status) => status === 201 || status === 200))
      assert.ok(statuses.slice(end).every((status) => status === 401))
    }
    assert.ok(ownEnds.length > 50)
    assert.ok(otherEnds.every(({ status }) => status === 201 || status === 200))
    const p99 = (all: readonly number[]) =>
      all.toSorted((one, other) => one - other)[Math.floor(all.length * 0.99)] ?? 0
    const during = otherEnds.filter(({ at }) => at > began && at < began + took)
    const figures = [p99(quiet), p99(during.map(({ ms }) => ms))].map(Math.round)
    on.diagnostic(`p99 of others (ms): ${figures[0]} before, ${figures[1]} while it was deleted`)
    assert.ok((figures[1] ?? 0) < 500, `others waited ${figures[1]} ms`)
    const { documents, changes } = await rowsOf(folder.path, 'acme')
    assert.deepEqual([documents, changes], [0, 0])
  })

  test('its id begins with nothing, for its former keys and its former addresses too', async () => {
    assert.equal((await runTenantry(['tenant', 'create', 'acme'], { env })).status, 0)
    const options = '--tenant acme --scope provisioning:* --json'.split(' ')
    const made = JSON.parse((await runTenantry(['key', 'create', ...options], { env })).out)
    const headers = headersOf({ ...made, text: made.key })
    const home = homeOf(server, 'acme')
    const read = async (path: string) => {
      const answer = await fetch(home + path, { headers })
      return [answer.status, await answer.text()]
    }
    assert.deepEqual(await read('/c0'), [200, '[]'])
    assert.equal((await read('/c0/d0'))[0], 404)
    assert.equal((await read(''))[0], 404)
    const [former] = keys as [FilledKey]
    assert.equal((await fetch(`${home}/c0`, { headers: headersOf(former) })).status, 401)
    const first = await fetch(`${home}/c0/d0`, { method: 'POST', headers, body: '{}' })
    assert.equal(first.status, 201)
    assert.match(first.headers.get('etag') ?? '', /^"1-/)
  })
})

describe('a deletion that was killed in the middle', () => {
  const folder = makeFolder()
  const env = { TENANTRY_DATA: folder.path }
  const args = ['tenant', 'delete', 'acme', '--confirm', 'acme']
  after(() => folder.remove())

  test('leaves a tenant that no door finds, and the next one finishes it', async () => {
    const wanted = [{ tenant: 'acme', scopes }]
    const [key] = (await fillStore(folder.path, ['acme'], wanted)) as [FilledKey]
    await fillDocuments(folder.path, 'acme', 6000)
    const deleting = startTenantry(args, { env })
    for (let left = 12_001; left > 11_500; ) {
      const { documents, changes, keys } = await rowsOf(folder.path, 'acme')
      left = documents + changes + keys
    }
    await deleting.stop('SIGKILL')
    const { documents, changes } = await rowsOf(folder.path, 'acme')
    assert.ok(documents + changes > 0, 'it was not killed in the middle')

    const server = await startFilledServer(folder.path)
    for (const path of ['/c0', '/c0/d0', '']) {
      const answer = await fetch(homeOf(server, 'acme') + path, { headers: headersOf(key) })
      assert.equal(answer.status, 401)
    }
    await server.running.stop()
    assert.equal((await runTenantry(['tenant', 'list', '--json'], { env })).out, '[]\n')
    assert.match((await runTenantry(['tenant', 'list', '--ended'], { env })).out, / rows; tenantry/)
    const created = await runTenantry(['tenant', 'create', 'acme'], { env })
    assert.equal(created.status, 65)
    assert.match(created.err, /not all of it is gone yet: tenantry tenant delete acme finishes/)
    const made = await runTenantry(['key', 'create', '--tenant', 'acme', '--scope', 'voc:*'], {
      env,
    })
    assert.equal(made.status, 65)

    const dry = await runTenantry(['tenant', 'delete', 'acme', '--dry-run'], { env })
    assert.match(dry.out, /^Tenant acme was ended on .* What is left:\n/)
    const again = await runTenantry(args, { env })
    assert.deepEqual([again.status, again.out], [0, 'deleted tenant acme\n'])
    assert.equal((await runTenantry(['tenant', 'create', 'acme'], { env })).status, 0)
    const rows = await rowsOf(folder.path, 'acme')
    assert.deepEqual([rows.documents, rows.changes, rows.keys], [0, 0, 0])
  })
})

test('a demo whose tenant was deleted is made anew', async () => {
  const folder = makeFolder()
  const env = { TENANTRY_DATA: join(folder.path, 'data'), TENANTRY_PORT: '0' }
  const keys: string[] = []
  for (const round of ['first', 'again']) {
    const dev = startTenantry(['dev', '--json'], { env })
    const { address, tenant, key } = JSON.parse(await dev.waitFor(/\n/))
    keys.push(key)
    const home = `${address}/api/v1/provisioning/tenants/${tenant}`
    const headers = { Authorization: `Bearer ${key}` }
    const users = await (await fetch(`${home}/users`, { headers })).json()
    assert.equal((users as unknown[]).length, 2, round)
    if (round === 'first') {
      const args = ['tenant', 'delete', tenant, '--confirm', tenant]
      assert.equal((await runTenantry(args, { env })).status, 0)
      assert.equal((await fetch(`${home}/users`, { headers })).status, 401)
    }
    assert.equal((await dev.stop()).status, 0)
  }
  assert.notEqual(keys[0], keys[1])
  folder.remove()
})
