/** What GET, POST and PUT do with documents: replace, merge, stamp. */
import type { Check } from '../check.ts'
import { NotAsked } from '../check.ts'
import type { Loose } from '../expect.ts'
import {
  expectContent,
  expectHeader,
  expectSame,
  expectStatus,
  objectOf,
  unmet,
} from '../expect.ts'
import type { Row } from '../rows.ts'
import { checksOf } from '../rows.ts'

const section = '5 Documents:'

const reads: readonly Row[] = [
  {
    clause: `${section} a document has GET, POST and PUT`,
    title: 'a document is read',
    given: [['POST {doc}', { a: 1 }]],
    send: 'GET {doc}',
    status: 200,
    content: { a: 1 },
  },
  {
    clause: '6 Errors: no such document, live version or route',
    title: 'a document that is not there is 404',
    send: 'GET {doc}',
    status: 404,
  },
  {
    clause: "5 Documents: the tenant's own document has GET, POST and PUT",
    title: 'the document of the tenant is read, or 404',
    operation: 'GET {tenantId}',
    send: 'GET {home}',
    status: [200, 404],
  },
]

const replaces: readonly Row[] = [
  {
    clause: `${section} POST of what was not there is 201`,
    title: 'a POST that makes a document is 201',
    send: 'POST {doc}',
    body: { a: 1 },
    status: 201,
  },
  {
    clause: `${section} POST of what was there is 200`,
    title: 'a POST that replaces a document is 200',
    given: [['POST {doc}', { a: 1 }]],
    send: 'POST {doc}',
    body: { b: 2 },
    status: 200,
  },
  {
    clause: `${section} and nothing of the old is left`,
    title: 'a second POST leaves nothing of what was there',
    given: [['POST {doc}', { a: 1, b: { c: 2, d: 3 }, list: [1] }]],
    send: 'POST {doc}',
    body: { b: { c: 4 } },
    status: [200, 201],
    leaves: { '{doc}': { b: { c: 4 } } },
  },
]

const merges: readonly Row[] = [
  {
    clause: `${section} PUT of what is missing is 404`,
    title: 'a PUT to a missing document is 404 and makes none',
    level: 'published',
    send: 'PUT {doc}',
    body: { a: 1 },
    status: 404,
    leaves: { '{doc}': 404 },
  },
  {
    clause: `${section} a document has GET, POST and PUT`,
    title: 'a PUT keeps the members at the top that it does not mention',
    level: 'published',
    given: [['POST {doc}', { a: 1, b: 'two' }]],
    send: 'PUT {doc}',
    body: { b: 2, c: 3 },
    status: 200,
    leaves: { '{doc}': { a: 1, b: 2, c: 3 } },
  },
  {
    clause: `${section} PUT merges, at every depth`,
    title: 'a PUT keeps the members further down that it does not mention',
    given: [['POST {doc}', { a: { b: { c: 1, d: 2 }, e: 3 } }]],
    send: 'PUT {doc}',
    body: { a: { b: { c: 4, f: 5 } } },
    status: 200,
    leaves: { '{doc}': { a: { b: { c: 4, d: 2, f: 5 }, e: 3 } } },
  },
  {
    clause: `${section} arrays and scalars are replaced whole`,
    title: 'a PUT replaces arrays whole',
    given: [['POST {doc}', { list: [{ a: 1 }, 2, 3] }]],
    send: 'PUT {doc}',
    body: { list: [{ b: 1 }] },
    status: 200,
    leaves: { '{doc}': { list: [{ b: 1 }] } },
  },
  {
    clause: `${section} arrays and scalars are replaced whole`,
    title: 'a PUT replaces an array by one of the same length',
    given: [['POST {doc}', { list: [{ a: 1 }, { b: 2 }] }]],
    send: 'PUT {doc}',
    body: { list: [{ c: 3 }, { d: 4 }] },
    status: 200,
    leaves: { '{doc}': { list: [{ c: 3 }, { d: 4 }] } },
  },
  {
    clause: `${section} arrays and scalars are replaced whole`,
    title: 'a PUT replaces an object by a scalar, and a scalar by an object',
    given: [['POST {doc}', { a: { b: 1 }, c: 2 }]],
    send: 'PUT {doc}',
    body: { a: 'text', c: { d: 3 } },
    status: 200,
    leaves: { '{doc}': { a: 'text', c: { d: 3 } } },
  },
  {
    clause: `${section} null is stored`,
    title: 'a PUT stores null, at the top and further down',
    given: [['POST {doc}', { a: 1, b: { c: 2 } }]],
    send: 'PUT {doc}',
    body: { a: null, b: { c: null } },
    status: 200,
    leaves: { '{doc}': { a: null, b: { c: null } } },
  },
  {
    clause: `${section} null is stored`,
    title: 'a POST stores null',
    given: [['POST {doc}', { a: null, b: [null], c: { d: null } }]],
    send: 'GET {doc}',
    status: 200,
    content: { a: null, b: [null], c: { d: null } },
  },
  {
    clause: `${section} a dot in a key is part of it`,
    title: 'a key with a dot is no path',
    given: [['POST {doc}', { a: { b: 1 } }]],
    send: 'PUT {doc}',
    body: { 'a.b': 2, 'c.d': 3 },
    status: 200,
    leaves: { '{doc}': { a: { b: 1 }, 'a.b': 2, 'c.d': 3 } },
  },
  {
    clause: `${section} {} changes no member`,
    title: 'an empty PUT changes no member',
    given: [['POST {doc}', { a: 1, b: { c: 2 } }]],
    send: 'PUT {doc}',
    body: {},
    status: 200,
    leaves: { '{doc}': { a: 1, b: { c: 2 } } },
  },
]

