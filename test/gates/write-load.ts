/**
 * Writes that can be told apart afterwards, and the ledger of them: each has an id, which is its
 * request's id and stands in base and live version alike, so half a write and a mixture of two
 * show. A PUT sends every member, so its outcome does not depend on what was there before.
 */
import type { DemoServer } from '../support/demo-server.ts'
import { demoHome } from '../support/demo-server.ts'
import type { Received } from '../support/http.ts'
import { send } from '../support/http.ts'

export type SentWrite = {
  readonly id: string
  /** In the collection `loadCollection`. */
  readonly document: string
  readonly method: 'POST' | 'PUT'
  readonly text: string
}

export type Ledger = {
  /** By id, all that went out, answered or not. */
  readonly sent: Map<string, SentWrite>
  /** The revision that the answer named, for those that were answered with 2xx. */
  readonly acknowledged: Map<string, number>
  /** Those that were answered otherwise, and must have changed nothing. */
  readonly refused: Set<string>
}

export const loadCollection = 'jobs'

export function makeLedger(): Ledger {
  return { sent: new Map(), acknowledged: new Map(), refused: new Set() }
}

/** What base and live version hold after this write, each. */
export function contentOf({ id, text }: SentWrite): { readonly id: string; readonly text: string } {
  return { id, text }
}

/** Rejects when the connection breaks; the ledger then has the write as sent. */
export async function sendWrite(
  { port, headers }: Pick<DemoServer, 'port' | 'headers'>,
  write: SentWrite,
  ledger: Ledger,
): Promise<Received> {
  ledger.sent.set(write.id, write)
  const content = contentOf(write)
  const answer = await send(port, {
    method: write.method,
    path: `${demoHome}/${loadCollection}/${write.document}`,
    headers: { ...headers, 'X-Request-Id': write.id },
    body: JSON.stringify({ ...content, versions: { current: content } }),
  })
  if (answer.status < 300) {
    const revision = Number(/^"(\d+)-/.exec(answer.headers.etag ?? '')?.[1])
    ledger.acknowledged.set(write.id, revision)
  } else ledger.refused.add(write.id)
  return answer
}

/** Texts of mixed sizes: most are short, some are nearly `sizeMaxBytes`. */
export function drawText(random: () => number, sizeMaxBytes: number): string {
  const size = Math.ceil(sizeMaxBytes * random() ** 3)
  const word = random().toString(36).slice(2)
  return word.repeat(Math.ceil(size / word.length)).slice(0, size)
}
