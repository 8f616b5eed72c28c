/**
 * The listening socket: bounds of time and size, and the answers of requests that never became
 * one. The framework is `node:http`; everything it would say by itself is said here instead.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { Server as NetServer } from 'node:net'
import { Refusal } from '../contract/errors.ts'
import {
  bodyTimeMaxMs,
  drainMaxMs,
  headersMaxBytes,
  headersTimeMaxMs,
  keepAliveMs,
  targetMaxBytes,
} from '../contract/limits.ts'
import type { Connections, Turn } from './connection.ts'
import { followConnections } from './connection.ts'
import { failureOf, rawFailure } from './errors.ts'
import { headerMinBytes } from './framing.ts'
import type { HttpNeeds } from './handle.ts'
import { handle } from './handle.ts'
import { addressOf, bind } from './listening.ts'

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

/**
 * What the parser takes at the most: both bounds, and room to see which of them was passed. Less
 * than a read of the socket (64 KiB), so that of what comes in a flood it says no in the first,
 * which shows what grew too large: the parser does not tell.
 */
const headMaxBytes = targetMaxBytes + headersMaxBytes + 8192

/** All the header lines that fit: the parser drops what comes behind, whatever it says. */
const headersMaxCount = Math.ceil(headersMaxBytes / headerMinBytes) + 1

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
  server.maxHeadersCount = headersMaxCount
  const connections = followConnections(needs.nextTurn)
  const answer = (turn: Turn) => handle(turn, needs)
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    // Behind an offer to upgrade the parser loses what came in the same packet: later answers
    // would be taken for those of the requests that it lost.
    if (request.headers.upgrade !== undefined) response.shouldKeepAlive = false
    connections.take({ request, response }, answer)
  }
  const refuse = (socket: Socket, refusal: Refusal) => {
    connections.breakOff(socket, () => refuseRaw(socket, refusal, needs), needs.startTimer)
  }
  // A client may close its half once it has sent all, and still wait for the answer.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.on('connection', connections.follow)
  server.on('request', onRequest)
  server.on('checkContinue', onRequest)
  server.on('checkExpectation', onRequest)
  server.on('connect', (_request, socket) => {
    refuse(socket as Socket, new Refusal('BadRequest', 'This is no proxy.'))
  })
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    refuse(socket as Socket, refusalOfParser(error))
  })
  await bind(server, at)
  return {
    address: addressOf(server),
    close: (drainMs) => closeServer(server, connections, drainMs, needs),
  }
}

function refuseRaw(socket: Socket, refusal: Refusal, needs: HttpNeeds): void {
  if (socket.destroyed || !socket.writable) {
    socket.destroy()
    return
  }
  const failure = failureOf(refusal)
  const requestId = needs.makeRequestId()
  socket.end(rawFailure(failure, requestId))
  // A reset while the client still sends would take the answer away from it.
  socket.resume()
  const cancel = needs.startTimer(drainMaxMs, () => socket.destroy())
  socket.once('close', cancel)
  needs.tell({
    event: 'request-answered',
    requestId,
    method: '',
    client: socket.remoteAddress,
    route: undefined,
    operation: undefined,
    tenant: undefined,
    keyId: undefined,
    status: failure.status,
    code: failure.code,
    // What the parser refuses has no head from which it could be counted.
    durationMs: 0,
    traceId: undefined,
    parentId: undefined,
  })
}

function refusalOfParser(error: NodeJS.ErrnoException & { rawPacket?: Uint8Array }): Refusal {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new Refusal('RequestTimeout', 'The request took too long to arrive.')
  }
  if (error.code === 'HPE_HEADER_OVERFLOW') {
    return isLongRequestLine(error.rawPacket)
      ? new Refusal('UriTooLong', `The request target is over ${targetMaxBytes} bytes.`)
      : new Refusal('HeadersTooLarge', 'The headers are too many or too large.')
  }
  return new Refusal('BadRequest', 'This is not a valid HTTP/1.1 request.')
}

/**
 * Whether the head grew too large in its first line, as far as one packet tells: it ends here and
 * is long, or it begins here and does not end.
 */
function isLongRequestLine(packet: Uint8Array | undefined): boolean {
  const [line = '', ...more] = Buffer.from(packet ?? [])
    .toString('latin1')
    .split('\n', 2)
  if (more.length === 0) return /^[A-Z]+ \S+$/.test(line)
  return line.length > targetMaxBytes && / HTTP\/1\.[01]\r?$/.test(line)
}

function closeServer(
  server: Server,
  connections: Connections,
  drainMs: number,
  { startTimer }: HttpNeeds,
): Promise<void> {
  return new Promise((resolve) => {
    const cancel = startTimer(drainMs, () => server.closeAllConnections())
    // Not that of HTTP: it takes a connection for idle whose answer is still on its way.
    NetServer.prototype.close.call(server, () => {
      cancel()
      resolve()
    })
    connections.stop()
  })
}
