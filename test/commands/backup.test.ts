/** `tenantry backup` and `restore` as an operator types them, and a start that migrates. */
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import { bytesText } from '../../server/contract/amounts.ts'
import type { DemoServer } from '../support/demo-server.ts'
import { demoHome, startDemoServer } from '../support/demo-server.ts'
import { newestSchema, openFormerStore } from '../support/former-store.ts'
import { send } from '../support/http.ts'
import { makeFolder, root, runTenantry, startProcess, startTenantry } from '../support/process.ts'

describe('a backup beside a server that runs', () => {
  const folder = makeFolder()
  const data = join(folder.path, 'data')
  const env = { TENANTRY_DATA: data }
  let server: DemoServer
  before(async () => {
    server = await startDemoServer(data)
  })
  after(async () => {
    await server.running.stop()
    folder.remove()
  })

  test('is made, says what is in it and what to do with it', async () => {
    const { status, out, err } = await runTenantry(['backup', at('first')], { env })
    assert.equal(status, 0)
    const [line = '', ...none] = out.split('\n')
    assert.deepEqual(none, [''])
    const [, size] =
      /^backed up 1 tenant, 3 documents to .*first \((.*), newest change 20.*Z\)$/.exec(line) ?? []
    assert.equal(size, bytesText(statSync(at('first')).size), line)
    assert.match(err, /read again and is whole.*as secret as the data/s)
    assert.match(err, /\nnpm run -s tenantry -- restore \S+first --replace --data \S+data\n$/)
    assert.equal(statSync(at('first')).mode & 0o777, 0o600)
  })

  test('is told to machines in numbers, in milliseconds and bytes', async () => {
    const began = Date.now()
    const { out } = await runTenantry(['backup', at('second'), '--json'], { env })
    const { takenAt, newestChange, durationMs, ...said } = JSON.parse(out)
    assert.deepEqual(said, {
      path: at('second'),
      bytes: statSync(at('second')).size,
      ...{ tenants: 1, documents: 3, schema: newestSchema, damaged: 0 },
    })
    assert.ok(takenAt >= began && takenAt <= Date.now() && newestChange < takenAt)
    assert.ok(durationMs > 0 && durationMs <= Date.now() - began)
  })

  for (const [file, message] of [
    ['second', /second is there already; nothing was changed/],
    ['-', /"-" names no file/],
    ['new/', /names no file/],
    ['none/at/all', /There is no folder .*none\/at/],
    ['data', /data is a folder; name a file/],
    ['data/tenantry.sqlite-wal', /is a name of the data itself/],
  ] as const) {
    test(`${file} is refused with 65`, async () => {
      const before = readdirSync(folder.path)
      const { status, out, err } = await runTenantry(['backup', file], { env, cwd: folder.path })
      assert.deepEqual([status, out], [65, ''])
      assert.match(err, message)
      assert.deepEqual(readdirSync(folder.path), before)
    })
  }

  test('cannot be put back while it runs', async () => {
    const { status, err } = await runTenantry(['restore', at('first'), '--replace'], { env })
    assert.equal(status, 69)
    assert.match(err, /Another Tenantry has the data at .*Stop it first/)
  })

  test('without a file is a mistake of the command line', async () => {
    for (const command of ['backup', 'restore']) {
      assert.equal((await runTenantry([command], { env })).status, 64)
    }
  })

  function at(name: string): string {
    return join(folder.path, name)
  }
})

