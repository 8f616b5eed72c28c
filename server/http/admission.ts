/**
 * Room for one more: how many requests are in hand at once. What comes beyond is told to come back
 * before its body is read, so that what was taken in stays fast.
 */
import { Refusal } from '../contract/errors.ts'

export type Admission = {
  /** Returns what gives the place back, once. Throws `Unavailable` when there is none. */
  enter(): () => void
}

/** At most so many at once. */
export function makeAdmission(inFlightMax: number): Admission {
  let inFlight = 0
  return {
    enter() {
      if (inFlight >= inFlightMax) {
        throw new Refusal('Unavailable', 'The server has too much in hand; try again shortly.')
      }
      inFlight++
      let left = false
      return () => {
        if (!left) inFlight--
        left = true
      }
    },
  }
}
