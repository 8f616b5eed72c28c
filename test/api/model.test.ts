/**
 * Random sequences of every operation, sent to the real server and told to a model: the answers
 * are the same, and so is the record that is left. A failure prints the seed and the shortest
 * sequence; `fc.assert`'s `seed` and `path` repeat it.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import type { Json, JsonObject } from '../../server/contract/json.ts'
import { parseTenantId } from '../../server/contract/names.ts'
import { send } from '../support/http.ts'
import type { Condition, Expected, Request } from '../support/model.ts'
import { Model } from '../support/model.ts'
import type { Operation } from '../support/patch-model.ts'
import type { TestServer } from '../support/server.ts'
import { startTestServer, startTime } from '../support/server.ts'

type Step = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** The tenant's own document, or one in a collection. */
  readonly id: string
  readonly part: 'base' | 'live'
  readonly body: JsonObject
  /** What PATCH sends. */
  readonly patch: JsonObject | readonly Operation[]
  /** May go back: clocks do. */
  readonly clockMs: number
  readonly condition: 'none' | 'match' | 'stale' | 'any' | 'none-match' | 'create-only'
}

/** Few and long: what a document can come to takes some steps, and a first step finds nothing. */
const runs = 150
const stepsMin = 15
const stepsMax = 50
const ids = ['', 'users/a', 'users/B', 'bots/😀', 'bots/\uffee'] as const

const scalar = fc.oneof(
  fc.constantFrom<Json>(null, true, 0, -1.5, 1e21, '', 'text', 'ü\u0000"'),
  fc.integer({ min: 0, max: 3 }),
)
const { value, thing } = fc.letrec<{ value: Json; thing: JsonObject }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 2 }),
    tie('thing'),
  ),
  thing: fc.dictionary(
    fc.constantFrom('a', 'b', 'versions', 'current', 'updated', 'updatedBy', '1', 'constructor'),
    tie('value'),
    { maxKeys: 4, noNullPrototype: true },
  ),
}))
/** Bodies that speak of the live version are rare by chance, and what this is about. */
const body: fc.Arbitrary<JsonObject> = fc.oneof(
  thing,
  fc.tuple(thing, thing, thing).map(([base, others, current]) => ({
    ...base,
    versions: { ...others, current },
  })),
  fc.tuple(thing, value).map(([base, versions]) => ({ ...base, versions })),
)

const pointer = fc
  .array(
    fc.constantFrom('a', 'b', 'versions', 'current', 'updated', '0', '1', '-', 'constructor'),
    {
      maxLength: 3,
    },
  )
  .map((keys) => keys.map((key) => `/${key}`).join(''))
const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'add', 'replace', 'test'), path: pointer, value }),
  fc.record({ op: fc.constant('remove'), path: pointer }),
  fc.record({ op: fc.constantFrom('move', 'copy'), path: pointer, from: pointer }),
)
const patch = fc.oneof(body, fc.array(operation, { maxLength: 3 }))

const methods = [
  ...(['GET', 'GET', 'POST', 'POST', 'POST', 'PUT', 'PUT'] as const),
  ...(['PATCH', 'PATCH', 'PATCH', 'DELETE'] as const),
]
const step: fc.Arbitrary<Step> = fc.record({
  method: fc.constantFrom(...methods),
  id: fc.constantFrom(...ids),
  part: fc.constantFrom('base', 'live'),
  body,
  patch,
  clockMs: fc.integer({ min: -5, max: 20 }),
  condition: fc.oneof(
    { weight: 2, arbitrary: fc.constant('none' as const) },
    fc.constantFrom('match', 'stale', 'any', 'none-match', 'create-only'),
  ),
})

let server: TestServer
before(async () => {
  server = await startTestServer()
})
after(() => server.close())

let tenants = 0

test('every sequence of operations is answered as the model says', async () => {
  const property = fc.asyncProperty(
    fc.array(step, { minLength: stepsMin, maxLength: stepsMax, size: 'max' }),
    runSteps,
  )
  await fc.assert(property, { numRuns: runs })
})

async function runSteps(steps: readonly Step[]): Promise<void> {
  const tenant = `model-${++tenants}`
  const { id: keyId, text: key } = await server.makeKey(tenant, ['provisioning:*'])
  const model = new Model(`apikey:${keyId}`)
  const tags = new Map<string, string>()
  const home = `/api/v1/provisioning/tenants/${tenant}`
  server.time = startTime
  for (const each of steps) {
    const { method, id, clockMs } = each
    server.time += clockMs
    const part = id === '' ? 'base' : each.part
    const { headers, condition } = conditionOf(each.condition, tags.get(`${id} ${part}`))
    const sent = method === 'PATCH' ? each.patch : each.body
    const answer = await send(server.port, {
      method,
      path: home + pathOf(id) + (part === 'live' ? '/versions/current' : ''),
      headers: {
        Authorization: `Bearer ${key}`,
        'Content-Type': typeOf(method, sent),
        ...headers,
      },
      ...(method === 'GET' ? {} : { body: JSON.stringify(sent) }),
    })
    const expected = expectedOf(model, each, { id, part, condition, at: server.time })
    statuses.add(`${method} ${expected.status}`)
    assert.equal(answer.status, expected.status, `${method} ${id} ${part}: ${answer.text}`)
    if (expected.body !== undefined) assert.deepEqual(JSON.parse(answer.text), plain(expected.body))
    if (expected.revision !== undefined) {
      const { etag } = answer.headers
      assert.match(etag ?? '', new RegExp(`^"${expected.revision}-[0-9a-f]{8}"$`))
      tags.set(`${id} ${part}`, etag ?? '')
    }
  }
  await compareLists(model, home, key)
  await compareRecord(model, tenant)
}

