/**
 * The only thread that writes. It takes a batch of tasks, runs them inside one durable commit, and
 * answers them all; so the wait for the disk is shared, and the main thread never waits.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { Refusal, StartRefused } from '../../contract/errors.ts'
import type { SqliteWriter } from './database.ts'
import {
  checkpointOf,
  isBroken,
  isOfTheDisk,
  isSqliteError,
  openWriter,
  ours,
  rewriteNumber,
  watchOthersWrites,
} from './database.ts'
import { documentTasks } from './document-tasks.ts'
import { watchFiles } from './file-identity.ts'
import { identityTasks } from './identity.ts'
import type { FromWriter, Task, TaskEnd, Tasks, ToWriter } from './tasks.ts'
import { toPlain } from './tasks.ts'

export type WriterThreadData = { readonly path: string; readonly busyTimeoutMs: number }

const port = parentPort
if (port === null) throw new Error('the writer runs as a thread')
const send = (message: FromWriter) => port.postMessage(message)

const writer = open(workerData as WriterThreadData)
if (writer !== undefined) serve(writer, (workerData as WriterThreadData).path)

function open({ path, busyTimeoutMs }: WriterThreadData): SqliteWriter | undefined {
  try {
    // The main thread has opened it before it started this one, and did what is done alone.
    return openWriter(path, { busyTimeoutMs, alone: false })
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error
    send({ kind: 'notReady', message: error.message, inUse: error.inUse })
    port?.close()
    return undefined
  }
}

function serve({ connection, transaction }: SqliteWriter, path: string): void {
  const perform: Tasks = {
    ...documentTasks(connection),
    ...identityTasks(connection),
    probe: () => rewriteNumber(connection),
  }
  const haveOthersWritten = watchOthersWrites(connection)
  const checkpoint = checkpointOf(connection)
  // The first write of the opening has made the log, which stays while the connection does.
  const areFilesThere = watchFiles([path, `${path}-wal`])
  let broken = false
  port?.on('message', (message: ToWriter) => {
    switch (message.kind) {
      case 'batch':
        // Before and not behind: nothing is acknowledged after a sync that failed.
        moveLog()
        if (!broken) endBatch(message.tasks)
        break
      case 'look':
        checkFiles()
        send({ kind: 'looked', others: haveOthersWritten() })
        break
      case 'close':
        connection.close()
        port?.close()
    }
  })
  send({ kind: 'ready' })

  function moveLog(): void {
    try {
      checkpoint()
    } catch (error) {
      if (!isSqliteError(error)) throw error
      // A full disk is told by the write itself; a busy file is tried again with the next.
      if (isBroken(error)) giveUp(ours(error))
    }
  }

  function checkFiles(): void {
    if (!broken && !areFilesThere()) {
      giveUp(new Error(`${path} or its log was removed or replaced while it was open`))
    }
  }

  function endBatch(tasks: readonly Task[]): void {
    const start = performance.now()
    const ends = runBatch(tasks)
    const durationMs = performance.now() - start
    // Behind the commit: what went into a file without a name must not be acknowledged.
    checkFiles()
    if (!broken) send({ kind: 'batchEnded', ends, others: haveOthersWritten(), durationMs })
  }

  function runBatch(tasks: readonly Task[]): readonly TaskEnd[] {
    if (broken) return []
    try {
      return transaction(() => tasks.map(runTask))
    } catch (error) {
      if (isBroken(error)) {
        giveUp(ours(error))
        return []
      }
      // One of them met a fault of ours; alone, each gets what it deserves.
      if (tasks.length > 1 && !isOfTheDisk(error)) return tasks.flatMap((task) => runBatch([task]))
      const end = endOf(isSqliteError(error) ? ours(error) : error)
      return tasks.map(() => end)
    }
  }

  /** The disk or the file failed, and may have lost pages for good: nothing is written any more. */
  function giveUp(fault: Error): void {
    broken = true
    send({ kind: 'broken', fault })
  }

  function runTask({ name, takes }: Task): TaskEnd {
    try {
      const run = perform[name] as (...takes: readonly unknown[]) => unknown
      return { end: 'done', gives: run(...takes) }
    } catch (error) {
      // Nothing was written yet, so the others of the batch need not know.
      if (error instanceof Refusal) return endOf(error)
      throw error
    }
  }
}

function endOf(error: unknown): TaskEnd {
  return error instanceof Refusal
    ? { end: 'refused', refusal: toPlain(error) }
    : { end: 'failed', fault: error }
}
