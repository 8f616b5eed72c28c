/**
 * docs/operating.md, run as it stands: installed from the package, its commands pasted one after
 * another into one terminal, its proxies in front of a server, its tables against the server. What
 * needs a system of its own (systemd, containers) is held by the tests of those.
 */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { settingNames, variableOf } from '../../server/config.ts'
import { checkShown, openTerminal, readBlocks } from '../support/document.ts'
import { send } from '../support/http.ts'
import { findNginx, runNginx } from '../support/nginx.ts'
import type { Running } from '../support/process.ts'
import { findFreePort, makeFolder, root, startProcess } from '../support/process.ts'

const path = 'docs/operating.md'
const page = readFileSync(join(root, path), 'utf8')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const tarball = join(root, `tenantry-${version}.tgz`)

/** Shown, and not run here: what needs the machine of an operator. */
const notRun = new Set(['sh system', 'ini', 'nginx', 'caddy', 'text', 'json'])

describe(path, () => {
  const home = makeFolder()
  const environment: { [name: string]: string } = { HOME: home.path }
  const terminal = openTerminal(environment)
  const wasPacked = existsSync(tarball)
  let ports: { readonly '8080': number; readonly '9464': number }
  let server: Running | undefined

  before(async () => {
    ports = { 8080: await findFreePort(), 9464: await findFreePort() }
    environment.TENANTRY_PORT = String(ports['8080'])
    environment.PATH = `${join(process.execPath, '..')}:${process.env.PATH}`
  })
  after(async () => {
    await server?.stop('SIGKILL')
    if (!wasPacked) rmSync(tarball, { force: true })
    home.remove()
  })

  /** The ports of the page may be taken here. */
  const here = (text: string) =>
    text.replaceAll(/\b(8080|9464)\b/g, (port) => String(ports[port as '8080']))

  for (const { kind, text, shows } of readBlocks(path)) {
    if (notRun.has(kind)) continue
    test(`${kind}: ${text.split('\n')[0]}`, async () => {
      const shown = shows && { ...shows, text: here(shows.text) }
      if (kind === 'sh serve') {
        server = startProcess('bash', ['-c', terminal.script(here(text))], { env: environment })
        return checkShown(await server.waitFor(/\n/), shown)
      }
      const { status, out, err } = await terminal.run(here(text))
      const [, failure] = /^sh command fails (\d+)$/.exec(kind) ?? []
      assert.ok(failure || /^sh (package|command|client)$/.test(kind), `${kind} is no known kind`)
      assert.equal(status, Number(failure ?? 0), err)
      checkShown(failure ? err : out, shown)
      const [, id] = /^(\w{12}) +acme /m.exec(out) ?? []
      if (id !== undefined) environment.KEY_ID = id
    })
  }

  test('its table has the metrics that there are, and the alerts ask for no others', async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${ports['9464']}/metrics`)).text()
    const told = [...metrics.matchAll(/^# TYPE (\w+)/gm)].map(([, name = '']) => name)
    const shown = [...page.matchAll(/^\| `(tenantry_\w+)` \|/gm)].map(([, name]) => name)
    assert.deepEqual(shown.sort(), told.filter((name) => name.startsWith('tenantry_')).sort())
    const rules = readFileSync(join(root, 'packaging/prometheus/tenantry.rules.yaml'), 'utf8')
    const asked = [...rules.matchAll(/expr: (.*)/g)].flatMap(([, expression = '']) =>
      (expression.match(/\b(tenantry|nodejs|process)_\w+/g) ?? []).map((name) =>
        name.replace(/_(bucket|count|sum)$/, ''),
      ),
    )
    assert.ok(asked.length > 8)
    assert.deepEqual(
      asked.filter((name) => !told.includes(name)),
      [],
    )
    const alerts = [...rules.matchAll(/alert: (\w+)/g)].map(([, name]) => name)
    const answered = [...page.matchAll(/^\| (`Tenantry.*?`) \|/gm)].flatMap(([, cell = '']) =>
      cell.match(/\w+/g),
    )
    assert.deepEqual(answered.sort(), alerts.sort())
  })

  test('its table of the log has the events that are logged', () => {
    const union = readFileSync(join(root, 'server/observe/events.ts'), 'utf8')
    const events = [...union.matchAll(/readonly event: '([\w-]+)'/g)].map(([, name]) => name)
    const [, table = ''] = /### The log\n([\s\S]*?)\n\n```/.exec(page) ?? []
    const shown = [...table.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = '']) =>
      cell.match(/[\w-]+/g),
    )
    // Commits are told to the metrics alone.
    assert.deepEqual(shown.sort(), events.filter((name) => name !== 'commit-made').sort())
  })

  test('it names settings, files, sections and messages that there are', () => {
    const known = new Set<string>(settingNames.map(variableOf))
    const named = page.match(/\bTENANTRY_[A-Z_]+/g) ?? []
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
    )
    for (const [file] of page.matchAll(/\bpackaging\/[\w./-]+\w/g)) {
      assert.ok(existsSync(join(root, file)), file)
    }
    const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    )
    // In these rows what is quoted and has a blank is a message; its `…` stands for anything.
    const messages = [...page.matchAll(/^\| (?:78|69|503) .*$/gm)].flatMap(([row]) =>
      [...row.matchAll(/`([^`]*)`/g)].flatMap(([, quoted = '']) => quoted.split('…')),
    )
    const command = /^(systemctl|docker|fuser|ss|tenantry|node|journalctl) /
    const told = messages.filter((text) => text.trim().includes(' ') && !command.test(text))
    assert.ok(told.length > 8)
    const sources = globSync('{server/**/*.ts,bin/*.cjs}', { cwd: root }).map((file) =>
      readFileSync(join(root, file), 'utf8'),
    )
    for (const message of told) {
      const isSaid = sources.some((text) => text.includes(message))
      assert.ok(isSaid, `nothing says ${message}`)
    }
    for (const [, anchor = ''] of page.matchAll(/\]\(#([\w-]+)\)/g)) {
      assert.ok(anchors.includes(anchor), `there is no section #${anchor}`)
    }
  })

  describe('its nginx', () => {
    const nginx = findNginx()
    const missing = 'nginx is not installed: apt-get install nginx-light (Debian, Ubuntu)'
    const skip = nginx === undefined && process.env.CI === undefined ? missing : false

    test('passes targets on as they came, and answers for a server that is gone', {
      skip,
    }, async (t) => {
      const port = await findFreePort()
      const folder = makeFolder()
      const block = readBlocks(path).find(({ kind }) => kind === 'nginx')?.text ?? ''
      const configuration = here(block)
        .replace('listen 443 ssl', `listen 127.0.0.1:${port}`)
        .replaceAll(/^ *ssl_.*\n/gm, '')
        .replace('/var/log/nginx/tenantry.log', join(folder.path, 'access.log'))
      const running = await runNginx(nginx ?? '', port, configuration)
      t.after(async () => {
        await running.stop()
        folder.remove()
      })
      const get = (target: string) => send(port, { method: 'GET', path: target })
      const made = await terminal.paste('tenantry key create --tenant acme --scope provisioning:*')
      const key = made.trim()
      const target = `/api/v1/provisioning/tenants/acme/users/a%2Fb?bearer_token=${key}`
      // Decoded it would be another path, of one more segment, which has no route.
      assert.match((await get(target)).text, /"BadRequest"/)
      assert.equal((await get('/health//')).status, 400)
      await server?.stop()
      const gone = await get('/health')
      assert.equal(gone.status, 503)
      assert.equal(gone.headers['retry-after'], '1')
      assert.equal(JSON.parse(gone.text).code, 'Unavailable')
      const log = readFileSync(join(folder.path, 'access.log'), 'utf8')
      assert.match(log, /GET \/api\/v1\/provisioning/)
      assert.ok(!log.includes(key))
    })
  })
})
