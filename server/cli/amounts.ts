/** Amounts as people read them; machines get plain numbers. */

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** As `1,204`. */
export function countText(count: number): string {
  return count.toLocaleString('en-US')
}

/** As `1 document`, `2 documents`. */
export function amountText(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`
}

/** As `12.3 MiB`, from a size in bytes. */
export function bytesText(bytes: number): string {
  let size = bytes
  let unit = 0
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024
    unit++
  }
  return `${size >= 100 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`
}
