/**
 * Idempotency-Key: a request that comes again is answered as before and writes nothing. All but the
 * first answers are compared whole with the first, after somebody else changed what it was about.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { parseTenantId } from '../../server/contract/names.ts'
import type { Storage } from '../../server/storage/engine.ts'
import type { Answered, Client, Met } from '../support/client.ts'
import { makeClient } from '../support/client.ts'
import { makeFolder } from '../support/process.ts'
import { essence, isReplay, repeated } from '../support/repeats.ts'
import type { TestServer } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

type Row = {
  readonly title: string
  readonly given?: readonly string[]
  readonly send: string
  readonly body?: object | string
  readonly status: number
}

const dayMs = 24 * 3_600_000

/** Every operation that keeps its outcome, in each of its answers. */
const rows: readonly Row[] = [
  { title: 'a POST that made a document', send: 'POST users/u', body: { a: 1 }, status: 201 },
  {
    title: 'a POST that replaced one',
    given: ['POST users/u'],
    send: 'POST users/u',
    body: { a: 1, versions: { current: { x: 1 } } },
    status: 200,
  },
  { title: 'a PUT', given: ['POST users/u'], send: 'PUT users/u', body: { a: 1 }, status: 200 },
  {
    title: 'a merge patch',
    given: ['POST users/u'],
    send: 'PATCH users/u',
    body: { given: null, a: 1 },
    status: 200,
  },
  {
    title: 'a JSON patch',
    given: ['POST users/u'],
    send: 'PATCH users/u',
    body: [{ op: 'remove', path: '/given' }],
    status: 200,
  },
  { title: 'a DELETE', given: ['POST users/u'], send: 'DELETE users/u', status: 204 },
  {
    title: 'a POST that made a live version',
    send: 'POST users/u/versions/current',
    body: { x: 1 },
    status: 201,
  },
  {
    title: 'a PUT of a live version',
    given: ['POST users/u/versions/current'],
    send: 'PUT users/u/versions/current',
    body: {},
    status: 200,
  },
  {
    title: 'a patch of a live version',
    given: ['POST users/u/versions/current'],
    send: 'PATCH users/u/versions/current',
    body: { x: 1 },
    status: 200,
  },
  {
    title: 'a DELETE of a live version',
    given: ['POST users/u/versions/current'],
    send: 'DELETE users/u/versions/current',
    status: 204,
  },
  { title: "a POST of a tenant's document", send: 'POST .', body: { a: 1 }, status: 201 },
  { title: "a DELETE of a tenant's document", given: ['POST .'], send: 'DELETE .', status: 204 },
]

const made = { body: { a: 1 } }

/** What is between the server and its store. */
type Gate = { open?: Promise<void>; reached?: () => void; fail?: Error }

function gated(storage: Storage, gate: Gate): Storage {
  const { documents } = storage
  return {
    ...storage,
    documents: {
      ...documents,
      async write(address, command) {
        gate.reached?.()
        await gate.open
        if (gate.fail !== undefined) throw gate.fail
        return documents.write(address, command)
      },
    },
  }
}

