/** What `tenantry verify` says where there is nothing to verify: soon, in a sentence, and how. */
import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Server, Socket } from 'node:net'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { demoTenant } from '../support/demo-server.ts'
import { findFreePort } from '../support/process.ts'
import type { Verified } from '../support/verify-command.ts'
import { runVerify, startVerified } from '../support/verify-command.ts'
import { startWrongServer } from '../support/wrong-server.ts'

const keys = { key: 'tenantry-verify-test-key-0001', readerKey: '' }

/** Far above what a run takes that ends by its own bounds, far below for ever. */
const soonMs = 30_000

async function withServer(server: Server, run: (base: string) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}

function answering(answer: (response: ServerResponse) => void): Server {
  return createHttpServer((incoming, response) => {
    incoming.resume()
    answer(response)
  })
}

const html = '<html><body>Welcome</body></html>'

const strangers: readonly (readonly [
  title: string,
  makeServer: () => Server,
  status: number,
  says: RegExp,
])[] = [
  [
    'that takes connections and says nothing',
    () => createServer(),
    69,
    /cannot be reached: no whole answer within 1 s\. Something takes the connection/,
  ],
  [
    'that cuts connections',
    () => createServer((socket) => socket.destroy()),
    69,
    /cannot be reached: the connection was (cut|closed without an answer)\./,
  ],
  [
    'that speaks no HTTP',
    () => createServer((socket) => socket.end('220 mail.example.com ready\r\n')),
    69,
    /cannot be reached: .*Compare http and https in --base/,
  ],
  [
    'that begins an answer and never ends it',
    () => answering((response) => void response.writeHead(200).write('[')),
    69,
    /no whole answer within 1 s/,
  ],
  [
    'of pages',
    () => answering((response) => response.setHeader('Content-Type', 'text/html').end(html)),
    65,
    /does not answer as a server of this API: GET of a collection is 200, text\/html\. Compare/,
  ],
  [
    'that answers 500 to everything',
    () =>
      answering((response) => {
        response.statusCode = 500
        response.setHeader('Content-Type', 'application/json').end('{"message":"no"}')
      }),
    65,
    /GET of a collection is 500, "no"\. Compare --base/,
  ],
  [
    'that sends everybody elsewhere',
    () =>
      answering((response) => {
        response.writeHead(308, { Location: 'https://api.example.com/x' }).end()
      }),
    65,
    /sends everybody to https:\/\/api\.example\.com\/x\. Give that address as --base/,
  ],
]

describe('a server', () => {
  for (const [title, makeServer, status, says] of strangers) {
    test(`${title} is told in a sentence: ${status}`, async () => {
      await withServer(makeServer(), async (base) => {
        const startedMs = performance.now()
        const args = ['--base', base, '--tenant', 'acme', '--timeout', '2']
        const finished = await runVerify(keys, args)
        assert.ok(performance.now() - startedMs < soonMs)
        assert.deepEqual([finished.status, finished.out], [status, ''], finished.err)
        assert.match(finished.err, says)
        assert.equal(finished.err.trim().split('\n').length, 1, finished.err)
      })
    })
  }

  test('that is not there is told in a sentence: 69', async () => {
    const base = `http://127.0.0.1:${await findFreePort()}`
    const { status, out, err } = await runVerify(keys, ['--base', base, '--json'])
    assert.deepEqual([status, out], [69, ''])
    const { code, message } = JSON.parse(err)
    assert.equal(code, 'Unavailable')
    assert.match(message, /cannot be reached: the connection is refused\. Compare --base with/)
  })

  const usage: readonly (readonly [title: string, args: readonly string[], says: RegExp])[] = [
    ['an address that is none', ['--base', 'localhost:8080'], /is no address of HTTP; one is/],
    ['an address with a path of the API', ['--base', 'http://h/api/v1/x'], /here it is http:\/\/h/],
    ['no time', ['--base', 'http://h', '--timeout', '0'], /"0" is no number of seconds/],
    ['two keys', ['--base', 'http://h', '--key', 'a', '--key-file', 'b'], /contradict/],
    [
      'two keys for three servers',
      ['--base', 'http://h', '--against', 'http://a', 'http://b', 'http://c'].concat([
        '--against-key',
        'x',
        'y',
      ]),
      /--against-key is given 2 times, for 3 of --against/,
    ],
  ]
  for (const [title, args, says] of usage) {
    test(`is not asked with ${title}: 64`, async () => {
      const { status, err } = await runVerify(keys, ['--tenant', 'acme', ...args])
      assert.equal(status, 64, err)
      assert.match(err, says)
    })
  }

  test('is not asked without a key: 64', async () => {
    const none = { key: '', readerKey: '' }
    const { status, err } = await runVerify(none, ['--base', 'http://h'])
    assert.equal(status, 64)
    assert.match(err, /there is no key: set CRESCENDO_API_KEY, or give --key-file FILE/)
  })
})

