/** Clients for tests: one that sends any path as it stands, and one that sends any bytes at all. */
import type { IncomingHttpHeaders } from 'node:http'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'

export type Sent = {
  readonly method: string
  /** Goes out as it is, neither normalised nor escaped. */
  readonly path: string
  readonly headers?: { readonly [name: string]: string | readonly string[] }
  readonly body?: string | Uint8Array
}

export type Received = {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 })

/** Rejects when the connection breaks before the whole answer was there. */
export function send(port: number, { method, path, headers = {}, body }: Sent): Promise<Received> {
  return new Promise((resolve, reject) => {
    const size = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }
    const outgoing = request(
      { agent, host: '127.0.0.1', port, method, path, headers: { ...size, ...headers } as never },
      (incoming) => {
        const chunks: Uint8Array[] = []
        incoming.on('data', (chunk: Uint8Array) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: Buffer.concat(chunks).toString(),
          })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/**
 * Sends these bytes on a connection of their own and gives all that came back until the server
 * closed it, or until `patienceMs` passed without an end.
 */
export function sendRaw(
  port: number,
  bytes: string | Uint8Array,
  patienceMs = 3000,
): Promise<{ text: string; closed: boolean }> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = []
    const socket = connect({ host: '127.0.0.1', port })
    const finish = (closed: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      resolve({ text: Buffer.concat(chunks).toString('latin1'), closed })
    }
    const timer = setTimeout(() => finish(false), patienceMs)
    socket.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    socket.on('close', () => finish(true))
    socket.on('error', () => finish(true))
    socket.write(bytes)
  })
}
