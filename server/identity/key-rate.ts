/**
 * How often one key may ask, so that a client that went wild does not take the server from the
 * others: a bucket for each key that fills at the rate and holds as much as it fills in a second.
 */
import { Refusal } from '../contract/errors.ts'

export type TakeRate = (keyId: string) => void

type Bucket = { tokens: number; filledAt: number }

/** Buckets that are full say nothing; beyond so many of them they are dropped. */
const bucketsMax = 10_000

/**
 * `perSecond` requests of each key, 0 for no bound; `now` in epoch milliseconds. Throws
 * `ResourceExhausted`, saying when there is room.
 */
export function makeKeyRate(perSecond: number, now: () => number): TakeRate {
  if (perSecond === 0) return () => {}
  const buckets = new Map<string, Bucket>()
  const fill = (bucket: Bucket, at: number) => {
    // A clock that was set back fills nothing.
    const gained = (Math.max(0, at - bucket.filledAt) * perSecond) / 1000
    bucket.tokens = Math.min(perSecond, bucket.tokens + gained)
    bucket.filledAt = at
  }
  const trim = (at: number) => {
    for (const [keyId, bucket] of buckets) {
      fill(bucket, at)
      if (bucket.tokens >= perSecond) buckets.delete(keyId)
    }
  }
  return (keyId) => {
    const at = now()
    if (buckets.size > bucketsMax) trim(at)
    const bucket = buckets.get(keyId) ?? { tokens: perSecond, filledAt: at }
    buckets.set(keyId, bucket)
    fill(bucket, at)
    if (bucket.tokens >= 1) {
      bucket.tokens--
      return
    }
    throw new Refusal(
      'ResourceExhausted',
      `This key may send ${perSecond} requests a second, and has sent more.`,
      { retryAfterSeconds: Math.ceil((1 - bucket.tokens) / perSecond) },
    )
  }
}
