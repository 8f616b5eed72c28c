/** Numbers of things, as people read them. */

/** `1 tenant`, `12 documents`. */
export function countText(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}

/** `0.2 MB`, `1024.0 MB`: megabytes of a million bytes. */
export function sizeText(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}
