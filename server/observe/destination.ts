/**
 * Where lines go: gathered, and written without waiting. A reader that is too slow loses lines
 * before it costs the server its memory; a destination that is gone loses them all, and the server
 * goes on.
 */
import { writeSync } from 'node:fs'
import sonicBoom from 'sonic-boom'
import type { StartTimer } from '../contract/timer.ts'

export type Destination = {
  write(line: string): void
  /** Hands all that was written to the system, waiting: for a process that is about to end. */
  flushSync(): void
}

/** A system call for each line would cost more than the line. */
const gatheredMaxCharacters = 65_536

/** Some ten thousand lines. */
const unwrittenMaxBytes = 4 * 1_048_576

/** How old a line may be when it is written: nobody reads faster. */
const gatheringMs = 200

/** For a pipe that is full at the end. */
const pauseMs = 10
const pausesMax = 50
const pause = new Int32Array(new SharedArrayBuffer(4))

/** Writes to an open file descriptor, which stays open. */
export function writeTo(fd: number, startTimer: StartTimer): Destination {
  let ending = false
  const file = new sonicBoom.SonicBoom({
    fd,
    sync: false,
    maxLength: unwrittenMaxBytes,
    // The library waits for a reader without end, and would keep the process from its own.
    retryEAGAIN: () => !ending,
  })
  file.on('error', () => {})
  let gathered = ''
  let cancel: (() => void) | undefined
  const pass = () => {
    cancel?.()
    cancel = undefined
    file.write(gathered)
    gathered = ''
  }
  return {
    write(line) {
      gathered += line
      if (gathered.length >= gatheredMaxCharacters) pass()
      else cancel ??= startTimer(gatheringMs, pass)
    },
    flushSync() {
      cancel?.()
      cancel = undefined
      const last = gathered
      gathered = ''
      ending = true
      try {
        file.flushSync()
        // Not by way of the library: it would give it to a thread, which may end with the process.
        writeAll(fd, last)
      } catch {
        // Nobody is left to tell.
      }
      ending = false
    },
  }
}

/** Throws the system's error, or when a reader has kept it waiting for half a second. */
function writeAll(fd: number, text: string): void {
  let rest = Buffer.from(text)
  for (let pauses = 0; rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(fd, rest))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN' || ++pauses > pausesMax) throw error
      Atomics.wait(pause, 0, 0, pauseMs)
    }
  }
}
