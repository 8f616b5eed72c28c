/**
 * The interface document against the server: each of its examples is sent, in the order of their
 * story, and answered as it says; each error that it shows is provoked.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { refusals } from '../../server/contract/errors.ts'
import type { Example } from '../../server/contract/example.ts'
import { exampleTenant } from '../../server/contract/example.ts'
import { examples, operations } from '../../server/operations.ts'
import type { Loose } from '../support/client.ts'
import { checkAlways } from '../support/client.ts'
import { checkDeclared, checkSchema, resolvedDocument } from '../support/declared.ts'
import type { Received } from '../support/http.ts'
import { send } from '../support/http.ts'
import type { TestServer } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'
import { provocations } from './provocations.ts'

/** Each example of the document by where it stands. */
const shown = new Map<string, Loose>()
collect(resolvedDocument.paths, '')

describe('the interface document', () => {
  let server: TestServer
  let key: { id: string; text: string }
  /** Ids of the examples, and those that they were in this run. */
  const ids = new Map<string, string>()
  const met = new Set<string>()

  before(async () => {
    server = await startTestServer()
    const label = 'alpha, everything'
    key = await server.makeKey(exampleTenant, ['provisioning:*', 'keys:*'], undefined, label)
  })
  after(() => server.close())

  for (const example of examples) {
    test(`is right about ${example.operation}: ${example.title}`, async () => {
      const received = await send(server.port, requestOf(example))
      checkAlways(received, operationOf(example).method)
      checkDeclared(example.operation, received)
      assert.equal(received.status, example.status, received.text)
      if (example.answer === undefined) assert.equal(received.text, '')
      else checkLike(example.answer, JSON.parse(received.text), '')
      for (const [pointer, value] of shown) {
        if (isOf(pointer, example, value)) met.add(pointer)
      }
    })
  }

  test('shows nothing that was not sent or answered here', () => {
    const left = [...shown.keys()].filter((pointer) => !met.has(pointer))
    assert.deepEqual(
      left.filter((pointer) => !isError(pointer)),
      [],
    )
    assert.ok(met.size > 40, 'the document shows too little')
  })

  for (const { name, statuses, output, input } of operations) {
    if (output?.['text/html'] !== undefined || name === 'getInterfaceDocument') continue
    test(`shows each success of ${name}, and a body of each type`, () => {
      const mine = examples.filter(({ operation }) => operation === name)
      const given = new Set(mine.map(({ status }) => status))
      assert.deepEqual(new Set(statuses), given)
      const sent = mine.filter(({ body }) => body !== undefined)
      const types = new Set(sent.map(({ mediaType }) => mediaType ?? 'application/json'))
      assert.deepEqual(new Set(Object.keys(input ?? {})), types)
    })
  }

  test('shows bodies that keep their own schemas', () => {
    for (const { path, method } of operations) {
      const { requestBody } = resolvedDocument.paths[path][method.toLowerCase()]
      for (const { schema, examples } of Object.values<Loose>(requestBody?.content ?? {})) {
        for (const { value } of Object.values<Loose>(examples)) checkSchema(schema, value, path)
      }
    }
  })

  test('says of each parameter what an example sends', () => {
    const sent = examples.flatMap(({ path, query, headers }) =>
      Object.entries({ ...path, ...query, ...headers }).map(([name, value]) => `${name} ${value}`),
    )
    for (const { name, example } of Object.values<Loose>(resolvedDocument.components.parameters)) {
      if (example !== undefined) assert.ok(sent.includes(`${name} ${example}`), name)
    }
  })

  function requestOf(example: Example) {
    const { path = {}, query = {}, headers = {}, body, mediaType = 'application/json' } = example
    const operation = operationOf(example)
    const target = operation.path
      .replace('{tenantId}', exampleTenant)
      .replaceAll(/\{(\w+)\}/g, (_, name) => ids.get(path[name] ?? '') ?? path[name] ?? '')
    const type: { [name: string]: string } = body === undefined ? {} : { 'Content-Type': mediaType }
    const access = operation.access === 'public' ? {} : { Authorization: `Bearer ${key.text}` }
    return {
      method: operation.method,
      path: `${target}${target.includes('?') ? '&' : '?'}${new URLSearchParams(query)}`,
      headers: { ...access, ...type, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }
  }

  /** Equal, but for what differs by nature, which has to have one form in both. */
  function checkLike(example: Loose, answered: Loose, member: string): void {
    const form = forms[member]
    if (form?.test(String(example))) {
      assert.match(String(answered), form, member)
      if (member === 'id') ids.set(example, answered)
      return
    }
    if (typeof example !== 'object' || example === null) {
      assert.deepEqual(answered, example, member)
      return
    }
    assert.deepEqual(Object.keys(answered), Object.keys(example), member)
    for (const [name, value] of Object.entries(example)) checkLike(value, answered[name], name)
  }
})

/** What is another in every run, by the member that has it. An id that is no key's is compared. */
const forms: { readonly [member: string]: RegExp } = {
  updated: /^\d{13}$/,
  created: /^\d{13}$/,
  updatedBy: /^apikey:\w{12}$/,
  createdBy: /^(apikey:\w{12}|cli:\w+)$/,
  lastUsed: /^(\d{13}|null)$/,
  id: /^[0-9A-Za-z]{12}$/,
  key: /^tnk_[0-9A-Za-z]{54}$/,
  build: /^\d+\.\d+\.\d+$/,
}

describe('each error that the interface document shows can be provoked', () => {
  for (const [code, provoke] of Object.entries(provocations)) {
    const { status, example } = refusals[code as keyof typeof refusals]
    test(`${code}, word for word`, async (context) => {
      const received: Received = await provoke(context)
      assert.equal(received.status, status, received.text)
      const body = JSON.parse(received.text)
      assert.deepEqual(body, { code, ...example })
      if (code === 'MethodNotAllowed') return
      const { content, headers } = resolvedDocument.components.responses[code]
      const { schema, examples } = content['application/json']
      checkSchema(schema, body, code)
      assert.deepEqual(examples[code].value, body)
      for (const name of ['WWW-Authenticate', 'Accept-Patch', 'Retry-After']) {
        if (received.headers[name.toLowerCase()] !== undefined) assert.ok(headers[name], name)
      }
    })
  }

  test('and no other is shown', () => {
    const errors = [...shown].filter(([pointer]) => isError(pointer))
    assert.ok(errors.length > 200)
    for (const [pointer, { code, ...rest }] of errors) {
      assert.ok(code in provocations, pointer)
      assert.deepEqual(rest, refusals[code as keyof typeof refusals].example, pointer)
    }
  })
})

/** Of an operation's refusal, and not of what it takes or answers. */
function isError(pointer: string): boolean {
  return /\/responses\/[45]\d\d\//.test(pointer)
}

function isOf(pointer: string, example: Example, value: unknown): boolean {
  const { title, answer, body } = example
  const { path, method } = operationOf(example)
  const place = `/${path}/${method.toLowerCase()}/`
  if (!pointer.startsWith(place) || !pointer.endsWith(` ${title}`)) return false
  const wanted = pointer.includes('/requestBody/') ? body : answer
  return JSON.stringify(wanted) === JSON.stringify(value)
}

function operationOf({ operation }: Example) {
  const found = operations.find(({ name }) => name === operation)
  assert.ok(found, `an example names ${operation}`)
  return found
}

function collect(part: Loose, pointer: string): void {
  if (typeof part !== 'object' || part === null) return
  for (const [member, value] of Object.entries<Loose>(part)) {
    if (member !== 'examples') collect(value, `${pointer}/${member}`)
    else {
      for (const [name, { summary, value: body }] of Object.entries<Loose>(value)) {
        shown.set(`${pointer}/${name} ${summary}`, body)
      }
    }
  }
}
