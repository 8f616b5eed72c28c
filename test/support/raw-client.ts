/**
 * A connection on which bytes are sent when the test says so, and read no faster than it says: for
 * requests that arrive in parts, and for answers that are not fetched.
 */
import type { Socket } from 'node:net'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

export type RawClient = {
  readonly socket: Socket
  /** All that came back, a character a byte. */
  readonly text: () => string
  /** On the clock of `performance.now`; undefined while it is open. */
  readonly closedAt: () => number | undefined
  readonly closed: Promise<void>
  /** Resolves when this has come, or the connection is closed. */
  waitFor(pattern: RegExp): Promise<void>
  /** Whether it is closed before so long; it is closed then in any case. */
  endsWithin(patienceMs: number): Promise<boolean>
}

export type RawClientOptions = {
  /** Bytes that are read at once; then it is paused until `socket.resume()`. */
  readonly pieceBytes?: number
}

/** Resolves when it is connected. Rejects when the connection is refused. */
export function openRawClient(port: number, options: RawClientOptions = {}): Promise<RawClient> {
  const chunks: string[] = []
  const { pieceBytes } = options
  let closedAt: number | undefined
  const waiting = new Set<() => void>()
  const take = (bytes: Uint8Array) => {
    chunks.push(Buffer.from(bytes).toString('latin1'))
    for (const look of waiting) look()
  }
  const onread =
    pieceBytes === undefined
      ? {}
      : {
          onread: {
            buffer: Buffer.alloc(pieceBytes),
            callback(size: number, buffer: Uint8Array) {
              take(buffer.subarray(0, size))
              return false
            },
          },
        }
  const socket = connect({ host: '127.0.0.1', port, noDelay: true, ...onread })
  if (pieceBytes === undefined) socket.on('data', take)
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      closedAt = performance.now()
      resolve()
    })
  })
  const client: RawClient = {
    socket,
    text: () => chunks.join(''),
    closedAt: () => closedAt,
    closed,
    waitFor(pattern) {
      const found = new Promise<void>((resolve) => {
        const look = () => {
          if (!pattern.test(chunks.join(''))) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      })
      return Promise.race([found, closed])
    },
    async endsWithin(patienceMs) {
      const ended = closed.then(() => true)
      const isClosed = await Promise.race([ended, wait(patienceMs, false, { ref: false })])
      socket.destroy()
      return isClosed
    },
  }
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('connect', () => {
      // From here on a reset is an end like any other: what came before it counts.
      socket.off('error', reject).on('error', () => {})
      resolve(client)
    })
  })
}

/**
 * Sends these bytes on a connection of their own and gives all that came back until the server
 * closed it, or until `patienceMs` passed without an end.
 */
export async function sendRaw(
  port: number,
  bytes: string | Uint8Array,
  patienceMs = 3000,
): Promise<{ text: string; closed: boolean }> {
  const client = await openRawClient(port)
  client.socket.write(bytes)
  const closed = await client.endsWithin(patienceMs)
  return { text: client.text(), closed }
}
