/**
 * What the main thread remembers of the store, bounded in size. It is never ahead of the disk: only
 * reads put something in, and an acknowledged write replaces what it made old.
 */

export type Cache<Value> = {
  find(name: string): Value | undefined
  /** Remembers what was just read. */
  keep(name: string, value: Value): void
  /** Replaces what is remembered under this name with what came after it, if anything is. */
  renew(name: string, value: Value): void
  /** Forgets what is remembered under this name. */
  drop(name: string): void
  /** Another process has written, or may have: nothing remembered is certain any more. */
  forget(): void
}

/**
 * A cache of at most `sizeMax`, by what `sizeOf` says of each value; with 0 it remembers nothing.
 * What was not asked for since the younger half was begun goes first.
 */
export function makeCache<Value>(
  sizeMax: number,
  sizeOf: (value: Value, name: string) => number,
  isAfter: (one: Value, other: Value) => boolean,
): Cache<Value> {
  // Two generations: finding costs one look, and no list of who was last is kept in order.
  let young = new Map<string, Value>()
  let old = new Map<string, Value>()
  let youngSize = 0
  const keep = (name: string, value: Value): void => {
    const size = sizeOf(value, name)
    const halfMax = sizeMax / 2
    if (size > halfMax) {
      young.delete(name)
      old.delete(name)
      return
    }
    if (youngSize + size > halfMax) {
      old = young
      young = new Map()
      youngSize = 0
    }
    // What was under the name is counted on: a document written often makes a generation short.
    youngSize += size
    young.set(name, value)
  }
  return {
    find(name) {
      const found = young.get(name)
      if (found !== undefined) return found
      const older = old.get(name)
      if (older !== undefined) keep(name, older)
      return older
    },
    keep,
    renew(name, value) {
      const known = young.get(name) ?? old.get(name)
      if (known !== undefined && isAfter(value, known)) keep(name, value)
    },
    drop(name) {
      young.delete(name)
      old.delete(name)
    },
    forget() {
      young = new Map()
      old = new Map()
      youngSize = 0
    },
  }
}
