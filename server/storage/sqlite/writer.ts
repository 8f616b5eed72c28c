/**
 * The main thread's side of the writer: sends it batches of tasks, and tells each task's end to who
 * gave it. Which tasks go together is decided in `batching.ts`.
 */
import { Worker } from 'node:worker_threads'
import { Refusal, StartRefused } from '../../contract/errors.ts'
import type { StartTimer } from '../../contract/timer.ts'
import { makeBatching } from './batching.ts'
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
  /** Once: nothing can be written from here on; what was under way has an unknown end. */
  onBroken(fault: unknown): void
  /** Another process has written; told before the answers of the tasks that came after it. */
  onOthersWrite(): void
  /** So many tasks were written in one commit. */
  onCommit(commit: { writes: number; characters: number; durationMs: number }): void
  /** Something was not written, because the disk is full. */
  onFull(): void
}

type Waiting = {
  readonly task: Task
  readonly characters: number
  readonly owner: string
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
  const batching = makeBatching<Waiting>()
  let closing = false
  let broken: { readonly fault: unknown } | undefined
  let looking = false
  let onIdle = () => {}
  let stopTimer = () => {}
  /** Since when the thread owes an answer. */
  let askedAt: number | undefined

  thread.on('message', (message: FromWriter) => {
    if (message.kind === 'broken') fail(message.fault)
    else if (message.kind === 'batchEnded') endBatch(message)
    else if (message.kind === 'looked') {
      looking = false
      noteAnswer()
      if (message.others) listener.onOthersWrite()
    }
  })
  thread.on('error', fail)

  function sendBatch(): void {
    const batch = batching.take()
    if (batch === undefined) return
    stopTimer()
    try {
      send({ kind: 'batch', tasks: batch.map(({ task }) => task) })
      askedAt ??= performance.now()
    } catch (fault) {
      // Something in it cannot cross to a thread; what waits behind it must not wait for ever.
      for (const { reject } of batching.end(0, batch.length)) reject(fault)
      sendBatch()
    }
  }

  function endBatch(message: FromWriter & { kind: 'batchEnded' }): void {
    const { ends, others, durationMs } = message
    const ended = batching.end(durationMs, ends.length)
    noteAnswer()
    if (others) listener.onOthersWrite()
    const written = ended.filter((_, at) => ends[at]?.end === 'done')
    if (written.length > 0) {
      const characters = written.reduce((sum, waiting) => sum + waiting.characters, 0)
      listener.onCommit({ writes: written.length, characters, durationMs })
    }
    if (ends.some(isFull)) listener.onFull()
    if (batching.gatheringMs !== undefined) {
      stopTimer = startTimer(batching.gatheringMs, () => {
        batching.stopGathering()
        sendBatch()
      })
    }
    // Unless others are waited for, the next batch is on its way before anyone is told of this one.
    sendBatch()
    for (const [at, waiting] of ended.entries()) settle(waiting, ends[at])
    if (batching.waiting === 0) onIdle()
  }

  function noteAnswer(): void {
    askedAt = looking || batching.busy ? performance.now() : undefined
  }

  function fail(fault: unknown): void {
    if (broken !== undefined) return
    broken = { fault }
    stopTimer()
    // Told first: whoever stops the process must do so before a refusal is sent.
    listener.onBroken(fault)
    for (const { reject } of batching.clear('all')) reject(stopped(fault))
    onIdle()
  }

  return {
    run(name, ...takes) {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>()
      if (broken !== undefined) reject(stopped(broken.fault))
      else if (closing) reject(new Refusal('Unavailable', 'The store is being closed.'))
      else if (batching.add({ ...sized(name, takes), resolve, reject })) {
        sendBatch()
      } else {
        reject(new Refusal('Unavailable', 'Too many writes are waiting; try again shortly.'))
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
      return batching.waiting
    },
    get silentMs() {
      return askedAt === undefined ? 0 : performance.now() - askedAt
    },
    async close() {
      stopTimer()
      batching.drain()
      sendBatch()
      // Who still waits has been cut off by now: nobody would hear of the outcome.
      const late = new Refusal('Unavailable', 'The store is being closed.')
      for (const { reject } of batching.clear('waiting')) reject(late)
      if (batching.waiting > 0) {
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

/** The task, how large it is, and whose: documents' writes are their tenants', all else is ours. */
function sized(name: TaskName, takes: readonly unknown[]) {
  const [packed] = takes
  const owner = name === 'write' && Array.isArray(packed) ? String(packed[0]) : ''
  return { task: { name, takes }, characters: charactersOf(takes), owner }
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
