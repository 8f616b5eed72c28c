/**
 * Events as JSON lines: one object a line with `time` (epoch milliseconds) and `event` first.
 * Answered requests are told too often to be written here.
 */
import type { Event, Tell } from './events.ts'

/** Writes every event but answered requests to `write`, one line each. */
export function logTo(write: (line: string) => void, now: () => number): Tell {
  return (event) => {
    if (event.event === 'request-answered') return
    write(`${JSON.stringify({ time: now(), ...describe(event) })}\n`)
  }
}

function describe(event: Event): object {
  return 'fault' in event ? { ...event, fault: describeFault(event.fault) } : event
}

function describeFault(fault: unknown): object {
  if (!(fault instanceof Error)) return { message: String(fault) }
  const cause = fault.cause === undefined ? {} : { cause: describeFault(fault.cause) }
  return { message: fault.message, stack: fault.stack, ...cause }
}