describe('a restore', () => {
  const folder = makeFolder()
  after(() => folder.remove())

  test('brings back what was there, with keys revoked since, and says so', async () => {
    const data = join(folder.path, 'data')
    const env = { TENANTRY_DATA: data }
    const file = join(folder.path, 'backup')
    const { running, headers, port } = await startDemoServer(data)
    const path = `${demoHome}/users/user-001`
    await send(port, { method: 'POST', path, headers, body: '{"at":"the backup"}' })
    await runTenantry(['backup', file], { env })
    await send(port, { method: 'POST', path, headers, body: '{"at":"later"}' })
    const [{ id }] = JSON.parse((await runTenantry(['key', 'list', '--json'], { env })).out)
    await runTenantry(['key', 'revoke', id], { env })
    await running.stop()

    const refused = await runTenantry(['restore', file], { env })
    assert.equal(refused.status, 65)
    assert.match(refused.err, /There is data at .*--replace puts it aside/)
    const { status, out, err } = await runTenantry(['restore', file, '--replace'], { env })
    assert.equal(status, 0)
    assert.match(
      out,
      /^restored 1 tenant, 3 documents to .*tenantry.sqlite \(newest change 20.*\)\n$/,
    )
    assert.match(err, /^What was there before is kept in (\S+)\n/)
    assert.match(err, /keys\nthat were revoked since are alive again/)

    const listing = err.split('\n').find((line) => line.includes('key list')) ?? ''
    const { out: keys } = await startProcess('bash', ['-ec', listing], { cwd: root }).ended
    assert.match(keys, new RegExp(`${id} +tenant-alpha +alive`))
    const again = await startDemoServer(data)
    const { text } = await send(again.port, { method: 'GET', path, headers })
    assert.equal(JSON.parse(text).at, 'the backup')
    await again.running.stop()
    // And back: the former store is one that a backup can be made of.
    const aside = /kept in (\S+)/.exec(err)?.[1] ?? ''
    const former = join(folder.path, 'former')
    assert.equal((await runTenantry(['backup', former, '--data', aside])).status, 0)
    await runTenantry(['restore', former, '--replace'], { env })
    const list = await runTenantry(['key', 'list'], { env })
    assert.match(list.out, new RegExp(`${id} +tenant-alpha +revoked`))
  })

  test('on a new machine makes the folder, and tells machines what it did', async () => {
    const data = join(folder.path, 'new')
    const file = join(folder.path, 'backup')
    const { status, out } = await runTenantry(['restore', file, '--json', '--data', data])
    assert.equal(status, 0)
    const { newestChange, ...said } = JSON.parse(out)
    assert.ok(newestChange > 1_700_000_000_000)
    assert.deepEqual(said, {
      ...{ store: join(data, 'tenantry.sqlite'), backup: file, tenants: 1, documents: 3 },
      ...{ schema: newestSchema, migrates: false, replaced: null, damaged: 0 },
    })
  })

  test('of a newer Tenantry is refused with 78', async () => {
    const newer = join(folder.path, 'newer')
    copyFileSync(join(folder.path, 'backup'), newer)
    const connection = new DatabaseSync(newer)
    connection.exec('PRAGMA user_version = 999')
    connection.close()
    const data = join(folder.path, 'never')
    const { status, err } = await runTenantry(['restore', newer, '--data', data])
    assert.equal(status, 78)
    assert.match(err, /newer was written by a newer Tenantry: its schema is 999/)
    assert.ok(!existsSync(data))
  })
})

describe('data of an older Tenantry', () => {
  const folder = makeFolder()
  after(() => folder.remove())

  test('is backed up and migrated by a server, which tells it in its log', async () => {
    const data = former('served')
    const server = startTenantry(['serve', '--json', '--port', '0', '--data', data])
    await server.waitFor(/\n/)
    const { err } = await server.stop()
    const events = err.split('\n').filter((line) => line.includes('"store-upgrade"'))
    const backup = join(data, `tenantry.sqlite.before-schema-${newestSchema}`)
    const told = events.map((line) => JSON.parse(line)).map(({ time: _, ...event }) => event)
    const shared = { event: 'store-upgrade', from: 1, to: newestSchema, backup }
    assert.deepEqual(told, [
      { ...shared, state: 'backing up', percent: 0 },
      { ...shared, state: 'migrated', percent: 100 },
    ])
    assert.ok(existsSync(backup))
  })

  test('is backed up and migrated by a command, which says so', async () => {
    const data = former('listed')
    const { status, out, err } = await runTenantry(['tenant', 'list', '--data', data])
    assert.equal(status, 0)
    assert.match(out, /^TENANT.*\nacme /)
    const said = /^The data is of an older Tenantry \(schema 1\)\.\nIt was brought to schema (\d+)/
    assert.equal(Number(said.exec(err)?.[1]), newestSchema)
    assert.match(err, /as it was before it lies in \S+before-schema-\d+\.\n$/)
  })

  function former(name: string): string {
    const data = join(folder.path, name)
    mkdirSync(data)
    openFormerStore(data, 1).close()
    return data
  }
})
