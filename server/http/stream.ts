/**
 * Answers as they go out: piece by piece, no faster than the client reads, and cut off when it
 * stops reading. A fault after the first byte breaks the connection: a list that was cut must
 * never look like a shorter one.
 */
import type { ServerResponse } from 'node:http'
import { pieceBytes, stallMaxMs } from '../contract/limits.ts'
import type { StartTimer } from '../contract/timer.ts'

/** Held back before it is sent: a list that ends within goes out whole, like other answers. */
const heldMaxBytes = 8 * pieceBytes

/** What streaming borrows of the world. */
export type StreamNeeds = {
  readonly startTimer: StartTimer
  readonly nextTurn: () => Promise<void>
}

/**
 * Sends the pages as one array; the caller ends the response. `begin` sends the head, with the
 * length of a list that is short, so that a store that fails early still gets a proper answer.
 * Rejects with whatever a page failed with; after the first byte the connection is broken then.
 */
export async function streamList(
  response: ServerResponse,
  pages: AsyncIterable<Uint8Array>,
  needs: StreamNeeds,
  begin: (length: number | undefined) => void,
): Promise<void> {
  const reader = pages[Symbol.asyncIterator]()
  let held: Uint8Array[] | undefined = []
  let heldBytes = 0
  const send = async (bytes: Uint8Array): Promise<boolean> => {
    if (held === undefined) return sendBytes(response, bytes, needs.startTimer)
    held.push(bytes)
    heldBytes += bytes.length
    return heldBytes <= heldMaxBytes || release(undefined)
  }
  const release = async (length: number | undefined): Promise<boolean> => {
    const all = held ?? []
    held = undefined
    begin(length)
    for (const bytes of all) if (!(await sendBytes(response, bytes, needs.startTimer))) return false
    return true
  }
  try {
    let separator = openBracket
    for (let page = await reader.next(); !page.done; page = await reader.next()) {
      if (!((await send(separator)) && (await send(page.value)))) return
      separator = comma
      // A client that reads as fast as we write would have the loop for itself.
      await needs.nextTurn()
      if (response.destroyed) return
    }
    if (separator === openBracket) await send(openBracket)
    await send(closeBracket)
    if (held !== undefined) await release(heldBytes)
  } catch (fault) {
    if (response.headersSent) response.destroy()
    throw fault
  } finally {
    await reader.return?.()
  }
}

const openBracket = Buffer.from('[')
const closeBracket = Buffer.from(']')
const comma = Buffer.from(',')

/** Sends it in pieces. False when the client has gone, or was cut because it does not read. */
export async function sendBytes(
  response: ServerResponse,
  bytes: Uint8Array,
  startTimer: StartTimer,
): Promise<boolean> {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    if (response.destroyed) return false
    if (response.write(bytes.subarray(at, at + pieceBytes))) continue
    if (!(await drained(response, startTimer))) return false
  }
  return !response.destroyed
}

/** Ends the response with this body, and cuts it if they are not taken in time. */
export function endWatched(response: ServerResponse, startTimer: StartTimer, body?: string): void {
  response.end(body)
  if (response.writableFinished || response.destroyed || response.writableLength === 0) return
  const cancel = startTimer(stallMaxMs, () => cut(response))
  response.once('close', cancel)
}

/**
 * Ends the connection of a client that does not read, with a reset: behind an orderly end the
 * system would keep offering it what was sent, some megabytes each, for minutes.
 */
function cut(response: ServerResponse): void {
  response.socket?.resetAndDestroy()
  response.destroy()
}

/** Resolves with false, and the response destroyed, when the client takes nothing for too long. */
function drained(response: ServerResponse, startTimer: StartTimer): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (alive: boolean) => {
      cancel()
      response.off('drain', onDrain).off('close', onClose)
      resolve(alive)
    }
    const onDrain = () => settle(true)
    const onClose = () => settle(false)
    const cancel = startTimer(stallMaxMs, () => {
      cut(response)
      settle(false)
    })
    response.on('drain', onDrain).on('close', onClose)
  })
}
