/**
 * Lists in pages: that they are together the whole list, in its order, whatever is written between
 * them. Random names print their seed.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Answered, Client } from '../support/client.ts'
import { homeOf, makeClient } from '../support/client.ts'
import { fill, idsOf, nextOf } from '../support/lists.ts'
import { seededRandom } from '../support/random.ts'
import { seed, tellSeed } from '../support/seed.ts'
import type { TestServer } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

tellSeed()

let server: TestServer
/** How often the engine was asked for documents and for names. */
const asked = { list: 0, listNames: 0 }
before(async () => {
  server = await startTestServer({
    wrap: (storage) => ({
      ...storage,
      documents: {
        ...storage.documents,
        list(...of) {
          asked.list++
          return storage.documents.list(...of)
        },
        listNames(...of) {
          asked.listNames++
          return storage.documents.listNames(...of)
        },
      },
    }),
  })
})
after(() => server.close())

let tenants = 0
async function start(scopes: readonly string[] = ['provisioning:*']) {
  const tenant = `paged-${++tenants}`
  const { text } = await server.makeKey(tenant, scopes)
  return { tenant, text, ask: makeClient(server, tenant, text) }
}

/** All pages from this one on; `between` is done behind each. */
async function walk(
  ask: Client,
  path: string,
  between: (page: Answered) => Promise<void> = async () => {},
): Promise<Answered[]> {
  const pages: Answered[] = []
  for (let next: string | undefined = path; next !== undefined; ) {
    const page = await ask(`GET ${next}`)
    assert.equal(page.status, 200, page.text)
    pages.push(page)
    await between(page)
    next = nextOf(page)
  }
  return pages
}

/** Names that sort in other ways than bytes would have them, and that URLs have to escape. */
const pieces = [
  'a',
  'B',
  'ä',
  'é',
  '\uffee',
  '😀',
  '~',
  ' ',
  '%',
  '+',
  '&',
  '?',
  '#',
  '"',
  '<',
  '0',
]
function randomNames(count: number, random: () => number): string[] {
  const names = new Set<string>()
  while (names.size < count) {
    const length = 1 + Math.floor(random() * 6)
    const parts = Array.from(
      { length },
      () => pieces[Math.floor(random() * pieces.length)] as string,
    )
    names.add(parts.join(''))
  }
  return [...names]
}

const bytewise = (one: string, other: string) =>
  Buffer.compare(Buffer.from(one), Buffer.from(other))

describe('pages', () => {
  test('are together the whole list, bytewise, for any names and any limit', async () => {
    const { ask } = await start()
    const random = seededRandom(seed)
    const names = randomNames(120, random)
    await fill(ask, names)
    const whole = await ask('GET users')
    assert.deepEqual(idsOf(whole), names.toSorted(bytewise))
    for (const limit of [1, 2, 7, 40, 119, 120, 121, 1 + Math.floor(random() * 120)]) {
      const pages = await walk(ask, `users?limit=${limit}`)
      assert.deepEqual(
        pages.flatMap(({ json }) => json),
        whole.json,
      )
      assert.equal(pages.length, Math.ceil(names.length / limit), `limit ${limit}`)
      for (const page of pages.slice(0, -1)) assert.equal(page.json.length, limit)
    }
  })

  test('are linked exactly, and the last is not', async () => {
    const { ask, tenant } = await start()
    await fill(ask, ['a', 'b', 'c'], 'c%26o%20l')
    const first = await ask('GET c%26o%20l?limit=2&other=1')
    const path = `${homeOf(tenant)}/c%26o%20l`
    const shape = /^<([^?]+)\?limit=2&cursor=([\w.-]+)>; rel="next"$/
    const [, linked, cursor] = shape.exec(String(first.headers.link)) ?? []
    assert.equal(linked, path)
    assert.deepEqual(idsOf(first), ['a', 'b'])
    const last = await ask(`GET ${path}?limit=2&cursor=${cursor}`)
    assert.deepEqual(idsOf(last), ['c'])
    assert.equal(last.headers.link, undefined)
    for (const { headers } of [first, last]) {
      assert.equal(headers['cache-control'], 'no-store')
      assert.equal(headers.etag, undefined)
    }
  })

  test('that are full and last have none behind them', async () => {
    const { ask } = await start()
    await fill(ask, ['a', 'b', 'c', 'd'])
    const pages = await walk(ask, 'users?limit=2')
    assert.deepEqual(pages.map(idsOf), [
      ['a', 'b'],
      ['c', 'd'],
    ])
    assert.equal((await ask('GET users?limit=4')).headers.link, undefined)
    assert.equal((await ask('GET users?limit=5000')).headers.link, undefined)
  })

  test('of an empty collection are one, without a link', async () => {
    const { ask } = await start()
    const { status, text, headers } = await ask('GET users?limit=1')
    assert.deepEqual([status, text, headers.link], [200, '[]', undefined])
  })

  test('show each document as GET does, the live version with it', async () => {
    const { ask } = await start(['provisioning:*'])
    await ask('POST users/u', { body: { a: 1, versions: { current: { x: 1 } } } })
    const { json } = await ask('GET users?limit=1')
    assert.deepEqual(json, [{ id: 'u', data: (await ask('GET users/u')).json }])
  })

  test('have no link in a list that nobody asked to be cut', async () => {
    const { ask } = await start()
    await fill(ask, ['a', 'b'])
    assert.equal((await ask('GET users')).headers.link, undefined)
  })

  test('may change in size from one to the next', async () => {
    const { ask } = await start()
    await fill(ask, ['a', 'b', 'c', 'd', 'e', 'f'])
    const first = await ask('GET users?limit=1')
    const second = await ask(`GET ${nextOf(first)?.replace('limit=1', 'limit=3')}`)
    assert.deepEqual(idsOf(second), ['b', 'c', 'd'])
    assert.deepEqual(idsOf(await ask(`GET ${nextOf(second)}`)), ['e', 'f'])
  })

  test('do not repeat a key that came in the query', async () => {
    const { ask, text } = await start()
    await fill(ask, ['a', 'b'])
    const first = await ask('GET users?bearer_token={key}&limit=1')
    assert.equal(first.status, 200)
    const link = String(first.headers.link)
    assert.ok(!link.includes('bearer') && !link.includes(text), link)
    assert.ok(
      !Buffer.from(link.replace(/.*cursor=/, ''), 'base64url')
        .toString()
        .includes(text),
    )
    assert.deepEqual(idsOf(await ask(`GET ${nextOf(first)}`)), ['b'])
  })

  test('of HEAD read nothing and have no link', async () => {
    const { ask } = await start()
    await fill(ask, ['a', 'b'])
    const before = { ...asked }
    for (const query of ['', '?limit=1']) {
      const { status, headers, text } = await ask(`HEAD users${query}`)
      assert.deepEqual([status, text, headers.link], [200, '', undefined])
    }
    assert.deepEqual(asked, before)
    const next = nextOf(await ask('GET users?limit=1'))
    assert.equal((await ask(`HEAD ${next}`)).status, 200)
    assert.equal((await ask('HEAD users?limit=0')).status, 400)
    assert.equal((await ask('HEAD users?cursor=x')).status, 400)
  })

  test('read no more documents than they show, but for a page of the engine', async () => {
    const { ask } = await start()
    await fill(ask, ['a', 'b', 'c', 'd', 'e'])
    const before = { ...asked }
    await ask('GET users?limit=2')
    assert.deepEqual(asked, { list: before.list + 1, listNames: before.listNames + 1 })
  })
})

