/**
 * The README, run as it stands: its server blocks on a free port, all in fresh folders, the rest
 * in a terminal that has what the server prints; and what it says they print is what they print.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { exitStatus } from '../../server/cli/output.ts'
import { checkShown, openTerminal, readBlocks } from '../support/document.ts'
import type { Running } from '../support/process.ts'
import { findFreePort, makeFolder, root, startProcess } from '../support/process.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')
const blocks = readBlocks('README.md')
const blocksOf = (wanted: string) => blocks.filter(({ kind }) => kind === wanted)

describe('README', () => {
  const folder = makeFolder()
  const home = makeFolder()
  const environment: { [name: string]: string } = { TENANTRY_DATA: folder.path, HOME: home.path }
  const { paste, script } = openTerminal(environment)
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
    assert.ok(blocksOf('sh client').length >= 6, 'the client blocks are gone')
  })

  test('what it says that the server prints is what it prints', () => {
    const shown = blocksOf('text example').map(({ text }) => text)
    const port = environment.TENANTRY_PORT ?? ''
    const printed = server.printed.out.match(/^export .*\n/gm)?.join('') ?? ''
    assert.deepEqual(shown, [printed.replace(/tnk_\w+/, 'tnk_…').replace(`:${port}/`, ':8080/')])
  })

  for (const { text, shows } of blocksOf('sh client')) {
    test(`client block: ${text.split('\n')[0]}`, async () => {
      checkShown(await paste(text), shows)
    })
  }

  for (const { text } of blocksOf('sh command')) {
    test(`command block: ${text.split('\n')[0]}`, async () => {
      const printed = await paste(text)
      assert.match(printed, /^made tenant acme\n(tnk_[0-9A-Za-z]{54}\n){2}ID +TENANT +STATE/)
    })
  }

  test('the serve block serves those tenants', async () => {
    await server.stop()
    const [block] = blocksOf('sh command serve')
    const running = startProcess('bash', ['-c', script(block?.text ?? 'false')], {
      env: environment,
    })
    await running.waitFor(/Tenantry serves http/)
    const { err } = await running.stop()
    assert.match(err, /"event":"server-stopped"/)
    assert.ok(!/There is no tenant|demo/.test(err), err)
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

  async function serve(): Promise<Running> {
    const [block] = blocksOf('sh server')
    const running = startProcess('bash', ['-c', block?.text ?? 'false'], { env: environment })
    const printed = await running.waitFor(/Control-C/)
    for (const [, name = '', value = ''] of printed.matchAll(/^export (\w+)=(.*)$/gm)) {
      environment[name] = value
    }
    return running
  }
})
