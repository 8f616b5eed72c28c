/** Turns of the event loop, one for each piece of work long enough to keep others waiting. */

/** Resolves when the loop has turned for this caller alone. */
export type OwnTurn = () => Promise<void>

/** Gives out turns in the order in which they are asked for. */
export function giveTurns(nextTurn: () => Promise<void>): OwnTurn {
  let last = Promise.resolve()
  return () => {
    last = last.then(nextTurn)
    return last
  }
}
