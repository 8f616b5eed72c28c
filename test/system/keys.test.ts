/** Keys that are rotated, and texts that are brought along, at the command line beside a server. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { send } from '../support/http.ts'
import type { Running } from '../support/process.ts'
import { makeFolder, runTenantry, startTenantry } from '../support/process.ts'

describe('keys beside a running server', () => {
  const folder = makeFolder()
  const env = { TENANTRY_DATA: folder.path, TENANTRY_PORT: '0' }
  const run = (args: string, input?: string) =>
    runTenantry(args.split(' '), { env, ...(input === undefined ? {} : { input }) })
  let server: Running
  let port: number

  before(async () => {
    assert.equal((await run('tenant create acme')).status, 0)
    server = startTenantry(['serve', '--json'], { env })
    port = Number(new URL(JSON.parse(await server.waitFor(/\n/)).address).port)
  })
  after(async () => {
    await server.stop()
    folder.remove()
  })

  /** How a request with this text is answered, in the header or in the query. */
  async function statusOf(text: string, inQuery = false): Promise<number> {
    const path = '/api/v1/whoami'
    const answer = inQuery
      ? await send(port, {
          method: 'GET',
          path: `${path}?bearer_token=${encodeURIComponent(text)}`,
          headers: {},
        })
      : await send(port, { method: 'GET', path, headers: { Authorization: `Bearer ${text}` } })
    return answer.status
  }

  const foreign = 'sk_live.4eC39HqLyjWDarjtT1zdp7dc+/=='
  const scoped = 'key create --tenant acme --scope provisioning:read'

  test('a text that clients have already opens what its key may do', async () => {
    assert.equal(await statusOf(foreign), 401)
    const made = await run(`${scoped} --import`, `${foreign}\n`)
    assert.equal(made.status, 0, made.err)
    assert.match(made.out, /^[0-9A-Za-z]{12}\n$/)
    assert.ok(!`${made.out}${made.err}`.includes(foreign), 'it was repeated')
    assert.equal(await statusOf(foreign), 200)
    assert.equal(await statusOf(foreign, true), 200)
    assert.equal(await statusOf(`${foreign}x`), 401)
    for (const file of readdirSync(folder.path)) {
      assert.ok(!readFileSync(join(folder.path, file), 'latin1').includes(foreign), file)
    }
  })

  test('a text is brought along once', async () => {
    const again = await run(`${scoped} --import`, foreign)
    assert.equal(again.status, 65)
    assert.match(again.err, /There is a key with this text already/)
  })

  test('a text of another Tenantry keeps its id', async () => {
    const elsewhere = makeFolder()
    const there = { env: { TENANTRY_DATA: elsewhere.path } }
    await runTenantry(['tenant', 'create', 'acme'], there)
    const { out: text } = await runTenantry(scoped.split(' '), there)
    elsewhere.remove()
    const { out: id } = await run(`${scoped} --import`, text)
    assert.equal(id.trim(), text.slice(4, 16))
    assert.equal(await statusOf(text.trim()), 200)
  })

  const refused = {
    'that is too short': 'x'.repeat(19),
    'that is too long': 'x'.repeat(513),
    'with a blank in it': `${'x'.repeat(20)} x`,
    'that looks like one of ours and is none': `tnk_${'x'.repeat(54)}`,
    'that is not there': '',
  }
  for (const [what, text] of Object.entries(refused)) {
    test(`a text ${what} is refused, and not repeated`, async () => {
      const { status, out, err } = await run(`${scoped} --import`, text)
      assert.deepEqual([status, out], [65, ''])
      assert.ok(text === '' || !err.includes(text))
    })
  }

  test('a key that is rotated ends at once, or lives on for the overlap', async () => {
    const made = JSON.parse((await run(`${scoped} --label ci --json`)).out)
    const next = await run(`key rotate ${made.id} --overlap 1h --json`)
    assert.equal(next.status, 0, next.err)
    const rotated = JSON.parse(next.out)
    assert.notEqual(rotated.id, made.id)
    assert.deepEqual([rotated.scopes, rotated.label], [['provisioning:read'], 'ci'])
    assert.equal(await statusOf(made.key), 200)
    assert.equal(await statusOf(rotated.key), 200)
    const last = JSON.parse((await run(`key rotate ${rotated.id} --json`)).out)
    await within(async () => assert.equal(await statusOf(rotated.key), 401))
    assert.equal(await statusOf(last.key), 200)
    const dead = await run(`key rotate ${rotated.id}`)
    assert.equal(dead.status, 65)
    assert.match(dead.err, /is revoked or has expired/)
  })

  test('an overlap is a span of seven days at the most', async () => {
    const made = JSON.parse((await run(`${scoped} --json`)).out)
    for (const overlap of ['8d', '1', 'soon', '-1h']) {
      const { status, out } = await run(`key rotate ${made.id} --overlap=${overlap}`)
      assert.deepEqual([status, out], [65, ''], overlap)
    }
    assert.equal(await statusOf(made.key), 200)
    assert.equal((await run('key rotate nosuch')).status, 65)
  })

  /** A server sees within a second what a command did beside it. */
  async function within(check: () => Promise<void>): Promise<void> {
    const start = performance.now()
    for (;;) {
      try {
        return await check()
      } catch (error) {
        if (performance.now() - start > 1000) throw error
      }
    }
  }
})
