/**
 * Who is at the other end, for the log: the peer of the connection, or what trusted proxies say of
 * theirs. Nothing is decided by it; a client can write any `X-Forwarded-For`, so only as many of
 * its entries are believed, from the right, as there are proxies of the operator's own.
 */
import type { IncomingMessage } from 'node:http'

/** `proxies`: how many stand in front, each of which adds its peer to `X-Forwarded-For`. */
export function clientAddressOf(request: IncomingMessage, proxies: number): string | undefined {
  const peer = request.socket.remoteAddress
  if (proxies === 0) return peer
  const forwarded = request.headers['x-forwarded-for']
  if (typeof forwarded !== 'string') return peer
  const entry = forwarded.split(',').at(-proxies)?.trim()
  return entry === undefined || !/^[0-9A-Fa-f:.[\]]{2,64}$/.test(entry) ? peer : entry
}
