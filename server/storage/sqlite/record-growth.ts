/** How the record grew, counted while a store is examined: all of it, by tenant, and of late. */
import type { RecordGrowth, RecordSize } from '../engine.ts'

const dayMs = 86_400_000

/** So many tenants with the largest records are named. */
const largestMax = 5

/** Counts rows and bytes; `now` in epoch milliseconds. */
export function makeGrowth(now: number) {
  const size = () => ({ rows: 0, bytes: 0 })
  const [all, week, month] = [size(), size(), size()]
  let largest: (RecordSize & { readonly tenant: string })[] = []
  return {
    of(tenant: string) {
      const own = { tenant, ...size() }
      largest.push(own)
      let newest = 0
      return {
        note({ at, bytes }: { readonly at: number; readonly bytes: number }) {
          newest = Math.max(newest, at)
          const sizes: { rows: number; bytes: number }[] = [own, all]
          if (at >= now - 7 * dayMs) sizes.push(week)
          if (at >= now - 30 * dayMs) sizes.push(month)
          for (const each of sizes) {
            each.rows++
            each.bytes += bytes
          }
        },
        newest: () => newest,
      }
    },
    end(): RecordGrowth {
      largest = largest.filter(({ rows }) => rows > 0)
      largest = largest.toSorted((one, other) => other.bytes - one.bytes).slice(0, largestMax)
      return { all, lastWeek: week, lastMonth: month, largest }
    },
  }
}
