/**
 * All operations: the index of what this server can do. A new room adds its list here, and is on
 * the air at every door.
 */
import type { Example } from './contract/example.ts'
import type { Operation } from './contract/operation.ts'
import { documentExamples } from './documents/examples.ts'
import type { DocumentNeeds } from './documents/operations.ts'
import { documentOperations } from './documents/operations.ts'
import type { Caller } from './identity/caller.ts'
import { identityExamples } from './identity/examples.ts'
import type { IdentityNeeds } from './identity/keys.ts'
import { identityOperations } from './identity/operations.ts'
import type { ServiceNeeds } from './service.ts'
import { serviceExamples, serviceOperations } from './service.ts'

/** What the operations may borrow, all rooms together. */
export type OperationNeeds = DocumentNeeds & IdentityNeeds & ServiceNeeds

export type AnyOperation = Operation<Caller, OperationNeeds>

export const operations: readonly AnyOperation[] = [
  ...serviceOperations,
  ...identityOperations,
  ...documentOperations,
]

/** What the interface document shows of them, in an order in which all of it is true. */
export const examples: readonly Example[] = [
  ...serviceExamples,
  ...identityExamples,
  ...documentExamples,
]
