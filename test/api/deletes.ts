/** DELETE: what it takes with it, what it leaves, and what comes after it. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseTenantId } from '../../server/contract/names.ts'
import type { Client, Met } from '../support/client.ts'
import { makeClient } from '../support/client.ts'
import type { Scenario } from '../support/scenarios.ts'
import { stamped } from '../support/scenarios.ts'
import type { TestServer } from '../support/server.ts'

const missing = /There is no such document/
const noLive = /no live version here/
const first = [['POST users/u', { a: 1 }]] as const
const tag = '"1-015abd7f"'
const withLive = [['POST users/u', { a: 1, versions: { current: { x: 1 }, note: 2 } }]] as const
/** Of the live version: its revision and its content. */
const liveTag = '"1-5041bf1f"'

const gone: Scenario['answers'] = {
  status: 204,
  text: '',
  headers: {
    ETag: undefined,
    Location: undefined,
    'Content-Type': undefined,
    'Cache-Control': 'no-store',
  },
}

export const deleteRows: readonly Scenario[] = [
  {
    title: 'a deleted document is gone, from its path and from the list',
    as: 'userWriter',
    given: [...first, ['POST users/other', { b: 2 }]],
    send: 'DELETE users/u',
    answers: gone,
    leaves: { 'users/u': 404, users: [{ id: 'other', data: stamped({ b: 2 }) }] },
  },
  {
    title: 'a deleted base takes its live version with it',
    as: 'owner',
    given: withLive,
    send: 'DELETE users/u',
    answers: gone,
    leaves: { 'users/u': 404, 'users/u/versions/current': 404, users: [] },
  },
  {
    title: 'a live version is taken off alone, and the base keeps what else it says',
    as: 'userWriter',
    given: withLive,
    send: 'DELETE users/u/versions/current',
    answers: gone,
    leaves: {
      'users/u/versions/current': 404,
      'users/u': stamped({ a: 1, versions: { note: 2 } }),
      users: [{ id: 'u', data: stamped({ a: 1, versions: { note: 2 } }) }],
    },
  },
  {
    title: 'nothing is left of versions that was made by the live version alone',
    as: 'owner',
    given: [['POST users/u/versions/current', { x: 1 }]],
    send: 'DELETE users/u/versions/current',
    answers: gone,
    leaves: { 'users/u': stamped({}) },
  },
  {
    title: "a tenant's document is deleted, and its collections are not",
    as: 'writer',
    given: [['POST .', { plan: 'gold' }], ...first],
    send: 'DELETE .',
    answers: gone,
    leaves: { '.': 404, 'users/u': stamped({ a: 1 }) },
  },
  {
    title: 'a document that was never there cannot be deleted',
    as: 'owner',
    send: 'DELETE users/u',
    refused: ['NotFound', missing],
  },
  {
    title: 'a document that is deleted already cannot be deleted again',
    as: 'owner',
    given: [...first, ['DELETE users/u', {}]],
    send: 'DELETE users/u',
    refused: ['NotFound', missing],
  },
  {
    title: "a tenant's document that was never written cannot be deleted",
    as: 'owner',
    send: 'DELETE .',
    refused: ['NotFound', missing],
  },
  {
    title: 'a live version that is not there cannot be deleted',
    as: 'owner',
    given: first,
    send: 'DELETE users/u/versions/current',
    refused: ['NotFound', noLive],
    leaves: { 'users/u': stamped({ a: 1 }) },
  },
  {
    title: 'a live version that went with its base cannot be deleted again',
    as: 'owner',
    given: [...withLive, ['DELETE users/u', {}]],
    send: 'DELETE users/u/versions/current',
    refused: ['NotFound', noLive],
  },
  {
    title: 'a missing document is 404 to DELETE whatever the condition',
    as: 'owner',
    send: 'DELETE users/u',
    headers: { 'If-Match': '*' },
    refused: ['NotFound', missing],
  },
  {
    title: 'a DELETE that expects what is there happens',
    as: 'owner',
    given: first,
    send: 'DELETE users/u',
    headers: { 'If-Match': tag },
    answers: gone,
    leaves: { 'users/u': 404 },
  },
  {
    title: 'a DELETE that expects what is no longer there does not happen',
    as: 'owner',
    given: [...first, ['PUT users/u', {}]],
    send: 'DELETE users/u',
    headers: { 'If-Match': tag },
    refused: ['PreconditionFailed', /If-Match .*with ETag "2-/],
    leaves: { 'users/u': stamped({ a: 1 }) },
  },
  {
    title: 'a DELETE of anything but what is there does not happen',
    as: 'owner',
    given: first,
    send: 'DELETE users/u',
    headers: { 'If-None-Match': '*' },
    refused: ['PreconditionFailed', /If-None-Match/],
    leaves: { 'users/u': stamped({ a: 1 }) },
  },
  {
    title: 'on the live version a condition of DELETE asks about the live version',
    as: 'owner',
    given: [...withLive, ['PUT users/u', { a: 2 }]],
    send: 'DELETE users/u/versions/current',
    headers: { 'If-Match': liveTag },
    answers: gone,
  },
  {
    title: 'a condition of DELETE that is none is refused',
    as: 'owner',
    given: first,
    send: 'DELETE users/u',
    headers: { 'If-Match': 'abc' },
    refused: ['BadRequest', /neither \* nor a list/],
    leaves: { 'users/u': stamped({ a: 1 }) },
  },
  {
    title: 'a body of DELETE is ignored, whatever it is',
    as: 'owner',
    given: first,
    send: 'DELETE users/u',
    headers: { 'Content-Type': 'text/plain', 'Content-Encoding': 'gzip' },
    body: '{"a":1,',
    answers: gone,
    leaves: { 'users/u': 404 },
  },
  {
    title: 'a deleted document takes no merge',
    as: 'owner',
    given: [...first, ['DELETE users/u', {}]],
    send: 'PUT users/u',
    body: {},
    refused: ['NotFound', missing],
  },
  {
    title: 'a deleted document takes no patch',
    as: 'owner',
    given: [...first, ['DELETE users/u', {}]],
    send: 'PATCH users/u',
    body: {},
    refused: ['NotFound', missing],
  },
  {
    title: 'a POST that expects a deleted document does not happen',
    as: 'owner',
    given: [...first, ['DELETE users/u', {}]],
    send: 'POST users/u',
    headers: { 'If-Match': tag },
    body: {},
    refused: ['PreconditionFailed', /there is no such document/],
    leaves: { 'users/u': 404 },
  },
  {
    title: 'a deleted document is made again by a create-only POST, and its revision goes on',
    as: 'owner',
    given: [...withLive, ['DELETE users/u', {}]],
    send: 'POST users/u',
    headers: { 'If-None-Match': '*' },
    body: { b: 2 },
    answers: {
      status: 201,
      json: stamped({ b: 2 }),
      headers: { ETag: /^"3-/, Location: /\/users\/u$/ },
    },
    leaves: { 'users/u/versions/current': 404 },
  },
  {
    title: 'a live version below a deleted base makes it again, empty',
    as: 'owner',
    given: [...first, ['DELETE users/u', {}]],
    send: 'POST users/u/versions/current',
    body: { x: 1 },
    answers: { status: 201, json: stamped({ x: 1 }), headers: { ETag: /^"3-/ } },
    leaves: { 'users/u': stamped({ versions: { current: stamped({ x: 1 }) } }) },
  },
  {
    title: 'a live version that was taken off is made again by a POST to its base',
    as: 'owner',
    given: [...withLive, ['DELETE users/u/versions/current', {}]],
    send: 'POST users/u',
    body: { versions: { current: { y: 1 } } },
    answers: { status: 200, headers: { ETag: /^"3-/ } },
    leaves: { 'users/u/versions/current': stamped({ y: 1 }) },
  },
  {
    title: 'versions may be any value once the live version is taken off',
    as: 'owner',
    given: [
      ['POST users/u/versions/current', { x: 1 }],
      ['DELETE users/u/versions/current', {}],
    ],
    send: 'PUT users/u',
    body: { versions: 'none' },
    answers: { status: 200, json: stamped({ versions: 'none' }) },
  },
]

/** What takes more than one look: the record, time, and what was remembered of a read. */
export function deleteChecks(server: () => TestServer, met: Met[]): void {
  const start = async (tenant: string): Promise<Client> => {
    const { text } = await server().makeKey(tenant, ['provisioning:*'])
    return makeClient(server(), tenant, text, met)
  }

  describe('deletes and what comes after', () => {
    test('revisions, version numbers and the record go on when it is made again', async () => {
      const ask = await start('deleted-numbers')
      await ask('POST users/u', { body: { versions: { current: { x: 1 } } } })
      await ask('DELETE users/u/versions/current')
      await ask('POST users/u/versions/current', { body: { x: 1 } })
      await ask('DELETE users/u')
      await ask('DELETE users/u')
      await ask('POST users/u', { body: { a: 1, versions: { current: { x: 1 } } } })
      const { headers } = await ask('GET users/u')
      assert.match(String(headers.etag), /^"5-/)
      const tenant = parseTenantId('deleted-numbers')
      const changes = await server().storage.documents.listChanges(tenant, 0, 100)
      assert.deepEqual(
        changes.map(({ position, action, part, revision, version, base, live }) => [
          position,
          action,
          part,
          revision,
          version,
          base,
          live,
        ]),
        [
          [1, 'create', 'base', 1, 1, '{}', '{"x":1}'],
          [2, 'delete', 'live', 2, undefined, undefined, undefined],
          [3, 'create', 'live', 3, 2, undefined, '{"x":1}'],
          [4, 'delete', 'base', 4, undefined, undefined, undefined],
          [5, 'create', 'base', 5, 3, '{"a":1}', '{"x":1}'],
        ],
      )
    })

    test('an ETag of before a delete never fits what was made after it', async () => {
      const ask = await start('deleted-tags')
      const before = await ask('POST users/u', { body: { a: 1 } })
      await ask('DELETE users/u')
      const after = await ask('POST users/u', { body: { a: 1 } })
      assert.notEqual(after.headers.etag, before.headers.etag)
      const headers = { 'If-Match': String(before.headers.etag) }
      assert.equal((await ask('DELETE users/u', { headers })).status, 412)
      assert.equal((await ask('GET users/u')).status, 200)
    })

    test('what was read a moment before is gone from every answer', async () => {
      const ask = await start('deleted-cached')
      for (const name of ['a', 'b', 'c']) {
        await ask(`POST users/${name}`, { body: { name, versions: { current: {} } } })
      }
      for (const path of ['users/b', 'users/b', 'users', 'users', 'users/b/versions/current']) {
        assert.equal((await ask(`GET ${path}`)).status, 200)
      }
      assert.equal((await ask('DELETE users/b')).status, 204)
      assert.equal((await ask('GET users/b')).status, 404)
      assert.equal((await ask('HEAD users/b')).status, 404)
      assert.equal((await ask('GET users/b/versions/current')).status, 404)
      assert.deepEqual(idsOf((await ask('GET users')).json), ['a', 'c'])
      assert.deepEqual(idsOf((await ask('GET users?limit=2')).json), ['a', 'c'])
      await ask('POST users/b', { body: {} })
      assert.deepEqual(idsOf((await ask('GET users')).json), ['a', 'b', 'c'])
    })

    test('whoever sees it gone once never sees it again', async () => {
      const ask = await start('deleted-race')
      for (let round = 0; round < 30; round++) {
        await ask('POST users/u', { body: { round } })
        await ask('GET users/u')
        let isDone = false
        const deleted = ask('DELETE users/u').finally(() => {
          isDone = true
        })
        const look = async () => {
          while (!isDone) {
            const listed: unknown[] = (await ask('GET users')).json
            const { status } = await ask('GET users/u')
            assert.ok(status === 404 || listed.length > 0, `seen again in round ${round}`)
          }
        }
        await Promise.all([deleted, look(), look(), look(), look()])
        assert.equal((await ask('GET users/u')).status, 404)
      }
    })

    test('what was deleted is in the record years later, with all else', async () => {
      const ask = await start('deleted-long-ago')
      const before = server().time
      try {
        await ask('POST users/u', { body: { a: 1 } })
        await ask('DELETE users/u')
        server().time = before + 10 * 365 * 24 * 3_600_000
        await ask('POST users/v', { body: {} })
        const tenant = parseTenantId('deleted-long-ago')
        const changes = await server().storage.documents.listChanges(tenant, 0, 100)
        assert.deepEqual(
          changes.map(({ action, base }) => [action, base]),
          [
            ['create', '{"a":1}'],
            ['delete', undefined],
            ['create', '{}'],
          ],
        )
      } finally {
        server().time = before
      }
    })

    test('a stamp is never less than before the delete, though the clock goes back', async () => {
      const ask = await start('deleted-time')
      const before = server().time
      try {
        await ask('POST users/u', { body: {} })
        server().time = before + 5000
        await ask('DELETE users/u')
        server().time = before - 5000
        const { json } = await ask('POST users/u', { body: {} })
        assert.equal(json.updated, before + 5000)
      } finally {
        server().time = before + 5000
      }
    })

    test('a live version made again is stamped no earlier than before', async () => {
      const ask = await start('deleted-live-time')
      const before = server().time
      const live = 'users/u/versions/current'
      try {
        await ask(`POST ${live}`, { body: {} })
        server().time = before + 5000
        await ask(`PUT ${live}`, { body: { n: 1 } })
        await ask(`DELETE ${live}`)
        server().time = before - 5000
        assert.equal((await ask('GET users/u')).json.updated, before)
        const { status, json } = await ask(`POST ${live}`, { body: {} })
        assert.deepEqual([status, json.updated], [201, before + 5000])
      } finally {
        server().time = before + 5000
      }
    })
  })
}

function idsOf(list: { id: string }[]): string[] {
  return list.map(({ id }) => id)
}
