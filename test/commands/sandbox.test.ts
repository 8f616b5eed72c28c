/**
 * The sandbox of an integrator's test run: seeded before it answers, with a key that is known
 * beforehand, and gone when it ends.
 */
import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'
import { send } from '../support/http.ts'
import type { Running } from '../support/process.ts'
import { findFreePort, makeFolder, root, startProcess, startTenantry } from '../support/process.ts'

describe('tenantry dev for a test run', () => {
  const folder = makeFolder()
  const temporary = join(folder.path, 'tmp')
  mkdirSync(temporary)
  const seed = join(folder.path, 'seed.ndjson')
  const ids = Array.from({ length: 500 }, (_, n) => `bot-${String(n).padStart(3, '0')}`)
  writeFileSync(seed, ids.map((id) => line('bots', id, { id })).join('\n'))
  const env = { TMPDIR: temporary, TENANTRY_PORT: '0', TENANTRY_DATA: join(folder.path, 'unused') }
  const started: Running[] = []
  after(async () => {
    for (const running of started) await running.stop('SIGKILL')
    folder.remove()
  })
  const dev = (...args: string[]) => {
    const running = startTenantry(['dev', '--json', ...args], { env })
    started.push(running)
    return running
  }
  const greetingOf = async (running: Running) => JSON.parse(await running.waitFor(/\n/))
  const listOf = async (greeting: { address: string; tenant: string }, key: string) => {
    const { text } = await send(Number(new URL(greeting.address).port), {
      method: 'GET',
      path: `/api/v1/provisioning/tenants/${greeting.tenant}/bots`,
      headers: { Authorization: `Bearer ${key}` },
    })
    return JSON.parse(text)
  }
  const foldersLeft = () => readdirSync(temporary).filter((name) => name !== 'node-compile-cache')

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`has its seed and its tenant, and leaves nothing behind after ${signal}`, async () => {
      const running = dev('--ephemeral', '--seed', seed, '--tenant', 'acme')
      const greeting = await greetingOf(running)
      assert.equal(greeting.tenant, 'acme')
      assert.equal(dirname(dirname(greeting.store)), temporary)
      assert.equal(statSync(dirname(greeting.store)).mode & 0o777, 0o700)
      const listed = await listOf(greeting, greeting.key)
      assert.deepEqual(
        listed.map(({ id }: { id: string }) => id),
        ids,
      )
      assert.match(listed[0].data.updatedBy, /^cli:/)
      const { status } = await running.stop(signal)
      assert.equal(status, 0)
      assert.deepEqual(foldersLeft(), [])
      assert.equal(existsSync(env.TENANTRY_DATA), false)
    })
  }

  test('takes the key in a file, makes one where there is none, and repeats neither', async () => {
    const brought = join(folder.path, 'brought-key')
    writeFileSync(brought, 'sandbox-key-of-our-tests\n')
    const missing = join(folder.path, "made key's file")
    for (const file of [brought, missing, missing]) {
      const running = dev('--ephemeral', '--seed', seed, '--key-file', file)
      const greeting = await greetingOf(running)
      const text = readFileSync(file, 'utf8').trim()
      assert.equal((await listOf(greeting, text)).length, ids.length)
      assert.equal(greeting.keyFile, file)
      const { out, err } = await running.stop()
      assert.ok(!`${out}${err}`.includes(text), 'the text of the key was printed')
    }
    assert.match(readFileSync(missing, 'utf8'), /^tnk_\w{54}\n$/)
    assert.equal(statSync(missing).mode & 0o777, 0o600)
    assert.equal(readFileSync(brought, 'utf8'), 'sandbox-key-of-our-tests\n')
  })

  test('answers nobody before the seed is in', async () => {
    const port = await findFreePort()
    const running = dev('--ephemeral', '--seed', seed, '--port', String(port))
    const address = `http://127.0.0.1:${port}`
    for (;;) {
      const asked = send(port, { method: 'GET', path: '/ready' }).catch(() => undefined)
      if ((await asked) !== undefined) break
      assert.equal(running.child.exitCode, null, 'it ended before it served')
    }
    // Often before it says so: the key is in its file by then, and the documents in theirs.
    const [name = ''] = foldersLeft()
    const key = readFileSync(join(temporary, name, 'demo-key'), 'utf8').trim()
    assert.equal((await listOf({ address, tenant: 'tenant-alpha' }, key)).length, ids.length)
    await running.stop()
  })

  test('of data that stays is seeded again only where it differs', async () => {
    const data = ['--data', join(folder.path, 'stays')]
    const more = join(folder.path, 'more.ndjson')
    writeFileSync(more, line('bots', 'bot-000', { changed: true }))
    const sums: string[] = []
    for (const seeds of [[seed], [seed], [seed, more], [seed]]) {
      const running = startTenantry(['dev', ...data, '--seed', ...seeds], { env })
      await running.waitFor(/Control-C stops the server; the data stays\./)
      const { err } = await running.stop()
      sums.push(...(err.match(/\d+ created, \d+ replaced, \d+ unchanged/g) ?? []))
    }
    assert.deepEqual(sums, [
      '500 created, 0 replaced, 0 unchanged',
      '0 created, 0 replaced, 500 unchanged',
      '0 created, 0 replaced, 500 unchanged',
      '0 created, 1 replaced, 0 unchanged',
      '0 created, 1 replaced, 499 unchanged',
    ])
  })

  test('that cannot be seeded does not serve, and leaves nothing behind', async () => {
    const broken = join(folder.path, 'broken.ndjson')
    writeFileSync(broken, 'no json')
    for (const [file, says] of [
      [broken, /One line of .* cannot be imported; nothing was changed\.\\nline 1: The line is/],
      [join(folder.path, 'nowhere'), /nowhere cannot be read: there is no such file/],
    ] as const) {
      const { status, out, err } = await dev('--ephemeral', '--seed', file).ended
      assert.equal(status, 65)
      assert.equal(out, '')
      assert.match(err, says)
      assert.deepEqual(foldersLeft(), [])
    }
  })

  test('takes no place for data that it would remove', async () => {
    for (const flags of [
      ['--data', folder.path],
      ['--store', 'sqlite:x'],
    ]) {
      const { status, err } = await dev('--ephemeral', ...flags).ended
      assert.equal(status, 64)
      assert.match(err, /makes a folder for its data and removes it; leave --(data|store) out/)
    }
  })

  test('removes what a killed one left, and nothing that it does not know', async () => {
    const killed = dev('--ephemeral')
    const store = dirname((await greetingOf(killed)).store)
    const lives = dev('--ephemeral')
    const living = dirname((await greetingOf(lives)).store)
    await killed.stop('SIGKILL')
    const mark = readFileSync(join(store, 'ephemeral'), 'utf8')
    const make = (name: string, mode: number, text: string | undefined) => {
      const path = join(temporary, name)
      mkdirSync(path, { mode })
      if (text !== undefined) writeFileSync(join(path, 'ephemeral'), text)
      return path
    }
    const strangers = [
      make('tenantry-ephemeral-nomark', 0o700, undefined),
      make('tenantry-ephemeral-other1', 0o700, 'another text'),
      make('tenantry-ephemeral-public', 0o755, mark),
      make('somebody-elses-AAAAAA', 0o700, mark),
      make('tenantry-ephemeral-toolong', 0o700, mark),
    ]
    const target = make('kept', 0o700, mark)
    symlinkSync(target, join(temporary, 'tenantry-ephemeral-linked'))
    const old = new Date(Date.now() - 3_600_000)
    for (const path of [store, living, target, ...strangers]) {
      if (existsSync(join(path, 'ephemeral'))) utimesSync(join(path, 'ephemeral'), old, old)
    }
    const young = make('tenantry-ephemeral-young1', 0o700, mark)
    const next = dev('--ephemeral')
    const { store: nextStore } = await greetingOf(next)
    await next.stop()
    const expected = [living, target, young, join(temporary, 'tenantry-ephemeral-linked')]
    assert.deepEqual(
      foldersLeft().sort(),
      [...expected, ...strangers].map((path) => basename(path)).sort(),
    )
    assert.ok(!existsSync(dirname(nextStore)))
    assert.equal((await lives.stop()).status, 0)
    assert.ok(!existsSync(living))
  })

  test('runs as its page says', async () => {
    const page = readFileSync(join(root, 'docs/testing-clients.md'), 'utf8')
    const [, recipe = ''] = /^```sh recipe\n([\s\S]*?)^```$/m.exec(page) ?? []
    assert.ok(recipe.includes('tenantry.cjs dev --ephemeral'), 'the recipe is gone')
    const port = String(await findFreePort())
    const request = 'curl -sf "$API/bots/bot-007?bearer_token=$CRESCENDO_API_KEY"'
    const script = recipe.replaceAll('8099', port).replace('npm run test:integration', request)
    assert.ok(script.includes(request) && script.includes(port), 'the recipe has changed')
    const work = join(folder.path, 'work')
    mkdirSync(work)
    writeFileSync(join(work, 'seed.ndjson'), readFileSync(seed))
    symlinkSync(join(root, 'bin'), join(work, 'bin'))
    symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'))
    const { status, out, err } = await startProcess('bash', ['-c', script], { cwd: work, env })
      .ended
    assert.equal(status, 0, err)
    assert.match(out, /"id":"bot-007"/)
  })
})

function line(collection: string, id: string, data: object): string {
  return JSON.stringify({ collection, id, data })
}
