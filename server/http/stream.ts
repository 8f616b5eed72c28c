/**
 * A list as it goes out: entries joined to one JSON array, page by page, no faster than the client
 * reads. A fault after the first byte breaks the connection: a list that was cut must never look
 * like a shorter one.
 */
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'

/**
 * Sends the pages as one array and ends the response. The first page is asked for before
 * `begin` sends the head, so a store that fails at once still gets a proper answer. Rejects with
 * whatever a page failed with; after the first byte the connection is broken then.
 */
export async function streamList(
  response: ServerResponse,
  pages: AsyncIterable<readonly string[]>,
  begin: () => void,
): Promise<void> {
  const reader = pages[Symbol.asyncIterator]()
  let page = await reader.next()
  begin()
  try {
    let separator = '['
    while (!page.done) {
      if (!(await send(response, separator + page.value.join(',')))) return
      separator = ','
      page = await reader.next()
    }
    response.end(separator === '[' ? '[]' : ']')
  } catch (fault) {
    response.destroy()
    throw fault
  } finally {
    await reader.return?.()
  }
}

/** False when the client has gone, so that its work ends. */
async function send(response: ServerResponse, text: string): Promise<boolean> {
  if (response.destroyed) return false
  if (response.write(text)) return true
  const closed = new AbortController()
  const stop = () => closed.abort()
  response.once('close', stop)
  try {
    await once(response, 'drain', { signal: closed.signal })
    return true
  } catch {
    return false
  } finally {
    response.off('close', stop)
  }
}
