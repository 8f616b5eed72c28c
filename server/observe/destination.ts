/**
 * Where lines go: gathered, and written without waiting. A reader that is too slow loses lines
 * before it costs the server its memory; a destination that is gone loses them all, and the server
 * goes on.
 */
import sonicBoom from 'sonic-boom'

export type Destination = {
  write(line: string): void
  /** Hands all that was written to the system, waiting: for a process that is about to end. */
  flushSync(): void
}

/** A system call for each line would cost more than the line. */
const gatheredMinCharacters = 65_536

/** Some ten thousand lines. */
const unwrittenMaxBytes = 4 * 1_048_576

/** How old a line may be when it is written: nobody reads faster. */
const gatheringMs = 200

/** Writes to an open file descriptor, which stays open. */
export function writeTo(
  fd: number,
  startTimer: (delayMs: number, action: () => void) => () => void,
): Destination {
  const file = new sonicBoom.SonicBoom({ fd, sync: false, maxLength: unwrittenMaxBytes })
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
      if (gathered.length >= gatheredMinCharacters) pass()
      else cancel ??= startTimer(gatheringMs, pass)
    },
    flushSync() {
      pass()
      try {
        file.flushSync()
      } catch {
        // Nobody is left to tell.
      }
    },
  }
}
