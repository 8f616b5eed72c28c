/**
 * What is sent as a key, or as the id of one, and is neither: refused at once however long it is,
 * found nowhere, and never repeated.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { parseTenantId } from '../../server/contract/names.ts'
import { hashKeyText } from '../../server/identity/key-text.ts'
import { importKey } from '../../server/identity/keys.ts'
import { makeClient } from '../support/client.ts'
import { send } from '../support/http.ts'
import type { TestServer } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

const path = '/api/v1/provisioning/tenants/acme/users'
const visible = Array.from({ length: 94 }, (_, at) => String.fromCharCode(0x21 + at))

let server: TestServer
before(async () => {
  server = await startTestServer()
})
after(() => server.close())

describe('a credential', () => {
  /** How long it takes to refuse it, in milliseconds: the better of two tries. */
  const refuse = async (query: string, headers: { readonly [name: string]: string }) => {
    const took: number[] = []
    for (let time = 0; time < 2; time++) {
      const start = performance.now()
      const { status } = await send(server.port, { method: 'GET', path: path + query, headers })
      took.push(performance.now() - start)
      assert.equal(status, 401)
    }
    return Math.min(...took)
  }

  test('of 32 KiB of any sign is refused at once', async () => {
    const took: number[] = []
    for (const sign of visible) {
      for (const end of ['', 'x', ',']) {
        const text = (length: number) => sign.repeat(length) + end
        took.push(await refuse('', { Authorization: `Bearer ${text(32_000)}` }))
        took.push(await refuse(`?bearer_token=${text(16_000)}`, {}))
      }
    }
    took.sort((one, other) => one - other)
    const [middle = 0, slowest = 0] = [took[took.length >> 1], took.at(-1)]
    // Searched from every place of it, one took hundreds of milliseconds.
    assert.ok(slowest < 50 + 20 * middle, `one took ${slowest} ms, half of them ${middle} ms`)
  })
})

describe('the id of a key', () => {
  const keys = '/api/v1/keys/tenants/acme'

  /** Asked for by every route that names a key; the two texts of the answers. */
  const refused = async (id: string) => {
    const { text } = await server.makeKey('acme', ['keys:*', 'provisioning:*'])
    const ask = makeClient(server, 'acme', text)
    const texts: string[] = []
    for (const request of [`POST ${keys}/${id}/rotate`, `DELETE ${keys}/${id}`]) {
      const answer = await ask(request)
      assert.deepEqual([answer.status, answer.json?.code], [404, 'NotFound'], `${request} ${id}`)
      texts.push(answer.text)
    }
    return texts
  }

  test('the hash of a text is not the id of its key', async () => {
    const tenant = parseTenantId('acme')
    await server.makeKey('acme', ['keys:*'])
    const brought = 'a-text-that-was-made-elsewhere'
    const { key } = await importKey(
      brought,
      { tenant, scopes: ['provisioning:*'], label: 'brought', expiresAt: undefined },
      'cli:test',
      { identity: server.storage.identity, now: () => server.time, random: randomBytes },
    )
    const ask = makeClient(server, 'acme', brought)
    // So that it is remembered, under whatever name.
    for (let time = 0; time < 3; time++) assert.equal((await ask('GET users')).status, 200)
    const hash = Buffer.from(hashKeyText(brought)).toString('hex')
    for (const id of [`hash:${hash}`, hash, `hash%3A${hash}`, `id:${key.id}`, brought]) {
      assert.equal((await ask('GET users')).status, 200)
      await refused(id)
    }
    assert.equal((await ask('GET users')).status, 200)
  })

  test('what is no id of a key is 404', async () => {
    const ids = ['x', '%20', '%00', '%F0%9F%98%80', 'a%2Fb', '__x__', '..', "'%20OR%201=1", '*']
    for (const id of [...ids, 'x'.repeat(13), 'x'.repeat(4000)]) await refused(id)
  })

  test('nor is a whole key text, or most of one, which is not repeated in the answer', async () => {
    const { text } = await server.makeKey('acme', ['provisioning:*'])
    for (const id of [text, text.slice(0, -1), text.slice(4), `${text}x`, text.toLowerCase()]) {
      for (const answer of await refused(id)) assert.ok(!answer.includes(id.slice(16, 40)), answer)
    }
    assert.equal((await makeClient(server, 'acme', text)('GET users')).status, 200)
  })
})
