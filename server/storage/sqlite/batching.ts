/**
 * Which writes share a commit. They wait here while a batch is under way; when it comes back, what
 * has gathered goes as the next one, up to a size. So an idle writer starts at once, and under load
 * a commit is shared by those who came during the one before, and by those who come again because
 * they were just answered. Nothing here knows of threads or timers.
 */

export type Batched = {
  /** About how long its text is. */
  readonly characters: number
}

export type Batching<Item extends Batched> = {
  /** Those who wait and those under way. */
  readonly waiting: number
  /** Whether a batch is under way. */
  readonly busy: boolean
  /** False when too much waits already; it is not added then. */
  add(item: Item): boolean
  /** The next batch, which is under way from now on; undefined while none may go. */
  take(): readonly Item[] | undefined
  /** The first `count` of the batch under way came back before the rest: gives them. */
  endPart(count: number): readonly Item[]
  /** The batch under way came back after so long, or never went: gives what is left of it. */
  end(durationMs: number): readonly Item[]
  /** How long others may be waited for before `take` is asked again; undefined: not at all. */
  readonly gatheringMs: number | undefined
  /** That time is over. */
  stopGathering(): void
  /** From here on nothing is waited for. */
  drain(): void
  /** Takes out all that waits and is under way. */
  clear(): readonly Item[]
}

/**
 * Enough for any crowd to share a commit, and no more text than goes between the threads at once.
 * What comes of it is bounded by who writes it: a small merge may leave a large document.
 */
export const batchMaxItems = 512
const batchMaxCharacters = 4 * 1_048_576

/** What may wait here, beside the batch under way; beyond it a client is told to come back. */
const queueMaxCharacters = 64 * 1_048_576

/**
 * A commit costs as much as several writes. So behind a batch that took this long, as many as were
 * answered get a moment to come again: in step all share the next one, out of step they fall into
 * halves that wait for each other. The moment is what some dozens of answers and requests take.
 */
const longBatchMs = 1
const gatheringMaxMs = 4

/** Where fewer than half came again, clients come as they please: so many batches wait for none. */
const batchesWithoutGathering = 32

/** Nothing waits and nothing is under way yet. */
export function makeBatching<Item extends Batched>(): Batching<Item> {
  let queue: Item[] = []
  let queuedCharacters = 0
  let underWay: readonly Item[] = []
  let taken = 0
  let gathering: { readonly enough: number; readonly half: number } | undefined
  let withoutGathering = 0
  let draining = false

  function gather(answered: number): void {
    const queued = queue.length
    gathering = {
      enough: Math.min(queued + answered, batchMaxItems),
      half: queued + answered / 2,
    }
  }

  return {
    get waiting() {
      return underWay.length + queue.length
    },
    get busy() {
      return underWay.length > 0
    },
    get gatheringMs() {
      return gathering === undefined ? undefined : gatheringMaxMs
    },
    add(item) {
      if (queuedCharacters + item.characters > queueMaxCharacters) return false
      queuedCharacters += item.characters
      queue.push(item)
      return true
    },
    take() {
      if (underWay.length > 0 || queue.length === 0) return undefined
      if (gathering !== undefined && queue.length < gathering.enough) return undefined
      gathering = undefined
      underWay = queue.splice(0, countForBatch(queue))
      for (const { characters } of underWay) queuedCharacters -= characters
      taken = underWay.length
      return underWay
    },
    endPart(count) {
      const ended = underWay.slice(0, count)
      underWay = underWay.slice(count)
      return ended
    },
    end(durationMs) {
      const ended = underWay
      underWay = []
      const alone = queue.length + taken < 2
      if (withoutGathering > 0) withoutGathering--
      else if (durationMs >= longBatchMs && !alone && !draining) gather(taken)
      return ended
    },
    stopGathering() {
      if (gathering !== undefined && queue.length < gathering.half) {
        withoutGathering = batchesWithoutGathering
      }
      gathering = undefined
    },
    drain() {
      draining = true
      gathering = undefined
    },
    clear() {
      const all = [...underWay, ...queue]
      underWay = []
      queue = []
      queuedCharacters = 0
      gathering = undefined
      return all
    },
  }
}

/** At least one, however large: it was let in, so it is written. */
function countForBatch(queue: readonly Batched[]): number {
  let characters = 0
  let count = 0
  for (const item of queue) {
    characters += item.characters
    if (count > 0 && (count === batchMaxItems || characters > batchMaxCharacters)) break
    count++
  }
  return count
}
