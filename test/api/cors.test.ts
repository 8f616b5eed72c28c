/**
 * Pages of other origins: nothing is said to them by default, and with `corsOrigins` only those
 * that are listed may read answers, the refused ones too.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Client } from '../support/client.ts'
import { makeClient } from '../support/client.ts'
import type { TestServer, TestServerOptions } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

const app = 'https://app.example.com'
const second = 'http://localhost:3000'

/** Origins that look like one of the list. */
const strangers = [
  'http://app.example.com',
  'https://app.example.com:8443',
  'https://APP.example.com',
  'https://app.example.com.evil.test',
  'https://evil.test/https://app.example.com',
  'https://sub.app.example.com',
  `${app}/`,
  `${app},${second}`,
  'http://localhost:30000',
  'null',
  '*',
  '',
]

const exposed = ['ETag', 'Link', 'Location', 'Retry-After', 'X-Request-Id']
const exposedLater = ['X-Next-Cursor', 'X-Total-Count']

function withServer(
  title: string,
  options: TestServerOptions,
  checks: (ask: () => Client, stranger: () => Client) => void,
): void {
  describe(title, () => {
    let server: TestServer
    let key: string
    before(async () => {
      server = await startTestServer(options)
      key = (await server.makeKey('acme', ['provisioning:*'])).text
      for (const name of ['a', 'b']) {
        await makeClient(server, 'acme', key)(`POST users/${name}`, { body: {} })
      }
    })
    after(() => server.close())
    checks(
      () => makeClient(server, 'acme', key),
      () => makeClient(server, 'acme', undefined),
    )
  })
}

function listOf(header: string | string[] | undefined): string[] {
  return String(header ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
}

/** The names of what a page would be told. */
function spoken(headers: object): string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'))
}

const preflight = (origin: string) => ({
  headers: {
    Origin: origin,
    'Access-Control-Request-Method': 'PUT',
    'Access-Control-Request-Headers': 'authorization,content-type,if-match',
  },
})

withServer('a server without origins', {}, (ask, stranger) => {
  test('says nothing of them to anyone', async () => {
    for (const headers of [{ Origin: app }, {}]) {
      const answer = await ask()('GET users/a', { headers })
      assert.equal(answer.status, 200)
      assert.deepEqual(spoken(answer.headers), [])
      assert.equal(answer.headers.vary, 'Authorization')
    }
  })

  test('asks a preflight for a key', async () => {
    const answer = await stranger()('OPTIONS users/a', preflight(app))
    assert.equal(answer.status, 401)
    assert.deepEqual(spoken(answer.headers), [])
    const { headers } = await ask()('OPTIONS users/a', preflight(app))
    assert.equal(headers.allow, 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS')
  })
})

withServer('a server with origins', { settings: { corsOrigins: `${app}, ${second}` } }, (...by) => {
  const [ask, stranger] = by
  for (const origin of [app, second]) {
    test(`answers a preflight of ${origin} without a key`, async () => {
      for (const path of ['users/a', 'users', '.', 'users/a/versions/current', 'no/such/route']) {
        const { status, text, headers } = await stranger()(`OPTIONS ${path}`, preflight(origin))
        assert.deepEqual([status, text], [204, ''], path)
        assert.equal(headers['access-control-allow-origin'], origin)
        assert.deepEqual(listOf(headers.vary), ['Origin'])
        const methods = listOf(headers['access-control-allow-methods'])
        assert.deepEqual(methods, ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
        const allowed = listOf(headers['access-control-allow-headers']).map((name) =>
          name.toLowerCase(),
        )
        for (const name of ['authorization', 'content-type', 'if-match', 'if-none-match']) {
          assert.ok(allowed.includes(name), name)
        }
        assert.ok(allowed.includes('idempotency-key') && !allowed.includes('*'))
        assert.match(String(headers['access-control-max-age']), /^[1-9][0-9]*$/)
      }
    })
  }

  test('lets a listed origin read answers, with all their headers', async () => {
    const answers = {
      200: await ask()('GET users/a', { headers: { Origin: app } }),
      201: await ask()('POST users/new', { body: {}, headers: { Origin: app } }),
      204: await ask()('DELETE users/new', { headers: { Origin: app } }),
      304: await ask()('GET users/a', { headers: { Origin: app, 'If-None-Match': '*' } }),
      400: await ask()('POST users/a', { body: '{', headers: { Origin: app } }),
      401: await stranger()('GET users/a', { headers: { Origin: app } }),
      404: await ask()('GET users/missing', { headers: { Origin: app } }),
      415: await ask()('PATCH users/a', {
        body: '{}',
        headers: { Origin: app, 'Content-Type': 'text/plain' },
      }),
    }
    for (const [status, { headers, status: given }] of Object.entries(answers)) {
      assert.equal(given, Number(status))
      assert.equal(headers['access-control-allow-origin'], app, status)
      const names = listOf(headers['access-control-expose-headers'])
      for (const name of [...exposed, ...exposedLater]) assert.ok(names.includes(name), name)
      assert.equal(headers['access-control-allow-credentials'], undefined)
      const cacheable = status === '200' || status === '201' || status === '304'
      assert.deepEqual(listOf(headers.vary), cacheable ? ['Authorization', 'Origin'] : ['Origin'])
    }
  })

  test('lets it read lists, and where they go on', async () => {
    const { headers } = await ask()('GET users?limit=1', { headers: { Origin: app } })
    assert.equal(headers['access-control-allow-origin'], app)
    assert.match(String(headers.link), /rel="next"/)
    assert.ok(listOf(headers['access-control-expose-headers']).includes('Link'))
  })

  test('lets it read what needs no key', async () => {
    const { status, headers } = await stranger()('GET /health', { headers: { Origin: app } })
    assert.equal(status, 200)
    assert.equal(headers['access-control-allow-origin'], app)
  })

  test('takes OPTIONS of it that is no preflight for any other', async () => {
    const headers = { Origin: app }
    const refused = await stranger()('OPTIONS users/a', { headers })
    assert.equal(refused.status, 401)
    assert.equal(refused.headers['access-control-allow-origin'], app)
    const { status, headers: given } = await ask()('OPTIONS users/a', { headers })
    assert.equal(status, 204)
    assert.match(String(given.allow), /PATCH/)
  })

  for (const origin of strangers) {
    test(`does not know ${JSON.stringify(origin)}`, async () => {
      const refused = await stranger()('OPTIONS users/a', preflight(origin))
      assert.equal(refused.status, 401)
      const answered = await ask()('GET users/a', { headers: { Origin: origin } })
      assert.equal(answered.status, 200)
      for (const { headers } of [refused, answered]) {
        assert.deepEqual(spoken(headers), [])
        assert.ok(listOf(headers.vary).includes('Origin'))
      }
    })
  }

  test('tells caches that answers differ by origin, also who sends none', async () => {
    const { headers } = await ask()('GET users/a')
    assert.deepEqual(spoken(headers), [])
    assert.deepEqual(listOf(headers.vary), ['Authorization', 'Origin'])
  })
})
