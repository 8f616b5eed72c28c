/**
 * What a process gets from outside itself: clock, randomness and timers. They are made here and
 * handed down, so that tests can hand in a world that stands still.
 */
import { randomBytes } from 'node:crypto'
import type { StartTimer } from './contract/timer.ts'

export type World = {
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly random: (bytes: number) => Uint8Array
  readonly startTimer: StartTimer
  /** Resolves after so many milliseconds. Unlike a timer it keeps the process alive until then. */
  readonly wait: (delayMs: number) => Promise<void>
  /** Resolves when all that waits for the loop has had its turn. */
  readonly nextTurn: () => Promise<void>
}

export const systemWorld: World = {
  now: Date.now,
  random: randomBytes,
  startTimer(delayMs, action) {
    const timer = setTimeout(action, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
  wait: (delayMs) => new Promise((resolve) => void setTimeout(resolve, delayMs)),
  nextTurn: () => new Promise((resolve) => void setImmediate(resolve)),
}
