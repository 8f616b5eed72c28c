/**
 * Events as JSON lines: one object a line with `time` (epoch milliseconds) and `event` first.
 * Commits are for metrics: they are told too often to be read.
 */
import { inspect } from 'node:util'
import type { Event, Tell } from './events.ts'

/** `requests`: a line for each answered request too; `events`: for all else only. */
export type LogRule = 'requests' | 'events'

/** Writes events to `write`, one line each. `now` gives epoch milliseconds. */
export function logTo(write: (line: string) => void, now: () => number, rule: LogRule): Tell {
  return (event) => {
    if (event.event === 'commit-made') return
    if (event.event === 'request-answered' && rule === 'events') return
    write(`{"time":${now()},${JSON.stringify(describe(event)).slice(1)}\n`)
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
