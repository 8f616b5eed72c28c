/**
 * Which writes share a commit. They wait here while a batch is under way; when it comes back, what
 * has gathered goes as the next one, up to a size, tenants in turn. So an idle writer starts at
 * once, under load a commit is shared by those who came during the one before and by those who come
 * again because they were just answered, and nobody waits for all that another has sent. Nothing
 * here knows of threads or timers.
 */

export type Batched = {
  /** About how long its text is. */
  readonly characters: number
  /** Whose it is: those of one wait in their order, and take turns with those of others. */
  readonly owner: string
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
  /**
   * The batch under way came back after so long, with the first `count` of it done, or never went:
   * gives those. The others wait again, before all else of their owners.
   */
  end(durationMs: number, count: number): readonly Item[]
  /** How long others may be waited for before `take` is asked again; undefined: not at all. */
  readonly gatheringMs: number | undefined
  /** That time is over. */
  stopGathering(): void
  /** From here on nothing is waited for. */
  drain(): void
  /** Takes out all that waits, and what is under way where that is said. */
  clear(what: 'all' | 'waiting'): readonly Item[]
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
  const queue = makeTurns<Item>()
  let underWay: readonly Item[] = []
  let gathering: { readonly enough: number; readonly half: number } | undefined
  let withoutGathering = 0
  let draining = false

  function gather(answered: number): void {
    const queued = queue.count
    gathering = {
      enough: Math.min(queued + answered, batchMaxItems),
      half: queued + answered / 2,
    }
  }

  return {
    get waiting() {
      return underWay.length + queue.count
    },
    get busy() {
      return underWay.length > 0
    },
    get gatheringMs() {
      return gathering === undefined ? undefined : gatheringMaxMs
    },
    add(item) {
      if (queue.characters + item.characters > queueMaxCharacters) return false
      queue.add(item)
      return true
    },
    take() {
      if (underWay.length > 0 || queue.count === 0) return undefined
      if (gathering !== undefined && queue.count < gathering.enough) return undefined
      gathering = undefined
      underWay = queue.take()
      return underWay
    },
    end(durationMs, count) {
      const ended = underWay.slice(0, count)
      const left = underWay.slice(count)
      underWay = []
      queue.putBack(left)
      const alone = queue.count + ended.length < 2
      if (withoutGathering > 0) withoutGathering--
      else if (durationMs >= longBatchMs && left.length === 0 && !alone && !draining) {
        gather(ended.length)
      }
      return ended
    },
    stopGathering() {
      if (gathering !== undefined && queue.count < gathering.half) {
        withoutGathering = batchesWithoutGathering
      }
      gathering = undefined
    },
    drain() {
      draining = true
      gathering = undefined
    },
    clear(what) {
      const all = what === 'all' ? [...underWay, ...queue.clear()] : queue.clear()
      if (what === 'all') underWay = []
      gathering = undefined
      return all
    },
  }
}

/** A queue for each owner; what is taken is taken of each in turn, beginning where it ended. */
function makeTurns<Item extends Batched>() {
  /** In the order of their turns. None is empty. */
  let queues = new Map<string, Item[]>()
  let count = 0
  let characters = 0
  const note = (item: Item, by: 1 | -1) => {
    count += by
    characters += by * item.characters
  }
  const queueOf = (owner: string): Item[] => {
    const found = queues.get(owner)
    if (found !== undefined) return found
    const made: Item[] = []
    queues.set(owner, made)
    return made
  }
  /** At least one, however large: it was let in, so it is written. */
  function take(): readonly Item[] {
    const taken: Item[] = []
    let text = 0
    while (count > 0) {
      const [owner, queue] = queues.entries().next().value ?? ['', []]
      const next = queue[0]
      if (next === undefined) break
      const isFull = taken.length === batchMaxItems || text + next.characters > batchMaxCharacters
      if (taken.length > 0 && isFull) break
      text += next.characters
      taken.push(next)
      note(next, -1)
      queue.shift()
      // Behind all others, if anything of it is left.
      queues.delete(owner)
      if (queue.length > 0) queues.set(owner, queue)
    }
    return taken
  }
  return {
    get count() {
      return count
    },
    get characters() {
      return characters
    },
    add(item: Item) {
      queueOf(item.owner).push(item)
      note(item, 1)
    },
    take,
    putBack(items: readonly Item[]) {
      for (const item of items.toReversed()) {
        queueOf(item.owner).unshift(item)
        note(item, 1)
      }
    },
    clear(): readonly Item[] {
      const all = [...queues.values()].flat()
      queues = new Map()
      count = 0
      characters = 0
      return all
    },
  }
}
