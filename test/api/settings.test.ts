/**
 * What the settings change that a client can see: the same requests to a server that is told and
 * to one that is left as it comes.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { bodySizeMaxBytes } from '../../server/contract/limits.ts'
import { send } from '../support/http.ts'
import type { TestServer, TestServerOptions } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

const smallMaxBytes = 2048

/** Sends a request to a document, and gives what came back without its stamps. */
type Ask = (
  method: string,
  path: string,
  body?: string,
) => Promise<{ status: number; code: unknown; message: string; content: unknown }>

/** The checks in a suite with a server of these settings. */
function withServer(
  title: string,
  settings: TestServerOptions['settings'],
  checks: (ask: Ask) => void,
) {
  describe(title, () => {
    let server: TestServer
    let headers: { [name: string]: string }
    before(async () => {
      server = await startTestServer(settings === undefined ? {} : { settings })
      const { text } = await server.makeKey('acme', ['provisioning:*'])
      headers = { Authorization: `Bearer ${text}`, 'Content-Type': 'application/json' }
    })
    after(() => server.close())
    checks(async (method, path, body) => {
      const { status, text } = await send(server.port, {
        method,
        path: `/api/v1/provisioning/tenants/acme/${path}`,
        headers,
        ...(body === undefined ? {} : { body }),
      })
      const { updated: _, updatedBy: __, code, message, ...content } = JSON.parse(text)
      return { status, code, message, content }
    })
  })
}

const stored = '{"kept":{"a":1,"b":{"c":2,"d":3}},"top":1}'
const merged = '{"kept":{"b":{"c":null}},"new":[1]}'

async function mergeInto(ask: Ask, path: string): Promise<unknown> {
  assert.equal((await ask('POST', path, stored)).status, 201)
  const put = await ask('PUT', path, merged)
  assert.equal(put.status, 200)
  assert.deepEqual((await ask('GET', path)).content, put.content)
  return put.content
}

const deep = { kept: { a: 1, b: { c: null, d: 3 } }, top: 1, new: [1] }
const shallow = { kept: { b: { c: null } }, top: 1, new: [1] }

/** Each is an integer in digits, or a number beyond all, that a double does not hold. */
const inexact = '{"n":[9007199254740993,-9007199254740993,123456789012345678901]}'

/** A body of exactly so many bytes, its text in characters of two. */
function bodyOf(bytes: number, member = 'a'): string {
  const frame = `{"${member}":""}`.length
  const odd = (bytes - frame) % 2 === 1 ? 'x' : ''
  const body = `{"${member}":"${odd}${'é'.repeat((bytes - frame - odd.length) / 2)}"}`
  assert.equal(Buffer.byteLength(body), bytes)
  return body
}

withServer('a server without settings', undefined, (ask) => {
  test('merges at every depth', async () => {
    assert.deepEqual(await mergeInto(ask, 'users/a'), deep)
    assert.deepEqual(await mergeInto(ask, 'users/a/versions/current'), deep)
  })

  test('refuses an integer that a double cannot hold', async () => {
    const { status, code, message } = await ask('POST', 'users/b', inexact)
    assert.deepEqual([status, code], [400, 'BadRequest'])
    assert.match(message, /9007199254740993/)
    assert.equal((await ask('GET', 'users/b')).status, 404)
  })

  test('takes a body of 1 MiB and not a byte more', async () => {
    assert.equal(bodySizeMaxBytes, 1_048_576)
    assert.equal((await ask('POST', 'users/c', bodyOf(bodySizeMaxBytes))).status, 201)
    const { status, code, message } = await ask('POST', 'users/d', bodyOf(bodySizeMaxBytes + 1))
    assert.deepEqual([status, code], [413, 'PayloadTooLarge'])
    assert.match(message, /1048576/)
    assert.equal((await ask('GET', 'users/d')).status, 404)
  })
})

withServer('merge=shallow', { merge: 'shallow' }, (ask) => {
  test('merges the top level alone, in the base and in the live version', async () => {
    assert.deepEqual(await mergeInto(ask, 'users/a'), shallow)
    assert.deepEqual(await mergeInto(ask, 'users/a/versions/current'), shallow)
  })

  test('still keeps the live version and the members that a body does not mention', async () => {
    await ask('POST', 'users/b', '{"a":1,"versions":{"current":{"x":{"y":1},"z":2}}}')
    const { content } = await ask('PUT', 'users/b', '{"versions":{"current":{"x":{}}}}')
    const { updated: _, updatedBy: __, ...live } = (content as typeof shape).versions.current
    assert.deepEqual(live, { x: {}, z: 2 })
    assert.equal((content as typeof shape).a, 1)
  })
})
const shape = { a: 0, versions: { current: { updated: 0, updatedBy: '' } } }

withServer('numbers=round', { numbers: 'round' }, (ask) => {
  test('keeps the nearest double, and answers with what it keeps', async () => {
    const rounded = { n: [9007199254740992, -9007199254740992, 123456789012345680000] }
    const posted = await ask('POST', 'users/a', inexact)
    assert.deepEqual([posted.status, posted.content], [201, rounded])
    assert.deepEqual((await ask('GET', 'users/a')).content, rounded)
  })

  test('leaves a number alone that a double holds', async () => {
    const body = '{"n":[9007199254740992,0.1,-0.5,1e21,42]}'
    assert.deepEqual((await ask('POST', 'users/b', body)).content, JSON.parse(body))
  })
})

withServer(`bodySizeMaxBytes=${smallMaxBytes}`, { bodySizeMaxBytes: '2048' }, (ask) => {
  test('takes a body of so many bytes and not one more', async () => {
    assert.equal((await ask('POST', 'users/a', bodyOf(smallMaxBytes))).status, 201)
    const { status, code, message } = await ask('POST', 'users/b', bodyOf(smallMaxBytes + 1))
    assert.deepEqual([status, code], [413, 'PayloadTooLarge'])
    assert.match(message, /2048/)
    assert.equal((await ask('GET', 'users/b')).status, 404)
  })

  test('refuses a merge whose outcome would pass it, and changes nothing', async () => {
    const half = bodyOf(smallMaxBytes / 2)
    assert.equal((await ask('POST', 'users/c', half)).status, 201)
    // The braces of one of the two bodies make room for the comma, and for one byte more.
    const fits = bodyOf(smallMaxBytes / 2 + 1, 'b')
    const passes = bodyOf(smallMaxBytes / 2 + 2, 'b')
    const { status, code } = await ask('PUT', 'users/c', passes)
    assert.deepEqual([status, code], [413, 'PayloadTooLarge'])
    assert.deepEqual((await ask('GET', 'users/c')).content, JSON.parse(half))
    assert.equal((await ask('PUT', 'users/c', fits)).status, 200)
  })
})
