/** What a second key may not do that reads everything of the tenant's provisioning and no more. */
import type { Check } from '../check.ts'
import { expectSame, expectStatus } from '../expect.ts'
import type { Row } from '../rows.ts'
import { checksOf } from '../rows.ts'

const all = "2 Keys and scopes: an operation alone grants it on all, the tenant's document too"
const missing = '2 Keys and scopes: a missing scope is 403 in the same words'
const reads = '2 Keys and scopes: GET, HEAD and OPTIONS are reads'

const rows: readonly Row[] = [
  {
    clause: all,
    title: 'a key that reads reads documents',
    level: 'published',
    as: 'reader',
    given: [['POST {doc}', { a: 1 }]],
    send: 'GET {doc}',
    status: 200,
    operation: 'GET {docId}',
  },
  {
    clause: all,
    title: 'a key that reads reads lists',
    level: 'published',
    as: 'reader',
    send: 'GET {own}',
    status: 200,
    operation: 'GET {collection}',
  },
  {
    clause: all,
    title: 'a key that reads reads the tenant’s document',
    as: 'reader',
    send: 'GET {home}',
    status: [200, 404],
    operation: 'GET {tenantId}',
  },
  {
    clause: all,
    title: 'a key that reads reads live versions',
    level: 'published',
    as: 'reader',
    given: [['POST {doc}/versions/current', { a: 1 }]],
    send: 'GET {doc}/versions/current',
    status: 200,
    operation: 'GET versions/current',
  },
  ...(['POST', 'PUT'] as const).flatMap((method): Row[] => [
    {
      clause: missing,
      title: `a key that may not write does not ${method}`,
      level: 'published',
      as: 'reader',
      given: [['POST {doc}', { a: 1 }]],
      send: `${method} {doc}`,
      body: { b: 2 },
      status: 403,
      leaves: { '{doc}': { a: 1 } },
      operation: `${method} {docId}`,
    },
    {
      clause: missing,
      title: `a key that may not write does not ${method}`,
      level: 'published',
      as: 'reader',
      given: [['POST {doc}/versions/current', { a: 1 }]],
      send: `${method} {doc}/versions/current`,
      body: { b: 2 },
      status: 403,
      leaves: { '{doc}/versions/current': { a: 1 } },
      operation: `${method} versions/current`,
    },
  ]),
  {
    clause: '2 Keys and scopes: anything else is a write',
    title: 'a method that nobody knows needs the right to write',
    as: 'reader',
    send: 'PROPFIND {doc}',
    status: 403,
  },
  {
    clause: reads,
    title: 'HEAD is a read',
    as: 'reader',
    given: [['POST {doc}', { a: 1 }]],
    send: 'HEAD {doc}',
    status: 200,
  },
  { clause: reads, title: 'OPTIONS is a read', as: 'reader', send: 'OPTIONS {doc}', status: 204 },
  {
    clause: '2 Keys and scopes: order: the scope comes before the route',
    title: 'a right is asked for before a route is looked for',
    as: 'reader',
    send: 'PUT {doc}/nowhere',
    body: {},
    status: 403,
  },
]

const oracle: Check = {
  operation: 'any request',
  level: 'contract',
  clause: '2 Keys and scopes: who has no rights learns nothing',
  title: 'without the right to write, a document that is there and one that is not are alike',
  needs: 'readerKey',
  async run({ ask, given }) {
    await given('POST {doc}', { a: 1 })
    const as = 'reader'
    const there = await ask('PUT {doc}', { as, body: {} })
    const missing = await ask('PUT {doc}-missing', { as, body: {} })
    expectStatus(there, 403)
    expectSame(missing, 'the answer', [missing.status, missing.json], [there.status, there.json])
  },
}

export const scopeChecks: readonly Check[] = [...checksOf('any request', 'contract', rows), oracle]