function expectedOf(model: Model, { method, body, patch }: Step, request: Request): Expected {
  switch (method) {
    case 'GET':
      return model.get(request)
    case 'POST':
    case 'PUT':
      return model.write(request, method, body)
    case 'PATCH':
      return model.patch(request, patch)
    case 'DELETE':
      return model.delete(request)
  }
}

function typeOf(method: Step['method'], sent: object): string {
  if (method !== 'PATCH') return 'application/json'
  return Array.isArray(sent) ? 'application/json-patch+json' : 'application/merge-patch+json'
}

/** What the sequences came to, so that none of it is left out unseen. */
const statuses = new Set<string>()

test('the sequences came to every answer there is', () => {
  const wanted = ['GET 200', 'GET 304', 'GET 404', 'GET 412', 'POST 200', 'POST 201', 'POST 400']
  wanted.push('POST 412', 'PUT 200', 'PUT 400', 'PUT 404', 'PUT 412', 'PATCH 200', 'PATCH 400')
  wanted.push('PATCH 404', 'PATCH 409', 'PATCH 412', 'DELETE 204', 'DELETE 404', 'DELETE 412')
  assert.deepEqual(
    wanted.filter((each) => !statuses.has(each)),
    [],
  )
})

/** Whole, and in pages of two. */
async function compareLists(model: Model, home: string, key: string): Promise<void> {
  const headers = { Authorization: `Bearer ${key}` }
  const get = async (path: string) => {
    const { text, headers: given } = await send(server.port, { method: 'GET', path, headers })
    return { entries: JSON.parse(text), next: /^<(.*)>;/.exec(String(given.link))?.[1] }
  }
  for (const collection of ['users', 'bots']) {
    const expected = plain(model.list(`${collection}/`))
    assert.deepEqual((await get(`${home}/${collection}`)).entries, expected)
    const paged: unknown[] = []
    for (let path: string | undefined = `${home}/${collection}?limit=2`; path !== undefined; ) {
      const { entries, next } = await get(path)
      paged.push(...entries)
      path = next
    }
    assert.deepEqual(paged, expected)
  }
}

/** The record has a row a write, and its versions are those that the model published. */
async function compareRecord(model: Model, tenant: string): Promise<void> {
  const changes = await server.storage.documents.listChanges(parseTenantId(tenant), 0, 1000)
  assert.deepEqual(
    changes.map(({ position }) => position),
    Array.from({ length: model.writes }, (_, at) => at + 1),
  )
  for (const [id, history] of model.histories) {
    const [collection = '', document = ''] = id.split('/')
    const own = changes.filter(
      (change) => change.collection === collection && change.document === document,
    )
    assert.deepEqual(
      own.map(({ revision }) => revision),
      Array.from({ length: history.revision }, (_, at) => at + 1),
    )
    const published = own.filter(({ version }) => version !== undefined)
    assert.deepEqual(
      published.map(({ version, live }) => ({ version, live: JSON.parse(live ?? 'null') })),
      history.published.map((live, at) => ({ version: at + 1, live: plain(live) })),
    )
  }
}

function conditionOf(
  kind: Step['condition'],
  known: string | undefined,
): { headers: { [name: string]: string }; condition: Condition } {
  const tag = known ?? '"1-00000000"'
  // A tag that was never given matches nothing, so the model is asked for revision -1.
  const revision = known === undefined ? -1 : Number(/\d+/.exec(known)?.[0])
  switch (kind) {
    case 'none':
      return { headers: {}, condition: {} }
    case 'match':
      return { headers: { 'If-Match': tag }, condition: { ifMatch: revision } }
    case 'stale':
      return { headers: { 'If-Match': '"9999-00000000"' }, condition: { ifMatch: -1 } }
    case 'any':
      return { headers: { 'If-Match': '*' }, condition: { ifMatch: '*' } }
    case 'none-match':
      return { headers: { 'If-None-Match': tag }, condition: { ifNoneMatch: revision } }
    case 'create-only':
      return { headers: { 'If-None-Match': '*' }, condition: { ifNoneMatch: '*' } }
  }
}

function pathOf(id: string): string {
  return id === '' ? '' : `/${id.split('/').map(encodeURIComponent).join('/')}`
}

/** As JSON would carry it: no undefined, one zero. */
function plain<Any>(value: Any): Any {
  return JSON.parse(JSON.stringify(value))
}
