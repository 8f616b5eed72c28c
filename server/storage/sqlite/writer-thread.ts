/**
 * The only thread that writes. It takes a batch of jobs, runs them inside one durable commit, and
 * answers them all; so the wait for the disk is shared, and the main thread never waits.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { Refusal, StartRefused } from '../../contract/errors.ts'
import type { SqliteWriter } from './database.ts'
import { isBroken, isSqliteError, openWriter, ours } from './database.ts'
import { documentJobs } from './documents.ts'
import { identityJobs } from './identity.ts'
import type { FromWriter, Job, JobEnd, Jobs, ToWriter } from './jobs.ts'
import { toPlain } from './jobs.ts'

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
  const perform: Jobs = { ...documentJobs(connection), ...identityJobs(connection) }
  port?.on('message', (message: ToWriter) => {
    if (message.kind === 'batch') send({ kind: 'batchEnded', ends: runBatch(message.jobs) })
    else {
      connection.close()
      port?.close()
    }
  })
  send({ kind: 'ready' })

  function runBatch(jobs: readonly Job[]): readonly JobEnd[] {
    try {
      return transaction(() => jobs.map(runJob))
    } catch (error) {
      if (!isSqliteError(error) && jobs.length > 1) {
        // One of them met a fault of ours; alone, each gets what it deserves.
        return jobs.flatMap((job) => runBatch([job]))
      }
      if (isBroken(error)) send({ kind: 'broken', fault: error })
      const end = endOf(isSqliteError(error) ? ours(error) : error)
      return jobs.map(() => end)
    }
  }

  function runJob({ name, takes }: Job): JobEnd {
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

function endOf(error: unknown): JobEnd {
  return error instanceof Refusal
    ? { end: 'refused', refusal: toPlain(error) }
    : { end: 'failed', fault: error }
}