const location: Check = {
  operation: 'POST {docId}',
  level: 'contract',
  clause: `${section} with Location, percent-encoded`,
  title: 'a POST that makes a document says where it is, percent-encoded',
  async run({ ask, expand }) {
    const made = await ask('POST {doc}%20@%C3%BC', { body: {} })
    if (made.status === 200) throw new NotAsked('it needs a POST that is 201')
    expectStatus(made, 201)
    // A proxy may stand in front of another prefix or host.
    const path = RegExp.escape(expand('{doc}'))
    expectHeader(made, 'Location', new RegExp(`${path}%20(%40|@)%C3%BC$`))
  },
}

const answers: Check = {
  operation: 'PUT {docId}',
  level: 'contract',
  clause: `${section} the answer of a write is what GET would show`,
  title: 'POST and PUT answer the whole document as GET shows it, stamps too',
  async run({ ask }) {
    for (const [method, body] of [
      ['POST', { a: 1, b: { c: 2 }, versions: { current: { x: 1 } } }],
      ['POST', { a: 2 }],
      ['PUT', { b: { d: 3 } }],
    ] as const) {
      const written = await ask(`${method} {doc}`, { body })
      expectStatus(written, 200, 201)
      const read = await ask('GET {doc}')
      expectSame(written, `after ${method} what GET shows:`, written.json, read.json)
    }
  },
}

const race: Check = {
  operation: 'PUT {docId}',
  level: 'contract',
  clause: `${section} two PUTs at once both take effect`,
  title: 'PUTs of different members at once all take effect',
  racing: true,
  async run({ ask, given }) {
    await given('POST {doc}', { m: {} })
    const names = Array.from({ length: 8 }, (_, n) => `n${n}`)
    const puts = names.map((name) => ask('PUT {doc}', { body: { m: { [name]: 1 } } }))
    for (const put of await Promise.all(puts)) expectStatus(put, 200)
    const left = await ask('GET {doc}')
    expectContent(left, { m: Object.fromEntries(names.map((name) => [name, 1])) })
  },
}

export type Stamps = { readonly updated: unknown; readonly updatedBy: unknown }

/** What a document says of its last write. */
export function stampsOf({ updated, updatedBy }: Loose): Stamps {
  return { updated, updatedBy }
}

