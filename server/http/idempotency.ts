/**
 * What a request says of its repetition: the Idempotency-Key header, and a fingerprint by which the
 * same request is known again. The key of the caller is no part of either, so that it may come in
 * the header the first time and in the query the next.
 */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { Refusal } from '../contract/errors.ts'
import { idempotencyKeyMaxCharacters } from '../contract/limits.ts'
import type { Body, RepeatableRequest } from '../contract/operation.ts'
import type { Target } from './target.ts'

const shape = /^[\x21-\x7e]+$/

/** Undefined without the header. Throws `BadRequest` for a key that is none. */
export function findRepeatable(
  request: IncomingMessage,
  target: Target,
  body: Body,
): RepeatableRequest | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || key.length > idempotencyKeyMaxCharacters || !shape.test(key)) {
    throw new Refusal(
      'BadRequest',
      `An Idempotency-Key has 1 to ${idempotencyKeyMaxCharacters} visible ASCII characters, ` +
        'and comes once.',
    )
  }
  return { key, fingerprint: fingerprintOf(request.method ?? '', target, body) }
}

/** SHA-256, in hexadecimal. */
function fingerprintOf(method: string, target: Target, body: Body): string {
  const { path, query } = target
  const head = JSON.stringify([method, path.segments, query, body.patchType ?? ''])
  return createHash('sha256').update(`${head}\n`).update(body.bytes).digest('hex')
}
