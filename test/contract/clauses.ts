/**
 * The index of the contract, in its order: each clause of what is built, and where it is held.
 * `npm run clauses` shows it. Whoever changes a clause begins here.
 */
import { bodies } from './bodies.ts'
import type { Clause } from './clause.ts'
import { documents } from './documents.ts'
import { keysAndScopes } from './keys-and-scopes.ts'
import { liveVersion } from './live-version.ts'
import { recordAndErrors } from './record-and-errors.ts'
import { service } from './service.ts'
import { targetsAndNames } from './targets-and-names.ts'

export const clauses: readonly Clause[] = [
  ...service,
  ...keysAndScopes,
  ...targetsAndNames,
  ...bodies,
  ...documents,
  ...liveVersion,
  ...recordAndErrors,
]
