/**
 * The listening socket: bounds of time and size, and the answers of requests that never became
 * one. The framework is `node:http`; everything it would say by itself is said here instead.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Refusal } from '../contract/errors.ts'
import {
  bodyTimeMaxMs,
  headersMaxBytes,
  headersTimeMaxMs,
  keepAliveMs,
  targetMaxBytes,
} from '../contract/limits.ts'
import { failureOf, rawFailure } from './errors.ts'
import type { HttpNeeds } from './handle.ts'
import { handle } from './handle.ts'

export type HttpServer = {
  /** Where it listens, as `http://host:port`. */
  readonly address: string
  /** Stops accepting, lets what runs finish for at most `drainMs`, then cuts what is left. */
  close(drainMs: number): Promise<void>
}

export type ListenAt = {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Shorter than the contract's in tests only. */
  readonly headersTimeMs?: number
  readonly bodyTimeMs?: number
}

/** What the parser takes at the most: both bounds, and room to see which of them was passed. */
const headMaxBytes = (targetMaxBytes + headersMaxBytes) * 2

/** How often Node looks for requests past their time: they may last longer by this much. */
const timeCheckMs = 500

/** Rejects with the system's error when the address cannot be had. */
export async function listen(at: ListenAt, needs: HttpNeeds): Promise<HttpServer> {
  const headersTimeout = at.headersTimeMs ?? headersTimeMaxMs
  const server = createServer({
    connectionsCheckingInterval: Math.min(timeCheckMs, headersTimeout),
    headersTimeout,
    keepAliveTimeout: keepAliveMs,
    maxHeaderSize: headMaxBytes,
    noDelay: true,
    requestTimeout: at.bodyTimeMs ?? bodyTimeMaxMs,
    // Ours to refuse, in the contract's shape.
    requireHostHeader: false,
  })
  const current = new WeakMap<Socket, ServerResponse>()
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    current.set(request.socket, response)
    void handle(request, response, needs)
  }
  server.on('request', onRequest)
  server.on('checkContinue', onRequest)
  server.on('checkExpectation', onRequest)
  server.on('connect', (_request, socket) => {
    refuseRaw(socket as Socket, new Refusal('BadRequest', 'This is no proxy.'), needs)
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (canAnswer(current.get(socket as Socket))) {
      refuseRaw(socket as Socket, refusalOfParser(error), needs)
    } else socket.destroy()
  })
  await bind(server, at)
  return {
    address: addressOf(server),
    close: (drainMs) => closeServer(server, drainMs, needs),
  }
}

/**
 * Whether a raw answer would be taken for the answer to the broken request. Not so while an
 * earlier one on the same connection is still owed its own.
 */
function canAnswer(earlier: ServerResponse | undefined): boolean {
  return (
    earlier === undefined ||
    earlier.writableFinished ||
    (!earlier.headersSent && !earlier.req.complete)
  )
}

function refuseRaw(socket: Socket, refusal: Refusal, needs: HttpNeeds): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const failure = failureOf(refusal)
  const requestId = needs.makeRequestId()
  socket.end(rawFailure(failure, requestId), () => socket.destroy())
  needs.tell({
    event: 'request-answered',
    requestId,
    method: '',
    route: undefined,
    operation: undefined,
    tenant: undefined,
    keyId: undefined,
    status: failure.status,
    code: failure.code,
  })
}

function refusalOfParser(error: NodeJS.ErrnoException & { rawPacket?: Uint8Array }): Refusal {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new Refusal('RequestTimeout', 'The request took too long to arrive.')
  }
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    return isLongRequestLine(error.rawPacket)
      ? new Refusal('UriTooLong', `The request target is over ${targetMaxBytes} bytes.`)
      : new Refusal('HeadersTooLarge', `The headers are over ${headersMaxBytes} bytes.`)
  }
  return new Refusal('BadRequest', 'This is not a valid HTTP/1.1 request.')
}

/** Whether the request line goes on, or ends, in the packet in which the head grew too large. */
function isLongRequestLine(packet: Uint8Array | undefined): boolean {
  const [line = '', ...more] = Buffer.from(packet ?? [])
    .toString('latin1')
    .split('\n', 2)
  return more.length === 0 || (line.length > targetMaxBytes && / HTTP\/1\.[01]\r?$/.test(line))
}

function bind(server: Server, { host, port }: ListenAt): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

function closeServer(server: Server, drainMs: number, { startTimer }: HttpNeeds): Promise<void> {
  return new Promise((resolve) => {
    const cancel = startTimer(drainMs, () => server.closeAllConnections())
    server.close(() => {
      cancel()
      resolve()
    })
    server.closeIdleConnections()
  })
}
