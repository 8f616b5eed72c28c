/**
 * What verification is made of: a check asks something of a server and holds, or says what was
 * expected and what came. A watch asks nothing; it looks at every answer that checks were given.
 */
import type { Answered } from './exchange.ts'
import type { Probe } from './probe.ts'

/**
 * What fixes a clause: the published interface document; the contract, in what that leaves open; or
 * the contract where it adds something that a server need not have.
 */
export const levels = ['published', 'contract', 'extension'] as const

export type Level = (typeof levels)[number]

/** What is told of a check, before and after. */
export type Fact = {
  /** Where in the report it stands: a method and a path, or what all have in common. */
  readonly operation: OperationName
  readonly level: Level
  /** Section and words of the contract's index: `5 Documents: null is stored`. */
  readonly clause: string
  /** What holds, in a sentence. Of one operation no two are alike. */
  readonly title: string
}

export type Check = Fact & {
  /** Asked only where there is a second, lesser key. */
  readonly needs?: 'readerKey'
  /** Which request came first, or how many there are, is chance: its answers are not compared. */
  readonly racing?: true
  /** Resolves when it holds. Rejects with `Unmet` or `NotAsked`. */
  run(probe: Probe): Promise<void>
}

export type Watch = Fact & {
  /** Not told of where no answer was of its kind: a server in good health gives none. */
  readonly isRare?: boolean
  /** Undefined where it has nothing to say of this answer, `holds`, or what is wrong with it. */
  look(answered: Answered): undefined | 'holds' | Mismatch
}

/** Why a check does not hold. */
export type Mismatch = { readonly expected: string; readonly came: string }

/** It does not hold. */
export class Unmet extends Error {
  readonly mismatch: Mismatch
  readonly answered: Answered | undefined

  constructor({ expected, came }: Mismatch, answered?: Answered) {
    super('something else was expected')
    this.mismatch = { expected: kept(expected), came: kept(came) }
    this.answered = answered
  }
}

/** More than a report prints, so that it can hide keys before it cuts; less than fills memory. */
const keptMaxCharacters = 32_768

/** A copy, which does not hold what it was cut from. */
function kept(text: string): string {
  return text.length <= keptMaxCharacters
    ? text
    : Buffer.from(text.slice(0, keptMaxCharacters), 'utf16le').toString('utf16le')
}

/** It could not be asked; `isChoice` where who runs it has it in hand, and nothing failed. */
export class NotAsked extends Error {
  readonly isChoice: boolean

  constructor(reason: string, isChoice = false) {
    super(reason)
    this.isChoice = isChoice
  }
}

export type Outcome =
  | { readonly kind: 'holds' }
  | { readonly kind: 'fails'; readonly mismatch: Mismatch; readonly answered: Answered | undefined }
  | { readonly kind: 'notAsked'; readonly reason: string; readonly isChoice: boolean }

export const operationOrder = [
  'GET /',
  'GET /health',
  'GET /ready',
  'GET /openapi.json',
  'GET /docs',
  'any request',
  'any answer',
  'GET {tenantId}',
  'GET {collection}',
  'GET {docId}',
  'POST {docId}',
  'PUT {docId}',
  'GET versions/current',
  'POST versions/current',
  'PUT versions/current',
  'PATCH',
  'DELETE',
  'Idempotency-Key',
  'limit and cursor',
  'keys and whoami',
] as const

export type OperationName = (typeof operationOrder)[number]
