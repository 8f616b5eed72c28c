/**
 * What the `leak` gate asks of a server, turn after turn: every operation, refusals of every sort,
 * requests that are broken off, keys that are made and revoked, repeated requests. Each client has
 * documents of its own, and uses their names again, so that the data does not grow with the load.
 */
import { connect } from 'node:net'
import { operations } from '../../server/operations.ts'
import type { DemoServer } from '../support/demo-server.ts'
import { demoHome, demoTenant } from '../support/demo-server.ts'
import type { Received, Sent } from '../support/http.ts'
import { send } from '../support/http.ts'

export type LeakLoad = {
  /** Runs one turn of this client. Rejects when an answer is not the one that is due. */
  turn(client: number): Promise<void>
  /** How many requests were sent so far. */
  count(): number
  /** Operations that none of the requests was for. */
  missing(): readonly string[]
}

const keysPath = `/api/v1/keys/tenants/${demoTenant}`
const documentsEach = 10

/** Some turns do what would make the data grow, or the load slow. */
const rarely = 5

/** Tells apart what is sent once from everything that was sent before. */
let drawn = 0

export function makeLeakLoad(server: DemoServer, random: () => number): LeakLoad {
  const { port, headers } = server
  const seen = new Set<string>()
  let count = 0
  const turns = new Map<number, number>()

  const ask = async (due: readonly number[], sent: Sent): Promise<Received> => {
    count++
    seen.add(`${sent.method} ${sent.path.split('?', 1)[0]}`)
    const answer = await send(port, { ...sent, headers: { ...headers, ...sent.headers } })
    if (due.includes(answer.status)) return answer
    const { method, path } = sent
    throw new Error(`${method} ${path.slice(0, 200)} was answered ${answer.status} ${answer.text}`)
  }
  const json = (due: readonly number[], request: string, body?: object | string, more?: Named) => {
    const [method = '', path = ''] = request.split(' ')
    const text = typeof body === 'object' ? JSON.stringify(body) : body
    const sent = { method, path: path.startsWith('/') ? path : `${demoHome}/${path}` }
    return ask(due, { ...sent, ...(text !== undefined && { body: text }), headers: more ?? {} })
  }
  const drop = (bytes: string, afterMs: number) => {
    count++
    return dropConnection(port, bytes, afterMs)
  }

  const documents = async (path: string) => {
    const live = `${path}/versions/current`
    const text = 'x'.repeat(random() * 2000)
    const { headers: first } = await json([200, 201], `POST ${path}`, { text })
    await json([200], `GET ${path}`)
    await json([200], `HEAD ${path}`)
    await json([304], `GET ${path}`, undefined, { 'If-None-Match': first.etag ?? '' })
    await json([200], `PUT ${path}`, { n: random() })
    await json([200], `PATCH ${path}`, { m: [random()] }, mergePatch)
    await json([200], `PATCH ${path}`, [{ op: 'add', path: '/p', value: 1 }], jsonPatch)
    await json([200, 201], `POST ${live}`, { text })
    await json([200], `GET ${live}`)
    await json([200], `PUT ${live}`, { n: random() })
    await json([200], `PATCH ${live}`, { m: null }, mergePatch)
    await json([204], `DELETE ${live}`)
    await json([200], `POST ${path}`, { versions: { current: { text } } })
  }
  const tenantDocument = async () => {
    // Others delete it meanwhile.
    await json([200, 201], `POST ${demoHome}`, { name: 'a' })
    await json([200, 404], `GET ${demoHome}`)
    await json([200, 404], `PUT ${demoHome}`, { n: random() })
    await json([200, 404], `PATCH ${demoHome}`, { m: 1 }, mergePatch)
    await json([204, 404], `DELETE ${demoHome}`)
  }
  const lists = async (isRare: boolean) => {
    if (isRare) await json([200], 'GET leak')
    await json([200], 'HEAD leak')
    const { headers: paged } = await json([200], 'GET leak?limit=7')
    const next = /<(.*)>/.exec(String(paged.link ?? ''))?.[1]
    if (next !== undefined) await json([200], `GET ${next}`)
  }
  const repeated = async (path: string) => {
    const key = { 'Idempotency-Key': `k${process.pid}-${drawn++}` }
    await json([200, 201], `POST ${path}`, { n: 1 }, key)
    await json([200, 201], `POST ${path}`, { n: 1 }, key)
    await json([422], `POST ${path}`, { n: 2 }, key)
  }
  const refusals = async (path: string, isRare: boolean) => {
    await json([400], `PUT ${path}`, '{"a":')
    await json([400], `GET leak?cursor=x`)
    await json([400], `GET ${path}/`)
    await json([401], `GET ${path}`, undefined, { Authorization: '' })
    await json([401], `GET ${path}`, undefined, { Authorization: `Bearer tnk_${drawn++}` })
    await json([403], `GET ${demoHome.replace(demoTenant, `other-${drawn++}`)}/leak`)
    await json([404], `GET leak/missing-${drawn++}`)
    await json([404], `GET /api/v1/provisioning/nowhere-${drawn++}`)
    await json([405], `DELETE leak`)
    await json([409], `PATCH ${path}`, [{ op: 'test', path: '/none', value: 1 }], jsonPatch)
    await json([412], `PUT ${path}`, { n: 1 }, { 'If-Match': '"0-00000000"' })
    await json([415], `POST ${path}`, 'a', { 'Content-Type': 'text/plain' })
    await json([431], `GET ${path}`, undefined, { 'X-Filler': 'y'.repeat(33_000) })
    await json([414], `GET ${path}?${'y'.repeat(17_000)}`)
    if (isRare) await json([413], `POST ${path}`, `{"a":"${'x'.repeat(1_048_576)}"}`)
  }
  const broken = async (path: string, isRare: boolean) => {
    const head = `Host: x\r\nAuthorization: ${headers.Authorization}\r\n`
    const body = `${head}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{"a":`
    await drop('', 0)
    await drop('GET /heal', 1)
    await drop('no HTTP\r\n\r\n', 5)
    await drop(`PUT ${demoHome}/${path} HTTP/1.1\r\n${body}`, 2)
    if (isRare) {
      await drop(`GET ${demoHome}/leak HTTP/1.1\r\n${head}\r\n`, 0)
      await drop(`GET ${demoHome}/leak HTTP/1.1\r\n${head}\r\n`, 5)
    }
    await drop(`GET /health HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(5), 2)
  }
  const keys = async () => {
    const scopes = ['provisioning:leak.read']
    const made = await json([201], `POST ${keysPath}`, { label: 'leak', scopes })
    const { id, key } = JSON.parse(made.text)
    const own = { Authorization: `Bearer ${key}` }
    await json([200], 'GET /api/v1/whoami', undefined, own)
    await json([200], 'GET leak?limit=1', undefined, own)
    const rotated = await json([201], `POST ${keysPath}/${id}/rotate`, { overlapSeconds: 60 })
    await json([200], `GET ${keysPath}`)
    await json([204], `DELETE ${keysPath}/${id}`)
    await json([204], `DELETE ${keysPath}/${JSON.parse(rotated.text).id}`)
    await json([401], 'GET leak', undefined, own)
  }
  const service = async () => {
    await json([200], 'GET /')
    await json([200], 'GET /health')
    await json([200], 'GET /ready')
    await json([200], 'GET /openapi.json')
    await json([200], 'GET /docs')
    await json([204], 'OPTIONS leak')
  }

  return {
    count: () => count,
    missing: () =>
      operations
        .filter(({ method, path }) => {
          const parts = path.split('/').map((part) => (part.startsWith('{') ? '[^/]+' : part))
          const shape = new RegExp(`^${method} ${parts.join('/')}$`)
          return ![...seen].some((sent) => shape.test(sent))
        })
        .map(({ name }) => name),
    async turn(client) {
      const turn = turns.get(client) ?? 0
      turns.set(client, turn + 1)
      const path = `leak/d${client}-${turn % documentsEach}`
      const isRare = turn % rarely === 0
      await documents(path)
      await tenantDocument()
      await lists(isRare)
      await repeated(path)
      await refusals(path, isRare)
      await broken(path, isRare)
      if (isRare) await keys()
      await service()
      if (turn % 2 === 1) await json([204], `DELETE ${path}`)
    },
  }
}

type Named = { readonly [name: string]: string }

const mergePatch: Named = { 'Content-Type': 'application/merge-patch+json' }
const jsonPatch: Named = { 'Content-Type': 'application/json-patch+json' }

/** Sends this much, and leaves without a word. */
function dropConnection(port: number, bytes: string, afterMs: number): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => {}).on('close', () => resolve())
    socket.on('connect', () => {
      if (bytes !== '') socket.write(bytes)
      setTimeout(() => socket.resetAndDestroy(), afterMs)
    })
  })
}
