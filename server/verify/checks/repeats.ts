/** Idempotency-Key, lists in parts, what a key may learn of keys: what no server need have. */
import type { Check } from '../check.ts'
import { NotAsked } from '../check.ts'
import type { Answered } from '../exchange.ts'
import { headerOf } from '../exchange.ts'
import {
  entriesOf,
  expectHeader,
  expectSame,
  expectStatus,
  isObject,
  objectOf,
  unmet,
} from '../expect.ts'
import type { Probe } from '../probe.ts'
import { checksOf } from '../rows.ts'

const section = '5 Documents:'

/** What a repeat has to have in common with the first. */
function essence(answered: Answered) {
  const [etag, location] = [headerOf(answered, 'ETag'), headerOf(answered, 'Location')]
  return { status: answered.status, text: answered.text, etag, location }
}

/** The paths of documents are drawn for each run, and so are these keys. */
function keyFor({ expand }: Probe, name: string): { readonly 'Idempotency-Key': string } {
  return { 'Idempotency-Key': `${expand('{doc}').replaceAll(/.*\/(.*\/)/g, '$1')}-${name}` }
}

const writes = [
  ['POST', { a: 1 }],
  ['PUT', { b: 2 }],
  ['PATCH', { c: 3 }],
  ['DELETE', undefined],
] as const

const repeats: readonly Check[] = [
  ...writes.map(
    ([method, body]): Check => ({
      operation: 'Idempotency-Key',
      level: 'extension',
      clause: `${section} on POST, PUT, PATCH and DELETE`,
      title: `a ${method} that comes again is answered as before`,
      async run(probe) {
        if (method !== 'POST') await probe.given('POST {doc}', { z: 1 })
        const more = { headers: keyFor(probe, 'one'), body }
        const first = await probe.ask(`${method} {doc}`, more)
        expectStatus(first, 200, 201, 204)
        const second = await probe.ask(`${method} {doc}`, more)
        expectSame(second, 'the answer', essence(second), essence(first))
      },
    }),
  ),
  repeat(
    'it gets the first status, body, ETag and Location',
    'a POST that comes again is 201 as before, though others have written since',
    async (probe) => {
      const headers = keyFor(probe, 'one')
      const first = await probe.ask('POST {doc}', { headers, body: { a: 1 } })
      await probe.given('PUT {doc}', { b: 2 })
      const second = await probe.ask('POST {doc}', { headers, body: { a: 1 } })
      expectSame(second, 'the answer', essence(second), essence(first))
      expectSame(second, 'b', objectOf(await probe.ask('GET {doc}')).b, 2)
    },
  ),
  repeat('and is marked as replayed', 'only the answer that comes again is', async (probe) => {
    const headers = keyFor(probe, 'one')
    const [first, second] = [
      await probe.ask('POST {doc}', { headers, body: {} }),
      await probe.ask('POST {doc}', { headers, body: {} }),
    ]
    expectHeader(first, 'Idempotency-Replayed', undefined)
    expectHeader(second, 'Idempotency-Replayed', 'true')
  }),
  repeat('it is looked at after rights and body', 'a broken body is 400', async (probe) => {
    const headers = keyFor(probe, 'one')
    await probe.given('POST {doc}', { a: 1 }, { headers })
    expectStatus(await probe.ask('POST {doc}', { headers, body: '{' }), 400)
  }),
  repeat(
    'the same request is one of equal method, target and bytes',
    'another method, another target and other bytes of the same JSON are other requests',
    async (probe) => {
      const headers = keyFor(probe, 'one')
      await probe.given('POST {doc}', '{"a":1}', { headers })
      for (const [line, body] of [
        ['PUT {doc}', '{"a":1}'],
        ['POST {doc}other', '{"a":1}'],
        ['POST {doc}', '{"a": 1}'],
      ] as const) {
        expectStatus(await probe.ask(line, { headers, body }), 422)
      }
    },
  ),
  repeat('before existence and conditions', 'a create-only POST may come again', async (probe) => {
    const headers = { ...keyFor(probe, 'one'), 'If-None-Match': '*' }
    const first = await probe.ask('POST {doc}', { headers, body: { a: 1 } })
    const second = await probe.ask('POST {doc}', { headers, body: { a: 1 } })
    expectSame(second, 'the answer', essence(second), essence(first))
  }),
  repeat(
    'any other request under it is 422',
    'another body under the same key is 422, and writes nothing',
    async (probe) => {
      const headers = keyFor(probe, 'one')
      await probe.given('POST {doc}', { a: 1 }, { headers })
      const other = await probe.ask('POST {doc}', { headers, body: { a: 2 } })
      expectStatus(other, 422)
      expectSame(other, 'code', objectOf(other).code, 'IdempotencyMismatch')
      expectSame(other, 'a', objectOf(await probe.ask('GET {doc}')).a, 1)
    },
  ),
  repeat('a refusal frees it', 'after a refusal the same key may be used', async (probe) => {
    const headers = keyFor(probe, 'one')
    expectStatus(await probe.ask('PUT {doc}', { headers, body: { a: 1 } }), 404)
    await probe.given('POST {doc}', {})
    expectStatus(await probe.ask('PUT {doc}', { headers, body: { a: 1 } }), 200)
  }),
  repeat(
    'an Idempotency-Key has 1 to 255 visible ASCII characters',
    'one of 256 characters is 400, one of 255 is taken',
    async (probe) => {
      const start = keyFor(probe, 'long')['Idempotency-Key']
      for (const [length, statuses] of [
        [256, [400]],
        [255, [200, 201]],
      ] as const) {
        const headers = { 'Idempotency-Key': start.padEnd(length, 'x') }
        expectStatus(await probe.ask('POST {doc}', { headers, body: {} }), ...statuses)
      }
    },
  ),
]

