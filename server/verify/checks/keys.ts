/** Who may ask: keys in header and query, tenants, and what those without rights are told. */
import type { Check } from '../check.ts'
import { NotAsked } from '../check.ts'
import { expectSame, expectStatus, isObject, unmet } from '../expect.ts'
import type { Row } from '../rows.ts'
import { checksOf } from '../rows.ts'

/** Well formed by the rules of no server, so that each has to look for it, and none has it. */
const unknownKey = 'tenantry-verify-no-such-key-0123456789'

const operations = [
  ['GET {tenantId}', 'GET {home}'],
  ['GET {collection}', 'GET {own}'],
  ['GET {docId}', 'GET {doc}'],
  ['POST {docId}', 'POST {doc}'],
  ['PUT {docId}', 'PUT {doc}'],
  ['GET versions/current', 'GET {doc}/versions/current'],
  ['POST versions/current', 'POST {doc}/versions/current'],
  ['PUT versions/current', 'PUT {doc}/versions/current'],
] as const

/** Each operation, asked by those who may not. */
const strangers: readonly Check[] = operations.flatMap(([operation, send]) => {
  const body = send.startsWith('GET') ? {} : { body: { a: 1 } }
  return checksOf(operation, 'published', [
    {
      clause: '2 Keys and scopes: every path under the API prefix asks for a key',
      title: 'it asks for a key',
      as: 'nobody',
      send,
      ...body,
      status: 401,
    },
    {
      clause: '2 Keys and scopes: an unknown key: 401 in the one sentence',
      title: 'it refuses a key that nobody has',
      headers: { Authorization: `Bearer ${unknownKey}` },
      send,
      ...body,
      status: 401,
    },
  ])
})

const foreignHome = '/api/v1/provisioning/tenants'

const rows: readonly Row[] = [
  {
    clause: '2 Keys and scopes: an unknown path there asks for one too',
    title: 'an unknown path below the API asks for a key first',
    as: 'nobody',
    send: 'GET /api/v1/tenantry-verify-nothing',
    status: 401,
  },
  {
    clause: '2 Keys and scopes: the header carries a key, its scheme in any case',
    title: 'the scheme may be written bEARER',
    headers: { Authorization: 'bEARER {key}' },
    send: 'GET {own}',
    status: 200,
  },
  {
    clause: '2 Keys and scopes: the query parameter bearer_token carries one as well',
    title: 'bearer_token in the query is a key to read with',
    level: 'published',
    given: [['POST {doc}', { a: 1 }]],
    send: 'GET {doc}?bearer_token={key}',
    status: 200,
  },
  {
    clause: '2 Keys and scopes: the query parameter bearer_token carries one as well',
    title: 'bearer_token in the query is a key to write with',
    level: 'published',
    send: 'POST {doc}?bearer_token={key}',
    body: { a: 1 },
    status: [200, 201],
  },
  {
    clause: '2 Keys and scopes: two Bearer credentials are 400',
    title: 'a key in the header and one in the query are one too many',
    headers: { Authorization: 'Bearer {key}' },
    send: 'GET {own}?bearer_token={key}',
    status: 400,
  },
  {
    clause: '2 Keys and scopes: two Bearer credentials are 400',
    title: 'two keys in the query are one too many',
    send: 'GET {own}?bearer_token={key}&bearer_token={key}',
    status: 400,
  },
  {
    clause: '2 Keys and scopes: an Authorization of another scheme is no key',
    title: 'a key of another scheme is none',
    headers: { Authorization: 'Basic dmVyaWZ5OnZlcmlmeQ==' },
    send: 'GET {own}',
    status: 401,
  },
  {
    clause: '2 Keys and scopes: an Authorization of another scheme is no key',
    title: 'another scheme beside a key in the query is ignored',
    headers: { Authorization: 'Basic dmVyaWZ5OnZlcmlmeQ==' },
    send: 'GET {own}?bearer_token={key}',
    status: 200,
  },
  {
    clause: '2 Keys and scopes: a malformed key: the same',
    title: 'a key of one letter is 401',
    headers: { Authorization: 'Bearer x' },
    send: 'GET {own}',
    status: 401,
  },
  {
    clause: '2 Keys and scopes: a malformed key: the same',
    title: 'a key in the query that cannot be decoded is 401',
    as: 'nobody',
    send: 'GET {own}?bearer_token=%zz',
    status: 401,
  },
  {
    clause: '2 Keys and scopes: a key belongs to one tenant',
    title: 'another tenant is 403',
    level: 'published',
    send: `GET ${foreignHome}/tenantry-verify-nobody/users`,
    status: 403,
  },
  {
    clause: '2 Keys and scopes: another tenant is 403, compared byte for byte',
    title: 'a tenant that goes on where the key’s ends is another',
    send: `GET ${foreignHome}/{tenant}x/users`,
    status: 403,
  },
  {
    clause: '2 Keys and scopes: a malformed tenant is 403 as well',
    title: 'a tenant that cannot be decoded is 403',
    send: `GET ${foreignHome}/%zz/users`,
    status: 403,
  },
  {
    clause: '2 Keys and scopes: a malformed tenant is 403 as well',
    title: 'an empty tenant is 403',
    send: `GET ${foreignHome}//users`,
    status: 403,
  },
  {
    clause: '2 Keys and scopes: order: framing comes before the key',
    title: 'two Authorization headers are 400, not 401',
    headers: { Authorization: [`Bearer ${unknownKey}`, `Bearer ${unknownKey}`] },
    send: 'GET {own}',
    status: 400,
  },
  {
    clause: '2 Keys and scopes: order: the key comes before tenant and names',
    title: 'a stranger with a broken target is asked for a key',
    as: 'nobody',
    send: 'GET {own}/%zz',
    status: 401,
  },
  {
    clause: '2 Keys and scopes: order: the tenant comes before names',
    title: 'a broken target below another tenant is 403',
    send: `GET ${foreignHome}/tenantry-verify-nobody/users/%zz`,
    status: 403,
  },
  {
    clause: '2 Keys and scopes: order: the route comes before the method',
    title: 'an unknown route is 404 to a method that nobody takes',
    send: 'PROPFIND {doc}/nowhere',
    status: 404,
  },
  {
    clause: '2 Keys and scopes: order: the method comes before names',
    title: 'a method that nobody takes is 405 at a name that is none',
    send: 'PROPFIND {own}/__x__',
    status: 405,
  },
  {
    clause: '2 Keys and scopes: order: names come before the type of the body',
    title: 'a name that is none is 400 before the type is 415',
    send: 'PUT {own}/__x__',
    headers: { 'Content-Type': 'text/plain' },
    body: '{}',
    status: 400,
  },
  {
    clause: '2 Keys and scopes: order: the type comes before the length',
    title: 'a wrong type is 415 before the length is 413',
    send: 'PUT {doc}',
    headers: { 'Content-Type': 'text/plain' },
    announcedBytes: 16 * 1_048_576 + 1,
    status: 415,
  },
  {
    clause: '2 Keys and scopes: order: the length comes before the content',
    title: 'a body too large is 413, whatever is in it',
    send: 'PUT {doc}',
    headers: { 'Content-Type': 'application/json' },
    announcedBytes: 16 * 1_048_576 + 1,
    status: 413,
  },
  {
    clause: '2 Keys and scopes: order: the body comes before existence',
    title: 'a broken body is 400 where there is no document',
    send: 'PUT {doc}',
    body: '{"a":',
    status: 400,
  },
  {
    clause: '2 Keys and scopes: order: existence comes before conditions',
    title: 'a missing document is 404 before a condition is 412',
    send: 'PUT {doc}',
    headers: { 'If-Match': '"1-00000000"' },
    body: {},
    status: 404,
  },
]