describe('pages while others write', () => {
  test('show what is there throughout exactly once', async () => {
    const { ask } = await start()
    const random = seededRandom(seed + 1)
    const names = randomNames(90, random)
    const lasting = names.slice(0, 40)
    const passing = names.slice(40, 65)
    const coming = names.slice(65)
    await fill(ask, [...lasting, ...passing])
    const change = async () => {
      for (const gone of passing.splice(0, 3)) {
        await ask(`DELETE users/${encodeURIComponent(gone)}`)
      }
      await fill(ask, coming.splice(0, 3))
      const touched = lasting[Math.floor(random() * lasting.length)] as string
      await ask(`PUT users/${encodeURIComponent(touched)}`, { body: { touched: random() } })
    }
    const seen = (await walk(ask, 'users?limit=6', change)).flatMap(idsOf)
    assert.deepEqual(seen, seen.toSorted(bytewise))
    assert.equal(new Set(seen).size, seen.length, 'a document came twice')
    assert.deepEqual(
      lasting.filter((name) => !seen.includes(name)),
      [],
    )
  })

  test('go on behind a document that was deleted since', async () => {
    const { ask } = await start()
    await fill(ask, ['a', 'b', 'c', 'd'])
    const first = await ask('GET users?limit=2')
    for (const name of ['a', 'b', 'c']) await ask(`DELETE users/${name}`)
    const second = await ask(`GET ${nextOf(first)}`)
    assert.deepEqual([idsOf(second), second.headers.link], [['d'], undefined])
    await ask('DELETE users/d')
    const third = await ask(`GET ${nextOf(first)}`)
    assert.deepEqual([third.text, third.headers.link], ['[]', undefined])
  })

  test('show what was made behind them, and nothing that was made before', async () => {
    const { ask } = await start()
    await fill(ask, ['b', 'd', 'f'])
    const first = await ask('GET users?limit=2')
    await fill(ask, ['a', 'c', 'e'])
    assert.deepEqual(idsOf(await ask(`GET ${nextOf(first)}`)), ['e', 'f'])
  })
})

describe('pages at the boundaries of those of the engine', () => {
  const names = Array.from({ length: 1001 }, (_, at) => `n${String(at).padStart(4, '0')}`)
  let ask: Client
  before(async () => {
    const { ask: own } = await start()
    ask = own
    await fill(ask, names)
  })

  for (const limit of [499, 500, 501, 999, 1000, 1001, 1002]) {
    test(`a limit of ${limit} cuts there, whatever is remembered`, async () => {
      for (let time = 0; time < 2; time++) {
        const pages = await walk(ask, `users?limit=${limit}`)
        assert.deepEqual(pages.flatMap(idsOf), names)
        assert.deepEqual(
          pages.map(({ json }) => json.length),
          Array.from({ length: Math.ceil(1001 / limit) }, (_, at) =>
            Math.min(limit, 1001 - at * limit),
          ),
        )
        assert.deepEqual(idsOf(await ask('GET users')), names)
      }
    })
  }

  test('large documents end pages of the engine sooner, and those of the client not', async () => {
    const { ask } = await start()
    const text = 'x'.repeat(200_000)
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await ask(`POST users/${name}`, { body: { text } })
    }
    for (const limit of [1, 2, 3, 4, 5]) {
      const pages = await walk(ask, `users?limit=${limit}`)
      assert.deepEqual(pages.flatMap(idsOf), ['a', 'b', 'c', 'd', 'e'])
      assert.equal(pages[0]?.json.length, limit)
    }
  })
})
