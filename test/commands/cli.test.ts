/** The commands as an operator types them: results on stdout, all else on stderr, exit statuses. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { send } from '../support/http.ts'
import type { Running } from '../support/process.ts'
import { makeFolder, runTenantry, startProcess, startTenantry } from '../support/process.ts'

const keyText = /^tnk_[0-9A-Za-z]{54}\n$/

describe('commands', () => {
  const folder = makeFolder()
  const run = (...args: string[]) => runTenantry(args, { env: { TENANTRY_DATA: folder.path } })
  before(async () => {
    assert.equal((await run('tenant', 'create', 'acme')).status, 0)
  })
  after(() => folder.remove())

  test('a tenant is made once', async () => {
    const made = await run('tenant', 'create', 'globex')
    assert.deepEqual(made, { status: 0, out: 'made tenant globex\n', err: '' })
    const again = await run('tenant', 'create', 'globex')
    assert.equal(again.status, 65)
    assert.match(again.err, /There is a tenant globex already/)
    const list = JSON.parse((await run('tenant', 'list', '--json')).out)
    assert.deepEqual(
      list.map(({ id }: { id: string }) => id),
      ['acme', 'globex'],
    )
    assert.match(list[0].createdBy, /^cli:/)
  })

  test('the text of a key stands alone on stdout, and nowhere in the data', async () => {
    const made = await run('key', 'create', '--tenant', 'acme', '--scope', 'provisioning:read')
    assert.equal(made.status, 0)
    assert.match(made.out, keyText)
    const { out } = await run('key', 'list', '--tenant', 'acme')
    assert.ok(!out.includes(made.out.trim()))
    const data = readFileSync(join(folder.path, 'tenantry.sqlite'), 'latin1')
    assert.ok(!data.includes(made.out.trim()))
    assert.ok(data.includes(made.out.slice(4, 16)), 'the search would not find a thing')
  })

  test('a key keeps its scopes, label and end', async () => {
    const options = '--tenant acme --scope provisioning:* reporting:read --label ci --expires 2d'
    const made = JSON.parse((await run('key', 'create', ...options.split(' '), '--json')).out)
    assert.match(made.key, /^tnk_/)
    const keys = JSON.parse((await run('key', 'list', '--json')).out)
    const kept = keys.find(({ id }: { id: string }) => id === made.id)
    assert.deepEqual(kept.scopes, ['provisioning:*', 'reporting:read'])
    assert.equal(kept.label, 'ci')
    assert.equal(Math.round((kept.expiresAt - kept.created) / 3_600_000), 48)
    assert.ok(!JSON.stringify(keys).includes('hash'))
  })

  test('an end without a zone is in UTC, and said', async () => {
    const options = '--tenant acme --scope voc:* --expires 2099-01-31T12:00 --json'
    const { out, err } = await runTenantry(['key', 'create', ...options.split(' ')], {
      env: { TENANTRY_DATA: folder.path, TZ: 'America/New_York' },
    })
    assert.equal(JSON.parse(out).expiresAt, Date.parse('2099-01-31T12:00:00Z'))
    assert.match(err, /It may until 2099-01-31T12:00:00.000Z:\n- read and write everything of voc/)
  })

  test('a revoked key is listed as revoked, and stays it', async () => {
    const made = JSON.parse(
      (await run('key', 'create', '--tenant', 'acme', '--scope', 'mcp:*', '--json')).out,
    )
    const first = JSON.parse((await run('key', 'revoke', made.id, '--json')).out)
    const second = JSON.parse((await run('key', 'revoke', made.id, '--json')).out)
    assert.equal(first.revoked, second.revoked)
    const third = await run('key', 'revoke', made.id)
    const on = new Date(first.revoked).toISOString()
    assert.equal(third.out, `key ${made.id} was revoked already, on ${on}\n`)
    assert.match((await run('key', 'list')).out, new RegExp(`${made.id} +acme +revoked`))
  })

  test('a key is listed with when it was made, and by whom', async () => {
    const options = '--tenant acme --scope ingest:* --json'.split(' ')
    const { id, created, createdBy } = JSON.parse((await run('key', 'create', ...options)).out)
    const { out } = await run('key', 'list')
    assert.match(out, /^ID +TENANT +STATE +SCOPES +CREATED +BY +EXPIRES +LAST USED +LABEL\n/)
    const row = out.split('\n').find((line) => line.startsWith(id))
    assert.deepEqual(row?.split(/ +/).slice(3, 6), [
      'ingest:*',
      new Date(created).toISOString(),
      createdBy,
    ])
    assert.match(createdBy, /^cli:/)
  })

  for (const scope of [
    'provisioning:read,voc:*',
    'provisioning:read, voc:*',
    'provisioning:users.read bots.read',
    'provisioning:read ',
  ]) {
    test(`--scope "${scope}" is refused: it would be a collection of that name`, async () => {
      const options = ['--tenant', 'acme', '--scope', 'voc:read', scope]
      const { status, err } = await run('key', 'create', ...options)
      assert.equal(status, 64)
      assert.match(err, /looks like several in one argument.*--scope provisioning:read voc:read/)
    })
  }

  test('scopes are given behind one --scope or several', async () => {
    const scopes = async (...words: string[]) =>
      JSON.parse((await run('key', 'create', '--tenant', 'acme', ...words, '--json')).out).scopes
    const wanted = ['voc:read', 'mcp:*']
    assert.deepEqual(await scopes('--scope', 'voc:read', 'mcp:*'), wanted)
    assert.deepEqual(await scopes('--scope', 'voc:read', '--scope', 'mcp:*'), wanted)
  })

  const refusals: readonly (readonly [command: string, status: number, message: RegExp])[] = [
    ['key create --tenant acme --scope users', 65, /the colon after the API is missing/],
    ['key create --tenant acme --scope provisioning:*.read', 65, /never \*/],
    ['key create --tenant acme --scope keys:users.read', 65, /keys have no resources/],
    ['key create --tenant nobody --scope voc:*', 65, /no tenant "nobody".*tenantry tenant create/],
    ['key create --tenant acme --scope voc:* --expires soon', 65, /"soon" is no time/],
    ['key create --tenant acme --scope voc:* --expires 2020-01-01', 65, /in the past/],
    ['key create --tenant acme --scope voc:* --expires 2027-02-31', 65, /is no time/],
    ['key create --tenant acme --scope voc:* --expires 2027-01-31junk', 65, /is no time/],
    ['key create --tenant acme --scope voc:* --label a\u001bb', 65, /control character/],
    ['key create --scope voc:*', 64, /required option '--tenant <id>' not specified\. See --help/],
    ['key list --tenant nobody', 65, /no tenant "nobody"/],
    ['', 64, /Usage: tenantry/],
    ['key revoke nothing', 65, /no key with the id "nothing"; list them all. tenantry key list/],
    ['tenant create .hidden', 65, /is no tenant id/],
    ['tenant lst', 64, /Did you mean list/],
    ['export', 64, /required option '--tenant <id>' not specified/],
    ['import --tenant acme', 64, /missing required argument 'file'/],
    ['import nowhere --tenant acme', 65, /nowhere cannot be read: there is no such file/],
    ['import . --tenant acme', 65, /is a folder; name a file of lines, or - for stdin/],
    ['export --tenant acme --collection a/b', 65, /"a\/b" is no collection name/],
    ['frobnicate', 64, /unknown command/],
    ['serve --port eighty', 78, /--port is "eighty"; it takes a whole number from 0 to 65535/],
    ['serve --store postgres://x', 78, /Set it to sqlite:/],
    ['serve --host 192.0.2.1 --port 0', 69, /no address of this machine/],
    ['serve --host nowhere.invalid --port 0', 69, /TENANTRY_HOST names a host that cannot be/],
    ['serve --port 9 --metrics-port 9', 78, /PORT and TENANTRY_METRICS_PORT are both 9\. Set one/],
    ['dev --host 0.0.0.0', 78, /listens on this machine only/],
  ]
  test('what a key may do is said in words, so that a mistyped scope is noticed', async () => {
    const options = '--tenant acme --scope provisioning:reed mcp:read'.split(' ')
    const { err } = await run('key', 'create', ...options)
    assert.match(err, /read and write the documents of the collection "reed" alone/)
    assert.match(err, /read everything of mcp/)
  })

  test('a command that reads makes no data where there is none', async () => {
    const ended = await runTenantry(['key', 'list', '--data', join(folder.path, 'typo')])
    assert.equal(ended.status, 78)
    assert.match(ended.err, /There is no data at .*typo/)
    assert.equal(existsSync(join(folder.path, 'typo')), false)
  })

  test('a key text where an id belongs is not repeated', async () => {
    const made = await run('key', 'create', '--tenant', 'acme', '--scope', 'mcp:*')
    const { status, err } = await run('key', 'revoke', made.out.trim())
    assert.equal(status, 65)
    assert.match(err, /12 characters behind tnk_/)
    assert.ok(!err.includes(made.out.trim()))
  })

  test('a mistyped key text where an id belongs is not repeated either', async () => {
    const made = await run('key', 'create', '--tenant', 'acme', '--scope', 'mcp:*')
    const { status, err } = await run('key', 'revoke', made.out.trim().slice(0, -1))
    assert.equal(status, 65)
    assert.match(err, /no key with this id/)
    assert.ok(!err.includes(made.out.slice(16, 52)))
  })

  for (const [command, status, message] of refusals) {
    test(`tenantry ${command}: exit ${status}, and how to mend it`, async () => {
      const ended = await run(...command.split(' ').filter(Boolean))
      assert.equal(ended.out, '')
      assert.match(ended.err, message)
      assert.equal(ended.status, status)
      assert.ok(!/\n\s+at /.test(ended.err), 'a stack is no way to talk to people')
    })
  }

  test('a failure with --json is JSON on stderr', async () => {
    for (const command of ['key revoke nothing', 'key create', 'frobnicate']) {
      const { err } = await run(...command.split(' '), '--json')
      assert.deepEqual(Object.keys(JSON.parse(err)), ['code', 'message'])
    }
  })

  test('every command has help on stdout', async () => {
    for (const command of [
      '',
      'serve',
      'dev',
      'tenant create',
      'key create',
      'key list',
      'key rotate',
      'export',
      'import',
      'config',
    ]) {
      const { status, out } = await run(...command.split(' ').filter(Boolean), '--help')
      assert.equal(status, 0, command)
      assert.match(out, /Usage: tenantry/)
    }
  })

  test('config says where each value comes from', async () => {
    const env = { TENANTRY_DATA: folder.path, TENANTRY_MERGE: 'shallow', TENANTRY_PROT: '1' }
    const { out, err } = await runTenantry(['config', '--port', '9', '--json'], { env })
    const origins = JSON.parse(out).map((row: { [name: string]: unknown }) => [
      row.variable,
      row.value,
      row.origin,
    ])
    assert.deepEqual(origins.slice(0, 3), [
      ['TENANTRY_HOST', '127.0.0.1', 'default'],
      ['TENANTRY_PORT', 9, 'flag'],
      ['TENANTRY_DATA', folder.path, 'environment'],
    ])
    assert.match(err, /TENANTRY_PROT is no setting/)
  })

  test('a data folder that cannot be made is refused in a sentence', async () => {
    const file = join(folder.path, 'tenantry.sqlite')
    const ended = await runTenantry(['serve', '--data', join(file, 'below')])
    assert.equal(ended.status, 78)
    assert.match(ended.err, /cannot be made/)
  })
})

