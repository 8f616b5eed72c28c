/** All gates, in the order in which they run: the index of what has been proved by experiment. */
import { diskfull } from './diskfull.ts'
import { fsync } from './fsync.ts'
import type { Gate } from './gate.ts'
import { iofail } from './iofail.ts'
import { merge } from './merge.ts'
import { powerloss } from './powerloss.ts'

export const gates: readonly Gate[] = [merge, powerloss, fsync, diskfull, iofail]
