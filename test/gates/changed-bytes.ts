/** Bytes and texts changed at random places, as they break parsers. */
import type { Random } from '../support/random.ts'
import { chance, pick } from '../support/random.ts'

const bytesThatBreak = [
  0, 0x0a, 0x20, 0x22, 0x2c, 0x2d, 0x30, 0x3a, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x7f, 0x80, 0xc0, 0xed,
  0xff,
]

/** One to four bytes changed, put in, taken out, or a stretch of them said twice. */
export function mutateBytes(bytes: Uint8Array, random: Random): Buffer {
  let mutated = Buffer.from(bytes)
  for (let turn = 1 + Math.floor(random() * 4); turn > 0; turn--) {
    const at = Math.floor(random() * (mutated.length + 1))
    const byte = chance(random, 0.7) ? pick(bytesThatBreak, random) : Math.floor(random() * 256)
    const end = Math.min(mutated.length, at + Math.floor(random() * 8))
    const [before, after] = [mutated.subarray(0, at), mutated.subarray(at)]
    const changed = [
      [before, Buffer.from([byte]), after],
      [before, Buffer.from([byte]), after.subarray(1)],
      [before, mutated.subarray(end)],
      [before, mutated.subarray(at, end), after],
    ]
    mutated = Buffer.concat(pick(changed, random))
  }
  return mutated
}

/** The same of a text, of which a header or target can be made. */
export function mutateText(text: string, random: Random): string {
  return mutateBytes(Buffer.from(text), random)
    .toString('latin1')
    .replaceAll(/[^\x21-\x7e]/g, '~')
}
