/** Lists: bare, whole, in the order of bytes, and as GET shows each document. */
import type { Check } from '../check.ts'
import { entriesOf, expectEntries, expectSame, expectStatus, unmet } from '../expect.ts'
import type { Probe } from '../probe.ts'
import { checksOf } from '../rows.ts'

const section = '5 Documents:'

/** In the order of their UTF-8, which is neither that of letters nor that of UTF-16. */
const ordered = ['-', '0', '10', '9', 'B', 'Z', 'a', 'b', '~', 'é', '\uffee', '😀']

/** More than a page has where servers page without being asked: 20, 50, 100. */
const manyCount = 120

async function fill({ given }: Probe, names: readonly string[], lanes: number): Promise<void> {
  const waiting = [...names]
  const send = async () => {
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      await given(`POST {list}/${encodeURIComponent(name)}`, { name })
    }
  }
  await Promise.all(Array.from({ length: lanes }, send))
}

const more: readonly Check[] = [
  {
    operation: 'GET {collection}',
    level: 'published',
    clause: `${section} a list is a bare array of id and data`,
    title: 'a list is an array of {id, data} and nothing around it',
    async run({ ask, given }) {
      await given('POST {list}/a', { n: 1 })
      const answered = await ask('GET {list}')
      expectStatus(answered, 200)
      const [entry] = expectEntries(answered)
      expectSame(answered, 'the first id', entry?.id, 'a')
      expectSame(answered, 'data.n', entry?.data.n, 1)
    },
  },
  {
    operation: 'GET {collection}',
    level: 'contract',
    clause: `${section} a list is a bare array of id and data`,
    title: 'an entry has the members id and data and no other',
    async run({ ask, given }) {
      await given('POST {list}/a', { n: 1 })
      const answered = await ask('GET {list}')
      const members = entriesOf(answered).map((each) => Object.keys(each))
      expectSame(answered, 'the members', members, [['id', 'data']])
    },
  },
  {
    operation: 'GET {collection}',
    level: 'contract',
    clause: `${section} by id, bytewise`,
    title: 'a list is in the order of the bytes of its ids',
    async run(probe) {
      // From both ends, so that no order but that of bytes is theirs.
      const mixed = ordered.map((_, at) => ordered.at(at % 2 === 0 ? at / 2 : -(at + 1) / 2) ?? '')
      await fill(probe, mixed, 1)
      const answered = await probe.ask('GET {list}')
      const ids = entriesOf(answered).map(({ id }) => id)
      // That each is there is asked elsewhere.
      const wanted = ordered.filter((id) => ids.includes(id))
      expectSame(answered, 'the order', ids, wanted)
    },
  },
  {
    operation: 'GET {collection}',
    level: 'contract',
    clause: `${section} it is never cut`,
    title: `a list has all of ${manyCount} documents`,
    racing: true,
    async run(probe) {
      const names = Array.from({ length: manyCount }, (_, n) => `n${n}`)
      await fill(probe, names, 8)
      const answered = await probe.ask('GET {list}')
      expectStatus(answered, 200)
      const ids = new Set(entriesOf(answered).map(({ id }) => id))
      const missing = names.filter((name) => !ids.has(name))
      if (missing.length > 0) {
        unmet(answered, `${manyCount} documents`, `${ids.size}, without ${missing.slice(0, 3)} …`)
      }
    },
  },
  {
    operation: 'GET {collection}',
    level: 'contract',
    clause: `${section} data is what GET answers`,
    title: 'data is the document as GET shows it, stamps and live version too',
    async run({ ask, given }) {
      await given('POST {list}/a', { n: 1, versions: { current: { x: 1 }, note: 2 } })
      await given('POST {list}/b', { n: 2 })
      const answered = await ask('GET {list}')
      for (const { id, data } of entriesOf(answered)) {
        expectSame(answered, `the data of ${id}`, data, (await ask(`GET {list}/${id}`)).json)
      }
    },
  },
]

const shape: Check = {
  operation: 'GET {collection}',
  level: 'contract',
  clause: `${section} lists carry no ETag`,
  title: 'a list carries no ETag',
  async run({ ask, given }) {
    await given('POST {list}/a', { n: 1 })
    const answered = await ask('GET {list}')
    entriesOf(answered)
    const etag = answered.headers.get('etag')
    if (etag !== undefined) unmet(answered, 'no ETag', `ETag: ${etag.join()}`)
  },
}

export const listChecks: readonly Check[] = [
  ...checksOf('GET {collection}', 'published', [
    {
      clause: `${section} GET of a collection lists it`,
      title: 'a collection is listed',
      given: [['POST {list}/a', { n: 1 }]],
      send: 'GET {list}',
      status: 200,
    },
    {
      clause: `${section} an unknown collection is []`,
      title: 'a collection that nobody wrote to is an empty list',
      level: 'contract',
      send: 'GET {list}',
      status: 200,
      content: [],
    },
  ]),
  ...more,
  shape,
]
