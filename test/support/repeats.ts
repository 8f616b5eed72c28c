/** Requests that may come again, and what a client can tell of their answers. */
import assert from 'node:assert/strict'
import type { Answered, Outgoing } from './client.ts'

/** A request with the key of its repetition. */
export function repeated(key: string, { body, headers }: Outgoing = {}): Outgoing {
  return {
    headers: { ...headers, 'Idempotency-Key': key },
    ...(body === undefined ? {} : { body }),
  }
}

/** What a client could tell apart. */
export function essence({ status, text, headers }: Answered) {
  const { etag, location, 'content-type': type, 'cache-control': cache } = headers
  return { status, text, etag, location, type, cache }
}

export function isReplay({ headers }: Answered): boolean {
  const mark = headers['idempotency-replayed']
  assert.ok(mark === undefined || mark === 'true')
  return mark === 'true'
}
