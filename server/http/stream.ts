/**
 * Answers as they go out: piece by piece, no faster than the client reads, and cut off when it
 * stops reading. A fault after the first byte breaks the connection: a list that was cut must
 * never look like a shorter one.
 */
import type { ServerResponse } from 'node:http'
import { pieceBytes, stallMaxMs } from '../contract/limits.ts'
import type { StartTimer } from './body.ts'

/**
 * Sends the pages as one array; the caller ends the response. The first page is asked for before
 * `begin` sends the head, so a store that fails at once still gets a proper answer. Rejects with
 * whatever a page failed with; after the first byte the connection is broken then.
 */
export async function streamList(
  response: ServerResponse,
  pages: AsyncIterable<readonly string[]>,
  { startTimer, nextTurn }: { startTimer: StartTimer; nextTurn: () => Promise<void> },
  begin: () => void,
): Promise<void> {
  const reader = pages[Symbol.asyncIterator]()
  try {
    let page = await reader.next()
    begin()
    let separator = '['
    while (!page.done) {
      const bytes = Buffer.from(separator + page.value.join(','))
      if (!(await sendBytes(response, bytes, startTimer))) return
      separator = ','
      // A client that reads as fast as we write would have the loop for itself.
      await nextTurn()
      page = await reader.next()
    }
    response.write(separator === '[' ? '[]' : ']')
  } catch (fault) {
    if (response.headersSent) response.destroy()
    throw fault
  } finally {
    await reader.return?.()
  }
}

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
  const cancel = startTimer(stallMaxMs, () => response.destroy())
  response.once('close', cancel)
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
      response.destroy()
      settle(false)
    })
    response.on('drain', onDrain).on('close', onClose)
  })
}
