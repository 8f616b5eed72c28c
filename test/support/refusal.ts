/** The refusal that a call comes to, for tests of rules that refuse by throwing. */
import assert from 'node:assert/strict'
import { Refusal } from '../../server/contract/errors.ts'

/** What it throws, when that is a `Refusal`; a fault goes on, and any other outcome fails. */
export function refusalOf(run: () => unknown): Refusal {
  let outcome: unknown
  try {
    outcome = run()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  const told = typeof outcome === 'string' ? outcome : String(JSON.stringify(outcome))
  return assert.fail(`it was not refused, and came to ${told.slice(0, 300)}`)
}