describe('a real server', () => {
  let server: Verified
  before(async () => {
    server = await startVerified()
  })
  after(() => server.stop())

  test('that does not take the key says so: 65', async () => {
    const { status, err } = await runVerify(keys, ['--base', server.base])
    assert.equal(status, 65)
    assert.match(err, /does not take the key \(401, "API key is not valid"\)\. Give a key that/)
  })

  test('whose key is of another tenant says so: 65', async () => {
    const { status, err } = await runVerify(server, ['--base', server.base, '--tenant', 'acme'])
    assert.equal(status, 65)
    assert.match(err, /does not let the key read provisioning of the tenant acme/)
  })

  test('whose key may not write says so: 65, and has nothing new', async () => {
    const former = server.documents()
    const reader = { key: server.readerKey, readerKey: '' }
    const { status, err } = await runVerify(reader, ['--base', server.base])
    assert.equal(status, 65)
    assert.match(err, /lets the key read but not write .*give a key with provisioning:\*/)
    assert.deepEqual(server.documents(), former)
  })

  test('that hangs from some moment on is given up in time, and told: 65', async () => {
    let seen = 0
    const proxy = await startWrongServer(server.demo.port, {
      enter: () => (++seen > 200 ? new Promise<undefined>(() => {}) : undefined),
    })
    try {
      const startedMs = performance.now()
      const { status, out, err } = await runVerify(server, ['--base', proxy.base, '--timeout', '3'])
      assert.ok(performance.now() - startedMs < soonMs)
      assert.equal(status, 65)
      assert.match(
        out,
        /What was not asked\n[\s\S]* checks: (3 s are over|the server does not answer any)/,
      )
      assert.match(err, /documents were left behind .*: the server does not answer/)
    } finally {
      await proxy.close()
    }
  })

  test('that is too slow for the time it is given is left clean, and told: 65', async () => {
    const former = server.documents()
    const proxy = await startWrongServer(server.demo.port, {
      enter: async ({ method }) => {
        if (method !== 'DELETE') await new Promise((resolve) => setTimeout(resolve, 50))
        return undefined
      },
    })
    try {
      const { status, out, err } = await runVerify(server, ['--base', proxy.base, '--timeout', '2'])
      assert.deepEqual([status, err], [65, ''])
      assert.match(out, /What was not asked\n[\s\S]* checks: 2 s are over/)
      assert.doesNotMatch(out, /What fails/)
      assert.deepEqual(server.documents(), former)
    } finally {
      await proxy.close()
    }
  })

  test('that is busy for a moment is asked again', async () => {
    let seen = 0
    const busy = { code: 'ResourceExhausted', message: 'Come again.' }
    const proxy = await startWrongServer(server.demo.port, {
      enter: ({ target }) =>
        target.includes(demoTenant) && ++seen % 40 === 0
          ? {
              status: 429,
              headers: ['Content-Type', 'application/json', 'Retry-After', '0'],
              body: JSON.stringify(busy),
            }
          : undefined,
    })
    try {
      const args = ['--base', proxy.base, '--only', 'published']
      const { status, out, err } = await runVerify(server, args)
      assert.deepEqual([status, err], [0, ''], out)
    } finally {
      await proxy.close()
    }
  })
})
