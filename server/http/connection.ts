/**
 * One connection: its requests are answered one after another, whatever comes in how many packets.
 * So a client that pipelines costs no more than one that waits, and a broken request is refused
 * only behind the answers that are still owed to those before it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { brokenConnectionMaxMs, pipelineMaxRequests } from '../contract/limits.ts'
import type { StartTimer } from '../contract/timer.ts'

export type Turn = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Run once the answer was taken, or nobody is there to take it. */
  atEnd?: () => void
}

type Connection = {
  readonly owed: Turn[]
  /** Set once nothing more is taken in: what to do behind the last answer. */
  finish: (() => void) | undefined
  /** Whose answer says that it is the last on this connection. */
  last: Turn | undefined
}

export type Connections = {
  /** Takes note of a new connection. */
  follow(socket: Socket): void
  /** Runs `answer` when it is this request's turn; never, if the connection ends before. */
  take(turn: Turn, answer: (turn: Turn) => Promise<void>): void
  /** From here on, and now where nothing is owed, connections end behind their last answer. */
  stop(): void
  /** Runs `refuse` behind all answers that are owed; then the connection is of no more use. */
  breakOff(socket: Socket, refuse: () => void, startTimer: StartTimer): void
}

/** For one server; it forgets a connection when that closes. */
export function followConnections(nextTurn: () => Promise<void>): Connections {
  const known = new Map<Socket, Connection>()
  let stopping = false
  const of = (socket: Socket): Connection => {
    const found = known.get(socket) ?? { owed: [], finish: undefined, last: undefined }
    if (!known.has(socket) && !socket.destroyed) {
      known.set(socket, found)
      socket.once('close', () => known.delete(socket))
    }
    return found
  }
  return {
    follow(socket) {
      of(socket)
    },
    stop() {
      stopping = true
      for (const [socket, connection] of known) {
        if (connection.owed.length === 0) socket.destroySoon()
        else announceEnd(connection)
      }
    },
    take(turn, answer) {
      const connection = of(turn.request.socket)
      // What came in the same packet as the end is dropped: it was never answered, nor done.
      if (connection.finish !== undefined) return
      if (connection.owed.length >= pipelineMaxRequests) {
        turn.request.socket.pause()
        connection.finish = () => turn.request.socket.destroySoon()
        return
      }
      if (connection.last !== undefined) {
        // The client has been told that nothing behind it is done.
        if (connection.last.response.headersSent) return
        connection.last.response.shouldKeepAlive = true
      }
      connection.owed.push(turn)
      if (stopping) announceEnd(connection)
      turn.response.once('close', () => {
        turn.atEnd?.()
        settle(connection, turn, (following) => {
          // Answers that were asked for at once do not hold the loop together.
          void nextTurn().then(() => answer(following))
        })
        if (stopping && connection.owed.length === 0) turn.request.socket.destroySoon()
      })
      if (connection.owed.length === 1) void answer(turn)
    },
    breakOff(socket, refuse, startTimer) {
      const connection = of(socket)
      const last = connection.owed.at(-1)
      if (last !== undefined && !last.request.complete) {
        connection.owed.pop()
        // Its answer has begun, so that of the parser would come in the middle of it.
        if (last.response.headersSent) refuse = () => socket.destroySoon()
      }
      connection.finish = refuse
      if (connection.owed.length === 0) {
        refuse()
        return
      }
      const cancel = startTimer(brokenConnectionMaxMs, () => socket.destroy())
      socket.once('close', cancel)
    },
  }
}

/**
 * So that no client sends another request into a connection that is about to close. Nothing to say
 * where the answer has begun, or where the client asked for the end itself.
 */
function announceEnd(connection: Connection): void {
  const last = connection.owed.at(-1)
  if (last === undefined || last.response.headersSent || !last.response.shouldKeepAlive) return
  last.response.shouldKeepAlive = false
  connection.last = last
}

function settle(connection: Connection, done: Turn, next: (following: Turn) => void): void {
  const at = connection.owed.indexOf(done)
  if (at >= 0) connection.owed.splice(at, 1)
  if (done.request.socket.destroyed) return
  const following = connection.owed[0]
  if (following === undefined) connection.finish?.()
  else if (at === 0) next(following)
}