describe('dev and serve', () => {
  const folder = makeFolder()
  const env = { TENANTRY_DATA: join(folder.path, 'data'), TENANTRY_PORT: '0' }
  let dev: Running
  let port: number
  before(async () => {
    dev = startTenantry(['dev'], { env })
    port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(await dev.waitFor(/Control-C/))?.[1])
  })
  after(async () => {
    await dev.stop()
    folder.remove()
  })

  test("the demo's key and data are for their owner alone", () => {
    const modes = ['', 'demo-key', 'tenantry.sqlite'].map((file) =>
      (statSync(join(env.TENANTRY_DATA, file)).mode & 0o777).toString(8),
    )
    assert.deepEqual(modes, ['700', '600', '600'])
  })

  test('a key made beside the running server works at once, and revoked no more', async () => {
    const options = '--tenant tenant-alpha --scope provisioning:read --json'.split(' ')
    const made = JSON.parse((await runTenantry(['key', 'create', ...options], { env })).out)
    const read = () =>
      send(port, {
        method: 'GET',
        path: '/api/v1/provisioning/tenants/tenant-alpha/users',
        headers: { Authorization: `Bearer ${made.key}` },
      })
    assert.equal((await read()).status, 200)
    await runTenantry(['key', 'revoke', made.id], { env })
    assert.equal((await read()).status, 401)
  })

  test('a second server on the same data is refused, and the first goes on', async () => {
    const second = await runTenantry(['serve'], { env })
    assert.equal(second.status, 69)
    assert.match(second.err, /Another Tenantry has the data/)
    symlinkSync('tenantry.sqlite', join(env.TENANTRY_DATA, 'link.sqlite'))
    const linked = await runTenantry(['serve', '--store', 'sqlite:link.sqlite'], { env })
    assert.equal(linked.status, 69, 'another name of the same file is another lock')
    assert.equal((await send(port, { method: 'GET', path: '/health' })).status, 200)
  })

  test('a port in use is refused, and how to take another is said', async () => {
    const args = ['serve', '--data', join(folder.path, 'other'), '--port', String(port)]
    const second = await runTenantry(args)
    assert.equal(second.status, 69)
    assert.match(second.err, /is in use.*--port or TENANTRY_PORT/)
    const third = await runTenantry([...args.slice(0, -2), '--metrics-port', String(port)], { env })
    assert.equal(third.status, 69)
    assert.match(third.err, /is in use.*--metrics-port or TENANTRY_METRICS_PORT/)
  })

  test('a server that was told so makes no store where there is none', async () => {
    const data = join(folder.path, 'not mounted')
    const told = { ...env, TENANTRY_NEW_STORE: 'refuse' }
    const serve = ['serve', '--data', data, '--port', '0']
    const refused = await runTenantry(serve, { env: told })
    assert.equal(refused.status, 78)
    assert.match(refused.err, /There is no data at .*not mounted/)
    assert.equal(existsSync(data), false)
    assert.equal((await runTenantry(['tenant', 'create', 'acme', '--data', data])).status, 0)
    const serves = startTenantry(serve, { env: told })
    await serves.waitFor(/\n/)
    assert.equal((await serves.stop()).status, 0)
  })

  test('a server without tenants says what to do next, and that can be pasted', async () => {
    const data = join(folder.path, "nobody's data")
    const serve = startTenantry(['serve', '--data', data, '--port', '0', '--json'])
    const { address } = JSON.parse(await serve.waitFor(/\n/))
    assert.match(address, /^http:\/\/127/)
    const { status, err } = await serve.stop()
    assert.equal(status, 0)
    assert.match(err, /There is no tenant yet/)
    const pasted = await paste(err.replaceAll(/\bID\b/g, 'acme'))
    assert.match(pasted.out, /^made tenant acme\ntnk_/)
    const again = await serveOnce(data)
    assert.ok(!/no tenant yet|demo/.test(again), again)
  })

  test("serve says while the demo's key lives, and what ends it", async () => {
    await dev.stop()
    const file = join(env.TENANTRY_DATA, 'demo-key')
    const text = readFileSync(file, 'utf8')
    const err = await serveOnce(env.TENANTRY_DATA)
    assert.ok(err.includes(file), err)
    assert.ok(!err.includes(text.slice(16, -1)), 'the secret is in the log')
    const pasted = await paste(err)
    assert.equal(pasted.out, `revoked key ${text.slice(4, 16)}\n`)
    assert.ok(!/demo/.test(await serveOnce(env.TENANTRY_DATA)))
    dev = startTenantry(['dev'], { env })
    port = Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(await dev.waitFor(/Control-C/))?.[1])
  })

  /** What it says on stderr. */
  async function serveOnce(data: string): Promise<string> {
    const serve = startTenantry(['serve', '--data', data, '--port', '0'])
    await serve.waitFor(/\n/)
    return (await serve.stop()).err
  }

  /** Runs the lines of a message that are commands, in the folder of the clone. */
  function paste(message: string) {
    const commands = message.match(/^npm .*$/gm) ?? []
    return startProcess('bash', ['-euc', commands.join('\n')], {}).ended
  }

  test('a start that was cut off is made up for, and none logs a failure', async () => {
    const data = { TENANTRY_DATA: join(folder.path, 'cut-off'), TENANTRY_PORT: '0' }
    await runTenantry(['tenant', 'create', 'tenant-alpha'], { env: data })
    const options = '--tenant tenant-alpha --scope provisioning:* --json'.split(' ')
    const { key } = JSON.parse(
      (await runTenantry(['key', 'create', ...options], { env: data })).out,
    )
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }
    const home = '/api/v1/provisioning/tenants/tenant-alpha'
    /** The statuses in the log of a server that was asked this, and the answer. */
    const ask = async (command: string, path: string, request: RequestInit) => {
      const running = startTenantry([command, '--json'], { env: data })
      const { address } = JSON.parse(await running.waitFor(/\n/))
      const answer = await (await fetch(address + home + path, { headers, ...request })).text()
      const lines = (await running.stop()).err.match(/.*request-answered.*/g) ?? []
      return { answer, statuses: lines.map((line) => JSON.parse(line).status) }
    }
    // One of three documents, as a start leaves them that is cut off.
    await ask('serve', '/users/user-002', { method: 'POST', body: '{"role":"mine"}' })
    assert.deepEqual((await ask('dev', '/users', {})).statuses, [201, 201, 200])
    const { answer, statuses } = await ask('dev', '/users/user-002', {})
    assert.deepEqual(statuses, [200], 'the demo was written again')
    assert.match(answer, /"role":"mine"/)
  })

  test('a demo key made anew replaces a link, follows none, and ends the old key', async () => {
    await dev.stop()
    const file = join(env.TENANTRY_DATA, 'demo-key')
    const before = readFileSync(file, 'utf8')
    const precious = join(folder.path, 'precious')
    writeFileSync(precious, 'precious', { mode: 0o644 })
    rmSync(file)
    symlinkSync(precious, file)
    dev = startTenantry(['dev'], { env })
    await dev.waitFor(/Control-C/)
    assert.notEqual(readFileSync(file, 'utf8'), before)
    assert.equal(readFileSync(precious, 'utf8'), 'precious')
    const keys = JSON.parse((await runTenantry(['key', 'list', '--json'], { env })).out)
    const old = keys.find(({ id }: { id: string }) => id === before.slice(4, 16))
    assert.equal(old.state, 'revoked')
    assert.equal((statSync(file).mode & 0o777).toString(8), '600')
  })
})