function repeat(words: string, title: string, run: Check['run']): Check {
  const clause = `${section} ${words}`
  return { operation: 'Idempotency-Key', level: 'extension', clause, title, run }
}

const ids = ['a', 'b', 'c', 'd', 'e']

async function pageOne({ ask, given }: Probe, limit: number): Promise<Answered> {
  for (const id of ids) await given(`POST {list}/${id}`, { id })
  const page = await ask(`GET {list}?limit=${limit}`)
  expectStatus(page, 200)
  return page
}

/** The target of the page that follows; undefined behind the last. */
function nextOf(page: Answered): string | undefined {
  const link = headerOf(page, 'Link')
  if (link === undefined) return undefined
  const [, target] = /<([^<>]+)>; *rel="?next"?/.exec(link) ?? []
  if (target === undefined) unmet(page, 'a Link with rel="next"', link)
  return target?.replace(/^https?:\/\/[^/]+/, '').replace(/^.*?(?=\/api\/v1\/)/, '')
}

function paging(words: string, title: string, run: Check['run']): Check {
  const clause = `${section} ${words}`
  return { operation: 'limit and cursor', level: 'extension', clause, title, run }
}

const pages: readonly Check[] = [
  paging('limit and cursor page a list', 'pages are together the whole list', async (probe) => {
    const found: string[] = []
    let page = await pageOne(probe, 2)
    for (let count = 1; ; count++) {
      found.push(...entriesOf(page).map(({ id }) => id))
      const next = nextOf(page)
      if (next === undefined) break
      if (count > ids.length) unmet(page, 'an end', 'one page more than documents')
      page = await probe.ask(`GET ${next}`)
      expectStatus(page, 200)
    }
    expectSame(page, 'all ids', found, ids)
  }),
  paging(
    'a page that is not the last links the next',
    'a full page that is the last links none',
    async (probe) => {
      const page = await pageOne(probe, ids.length)
      expectHeader(page, 'Link', undefined)
      expectHeader(await probe.ask('GET {list}?limit=2'), 'Link', /rel="next"/)
    },
  ),
  paging('a cursor is signed', 'a cursor that was altered is 400', async (probe) => {
    const next = nextOf(await pageOne(probe, 2))
    if (next === undefined) throw new NotAsked('it needs a cursor, and there is none')
    const last = next.at(-1) === 'A' ? 'B' : 'A'
    expectStatus(await probe.ask(`GET ${next.slice(0, -1)}${last}`), 400)
    expectStatus(await probe.ask('GET {list}?limit=2&cursor=nonsense'), 400)
  }),
  paging(
    'and bound to tenant and collection',
    'a cursor of another collection is 400',
    async (probe) => {
      const next = nextOf(await pageOne(probe, 2))
      const cursor = /cursor=[^&]+/.exec(next ?? '')?.[0]
      if (cursor === undefined) throw new NotAsked('it needs a cursor, and there is none')
      expectStatus(await probe.ask(`GET {own}?limit=2&${cursor}`), 400)
    },
  ),
  {
    ...paging('', 'a key in the query is not repeated in Link', async (probe) => {
      await pageOne(probe, 2)
      const page = await probe.ask('GET {list}?limit=2&bearer_token={key}')
      const link = headerOf(page, 'Link') ?? ''
      if (link.includes('bearer_token') || link.includes(probe.site.key)) {
        unmet(page, 'a Link without the key', 'one with it')
      }
    }),
    clause: '2 Keys and scopes: it is in no Link and in no cursor',
  },
  ...checksOf('limit and cursor', 'extension', [
    ...['0', '5001', '1.5', '', '-1', 'x'].map((limit) => ({
      clause:
        limit === 'x'
          ? '3 Targets and names: known parameters parse, or 400'
          : `${section} limit is 1 to 5000`,
      title: `a limit of "${limit}" is 400`,
      send: `GET {own}?limit=${limit}`,
      status: 400,
    })),
    {
      clause: `${section} limit is 1 to 5000`,
      title: 'a limit of 5000 is taken',
      send: 'GET {own}?limit=5000',
      status: 200,
    },
    {
      clause: '3 Targets and names: known parameters come once',
      title: 'two limits are 400',
      send: 'GET {own}?limit=1&limit=1',
      status: 400,
    },
  ]),
]

