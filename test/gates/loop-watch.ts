/**
 * Loaded into a server that is measured, before its own code (`node --import`): measures how long
 * its event loop is held. On SIGUSR2 it prints the longest hold since the last such question, in
 * milliseconds, and forgets it. The hold counts all that ran from one turn of the loop to the
 * next, several requests together too, for that is how long everybody else had to wait.
 */
import { isMainThread } from 'node:worker_threads'

// The writer's thread loads this too, and may take all the time that it needs.
if (isMainThread) {
  let last = performance.now()
  let longest = 0
  let asked = 0
  const turn = () => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  setInterval(turn, 1).unref()
  process.on('SIGUSR2', () => {
    turn()
    process.stdout.write(`held ${++asked} ${longest.toFixed(1)}\n`)
    last = performance.now()
    longest = 0
  })
}