const stamps: readonly Check[] = [
  {
    operation: 'POST {docId}',
    level: 'contract',
    clause: `${section} a write stamps what it writes with time and writer`,
    title: 'a POST stamps updated, an integer of epoch milliseconds',
    async run({ ask }) {
      const answered = await ask('POST {doc}', { body: { a: 1 } })
      expectStatus(answered, 200, 201)
      expectTime(answered, objectOf(answered).updated)
    },
  },
  {
    operation: 'PUT {docId}',
    level: 'contract',
    clause: `${section} a write stamps what it writes with time and writer`,
    title: 'a PUT stamps updated, an integer of epoch milliseconds',
    async run({ ask, given }) {
      await given('POST {doc}', { a: 1 })
      const answered = await ask('PUT {doc}', { body: {} })
      expectStatus(answered, 200)
      expectTime(answered, objectOf(answered).updated)
    },
  },
  {
    operation: 'POST {docId}',
    level: 'contract',
    clause: `${section} the writer is the id of the key`,
    title: 'updatedBy is apikey: and the id of the key, the same at each write',
    async run({ ask, given }) {
      const first = objectOf(await given('POST {doc}', { a: 1 })).updatedBy
      const answered = await ask('PUT {doc}', { body: { b: 1 } })
      const { updatedBy } = objectOf(answered)
      if (typeof updatedBy !== 'string' || !/^apikey:./.test(updatedBy)) {
        unmet(answered, 'updatedBy as apikey:…', `updatedBy ${JSON.stringify(updatedBy)}`)
      }
      expectSame(answered, 'updatedBy', updatedBy, first)
    },
  },
  {
    operation: 'POST {docId}',
    level: 'contract',
    clause: `${section} stamps that a client sends at the top are ignored`,
    title: 'updated and updatedBy in a body are ignored at the top, and data below',
    async run({ ask }) {
      const nested = { updated: 1, updatedBy: 'x' }
      for (const method of ['POST', 'PUT']) {
        const body = { updated: 1, updatedBy: 'apikey:tenantry-verify', nested }
        const answered = await ask(`${method} {doc}`, { body })
        expectStatus(answered, 200, 201)
        const { updated, updatedBy } = objectOf(answered)
        if (updated === 1) unmet(answered, 'another updated than was sent', '1')
        if (updatedBy === body.updatedBy) {
          unmet(answered, 'another updatedBy than was sent', body.updatedBy)
        }
        expectContent(answered, { nested })
      }
    },
  },
  {
    operation: 'PUT {docId}',
    level: 'contract',
    clause: `${section} the time is never less than before`,
    title: 'of ten writes one after the other, no updated is less than before',
    async run({ ask, given }) {
      let before = numberOf(objectOf(await given('POST {doc}', { n: -1 })).updated)
      for (let n = 0; n < 10; n++) {
        const answered = await ask(`${n % 3 === 0 ? 'POST' : 'PUT'} {doc}`, { body: { n } })
        const updated = numberOf(objectOf(answered).updated)
        if (updated < before) unmet(answered, `updated of at least ${before}`, `${updated}`)
        before = updated
      }
    },
  },
  {
    operation: 'PUT {docId}',
    level: 'contract',
    clause: `${section} it stamps nothing else`,
    title: 'a write leaves the stamps of other documents alone',
    racing: true,
    async run({ ask, given }) {
      const other = stampsOf(objectOf(await given('POST {doc}other', { a: 1 })))
      const first = numberOf(other.updated)
      for (let n = 0; n < 100; n++) {
        const { updated } = objectOf(await given('POST {doc}', { n }))
        if (numberOf(updated) > first) {
          const left = await ask('GET {doc}other')
          expectSame(left, 'stamps', stampsOf(objectOf(left)), other)
          return
        }
      }
      throw new NotAsked('the clock of the server stood still over a hundred writes')
    },
  },
]

/** Within the years 2001 to 2286: neither seconds nor microseconds. */
function expectTime(answered: Parameters<typeof unmet>[0], updated: unknown): void {
  if (Number.isInteger(updated) && Number(updated) > 1e12 && Number(updated) < 1e13) return
  unmet(answered, 'updated as epoch milliseconds', `updated ${JSON.stringify(updated)}`)
}

/** Rejects as not asked: that there is a time at all is another check. */
export function numberOf(updated: unknown): number {
  if (typeof updated === 'number') return updated
  throw new NotAsked('it needs a time in updated')
}

export const documentChecks: readonly Check[] = [
  ...checksOf('GET {docId}', 'published', reads),
  ...checksOf('POST {docId}', 'published', replaces),
  ...checksOf('PUT {docId}', 'contract', merges),
  location,
  answers,
  race,
  ...stamps,
]
