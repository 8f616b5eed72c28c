/** Times as operators type them: spans from now on, and dates. */
import { Refusal } from '../contract/errors.ts'
import { quote } from '../contract/names.ts'

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** RFC 3339, or a date alone; UTC where no zone is said. Undefined for days that no month has. */
function parseDateTime(text: string): number | undefined {
  const shape = /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2})?))?([Zz]|[+-]\d{2}:\d{2})?$/
  const [, date, clock = '00:00', zone = 'Z'] = shape.exec(text) ?? []
  if (date === undefined) return undefined
  const midnight = Date.parse(`${date}T00:00Z`)
  // Date.parse takes the 31st of February for a day in March.
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return undefined
  const time = Date.parse(`${date}T${clock}${zone.toUpperCase()}`)
  return Number.isNaN(time) ? undefined : time
}

/** In milliseconds, of a span as 90d, 12h or 30m. Throws `BadRequest`. */
export function parseSpan(text: string): number {
  const spanMs = findSpan(text)
  if (spanMs !== undefined) return spanMs
  throw new Refusal('BadRequest', `${quote(text)} is no span: one is written as 7d, 12h or 30m.`)
}

function findSpan(text: string): number | undefined {
  const [, count, unit] = /^([1-9][0-9]{0,4})([mhd])$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * unitMs[unit as keyof typeof unitMs]
}

/** Epoch milliseconds, of a span from `now` on or of a date. Throws `BadRequest`. */
export function parseExpiry(text: string, now: number): number {
  const spanMs = findSpan(text)
  if (spanMs !== undefined) return now + spanMs
  const time = parseDateTime(text)
  if (time === undefined) {
    throw new Refusal(
      'BadRequest',
      `${quote(text)} is no time: a date as 2027-01-31, a date-time as 2027-01-31T12:00:00Z, ` +
        'or a span as 90d, 12h, 30m.',
    )
  }
  return time
}
