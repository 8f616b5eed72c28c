/** For each code a request that is answered with it, as the interface document shows it. */
import type { TestContext } from 'node:test'
import type { RefusalCode } from '../../server/contract/errors.ts'
import type { Outgoing } from '../support/client.ts'
import { outgoing } from '../support/client.ts'
import { holdReads } from '../support/held-reads.ts'
import type { Received } from '../support/http.ts'
import { send } from '../support/http.ts'
import { sendRaw } from '../support/raw-client.ts'
import type { TestServerOptions } from '../support/server.ts'
import { startTestServer } from '../support/server.ts'

type Provoke = (context: TestContext) => Promise<Received>
type Step = readonly [request: string, more?: Outgoing]

/** Its answer is the one to the last of these requests. */
function after(steps: readonly Step[], options: TestServerOptions = {}, scopes = owner): Provoke {
  return async (context) => {
    const server = await startTestServer(options)
    context.after(() => server.close())
    const { text } = await server.makeKey('acme', scopes)
    let received: Received | undefined
    for (const [request, more = {}] of steps) {
      received = await send(server.port, outgoing(request, 'acme', text, more))
    }
    if (received === undefined) throw new Error('nothing was asked')
    return received
  }
}

const owner = ['provisioning:*', 'keys:*']
const keys = '/api/v1/keys/tenants/acme'
/** With the head that the client makes of it, 33 000 bytes. */
const filler = 'x'.repeat(32_957)
const repeated = { 'Idempotency-Key': 'once' }

export const provocations: { readonly [Code in RefusalCode]: Provoke } = {
  BadRequest: after([[`POST ${keys}`, { body: { label: 7, scopes: ['provisioning:read'] } }]]),
  Unauthenticated: after([['GET users', { headers: { Authorization: undefined } }]]),
  PermissionDenied: after([['GET users']], {}, ['reporting:*']),
  NotFound: after([['GET users/nobody']]),
  MethodNotAllowed: after([['POST /health']]),
  async RequestTimeout(context) {
    const server = await startTestServer({ at: { headersTimeMs: 200 } })
    context.after(() => server.close())
    const { text } = await sendRaw(server.port, 'GET / HTTP/1.1\r\nHo')
    const [head = '', body = ''] = text.split('\r\n\r\n')
    return { status: Number(head.split(' ')[1]), headers: {}, text: body }
  },
  Conflict: after([
    ['POST bots/b', { body: { name: 'Front desk' } }],
    ['PATCH bots/b', { body: [{ op: 'test', path: '/name', value: 'Reception' }] }],
  ]),
  PreconditionFailed: after([
    ['POST bots/b', { body: { name: 'Front desk' } }],
    ['POST bots/b', { body: {}, headers: { 'If-None-Match': '*' } }],
  ]),
  PayloadTooLarge: after([['POST bots/b', { body: `{"a":"${'x'.repeat(1_048_576)}"}` }]]),
  UriTooLong: after([[`GET /${'x'.repeat(16_384)}`]]),
  UnsupportedMediaType: after([
    ['POST bots/b', { body: '{}', headers: { 'Content-Type': 'text/plain' } }],
  ]),
  IdempotencyMismatch: after([
    ['POST bots/b', { body: {}, headers: repeated }],
    ['POST bots/b', { body: { a: 1 }, headers: repeated }],
  ]),
  ResourceExhausted: after([['GET users'], ['GET users']], { settings: { keyRate: '1' } }),
  HeadersTooLarge: after([
    ['GET /health', { headers: { Authorization: undefined, Host: 'a', Filler: filler } }],
  ]),
  InternalServerError: after([['GET users/u']], {
    wrap: (storage) => ({
      ...storage,
      documents: { ...storage.documents, read: () => Promise.reject(new Error('broken')) },
    }),
  }),
  async Unavailable(context) {
    const held = holdReads()
    const server = await startTestServer({
      settings: { inFlightMax: '1' },
      wrap: held.wrap,
    })
    context.after(() => server.close())
    const { text } = await server.makeKey('acme', owner)
    const ask = () => send(server.port, outgoing('GET bots/b', 'acme', text, {}))
    const hanging = ask()
    await held.reached
    const received = await ask()
    held.release()
    await hanging
    return received
  },
  StorageFull: async (context) => {
    const server = await startTestServer({ settings: { storeMaxBytes: '1000000' } })
    context.after(() => server.close())
    const { text } = await server.makeKey('acme', owner)
    for (let count = 0; ; count++) {
      const body = { text: 'x'.repeat(100_000) }
      const received = await send(
        server.port,
        outgoing(`POST bots/b${count}`, 'acme', text, { body }),
      )
      if (received.status !== 201) return received
    }
  },
}
