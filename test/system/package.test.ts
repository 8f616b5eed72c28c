/**
 * The package outside the clone: what is in it, and that it runs, under the Node of the tests and
 * under the oldest that it says it runs on. Nothing but that old Node is asked of a registry.
 */
import assert from 'node:assert/strict'
import { existsSync, globSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Tarball } from '../support/package.ts'
import {
  installOldestNode,
  installTarball,
  makeNodeFolder,
  oldestNode,
  packTarball,
  startInstalled,
} from '../support/package.ts'
import { makeFolder, root, startProcess } from '../support/process.ts'

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

describe('the package', () => {
  const folder = makeFolder()
  // A blank, so that a path is nowhere taken for a URL.
  const place = join(folder.path, 'an empty folder')
  const installed = join(place, 'node_modules/tenantry')
  const nodes: { [title: string]: string } = {}
  let oldest: { path: string } | string
  let tarball: Tarball

  before(async () => {
    ;[tarball, oldest] = await Promise.all([
      packTarball(folder.path),
      installOldestNode(join(folder.path, 'oldest')),
    ])
    await installTarball(tarball, place)
    nodes.own = makeNodeFolder(join(folder.path, 'own node'), process.execPath)
    if (typeof oldest !== 'string')
      nodes.oldest = makeNodeFolder(join(folder.path, 'oldest node'), oldest.path)
  })
  after(() => folder.remove())

  const run = (args: readonly string[], env: { [name: string]: string } = {}, node = nodes.own) =>
    startInstalled(place, node ?? '', args, { env }).ended

  test('has what runs, what who runs it reads, and the packages that it needs', () => {
    const own = tarball.files.filter((path) => !path.startsWith('node_modules/'))
    const strange = own.filter(
      (path) =>
        !/^(dist|bin|packaging)\/|^docs\/[\w-]+\.md$|^[A-Z]+(\.md)?$|^package\.json$/.test(path),
    )
    assert.deepEqual(strange, [])
    assert.deepEqual(
      own.filter((path) =>
        /\btests?\b|\bbench\b|\bdata\/|\.ts$|\.sqlite|\.tgz$|demo-key/.test(path),
      ),
      [],
    )
    for (const path of ['LICENSE', 'README.md', 'docs/operating.md', 'docs/errors.md']) {
      assert.ok(own.includes(path), `${path} is not in it`)
    }
    const brought = new Set(
      tarball.files
        .filter((path) => path.startsWith('node_modules/'))
        .map((path) =>
          path
            .split('/')
            .slice(1, path.includes('/@') ? 3 : 2)
            .join('/'),
        ),
    )
    const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
    const needed = Object.entries(lock.packages as { [path: string]: { inBundle?: boolean } })
      .filter(([, { inBundle }]) => inBundle)
      .map(([path]) => path.replace('node_modules/', ''))
    assert.deepEqual([...brought].sort(), needed.sort())
  })

  test('has each file of the server but tests, and each names only what is there', () => {
    const sources = globSync('**/*.*', { cwd: join(root, 'server') }).filter(
      (path) => !path.endsWith('.test.ts') && !path.includes('conformance'),
    )
    const dist = join(installed, 'dist')
    const built = sources.map((path) => path.replace(/\.ts$/, '.js')).sort()
    assert.deepEqual(globSync('**/*.*', { cwd: dist }).sort(), built)
    for (const path of built.filter((name) => name.endsWith('.js'))) {
      const text = readFileSync(join(dist, path), 'utf8')
      for (const [, target = ''] of text.matchAll(/(?:from |import\(|URL\()'(\.[^']*)'/g)) {
        assert.ok(existsSync(join(dist, dirname(path), target)), `${path} names ${target}`)
      }
    }
  })

  test('brings no other command, and no Node that would stand before the one in use', () => {
    assert.deepEqual(readdirSync(join(place, 'node_modules/.bin')), ['tenantry'])
    const packages = readdirSync(join(place, 'node_modules')).filter((name) => name[0] !== '.')
    assert.deepEqual(packages, ['tenantry'])
    assert.equal(existsSync(join(root, 'dist')), false, 'npm pack has left dist/ in the clone')
  })

  test('says of itself what is true', () => {
    const shipped = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    assert.equal(shipped.license, 'Apache-2.0')
    assert.equal(shipped.optionalDependencies, undefined)
    // The guard is what holds; this is what npm says beforehand.
    const guard = readFileSync(join(installed, 'bin/node-version.cjs'), 'utf8')
    const [, major, minor] = /wanted = \[(\d+), (\d+)\]/.exec(guard) ?? []
    assert.equal(shipped.engines.node, `>=${major}.${minor}`)
    assert.ok(oldestNode.startsWith(`${major}.${minor}.`), 'the tests run another as the oldest')
  })

  for (const title of ['own', 'oldest']) {
    const name = title === 'own' ? 'the Node of the tests' : `Node ${oldestNode}`
    test(`runs under ${name}`, async (t) => {
      const node = nodes[title]
      if (node === undefined) {
        assert.equal(process.env.CI, undefined, String(oldest))
        return t.skip(String(oldest))
      }
      const env = { TENANTRY_DATA: join(folder.path, `data of ${title}`), TENANTRY_PORT: '0' }
      const started = await startProcess(join(node, 'node'), ['--version'], {}).ended
      assert.equal(started.out.trim(), title === 'own' ? process.version : `v${oldestNode}`)
      assert.equal((await run(['--version'], {}, node)).out, `${manifest.version}\n`)
      assert.equal((await run(['tenant', 'create', 'acme'], env, node)).out, 'made tenant acme\n')
      const scope = ['--scope', 'provisioning:*', '--json']
      const made = await run(['key', 'create', '--tenant', 'acme', ...scope], env, node)
      const headers = {
        Authorization: `Bearer ${JSON.parse(made.out).key}`,
        'Content-Type': 'application/json',
      }
      /** What a server answers, which is stopped behind that. */
      const ask = async (method: string, body: string | null) => {
        const server = startInstalled(place, node, ['serve', '--json'], { env })
        const { address } = JSON.parse(await server.waitFor(/\n/))
        const path = '/api/v1/provisioning/tenants/acme/users/u'
        const answer = await fetch(address + path, { method, headers, body })
        const text = await answer.text()
        const { status, err } = await server.stop('SIGTERM')
        assert.equal(status, 0, err)
        assert.match(err, /"event":"server-stopped"\}\n$/)
        return { status: answer.status, text }
      }
      const written = await ask('POST', '{"role":"owner"}')
      assert.equal(written.status, 201, written.text)
      assert.match(written.text, /^\{"role":"owner","updated":\d+,"updatedBy":"apikey:\w{12}"\}$/)
      assert.deepEqual(await ask('GET', null), { status: 200, text: written.text })
    })
  }

  test('a crash is followed by a check, which is a process of its own', async () => {
    const env = { TENANTRY_DATA: join(folder.path, 'crashed'), TENANTRY_PORT: '0' }
    const first = startInstalled(place, nodes.own ?? '', ['dev', '--json'], { env })
    await first.waitFor(/\n/)
    await first.stop('SIGKILL')
    const second = startInstalled(place, nodes.own ?? '', ['serve', '--json'], { env })
    const { address } = JSON.parse(await second.waitFor(/\n/))
    const readiness = async () => (await fetch(`${address}/ready`)).text()
    while ((await readiness()).includes('running'));
    assert.match(await readiness(), /"check":"passed"/)
    await second.stop()
  })

  test('the commands that it asks for can be pasted where tenantry is on the PATH', async () => {
    const env = { TENANTRY_DATA: join(folder.path, 'no tenant'), TENANTRY_PORT: '0' }
    const server = startInstalled(place, nodes.own ?? '', ['serve'], { env })
    await server.waitFor(/\n/)
    const { err } = await server.stop()
    assert.match(err, /There is no tenant yet\. Make one, with a name of yours for ID:\n/)
    const commands = err.replaceAll(/\bID\b/g, 'acme').match(/^tenantry .*$/gm) ?? []
    assert.equal(commands.length, 2)
    const path = [join(place, 'node_modules/.bin'), nodes.own, '/usr/bin', '/bin'].join(':')
    const pasted = await startProcess('/bin/sh', ['-euc', commands.join('\n')], {
      env: { PATH: path },
    }).ended
    assert.match(pasted.out, /^made tenant acme\ntnk_/)
  })

  test('where nothing may be written beside it, it runs and says nothing of that', async () => {
    const cache = join(installed, 'node_modules/.cache')
    rmSync(cache, { recursive: true, force: true })
    // Not by rights: a test may be run by root, whom no right stops.
    writeFileSync(cache, '')
    const { status, out, err } = await run(['--version'])
    rmSync(cache)
    assert.deepEqual({ status, out, err }, { status: 0, out: `${manifest.version}\n`, err: '' })
  })
})
