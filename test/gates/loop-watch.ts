/**
 * Loaded into a server that is measured, before its own code (`node --import`): measures how long
 * its event loop is held, and prints the longest hold since the last question, in milliseconds, on
 * SIGUSR2. A hold is all that ran from one turn of the loop to the next, several requests together
 * too, for so long had everybody else to wait; but not the time in which the system let others run.
 */
import { openSync, readSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

// The writer's thread loads this too, and may take all the time that it needs.
if (isMainThread) watch()

function watch(): void {
  const readWaited = openWaited()
  let last = { now: performance.now(), waited: readWaited() }
  let longest = 0
  let asked = 0
  const turn = () => {
    const next = { now: performance.now(), waited: readWaited() }
    longest = Math.max(longest, next.now - last.now - (next.waited - last.waited))
    last = next
  }
  setInterval(turn, 1).unref()
  process.on('SIGUSR2', () => {
    turn()
    process.stdout.write(`held ${++asked} ${longest.toFixed(1)}\n`)
    longest = 0
  })
}

/** Reads how long this thread was ready to run and did not, in milliseconds, where Linux tells. */
function openWaited(): () => number {
  let file: number
  try {
    file = openSync('/proc/self/schedstat', 'r')
  } catch {
    return () => 0
  }
  const buffer = Buffer.alloc(64)
  return () => {
    const size = readSync(file, buffer, 0, buffer.length, 0)
    const [, waitedNs] = buffer.toString('latin1', 0, size).split(' ')
    return Number(waitedNs) / 1e6
  }
}
