/** All gates, in the order in which they run: the index of what has been proved by experiment. */
import { diskfull } from './diskfull.ts'
import { drain } from './drain.ts'
import { fsync } from './fsync.ts'
import type { Gate } from './gate.ts'
import { iofail } from './iofail.ts'
import { kill9 } from './kill9.ts'
import { leak } from './leak.ts'
import { merge } from './merge.ts'
import { powerloss } from './powerloss.ts'
import { restart } from './restart.ts'
import { slow } from './slow.ts'
import { stall } from './stall.ts'

export const gates: readonly Gate[] = [
  powerloss,
  kill9,
  fsync,
  iofail,
  diskfull,
  merge,
  restart,
  stall,
  drain,
  slow,
  leak,
]
