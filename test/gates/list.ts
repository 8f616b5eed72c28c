/** All gates, in the order in which they run: the index of what has been proved by experiment. */
import type { Gate } from './gate.ts'
import { kill9 } from './kill9.ts'
import { merge } from './merge.ts'
import { restart } from './restart.ts'
import { stall } from './stall.ts'

export const gates: readonly Gate[] = [kill9, merge, restart, stall]
