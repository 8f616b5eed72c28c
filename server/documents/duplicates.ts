/**
 * Which lines of a file name a resource that an earlier one named. It keeps twelve bytes a line, so
 * that a file of millions of lines is checked in memory; by 64 bits of a hash, which in a file
 * of ten million lines would call two alike by chance once in some hundred thousand files.
 */
import { hash } from 'node:crypto'
import type { DocumentAddress } from '../contract/names.ts'

export type Duplicate = { readonly number: number; readonly first: number }

export type DuplicateFinder = {
  /** Lines come in the order of their numbers, which are below 2^32. */
  note(address: DocumentAddress, number: number): void
  /** How many lines name what was named before, and the first `most` of them. */
  find(most: number): { readonly count: number; readonly duplicates: readonly Duplicate[] }
}

/** It has seen no line yet. */
export function makeDuplicateFinder(): DuplicateFinder {
  let hashes = new BigUint64Array(1024)
  let numbers = new Uint32Array(1024)
  let noted = 0

  function grow(): void {
    const [moreHashes, moreNumbers] = [new BigUint64Array(noted * 2), new Uint32Array(noted * 2)]
    moreHashes.set(hashes)
    moreNumbers.set(numbers)
    hashes = moreHashes
    numbers = moreNumbers
  }

  return {
    note({ collection, document }, number) {
      if (noted === hashes.length) grow()
      // No name has a slash in it.
      hashes[noted] = hash('sha256', `${collection}/${document}`, 'buffer').readBigUInt64LE()
      numbers[noted] = number
      noted++
    },
    find(most) {
      const sorted = hashes.slice(0, noted).sort()
      const twice = new Set<bigint>()
      let count = 0
      for (let at = 1; at < noted; at++) {
        if (sorted[at] !== sorted[at - 1]) continue
        count++
        twice.add(sorted[at] ?? 0n)
      }
      const duplicates: Duplicate[] = []
      const firsts = new Map<bigint, number>()
      for (let at = 0; count > 0 && at < noted && duplicates.length < most; at++) {
        const [key, number] = [hashes[at] ?? 0n, numbers[at] ?? 0]
        if (!twice.has(key)) continue
        const first = firsts.get(key)
        if (first === undefined) firsts.set(key, number)
        else duplicates.push({ number, first })
      }
      return { count, duplicates }
    },
  }
}
