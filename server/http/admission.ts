/**
 * Room for one more: how many requests are in hand at once, of all and of each tenant. What comes
 * beyond is told to come back before its body is read, so that what was taken in stays fast, and
 * nobody takes all there is.
 */
import { Refusal } from '../contract/errors.ts'
import { busyRetryAfterSeconds } from '../contract/limits.ts'

export type Place = {
  /** Says whose it is. Throws `ResourceExhausted` when that tenant has its share already. */
  claim(tenant: string): void
  /** Gives it back, once. */
  leave(): void
}

export type Admission = {
  /** Throws `Unavailable` when there is no place. */
  enter(): Place
}

/** At most so many at once, and half of them of one tenant. */
export function makeAdmission(inFlightMax: number): Admission {
  const shareMax = Math.ceil(inFlightMax / 2)
  const shares = new Map<string, number>()
  let inFlight = 0
  const change = (tenant: string, by: number) => {
    const share = (shares.get(tenant) ?? 0) + by
    if (share === 0) shares.delete(tenant)
    else shares.set(tenant, share)
  }
  return {
    enter() {
      if (inFlight >= inFlightMax) {
        throw new Refusal('Unavailable', 'The server has too much in hand; try again shortly.')
      }
      inFlight++
      let claimedBy: string | undefined
      let left = false
      return {
        claim(tenant) {
          if ((shares.get(tenant) ?? 0) >= shareMax) {
            throw new Refusal(
              'ResourceExhausted',
              'This tenant has too many requests in hand; try again when some are answered.',
              { retryAfterSeconds: busyRetryAfterSeconds },
            )
          }
          claimedBy = tenant
          change(tenant, 1)
        },
        leave() {
          if (left) return
          left = true
          inFlight--
          if (claimedBy !== undefined) change(claimedBy, -1)
        },
      }
    },
  }
}
