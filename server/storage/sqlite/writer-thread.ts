/**
 * The only thread that writes. It takes a batch of tasks, runs them inside one durable commit, and
 * answers them all; so the wait for the disk is shared, and the main thread never waits.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { Refusal, StartRefused } from '../../contract/errors.ts'
import { ChecksumFault } from '../checksum.ts'
import type { SqliteWriter } from './database.ts'
import {
  checkpointOf,
  isBroken,
  isBusy,
  isSqliteError,
  limitSize,
  openWriter,
  ours,
  refuseFull,
  rewriteNumber,
  watchOthersWrites,
} from './database.ts'
import { documentTasks } from './document-tasks.ts'
import { watchFiles } from './file-identity.ts'
import { identityTasks } from './identity.ts'
import type { FromWriter, Task, TaskEnd, Tasks, ToWriter } from './tasks.ts'
import { toPlain } from './tasks.ts'
import { tenantEndTasks } from './tenant-ends.ts'

export type WriterThreadData = {
  readonly path: string
  readonly busyTimeoutMs: number
  /** See `limitSize`. */
  readonly sizeMaxBytes: number
  /** Other files without which it must not go on: the lock of a server. */
  readonly watched: readonly string[]
}

/** With fewer pages than this a store is still full for the next large document: 4 MiB. */
const roomMinPages = 1000

/**
 * What comes of the tasks of one commit, and how long they may take, before others get their turn:
 * as much as the main thread takes in within one turn of its loop. What is refused counts as well.
 */
const commitMaxCharacters = 2 * 1_048_576
const commitMaxMs = 20

const port = parentPort
if (port === null) throw new Error('the writer runs as a thread')
const send = (message: FromWriter) => port.postMessage(message)

const writer = open(workerData as WriterThreadData)
if (writer !== undefined) serve(writer, workerData as WriterThreadData)

function open(data: WriterThreadData): SqliteWriter | undefined {
  const { path, busyTimeoutMs, sizeMaxBytes } = data
  try {
    // The main thread has opened it before it started this one, and did what is done alone.
    const opened = openWriter(path, { busyTimeoutMs, alone: false })
    limitSize(opened.connection, sizeMaxBytes)
    return opened
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error
    send({ kind: 'notReady', message: error.message, inUse: error.inUse })
    port?.close()
    return undefined
  }
}

function serve({ connection, transaction }: SqliteWriter, data: WriterThreadData): void {
  const { path, watched } = data
  const perform: Tasks = {
    ...documentTasks(connection),
    ...identityTasks(connection),
    ...tenantEndTasks(connection),
    probe() {
      refuseFull(connection, roomMinPages)
      rewriteNumber(connection)
    },
  }
  const haveOthersWritten = watchOthersWrites(connection)
  const checkpoint = checkpointOf(connection)
  // The first write of the opening has made the log, which stays while the connection does. Who
  // finds no shared memory makes one of its own, and no two would see each other's writes.
  const areFilesThere = watchFiles([path, `${path}-wal`, `${path}-shm`, ...watched])
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
      giveUp(new Error(`${path}, or a file beside it, was removed or replaced while it was open`))
    }
  }

  function endBatch(tasks: readonly Task[]): void {
    const start = performance.now()
    const ends = runFirst(tasks)
    const durationMs = performance.now() - start
    // Behind the commit: what went into a file without a name must not be acknowledged.
    checkFiles()
    if (!broken) send({ kind: 'batchEnded', ends, others: haveOthersWritten(), durationMs })
  }

  /** As many of these tasks as make a commit, one at least; none once the disk or file failed. */
  function runFirst(tasks: readonly Task[]): readonly TaskEnd[] {
    const ends: TaskEnd[] = []
    try {
      transaction(() => runWhileSmall(tasks, runTask, ends))
      return ends
    } catch (error) {
      if (isBroken(error)) {
        giveUp(ours(error))
        return []
      }
      const end = endOf(isSqliteError(error) ? ours(error) : error)
      if (isBusy(error)) return tasks.map(() => end)
      // One of them met a fault of ours, or has no room: alone, each gets what it deserves. Those
      // before it share a commit, and those behind it come again.
      if (ends.length > 0 && ends.length < tasks.length)
        return runFirst(tasks.slice(0, ends.length))
      return tasks.length > 1 ? runFirst(tasks.slice(0, 1)) : [end]
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
      if (error instanceof Refusal || error instanceof ChecksumFault) return endOf(error)
      throw error
    }
  }
}

/** Runs one after the other until a commit is full or has taken its time; adds the ends. */
function runWhileSmall(
  tasks: readonly Task[],
  run: (task: Task) => TaskEnd,
  ends: TaskEnd[],
): void {
  const start = performance.now()
  let characters = 0
  for (const task of tasks) {
    const end = run(task)
    ends.push(end)
    if (end.end === 'done') characters += charactersIn(end.gives)
    if (characters > commitMaxCharacters || performance.now() - start > commitMaxMs) break
  }
}

/** Of the texts in it: what is large goes between the threads as flat lists of them. */
function charactersIn(gives: unknown): number {
  if (!Array.isArray(gives)) return 0
  return gives.reduce((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0)
}

function endOf(error: unknown): TaskEnd {
  return error instanceof Refusal
    ? { end: 'refused', refusal: toPlain(error) }
    : { end: 'failed', fault: error }
}
