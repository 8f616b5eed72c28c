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
  isSqliteError,
  openWriter,
  ours,
  rewriteNumber,
  watchForeignWrites,
} from './database.ts'
import { documentTasks } from './documents.ts'
import { identityTasks } from './identity.ts'
import type { FromWriter, Task, TaskEnd, Tasks, ToWriter } from './tasks.ts'
import { toPlain } from './tasks.ts'

export type WriterThreadData = { readonly path: string; readonly busyTimeoutMs: number }

const port = parentPort
if (port === null) throw new Error('the writer runs as a thread')
const send = (message: FromWriter) => port.postMessage(message)

const writer = open(workerData as WriterThreadData)
if (writer !== undefined) serve(writer)

function open({ path, busyTimeoutMs }: WriterThreadData): SqliteWriter | undefined {
  try {
    // The main thread has migrated before it started this one.
    return openWriter(path, { busyTimeoutMs, guardMigration: (run) => run() })
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error
    send({ kind: 'notReady', message: error.message, inUse: error.inUse })
    port?.close()
    return undefined
  }
}

function serve({ connection, transaction }: SqliteWriter): void {
  const perform: Tasks = {
    ...documentTasks(connection),
    ...identityTasks(connection),
    probe: () => rewriteNumber(connection),
  }
  const hasForeignWrites = watchForeignWrites(connection)
  const checkpoint = checkpointOf(connection)
  port?.on('message', (message: ToWriter) => {
    switch (message.kind) {
      case 'batch': {
        const start = performance.now()
        // Before and not behind: nothing is acknowledged after a sync that failed.
        if (!succeeds(checkpoint)) break
        const ends = runBatch(message.tasks)
        const durationMs = performance.now() - start
        send({ kind: 'batchEnded', ends, foreign: hasForeignWrites(), durationMs })
        break
      }
      case 'look':
        send({ kind: 'looked', foreign: hasForeignWrites() })
        break
      case 'close':
        connection.close()
        port?.close()
    }
  })
  send({ kind: 'ready' })

  function runBatch(tasks: readonly Task[]): readonly TaskEnd[] {
    try {
      return transaction(() => tasks.map(runTask))
    } catch (error) {
      if (!isSqliteError(error) && tasks.length > 1) {
        // One of them met a fault of ours; alone, each gets what it deserves.
        return tasks.flatMap((task) => runBatch([task]))
      }
      if (isBroken(error)) send({ kind: 'broken', fault: error })
      const end = endOf(isSqliteError(error) ? ours(error) : error)
      return tasks.map(() => end)
    }
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

/** False, and told, when it breaks the store: a failed sync may have lost pages for good. */
function succeeds(run: () => void): boolean {
  try {
    run()
    return true
  } catch (error) {
    if (isBroken(error)) {
      send({ kind: 'broken', fault: error })
      return false
    }
    if (!isSqliteError(error)) throw error
    // A full disk is told by the write itself; a busy file is tried again with the next.
    return true
  }
}

function endOf(error: unknown): TaskEnd {
  return error instanceof Refusal
    ? { end: 'refused', refusal: toPlain(error) }
    : { end: 'failed', fault: error }
}