const sentences: readonly Check[] = [
  sentence(
    '2 Keys and scopes: without a key: 401 in its own words',
    'who brings no key is told to bring one',
    'Authorization header with Bearer token is required',
    ({ ask }) => ask('GET {own}', { as: 'nobody' }),
  ),
  sentence(
    '2 Keys and scopes: an unknown key: 401 in the one sentence',
    'an unknown key is told only that it is not valid',
    'API key is not valid',
    ({ ask }) => ask('GET {own}', { headers: { Authorization: `Bearer ${unknownKey}` } }),
  ),
  sentence(
    '2 Keys and scopes: a missing scope is 403 in the same words',
    'another tenant is told only that the key does not allow it',
    'API key does not allow this operation',
    ({ ask }) => ask(`GET ${foreignHome}/tenantry-verify-nobody/users`),
  ),
]

function sentence(
  clause: string,
  title: string,
  words: string,
  send: (probe: Parameters<Check['run']>[0]) => ReturnType<Parameters<Check['run']>[0]['ask']>,
): Check {
  return {
    operation: 'any request',
    level: 'contract',
    clause,
    title,
    async run(probe) {
      const answered = await send(probe)
      const message = isObject(answered.json) ? answered.json.message : undefined
      if (message === undefined) throw new NotAsked('it needs an error with a message')
      expectSame(answered, 'the message', message, words)
    },
  }
}

const more: readonly Check[] = [
  {
    operation: 'any request',
    level: 'contract',
    clause: '2 Keys and scopes: whether another tenant exists cannot be told',
    title: 'all other tenants are answered alike',
    async run({ ask, site }) {
      const names = [`${site.tenant}x`, 'tenantry-verify-nobody', 'a', '%C3%A4']
      const all = await Promise.all(names.map((name) => ask(`GET ${foreignHome}/${name}/users`)))
      for (const each of all) {
        expectSame(each, 'the answer', [each.status, each.json], [all[0]?.status, all[0]?.json])
      }
    },
  },
  {
    operation: 'POST {docId}',
    level: 'contract',
    clause: '2 Keys and scopes: it is in no Location',
    title: 'the key of the query is not repeated in Location',
    async run({ ask, site }) {
      const answered = await ask('POST {doc}?bearer_token={key}', { body: {} })
      if (answered.status === 401) throw new NotAsked('it needs a key in the query that is taken')
      expectStatus(answered, 200, 201)
      const location = answered.headers.get('location')?.join() ?? ''
      if (location.includes('bearer_token') || location.includes(site.key)) {
        unmet(answered, 'a Location without a query', 'one with the key in it')
      }
    },
  },
]

export const keyChecks: readonly Check[] = [
  ...strangers,
  ...checksOf('any request', 'contract', rows),
  ...sentences,
  ...more,
]
