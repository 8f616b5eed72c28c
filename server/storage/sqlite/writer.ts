/**
 * The main thread's side of the writer. Tasks wait here while a batch is on the disk; when it comes
 * back, what has gathered goes as the next one, up to a size. So an idle writer starts at once, and
 * under load a commit is shared by those who came during the one before; and, on a slow disk, by
 * those who come again because they were just answered.
 */
import { Worker } from 'node:worker_threads'
import { Refusal, StartRefused } from '../../contract/errors.ts'
import type { StartTimer } from '../engine.ts'
import type { FromWriter, Task, TaskEnd, TaskName, Tasks, ToWriter } from './tasks.ts'
import { fromPlain } from './tasks.ts'
import type { WriterThreadData } from './writer-thread.ts'

export type Writer = {
  /** Resolves when the task's commit is on disk; rejects with its refusal or fault. */
  run<Name extends TaskName>(
    name: Name,
    ...takes: Parameters<Tasks[Name]>
  ): Promise<ReturnType<Tasks[Name]>>
  /** Asks whether another process has written. False when the last question is unanswered yet. */
  look(): boolean
  /** How many tasks wait or are being written. */
  readonly waiting: number
  /** For how long the thread has not answered, in milliseconds; 0 when nothing is asked of it. */
  readonly silentMs: number
  /** Writes what waits, then ends the thread. */
  close(): Promise<void>
}

/** Who is told what the thread finds out. */
export type WriterListener = {
  /** Once: nothing can be written from here on; what was in flight has an unknown end. */
  onBroken(fault: unknown): void
  /** Another process has written; told before the answers of the tasks that came after it. */
  onForeignWrite(): void
  /** So many tasks were written in one commit; or not, because the disk is full. */
  onBatch(batch: { tasks: number; characters: number; durationMs: number; full: boolean }): void
}

/** More would hold a transaction, and with it the log, for longer than a commit is worth. */
const batchMaxTasks = 512
const batchMaxCharacters = 4 * 1_048_576

/**
 * After a commit that took so long, as many as were answered get a moment to come again: in step they
 * all share the next commit, out of step they fall into halves that wait for each other's. The
 * moment is what some dozens of answers and requests take, and far less than it saves.
 */
const slowCommitMs = 1
const gatheringMs = 4

/** What may wait here, beside the batch on its way; beyond it a client is told to come back. */
const queueMaxCharacters = 64 * 1_048_576