export function repeatChecks(met: Met[]): void {
  describe('Idempotency-Key', () => {
    let server: TestServer
    const gate: Gate = {}
    let tenants = 0
    before(async () => {
      server = await startTestServer({ wrap: (storage) => gated(storage, gate) })
    })
    after(() => server.close())

    const start = async (): Promise<{ tenant: string; ask: Client }> => {
      const tenant = `repeated-${++tenants}`
      const { text } = await server.makeKey(tenant, ['provisioning:*'])
      return { tenant, ask: makeClient(server, tenant, text, met) }
    }
    const countChanges = async (tenant: string) =>
      (await server.storage.documents.listChanges(parseTenantId(tenant), 0, 1000)).length

    for (const { title, given = [], send, body, status } of rows) {
      test(`${title} is answered as before, and writes nothing`, async () => {
        const { tenant, ask } = await start()
        for (const each of given) await ask(each, { body: { given: true } })
        const sent = repeated('the-key', body === undefined ? {} : { body })
        const first = await ask(send, sent)
        assert.equal(first.status, status, first.text)
        assert.ok(!isReplay(first))

        server.time += 1000
        const path = send.split(' ')[1] ?? ''
        const other = await ask(`POST ${path}`, { body: { other: true } })
        assert.ok(other.status < 300)
        const written = await countChanges(tenant)

        const again = await ask(send, sent)
        assert.ok(isReplay(again))
        assert.deepEqual(essence(again), essence(first))
        assert.notEqual(again.headers['x-request-id'], first.headers['x-request-id'])
        assert.deepEqual((await ask(`GET ${path}`)).json, other.json)
        assert.equal(await countChanges(tenant), written)
      })
    }

    test('the same key of another caller is another key', async () => {
      const { tenant, ask } = await start()
      const { text } = await server.makeKey(tenant, ['provisioning:*'])
      const colleague = makeClient(server, tenant, text)
      const { ask: rival } = await start()
      await ask('POST users/u', repeated('shared', made))
      for (const each of [colleague, rival]) {
        const answer = await each('POST users/w', repeated('shared', { body: { w: 1 } }))
        assert.equal(answer.status, 201, answer.text)
        assert.ok(!isReplay(answer))
        assert.ok(isReplay(await each('POST users/w', repeated('shared', { body: { w: 1 } }))))
      }
    })

    test('keys are compared byte for byte, and may have 255 signs', async () => {
      const { ask } = await start()
      for (const key of ['a', 'A', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', 'x'.repeat(255), '0']) {
        const sent = repeated(key, { body: { key } })
        assert.ok(!isReplay(await ask('POST users/u', sent)), key)
        assert.ok(isReplay(await ask('POST users/u', sent)), key)
      }
    })

    test('a fault frees the key', async () => {
      const { tenant, ask } = await start()
      gate.fail = new Error('the disk is on fire')
      assert.equal((await ask('POST users/u', repeated('the-key', made))).status, 500)
      delete gate.fail
      const done = await ask('POST users/u', repeated('the-key', made))
      assert.deepEqual([done.status, isReplay(done)], [201, false])
      assert.equal(await countChanges(tenant), 1)
    })

    test('a condition that held the first time is not asked again', async () => {
      const { ask } = await start()
      const sent = repeated('the-key', { ...made, headers: { 'If-None-Match': '*' } })
      const first = await ask('POST users/u', sent)
      assert.equal(first.status, 201)
      const again = await ask('POST users/u', sent)
      assert.deepEqual([again.status, isReplay(again)], [201, true])
      assert.equal(
        (await ask('POST users/u', { ...made, headers: { 'If-None-Match': '*' } })).status,
        412,
      )
    })

    test('an answer is kept for 24 hours and no longer', async () => {
      const { tenant, ask } = await start()
      const sent = repeated('the-key', made)
      const first = await ask('POST users/u', sent)
      server.time += dayMs - 1
      assert.deepEqual(essence(await ask('POST users/u', sent)), essence(first))
      assert.equal((await ask('POST users/v', sent)).status, 422)
      server.time += 1
      const next = await ask('POST users/u', sent)
      assert.deepEqual([next.status, isReplay(next)], [200, false])
      assert.equal(await countChanges(tenant), 2)
      server.time += 1
      assert.deepEqual(essence(await ask('POST users/u', sent)), essence(next))
      server.time += dayMs
      assert.equal((await ask('POST users/v', sent)).status, 201)
    })

    test('while the first one runs, the others are told to come again', async () => {
      const { tenant, ask } = await start()
      const { text } = await server.makeKey(tenant, ['provisioning:*'])
      const colleague = makeClient(server, tenant, text)
      const hold = Promise.withResolvers<void>()
      const reached = Promise.withResolvers<void>()
      Object.assign(gate, { open: hold.promise, reached: reached.resolve })
      const sent = repeated('the-key', made)
      const first = ask('POST users/u', sent)
      await reached.promise
      for (const request of ['POST users/u', 'POST users/other']) {
        const early = await ask(request, sent)
        assert.deepEqual([early.status, early.json.code], [409, 'Conflict'])
        assert.match(early.json.message, /still runs/)
        assert.equal(early.headers['retry-after'], '1')
      }
      delete gate.open
      const others = [
        await ask('POST users/v', repeated('another-key', made)),
        await ask('POST users/w', made),
        await colleague('POST users/x', sent),
      ]
      assert.deepEqual(
        others.map(({ status }) => status),
        [201, 201, 201],
      )
      hold.resolve()
      assert.equal((await first).status, 201)
      delete gate.reached
      assert.deepEqual(essence(await ask('POST users/u', sent)), essence(await first))
    })

    test('of many at once one is done', async () => {
      const { tenant, ask } = await start()
      const sent = repeated('the-key', { body: { n: 1 } })
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask('POST users/u', sent)))
      const done = answers.filter((each) => each.status < 300 && !isReplay(each))
      const [only] = done
      assert.equal(done.length, 1)
      for (const answer of answers) {
        if (answer === only || answer.status === 409) continue
        assert.ok(isReplay(answer))
        assert.deepEqual(essence(answer), essence(only as Answered))
      }
      assert.equal(await countChanges(tenant), 1)
    })

    test('the key of the caller may come in the query as well', async () => {
      const { ask } = await start()
      const first = await ask('POST users/u?bearer_token={key}', repeated('the-key', made))
      assert.equal(first.status, 201)
      const again = await ask('POST users/u', repeated('the-key', made))
      assert.ok(isReplay(again))
      assert.deepEqual([again.status, again.text], [first.status, first.text])
      assert.equal(again.headers.location, first.headers.location)
      assert.ok(isReplay(await ask('POST users/u?bearer_token={key}', repeated('the-key', made))))
    })
  })

  test('an answer is kept over a restart of the server', async () => {
    const folder = makeFolder()
    try {
      const first = await startTestServer({ folder: folder.path })
      const { text } = await first.makeKey('acme', ['provisioning:*'])
      const sent = repeated('the-key', { body: { a: 1 } })
      const before = await makeClient(first, 'acme', text)('POST users/u', sent)
      const gone = await makeClient(first, 'acme', text)('DELETE users/u', repeated('other'))
      await first.close()
      const second = await startTestServer({ folder: folder.path })
      try {
        const ask = makeClient(second, 'acme', text)
        second.time += 1000
        assert.deepEqual(essence(await ask('POST users/u', sent)), essence(before))
        assert.deepEqual(essence(await ask('DELETE users/u', repeated('other'))), essence(gone))
        assert.equal((await ask('GET users/u')).status, 404)
        assert.equal((await ask('POST users/v', sent)).status, 422)
      } finally {
        await second.close()
      }
    } finally {
      folder.remove()
    }
  })
}
