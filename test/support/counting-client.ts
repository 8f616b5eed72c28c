/**
 * A client that is as fast as a client can be: it sends bytes that were made before, and counts
 * what comes back without looking at it, so that on loopback the server never waits for it.
 */
import { connect } from 'node:net'

export type Counted = {
  /** Of the first answer on the connection. */
  readonly status: number
  readonly bytes: number
}

/** On a connection of its own, to its end. Rejects when it ends before there is a status. */
export function exchangeBytes(port: number, bytes: Uint8Array): Promise<Counted> {
  return new Promise((resolve, reject) => {
    let status = Number.NaN
    let count = 0
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('data', (chunk: Uint8Array) => {
      if (count === 0) status = Number(Buffer.from(chunk).toString('latin1', 9, 12))
      count += chunk.length
    })
    // Who is refused may be cut off while it still sends; what came before counts.
    socket.on('error', () => {})
    socket.on('close', () => {
      if (Number.isNaN(status)) reject(new Error('the connection ended without an answer'))
      else resolve({ status, bytes: count })
    })
    socket.write(bytes)
  })
}
