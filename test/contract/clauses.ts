/**
 * The index of the contract, in its order: each clause of what is built, and where it is held.
 * `npm run clauses` shows it. Whoever changes a clause begins here.
 */
import { bodies } from './bodies.ts'
import { callers } from './callers.ts'
import type { Clause } from './clause.ts'
import { conditions } from './conditions.ts'
import { documents } from './documents.ts'
import { errors } from './errors.ts'
import { keys } from './keys.ts'
import { lists } from './lists.ts'
import { liveVersion } from './live-version.ts'
import { patchesAndDeletes } from './patches-and-deletes.ts'
import { record } from './record.ts'
import { repeats } from './repeats.ts'
import { scopes } from './scopes.ts'
import { service } from './service.ts'
import { targetsAndNames } from './targets-and-names.ts'

export const clauses: readonly Clause[] = [
  ...service,
  ...callers,
  ...scopes,
  ...keys,
  ...targetsAndNames,
  ...bodies,
  ...documents,
  ...lists,
  ...conditions,
  ...patchesAndDeletes,
  ...repeats,
  ...liveVersion,
  ...record,
  ...errors,
]
