/**
 * How the store is: whether the disk has room, whether the writer answers, and what the check
 * behind a stop without warning says. While the disk is full it is tried again every second, so
 * that a store with room says so before anyone writes.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { statSync } from 'node:fs'
import { stat, statfs } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Refusal } from '../../contract/errors.ts'
import type { StartTimer } from '../../contract/timer.ts'
import type { CheckState, Health, Sizes, StorageListener } from '../engine.ts'
import type { RecordCounter } from './record-size.ts'
import type { Writer } from './writer.ts'

/** Space comes back by hand or by a job; a second more does not matter to either. */
const probePeriodMs = 1000

/** With less than this a store that can write a page is still full for the next large document. */
const roomMinBytes = 4 * 1_048_576

/** A disk that has not answered for so long counts as gone, until it does. */
const silenceMaxMs = 10_000

export type HealthKeeper = {
  /** Something was not written, because the disk is full. */
  noteFull(): void
  /** Whether the check that had to be made has not passed. */
  readonly owesCheck: boolean
  /** Throws `Unavailable` when the writer has not answered for too long. */
  readHealth(): Health
  stop(): void
}

/** Whether a log lies beside the file: an orderly end moves it in and removes it. */
export function hasLog(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0
}

/** Sizes of file and log. */
export async function readSizes(
  path: string,
  writer: Writer,
  record: RecordCounter,
): Promise<Sizes> {
  const sizeOf = (each: string) => stat(each).then(({ size }) => size, noSize)
  const [dataBytes, logBytes] = await Promise.all([sizeOf(path), sizeOf(`${path}-wal`)])
  const size = await record.readSize()
  return { dataBytes, logBytes, writesWaiting: writer.waiting, record: size }
}

/** `mustCheck` after a stop without warning: then all data is read once, beside serving. */
export function keepHealth(
  path: string,
  mustCheck: boolean,
  writer: Writer,
  startTimer: StartTimer,
  listener: StorageListener,
): HealthKeeper {
  let full = false
  let cancelProbe = () => {}
  let check: CheckState = 'none'
  let stopped = false
  const become = (now: boolean) => {
    if (full !== now) listener.onFull(now)
    full = now
  }
  const probeLater = () => {
    cancelProbe()
    cancelProbe = startTimer(probePeriodMs, () => {
      void hasRoom(path, writer).then((room) => {
        if (stopped) return
        become(!room)
        if (!room) probeLater()
      })
    })
  }
  const enter = (state: CheckState) => {
    check = state
    listener.onCheck(state)
  }
  const checker = mustCheck ? startCheck(path, enter, listener.onBroken) : undefined
  return {
    noteFull() {
      become(true)
      probeLater()
    },
    get owesCheck() {
      return check === 'running' || check === 'failed'
    },
    readHealth() {
      if (writer.silentMs > silenceMaxMs) {
        throw new Refusal('Unavailable', 'The store has not answered for long; try again later.')
      }
      return { full, check }
    },
    stop() {
      stopped = true
      cancelProbe()
      checker?.kill('SIGKILL')
    },
  }
}

async function hasRoom(path: string, writer: Writer): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(path)
    if (bavail * bsize < roomMinBytes) return false
    await writer.run('probe')
    return true
  } catch {
    // Whatever stops it, it is tried again; a broken store is told of elsewhere.
    return false
  }
}

/**
 * A process and not a thread: nothing can interrupt SQLite in the middle of a check, and a process
 * that ends waits for its threads, which for a cold store of a million documents is 18 s.
 */
function startCheck(
  path: string,
  enter: (state: CheckState) => void,
  onBroken: StorageListener['onBroken'],
): ChildProcess {
  enter('running')
  const script = fileURLToPath(new URL('./check.ts', import.meta.url))
  const stdio = ['pipe', 'pipe', 'ignore'] as const
  const checker = spawn(process.execPath, [script, path], { env: {}, stdio: [...stdio] })
  // The server's end need not wait for it.
  checker.unref()
  let found = ''
  checker.stdout.setEncoding('utf8').on('data', (text: string) => {
    found += text
  })
  checker.once('error', () => enter('failed'))
  checker.once('close', (status) => {
    if (checker.killed) return
    if (status === 0) enter('passed')
    else if (found === '') enter('failed')
    else onBroken(new Error(`the check of ${path} found: ${found}`))
  })
  return checker
}

/** A log is not always there. */
function noSize(error: unknown): number {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  return 0
}