const keysPath = '/api/v1/keys/tenants/{tenant}'

/** Undefined where this key may not see the keys, which is nobody's fault. */
async function listKeys({ ask }: Probe): Promise<Answered> {
  const answered = await ask(`GET ${keysPath}`)
  if (answered.status === 403) throw new NotAsked('the key has no scope keys:read', true)
  expectStatus(answered, 200)
  return answered
}

function ofKeys(words: string, title: string, run: Check['run']): Check {
  const clause = `2 Keys and scopes: ${words}`
  return { operation: 'keys and whoami', level: 'extension', clause, title, run }
}

const keyMembers = ['label', 'scopes', 'created', 'createdBy', 'expiresAt', 'lastUsed', 'revoked']

const keys: readonly Check[] = [
  ofKeys(
    'whoami tells any valid key what it is',
    'a key learns its own id',
    async ({ ask, given }) => {
      const answered = await ask('GET /api/v1/whoami')
      expectStatus(answered, 200)
      const texts = Object.values(objectOf(answered)).map((value) => `apikey:${value}`)
      const { updatedBy } = objectOf(await given('POST {doc}', {}))
      if (!texts.includes(String(updatedBy)))
        unmet(answered, `the id in ${updatedBy}`, answered.text)
    },
  ),
  ofKeys('the list shows all that is known of each key', 'and never its text', async (probe) => {
    const answered = await listKeys(probe)
    for (const { data } of entriesOf(answered)) {
      const missing = keyMembers.filter((member) => !(member in data))
      if (missing.length > 0) unmet(answered, `the members ${missing}`, JSON.stringify(data))
    }
    if (answered.text.includes(probe.site.key)) unmet(answered, 'no text of a key', 'this one')
  }),
  ofKeys('its times are epoch milliseconds', 'created is one', async (probe) => {
    const answered = await listKeys(probe)
    const wrong = entriesOf(answered).find(({ data }) => !(Number(data.created) > 1e12))
    if (wrong !== undefined) unmet(answered, 'epoch milliseconds', JSON.stringify(wrong.data))
  }),
  ofKeys('revoking an unknown key is 404', 'so is rotating one', async (probe) => {
    for (const [line, body] of [
      [`DELETE ${keysPath}/VerifyNoKey0`, undefined],
      [`POST ${keysPath}/VerifyNoKey0/rotate`, {}],
    ] as const) {
      const answered = await probe.ask(line, { body })
      if (answered.status === 403) throw new NotAsked('the key has no scope keys:write', true)
      expectStatus(answered, 404)
    }
  }),
  {
    ...ofKeys(
      'keys are managed with scopes of their own alone',
      'a key that reads documents does not list keys',
      async ({ ask }) => {
        const answered = await ask(`GET ${keysPath}`, { as: 'reader' })
        expectStatus(answered, 403)
        if (!isObject(answered.json)) unmet(answered, 'an error', answered.text)
      },
    ),
    needs: 'readerKey',
  },
]

export const repeatChecks: readonly Check[] = [...repeats, ...pages, ...keys]
