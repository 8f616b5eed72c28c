/**
 * A server that is wrong in one thing: a proxy before a real one, which changes a request on its
 * way in or an answer on its way out. What it is not told to change passes as it came.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Agent, createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Passing = {
  method: string
  target: string
  /** Names and values in turn. */
  headers: string[]
  /** Undefined where there is none, or it is too large to be held. */
  body: string | undefined
}

export type Reply = {
  status: number
  headers: string[]
  body: string
}

/** Asks the real server something of its own, with the headers of the request that passes. */
export type Ask = (passing: Passing) => Promise<Reply>

export type Wrong = {
  /** Changes what goes in, or gives the answer itself. */
  readonly enter?: (passing: Passing, ask: Ask) => Promise<Reply | undefined> | Reply | undefined
  /** Changes what comes out. */
  readonly leave?: (reply: Reply, passing: Passing) => void
}

export type WrongServer = {
  readonly base: string
  /** Method and target of each request, in order. */
  readonly seen: readonly string[]
  close(): Promise<void>
}

const heldMaxBytes = 2 * 1_048_576

/** In front of `port`; what its own parser refuses it refuses as the real one does. */
export async function startWrongServer(port: number, wrong: Wrong = {}): Promise<WrongServer> {
  const agent = new Agent({ keepAlive: true })
  const seen: string[] = []
  const ask: Ask = (passing) => pass(port, agent, passing, undefined)
  const server = createServer({ maxHeaderSize: 65_536 }, (incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`)
    answer(incoming, response).catch(() => response.destroy())
  })
  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const isHeld = Number(incoming.headers['content-length'] ?? 0) <= heldMaxBytes
    const body = isHeld ? await read(incoming) : undefined
    const { method = '', url = '', rawHeaders } = incoming
    const passing = { method, target: url, headers: [...rawHeaders], body }
    const own = await wrong.enter?.(passing, ask)
    const reply = own ?? (await pass(port, agent, passing, isHeld ? undefined : incoming))
    wrong.leave?.(reply, passing)
    without(reply.headers, 'Transfer-Encoding', 'Keep-Alive')
    // Of a body that would be another one.
    if (method === 'HEAD' && wrong.leave !== undefined) without(reply.headers, 'Content-Length')
    if (method !== 'HEAD' && reply.status !== 204 && reply.status !== 304) {
      set(reply.headers, 'Content-Length', String(Buffer.byteLength(reply.body)))
    }
    response.sendDate = false
    response.writeHead(reply.status, reply.headers)
    response.end(method === 'HEAD' ? undefined : reply.body)
  }
  server.on('clientError', (_, socket) => {
    if (socket.writable) socket.end(unparsable)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    base: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        agent.destroy()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The value of a header, undefined where there is none. */
export function get(headers: readonly string[], name: string): string | undefined {
  const at = headers.findIndex((each, place) => place % 2 === 0 && isNamed(each, name))
  return at < 0 ? undefined : headers[at + 1]
}

/** Takes headers away. */
export function without(headers: string[], ...names: readonly string[]): void {
  for (let at = headers.length - 2; at >= 0; at -= 2) {
    if (names.some((name) => isNamed(headers[at] ?? '', name))) headers.splice(at, 2)
  }
}

/** Gives a header this value, once. */
export function set(headers: string[], name: string, value: string): void {
  without(headers, name)
  headers.push(name, value)
}

function isNamed(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

async function read(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  // A character a byte, so that what is no UTF-8 passes too.
  return chunks.length === 0 ? undefined : Buffer.concat(chunks).toString('latin1')
}

function pass(
  port: number,
  agent: Agent,
  { method, target, headers, body }: Passing,
  stream: IncomingMessage | undefined,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const outgoing = send({ agent, host: '127.0.0.1', port, method, path: target, headers })
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      const chunks: Uint8Array[] = []
      response.on('data', (chunk: Uint8Array) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const body = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, headers: [...response.rawHeaders], body })
      })
    })
    if (stream === undefined)
      outgoing.end(body === undefined ? undefined : Buffer.from(body, 'latin1'))
    else stream.pipe(outgoing)
  })
}

const refused = '{"code":"BadRequest","message":"The request cannot be parsed."}'

const unparsable = [
  'HTTP/1.1 400 Bad Request',
  'Content-Type: application/json',
  `Content-Length: ${refused.length}`,
  'Cache-Control: no-store',
  'X-Content-Type-Options: nosniff',
  'X-Request-Id: unparsable',
  'Connection: close',
  '',
  refused,
].join('\r\n')
