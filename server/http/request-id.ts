/** The ids that requests get which bring none of their own. */

/** 96 random bits: no two requests of a server's life share one. */
const idBytes = 12

/** Drawn at once: asking the system for each id costs more than all else that is done for it. */
const drawnAtOnce = 256

/** What gives a new id at each call, in the letters of base64url. */
export function makeRequestIds(random: (bytes: number) => Uint8Array): () => string {
  let drawn = Buffer.alloc(0)
  let at = 0
  return () => {
    if (at === drawn.length) {
      drawn = Buffer.from(random(idBytes * drawnAtOnce))
      at = 0
    }
    at += idBytes
    return drawn.toString('base64url', at - idBytes, at)
  }
}
