/** The routes in which a server speaks of itself, to anyone. */
import type { Check } from '../check.ts'
import { expectSame, expectStatus, objectOf, unmet } from '../expect.ts'
import type { Row } from '../rows.ts'
import { checksOf } from '../rows.ts'

const info: readonly Check[] = [
  {
    operation: 'GET /',
    level: 'published',
    clause: "1 Service: GET / says name and version, and the product's own as build",
    title: 'it tells its name and its version as texts',
    async run({ ask }) {
      const answered = await ask('GET /', { as: 'nobody' })
      expectStatus(answered, 200)
      const { name, version } = objectOf(answered)
      expectSame(answered, 'types', [typeof name, typeof version], ['string', 'string'])
    },
  },
  {
    operation: 'GET /',
    level: 'contract',
    clause: "1 Service: GET / says name and version, and the product's own as build",
    title: 'the version is 1.6.0',
    async run({ ask }) {
      const answered = await ask('GET /', { as: 'nobody' })
      expectSame(answered, 'version', objectOf(answered).version, '1.6.0')
    },
  },
]

const rows: readonly Row[] = [
  {
    clause: '1 Service: GET /health is 200 while the process lives',
    title: 'health asks for no key',
    level: 'published',
    as: 'nobody',
    send: 'GET /health',
    status: 200,
  },
  {
    clause: '1 Service: GET /health is 200 while the process lives',
    title: 'a wrong key is nobody’s concern there',
    headers: { Authorization: 'Bearer tenantry-verify-no-such-key' },
    send: 'GET /health',
    status: 200,
  },
]

const health: Check = {
  operation: 'GET /health',
  level: 'contract',
  clause: '1 Service: GET /health is 200 while the process lives',
  title: 'health is said in the words {"status":"ok"}',
  async run({ ask }) {
    const answered = await ask('GET /health', { as: 'nobody' })
    expectSame(answered, 'the answer', answered.json, { status: 'ok' })
  },
}

const ready: Check = {
  operation: 'GET /ready',
  level: 'extension',
  clause: '1 Service: GET /ready is ok',
  title: 'readiness is told without a key',
  async run({ ask }) {
    const answered = await ask('GET /ready', { as: 'nobody' })
    expectStatus(answered, 200, 503)
    const { status, code } = objectOf(answered)
    const said = answered.status === 503 ? code : status
    const words = answered.status === 503 ? ['Unavailable'] : ['ok', 'degraded']
    if (!words.includes(String(said))) unmet(answered, words.join(' or '), String(said))
  },
}

const served: readonly Row[] = [
  {
    clause: '1 Service: GET /openapi.json is the interface document, without a key',
    title: 'the interface document is there without a key',
    level: 'extension',
    operation: 'GET /openapi.json',
    as: 'nobody',
    send: 'GET /openapi.json',
    status: 200,
    has: { 'content-type': /^application\/json/ },
  },
  {
    clause: '1 Service: GET /docs is a page to try it, without a key',
    title: 'a page to try it is there without a key',
    level: 'extension',
    operation: 'GET /docs',
    as: 'nobody',
    send: 'GET /docs',
    status: 200,
    has: { 'content-type': /^text\/html/ },
  },
]

export const serviceChecks: readonly Check[] = [
  ...info,
  ...checksOf('GET /health', 'contract', rows),
  health,
  ready,
  ...checksOf('GET /openapi.json', 'extension', served),
]
