/**
 * The main thread's side of the writer. Tasks wait here while a batch is on the disk; when it comes
 * back, all that has gathered goes as the next one. So nobody waits for more than two commits, and
 * under load a commit is shared by as many as came during the one before.
 */
import { Worker } from 'node:worker_threads'
import { StartRefused } from '../../contract/errors.ts'
import type { FromWriter, Task, TaskEnd, TaskName, Tasks, ToWriter } from './tasks.ts'
import { fromPlain } from './tasks.ts'
import type { WriterThreadData } from './writer-thread.ts'

export type Writer = {
  /** Resolves when the task's commit is on disk; rejects with its refusal or fault. */
  run<Name extends TaskName>(
    name: Name,
    ...takes: Parameters<Tasks[Name]>
  ): Promise<ReturnType<Tasks[Name]>>
  /** Writes what waits, then ends the thread. */
  close(): Promise<void>
}

/** More would hold a transaction, and with it the log, for longer than a commit is worth. */
const batchMaxTasks = 512

type Waiting = {
  readonly task: Task
  readonly resolve: (gives: unknown) => void
  readonly reject: (error: unknown) => void
}

/**
 * Starts the thread on a database that is migrated; rejects with `StartRefused`. `onBroken` is
 * told once that nothing can be written from here on; what was in flight has an unknown end.
 */
export async function startWriter(
  data: WriterThreadData,
  onBroken: (fault: unknown) => void,
): Promise<Writer> {
  const thread = new Worker(new URL('./writer-thread.ts', import.meta.url), {
    workerData: data,
    // Flags that are meant for the main script, as --eval, would stop the thread's.
    execArgv: [],
  })
  const exited = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
  await untilReady(thread)
  const send = (message: ToWriter) => thread.postMessage(message)

  const queue: Waiting[] = []
  let inFlight: readonly Waiting[] = []
  let broken: { readonly fault: unknown } | undefined
  let onIdle = () => {}

  thread.on('message', (message: FromWriter) => {
    if (message.kind === 'broken') fail(message.fault)
    else if (message.kind === 'batchEnded') endBatch(message.ends)
  })
  thread.on('error', fail)

  function sendBatch(): void {
    if (inFlight.length > 0 || queue.length === 0) return
    inFlight = queue.splice(0, batchMaxTasks)
    send({ kind: 'batch', tasks: inFlight.map(({ task }) => task) })
  }

  function endBatch(ends: readonly TaskEnd[]): void {
    const ended = inFlight
    inFlight = []
    // The next batch is on its way before anyone is told of this one.
    sendBatch()
    for (const [at, waiting] of ended.entries()) settle(waiting, ends[at])
    if (inFlight.length === 0) onIdle()
  }

  function fail(fault: unknown): void {
    if (broken !== undefined) return
    broken = { fault }
    // Told first: whoever stops the process must do so before a refusal is sent.
    onBroken(fault)
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
        queue.push({ task: { name, takes }, resolve, reject })
        sendBatch()
      }
      return promise as Promise<ReturnType<Tasks[typeof name]>>
    },
    async close() {
      if (inFlight.length > 0) {
        await new Promise<void>((resolve) => {
          onIdle = resolve
        })
      }
      send({ kind: 'close' })
      await exited
    },
  }
}

function settle({ resolve, reject }: Waiting, end: TaskEnd | undefined): void {
  if (end === undefined) reject(new Error('the writer lost a task'))
  else if (end.end === 'done') resolve(end.gives)
  else reject(end.end === 'refused' ? fromPlain(end.refusal) : end.fault)
}

function stopped(cause: unknown): Error {
  return new Error('the writer has stopped', { cause })
}

function untilReady(thread: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    thread.once('error', reject)
    thread.once('message', (message: FromWriter) => {
      thread.off('error', reject)
      if (message.kind === 'ready') resolve()
      else if (message.kind === 'notReady') {
        reject(new StartRefused(message.message, { inUse: message.inUse }))
      } else reject(new Error(`the writer began with ${message.kind}`))
    })
  })
}
