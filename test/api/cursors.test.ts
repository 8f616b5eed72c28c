/** Limits and cursors of lists: which are taken, and that a cursor is good for one list alone. */
import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { makeClient } from '../support/client.ts'
import { cursorOf, fill, idsOf } from '../support/lists.ts'
import { makeFolder } from '../support/process.ts'
import type { TestServer } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

let server: TestServer
before(async () => {
  server = await startTestServer()
})
after(() => server.close())

let tenants = 0
async function start() {
  const tenant = `cursors-${++tenants}`
  const { text } = await server.makeKey(tenant, ['provisioning:*'])
  return { tenant, ask: makeClient(server, tenant, text) }
}

describe('limits and cursors', () => {
  for (const limit of [
    '0',
    '5001',
    '-1',
    '1.5',
    '1e2',
    'abc',
    '',
    '+1',
    ' 1',
    '0x10',
    '9'.repeat(30),
  ]) {
    test(`the limit ${JSON.stringify(limit)} is refused`, async () => {
      const { ask } = await start()
      const { status, json } = await ask(`GET users?limit=${encodeURIComponent(limit)}`)
      assert.deepEqual([status, json.code], [400, 'BadRequest'])
      assert.match(json.message, /is no whole number from 1 to 5000/)
    })
  }

  test('the greatest limit is 5000, the least 1', async () => {
    const { ask } = await start()
    for (const limit of ['1', '5000', '0005']) {
      assert.equal((await ask(`GET users?limit=${limit}`)).status, 200)
    }
  })

  test('each may come once', async () => {
    const { ask } = await start()
    for (const query of ['limit=1&limit=1', 'cursor=a&cursor=a', 'limit=1&%6cimit=2']) {
      const { status, json } = await ask(`GET users?${query}`)
      assert.deepEqual([status, json.code], [400, 'BadRequest'])
      assert.match(json.message, /came twice/)
    }
  })

  test('they are judged behind rights, and mean nothing on a document', async () => {
    const { ask, tenant } = await start()
    const { text } = await server.makeKey(tenant, ['provisioning:write'])
    const writer = makeClient(server, tenant, text)
    assert.equal((await writer('GET users?limit=0')).status, 403)
    assert.equal((await makeClient(server, tenant, undefined)('GET users?limit=0')).status, 401)
    await fill(ask, ['a'])
    assert.equal((await ask('GET users/a?limit=0&cursor=x')).status, 200)
    assert.equal((await ask('PUT users/a?limit=0', { body: {} })).status, 200)
  })

  test('a cursor without a limit gives all the rest', async () => {
    const { ask } = await start()
    await fill(ask, ['a', 'b', 'c', 'd'])
    const cursor = cursorOf(await ask('GET users?limit=1'))
    const rest = await ask(`GET users?cursor=${cursor}`)
    assert.deepEqual([idsOf(rest), rest.headers.link], [['b', 'c', 'd'], undefined])
  })

  test('a cursor that is not whole, or of something else, is refused', async () => {
    const { ask } = await start()
    const { ask: rival } = await start()
    for (const each of [ask, rival]) {
      await fill(each, ['a', 'b', 'c'])
      await fill(each, ['a', 'b', 'c'], 'bots')
    }
    const cursor = cursorOf(await ask('GET users?limit=1'))
    const [place = '', signature = ''] = cursor.split('.')
    const flipped = `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
    const broken = [
      '',
      '.',
      place,
      `${place}.`,
      `.${signature}`,
      signature,
      cursor.slice(0, -1),
      cursor.slice(1),
      `${cursor}A`,
      `${cursor}=`,
      `${place}.${flipped}`,
      `${Buffer.from('b').toString('base64url')}.${signature}`,
      `${place}=.${signature}`,
      `${place}A.${signature}`,
      `${twinOf(place)}.${signature}`,
      `${place}.${twinOf(signature)}`,
      `${cursor}.${signature}`,
      cursor.toLowerCase() === cursor ? cursor.toUpperCase() : cursor.toLowerCase(),
      'b',
      'null',
      '__proto__',
      cursorOf(await ask('GET bots?limit=1')),
      cursorOf(await rival('GET users?limit=1')),
    ]
    for (const each of broken) {
      for (const query of [`cursor=${encodeURIComponent(each)}`, `limit=1&cursor=${each}`]) {
        const { status, json } = await ask(`GET users?${query}`)
        assert.deepEqual([status, json.code], [400, 'BadRequest'], each)
        assert.match(json.message, /cursor is not one of this list/)
      }
    }
    assert.deepEqual(idsOf(await ask(`GET users?cursor=${cursor}`)), ['b', 'c'])
  })

  test('a cursor is no place in a list that only looks alike', async () => {
    const { ask } = await start()
    await fill(ask, ['a', 'b'], 'x')
    await fill(ask, ['a', 'b'], 'x%22')
    const cursor = cursorOf(await ask('GET x?limit=1'))
    assert.equal((await ask(`GET x%22?cursor=${cursor}`)).status, 400)
    assert.equal((await ask(`GET X?cursor=${cursor}`)).status, 400)
  })

  test('a cursor is good for every key of the tenant, and for ever', async () => {
    const { ask, tenant } = await start()
    await fill(ask, ['a', 'b'])
    const cursor = cursorOf(await ask('GET users?limit=1'))
    const { text } = await server.makeKey(tenant, ['provisioning:users.read'])
    server.time += 365 * 24 * 3_600_000
    const colleague = makeClient(server, tenant, text)
    assert.deepEqual(idsOf(await colleague(`GET users?cursor=${cursor}`)), ['b'])
  })

  test('a cursor goes on after a restart, and on a copy of the store', async () => {
    const folder = makeFolder()
    const copy = makeFolder()
    try {
      const first = await startTestServer({ folder: folder.path })
      const { text } = await first.makeKey('acme', ['provisioning:*'])
      const ask = makeClient(first, 'acme', text)
      await fill(ask, ['a', 'b', 'c'])
      const cursor = cursorOf(await ask('GET users?limit=1'))
      await first.close()
      cpSync(folder.path, copy.path, { recursive: true })
      for (const { path } of [folder, copy]) {
        const again = await startTestServer({ folder: path })
        const rest = await makeClient(again, 'acme', text)(`GET users?cursor=${cursor}`)
        await again.close()
        assert.deepEqual(idsOf(rest), ['b', 'c'])
      }
    } finally {
      folder.remove()
      copy.remove()
    }
  })
})

/** Another text of the same bytes: the last character has bits to spare. */
function twinOf(text: string): string {
  const bytes = Buffer.from(text, 'base64url')
  const twin = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
    .map((last) => text.slice(0, -1) + last)
    .find((each) => each !== text && Buffer.from(each, 'base64url').equals(bytes))
  assert.ok(twin !== undefined, `${text} has no twin`)
  return twin
}
