/**
 * The README, run as it stands: its server blocks on a free port and a fresh folder, its client
 * blocks as they are but for the port, and what it says they print is what they print.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Running } from '../support/process.ts'
import { findFreePort, makeFolder, root, startProcess } from '../support/process.ts'

type Block = { readonly kind: string; readonly text: string; readonly shows: Block | undefined }

const readme = readFileSync(join(root, 'README.md'), 'utf8')

describe('README', () => {
  const folder = makeFolder()
  const environment: { [name: string]: string } = { TENANTRY_DATA: folder.path }
  let server: Running

  before(async () => {
    environment.TENANTRY_PORT = String(await findFreePort())
    server = await serve()
  })
  after(async () => {
    await server.stop()
    folder.remove()
  })

  test('it shows how to install, start and test', () => {
    for (const words of ['npm ci', 'npm start', 'npm test'])
      assert.ok(readme.includes(words), words)
    assert.ok(blocksOf(readme, 'sh client').length >= 6, 'the client blocks are gone')
  })

  for (const { text, shows } of blocksOf(readme, 'sh client')) {
    test(`client block: ${text.split('\n')[0]}`, async () => {
      const printed = await paste(text)
      assert.ok(shows !== undefined, 'no block says what it prints')
      if (shows.kind === 'json') {
        assert.deepEqual(withoutStamps(JSON.parse(printed)), withoutStamps(JSON.parse(shows.text)))
      } else assert.equal(printed.trim(), shows.text.trim())
      for (const line of text.match(/^export .*$/gm) ?? []) exports.push(line)
    })
  }

  for (const { text } of blocksOf(readme, 'sh command')) {
    test(`command block: ${text.split('\n')[0]}`, async () => {
      const printed = await paste(text)
      assert.match(printed, /^made tenant acme\ntnk_[0-9A-Za-z]{54}\nID +TENANT +STATE/)
    })
  }

  test('the serve block serves what is there', async () => {
    await server.stop()
    const [block] = blocksOf(readme, 'sh command serve')
    const running = startProcess('bash', ['-c', block?.text ?? 'false'], { env: environment })
    await running.waitFor(/Tenantry serves http/)
    assert.match((await running.stop()).err, /"event":"server-stopped"/)
    server = await serve()
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
    const script = [...exports, text]
      .join('\n')
      .replaceAll(':8080', `:${environment.TENANTRY_PORT}`)
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
