/**
 * The README, run as it stands: its server blocks on a free port, all in fresh folders, the rest
 * in a terminal that has what the server prints; and what it says they print is what they print.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { exitStatus } from '../../server/cli/output.ts'
import type { Running } from '../support/process.ts'
import { findFreePort, makeFolder, root, startProcess } from '../support/process.ts'

type Block = { readonly kind: string; readonly text: string; readonly shows: Block | undefined }

const readme = readFileSync(join(root, 'README.md'), 'utf8')

describe('README', () => {
  const folder = makeFolder()
  const home = makeFolder()
  const environment: { [name: string]: string } = { TENANTRY_DATA: folder.path, HOME: home.path }
  let server: Running

  before(async () => {
    environment.TENANTRY_PORT = String(await findFreePort())
    server = await serve()
  })
  after(async () => {
    await server.stop()
    folder.remove()
    home.remove()
  })

  test('it shows how to install, start and test', () => {
    for (const words of ['npm ci', 'npm start', 'npm test'])
      assert.ok(readme.includes(words), words)
    assert.ok(blocksOf(readme, 'sh client').length >= 6, 'the client blocks are gone')
  })

  test('what it says that the server prints is what it prints', () => {
    const shown = blocksOf(readme, 'text example').map(({ text }) => text)
    const port = environment.TENANTRY_PORT ?? ''
    const printed = server.printed.out.match(/^export .*\n/gm)?.join('') ?? ''
    assert.deepEqual(shown, [printed.replace(/tnk_\w+/, 'tnk_…').replace(`:${port}/`, ':8080/')])
  })

  for (const { text, shows } of blocksOf(readme, 'sh client')) {
    test(`client block: ${text.split('\n')[0]}`, async () => {
      const printed = await paste(text)
      assert.ok(shows !== undefined, 'no block says what it prints')
      if (shows.kind === 'json') {
        assert.deepEqual(withoutStamps(JSON.parse(printed)), withoutStamps(JSON.parse(shows.text)))
      } else assert.equal(printed.trim(), shows.text.trim())
    })
  }

  for (const { text } of blocksOf(readme, 'sh command')) {
    test(`command block: ${text.split('\n')[0]}`, async () => {
      const printed = await paste(text)
      assert.match(printed, /^made tenant acme\n(tnk_[0-9A-Za-z]{54}\n){2}ID +TENANT +STATE/)
      for (const line of text.match(/^export .*$/gm) ?? []) exports.push(line)
    })
  }

  test('the serve block serves those tenants, and the metrics of the table', async () => {
    await server.stop()
    const [block] = blocksOf(readme, 'sh command serve')
    const script = [...exports, block?.text ?? 'false'].join('\n')
    const metricsPort = String(await findFreePort())
    const env = { ...environment, TENANTRY_METRICS_PORT: metricsPort }
    const running = startProcess('bash', ['-c', script], { env })
    await running.waitFor(/Tenantry serves http/)
    const metrics = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text()
    const { err } = await running.stop()
    assert.match(err, /"event":"server-stopped"/)
    assert.ok(!/There is no tenant|demo/.test(err), err)
    const told = [...metrics.matchAll(/^# TYPE (tenantry_\w+)/gm)].map(([, name]) => name)
    const shown = [...readme.matchAll(/^\| `(tenantry_\w+)` \|/gm)].map(([, name]) => name)
    assert.deepEqual(shown.sort(), told.sort())
    server = await serve()
  })

  test('every exit status is in its table', () => {
    const shown = [...readme.matchAll(/^\| (\d+) \|/gm)].map(([, status]) => Number(status))
    assert.deepEqual(shown, [0, 1, ...Object.values(exitStatus)])
  })

  test('stopped and started again it prints the same, and everything is there', async () => {
    const before = server.printed.out
    const bots = await paste('curl -sS -H "Authorization: Bearer $CRESCENDO_API_KEY" $API/bots')
    assert.match((await server.stop('SIGINT')).err, /"event":"server-stopped"/)
    server = await serve()
    assert.equal(server.printed.out, before)
    const again = await paste('curl -sS -H "Authorization: Bearer $CRESCENDO_API_KEY" $API/bots')
    assert.equal(again, bots)
    assert.match(again, /bot-002/)
  })

  /** What was exported in the terminal of the commands. */
  const exports: string[] = []

  async function serve(): Promise<Running> {
    const [block] = blocksOf(readme, 'sh server')
    const running = startProcess('bash', ['-c', block?.text ?? 'false'], { env: environment })
    const printed = await running.waitFor(/Control-C/)
    for (const [, name = '', value = ''] of printed.matchAll(/^export (\w+)=(.*)$/gm)) {
      environment[name] = value
    }
    return running
  }

  async function paste(text: string): Promise<string> {
    const script = [...exports, text].join('\n')
    const { status, out, err } = await startProcess('bash', ['-euo', 'pipefail', '-c', script], {
      env: environment,
    }).ended
    assert.equal(status, 0, `the block failed; are bash and curl installed? ${err}`)
    return out
  }
})

/** The fenced blocks with exactly this info string, each with the block that shows its output. */
function blocksOf(text: string, kind: string): Block[] {
  const fences = [...text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(
    ([, info = '', body = '']) => ({
      kind: info,
      text: body,
      shows: undefined,
    }),
  )
  return fences.flatMap((fence, at) => {
    const next = fences[at + 1]
    const shows = next?.kind === 'json' || next?.kind === 'text' ? next : undefined
    return fence.kind === kind ? [{ ...fence, shows }] : []
  })
}

/** Time and key id differ from run to run; that they are there does not. */
function withoutStamps(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, member) => {
    if (key === 'updated') return typeof member
    return key === 'updatedBy' ? String(member).replace(/^apikey:\w{12}$/, 'a key') : member
  })
}
