/** Amounts as people read them, in every message alike; machines get plain numbers. */

/** As `1,204`. */
export function countText(count: number): string {
  return count.toLocaleString('en-US')
}

/** As `1 document`, `2 documents`. */
export function amountText(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`
}

const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** As `12 bytes`, `3.4 MB`: of a thousand thousand bytes, as disks are sold and `df -H` says. */
export function bytesText(bytes: number): string {
  let size = bytes
  let unit = 0
  // What would be rounded to a thousand is one of the next.
  while (size >= 999.95 && unit < units.length - 1) {
    size /= 1000
    unit++
  }
  return `${unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`
}