type Waiting = {
  readonly task: Task
  readonly characters: number
  readonly resolve: (gives: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Starts the thread on a database that is migrated; rejects with `StartRefused`. */
export async function startWriter(
  data: WriterThreadData,
  listener: WriterListener,
  startTimer: StartTimer,
): Promise<Writer> {
  const thread = new Worker(new URL('./writer-thread.ts', import.meta.url), {
    workerData: data,
    // Flags that are meant for the main script, as --eval, would stop the thread's.
    execArgv: [],
  })
  const exited = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
  await untilReady(thread)
  thread.on('exit', () => {
    if (!closing) fail(new Error('the writer ended by itself'))
  })
  thread.on('messageerror', fail)
  const send = (message: ToWriter) => thread.postMessage(message)

  const queue: Waiting[] = []
  let inFlight: readonly Waiting[] = []
  let queuedCharacters = 0
  /** Nothing is waited for any more; then, nothing more is sent. */
  let draining = false
  let closing = false
  let broken: { readonly fault: unknown } | undefined
  let onIdle = () => {}
  let looking = false
  /** While more are waited for: how many make it worthwhile to go, and what ends the waiting. */
  let gathering: { readonly enough: number; readonly stop: () => void } | undefined
  /** Since when the thread owes an answer. */
  let askedAt: number | undefined

  thread.on('message', (message: FromWriter) => {
    if (message.kind === 'broken') fail(message.fault)
    else if (message.kind === 'batchEnded') endBatch(message)
    else if (message.kind === 'looked') {
      looking = false
      rest()
      if (message.foreign) listener.onForeignWrite()
    }
  })
  thread.on('error', fail)

  function sendBatch(): void {
    if (inFlight.length > 0 || queue.length === 0) return
    if (gathering !== undefined && queue.length < gathering.enough) return
    endGathering()
    const batch = queue.splice(0, countForBatch(queue))
    for (const { characters } of batch) queuedCharacters -= characters
    try {
      send({ kind: 'batch', tasks: batch.map(({ task }) => task) })
      inFlight = batch
      askedAt ??= performance.now()
    } catch (fault) {
      // Something in it cannot cross to a thread; what waits behind it must not wait for ever.
      for (const { reject } of batch) reject(fault)
      sendBatch()
    }
  }

  function rest(): void {
    askedAt = looking || inFlight.length > 0 ? performance.now() : undefined
  }

  function endBatch({ ends, foreign, durationMs }: FromWriter & { kind: 'batchEnded' }): void {
    const ended = inFlight
    inFlight = []
    rest()
    if (foreign) listener.onForeignWrite()
    const characters = ended.reduce((sum, waiting) => sum + waiting.characters, 0)
    listener.onBatch({ tasks: ended.length, characters, durationMs, full: ends.some(isFull) })
    const together = queue.length + ended.length
    if (together > 1 && durationMs >= slowCommitMs && !draining) gather(together)
    // The next batch is on its way before anyone is told of this one.
    sendBatch()
    for (const [at, waiting] of ended.entries()) settle(waiting, ends[at])
    if (inFlight.length === 0 && queue.length === 0) onIdle()
  }

  function gather(wanted: number): void {
    const stop = startTimer(gatheringMs, () => {
      gathering = undefined
      sendBatch()
    })
    gathering = { enough: Math.min(wanted, batchMaxTasks), stop }
  }

  function endGathering(): void {
    gathering?.stop()
    gathering = undefined
  }

  function fail(fault: unknown): void {
    if (broken !== undefined) return
    broken = { fault }
    // Told first: whoever stops the process must do so before a refusal is sent.
    listener.onBroken(fault)
    const lost = [...inFlight, ...queue.splice(0)]
    inFlight = []
    for (const { reject } of lost) reject(stopped(fault))
    onIdle()
  }

  return {
    run(name, ...takes) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      if (broken !== undefined) reject(stopped(broken.fault))
      else {
        const characters = charactersOf(takes)
        if (queuedCharacters + characters > queueMaxCharacters) {
          reject(new Refusal('Unavailable', 'Too many writes are waiting; try again shortly.'))
        } else {
          queuedCharacters += characters
          queue.push({ task: { name, takes }, characters, resolve, reject })
          sendBatch()
        }
      }
      return promise as Promise<ReturnType<Tasks[typeof name]>>
    },
    look() {
      if (looking) return false
      looking = true
      askedAt ??= performance.now()
      send({ kind: 'look' })
      return true
    },
    get waiting() {
      return inFlight.length + queue.length
    },
    get silentMs() {
      return askedAt === undefined ? 0 : performance.now() - askedAt
    },
    async close() {
      draining = true
      endGathering()
      sendBatch()
      if (inFlight.length > 0) {
        await new Promise<void>((resolve) => {
          onIdle = resolve
        })
      }
      closing = true
      send({ kind: 'close' })
      await exited
    },
  }
}

/** How many of those that wait go together: at least one. */
function countForBatch(queue: readonly Waiting[]): number {
  let count = 0
  let characters = 0
  for (const waiting of queue) {
    characters += waiting.characters
    if (count > 0 && (count === batchMaxTasks || characters > batchMaxCharacters)) break
    count++
  }
  return count
}

/** About how much memory a task takes: that of the texts in it, which are what can be large. */
function charactersOf(takes: readonly unknown[]): number {
  let characters = 0
  for (const taken of takes) {
    if (typeof taken !== 'object' || taken === null) continue
    for (const value of Object.values(taken)) {
      if (typeof value === 'string') characters += value.length
    }
  }
  return characters
}

function settle({ resolve, reject }: Waiting, end: TaskEnd | undefined): void {
  if (end === undefined) reject(new Error('the writer lost a task'))
  else if (end.end === 'done') resolve(end.gives)
  else reject(end.end === 'refused' ? fromPlain(end.refusal) : end.fault)
}

function isFull(end: TaskEnd): boolean {
  return end.end === 'refused' && end.refusal.code === 'StorageFull'
}

function stopped(cause: unknown): Error {
  return new Error('the writer has stopped', { cause })
}

function untilReady(thread: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error('the writer ended before it began'))
    thread.once('error', reject)
    thread.once('exit', onExit)
    thread.once('message', (message: FromWriter) => {
      thread.off('error', reject).off('exit', onExit)
      if (message.kind === 'ready') resolve()
      else if (message.kind === 'notReady') {
        reject(new StartRefused(message.message, { inUse: message.inUse }))
      } else reject(new Error(`the writer began with ${message.kind}`))
    })
  })
}
