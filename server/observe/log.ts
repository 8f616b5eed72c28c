/**
 * Events as JSON lines: one object a line with `time` (epoch milliseconds) and `event` first.
 * Answered requests are told too often to be written here.
 */
import { inspect } from 'node:util'
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

/** More says nothing new, and an error may be its own cause. */
const causesMax = 5

/** Whatever was thrown, in words. Never throws: a log that fails hides the fault. */
function describeFault(fault: unknown, depth = 0): object {
  if (!(fault instanceof Error))
    return { message: typeof fault === 'string' ? fault : inspect(fault, { depth: 2 }) }
  const { message, stack, cause } = fault
  const deeper = cause !== undefined && depth < causesMax
  return {
    message,
    // `code` of the system's errors, `errcode` of SQLite's.
    ...('code' in fault ? { code: fault.code } : {}),
    ...('errcode' in fault ? { errcode: fault.errcode } : {}),
    stack,
    ...(deeper ? { cause: describeFault(cause, depth + 1) } : {}),
  }
}
