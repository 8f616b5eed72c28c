/** All gates, in the order in which they run: the index of what has been proved by experiment. */
import { authz } from './authz.ts'
import { backup } from './backup.ts'
import { diskfull } from './diskfull.ts'
import { drain } from './drain.ts'
import { fsync } from './fsync.ts'
import { fuzz } from './fuzz.ts'
import type { Gate } from './gate.ts'
import { iofail } from './iofail.ts'
import { json } from './json.ts'
import { kill9 } from './kill9.ts'
import { leak } from './leak.ts'
import { merge } from './merge.ts'
import { powerloss } from './powerloss.ts'
import { restart } from './restart.ts'
import { restore } from './restore.ts'
import { secrets } from './secrets.ts'
import { slow } from './slow.ts'
import { stall } from './stall.ts'
import { tenants } from './tenants.ts'
import { writeback } from './writeback.ts'

export const gates: readonly Gate[] = [
  powerloss,
  kill9,
  fsync,
  writeback,
  iofail,
  diskfull,
  merge,
  backup,
  restore,
  restart,
  stall,
  authz,
  tenants,
  json,
  secrets,
  fuzz,
  drain,
  slow,
  leak,
]
