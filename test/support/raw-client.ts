/**
 * A connection on which bytes are sent when the test says so, and read no faster than it says: for
 * requests that arrive in parts, and for answers that are not fetched.
 */
import type { Socket } from 'node:net'
import { connect } from 'node:net'

export type RawClient = {
  readonly socket: Socket
  /** All that came back, a character a byte. */
  readonly text: () => string
  /** On the clock of `performance.now`; undefined while it is open. */
  readonly closedAt: () => number | undefined
  readonly closed: Promise<void>
  /** Resolves when this has come, or the connection is closed. */
  waitFor(pattern: RegExp): Promise<void>
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

export type WholeAnswer = {
  readonly status: number
  readonly head: string
  /** Undefined when it broke off. */
  readonly body: string | undefined
}

/** The first answer in these bytes, and what comes behind it; undefined where none begins. */
export function readAnswer(text: string): { answer: WholeAnswer; rest: string } | undefined {
  const end = text.indexOf('\r\n\r\n')
  if (!text.startsWith('HTTP/1.1 ') || end < 0) return undefined
  const head = text.slice(0, end)
  const behind = text.slice(end + 4)
  const status = Number(head.slice(9, 12))
  if (status === 100) return readAnswer(behind)
  if (/\r\nTransfer-Encoding: chunked/i.test(head)) {
    const last = behind.indexOf('\r\n0\r\n\r\n')
    const body = last < 0 ? undefined : behind.slice(0, last + 2)
    return { answer: { status, head, body }, rest: last < 0 ? '' : behind.slice(last + 7) }
  }
  const size = Number(/\r\nContent-Length: (\d+)/i.exec(head)?.[1] ?? 0)
  const body = behind.length < size ? undefined : behind.slice(0, size)
  return { answer: { status, head, body }, rest: behind.slice(size) }
}
