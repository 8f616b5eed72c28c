/** All checks and watches: the index of what verification asks, in the order of its report. */
import type { Check, Watch } from './check.ts'
import { answerChecks, answerWatches } from './checks/answers.ts'
import { bodyChecks } from './checks/bodies.ts'
import { conditionChecks } from './checks/conditions.ts'
import { documentChecks } from './checks/documents.ts'
import { keyChecks } from './checks/keys.ts'
import { listChecks } from './checks/lists.ts'
import { liveVersionChecks } from './checks/live-version.ts'
import { nameChecks } from './checks/names.ts'
import { patchChecks } from './checks/patches.ts'
import { repeatChecks } from './checks/repeats.ts'
import { scopeChecks } from './checks/scopes.ts'
import { serviceChecks } from './checks/service.ts'
import { targetChecks } from './checks/targets.ts'

export const checks: readonly Check[] = [
  ...serviceChecks,
  ...keyChecks,
  ...scopeChecks,
  ...targetChecks,
  ...nameChecks,
  ...bodyChecks,
  ...documentChecks,
  ...listChecks,
  ...liveVersionChecks,
  ...conditionChecks,
  ...answerChecks,
  ...patchChecks,
  ...repeatChecks,
]

export const watches: readonly Watch[] = answerWatches
