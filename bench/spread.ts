/**
 * What is made of the values of several rounds: the median, and the middle half as their spread,
 * since on a shared machine one round in ten is somebody else's. Verdicts are judged by it.
 */

export type Spread = {
  readonly median: number
  /** First and third quartile: the middle half of the rounds lies between. */
  readonly low: number
  readonly high: number
  readonly min: number
  readonly max: number
  /** One value a round, in their order. */
  readonly values: readonly number[]
}

export type Limit = { readonly atMost: number } | { readonly atLeast: number }

/** What a verdict is found by. */
export type Judged = Pick<Spread, 'median' | 'low' | 'high'>

export type Verdict = 'met' | 'within the spread' | 'missed'

/** Of at least one value. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new Error('there is no spread of nothing')
  return {
    median: quantile(values, 0.5),
    low: quantile(values, 0.25),
    high: quantile(values, 0.75),
    min: quantile(values, 0),
    max: quantile(values, 1),
    values,
  }
}

/** Between two values it lies on the line from one to the other (type 7 of Hyndman and Fan). */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other)
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

/** A target counts as missed only when all of the middle half is beyond it. */
export function judge({ median, low, high }: Judged, limit: Limit): Verdict {
  const [middle, best, bound] =
    'atMost' in limit ? [median, low, limit.atMost] : [-median, -high, -limit.atLeast]
  if (middle <= bound) return 'met'
  return best <= bound ? 'within the spread' : 'missed'
}
