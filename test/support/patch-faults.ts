/** JSON Patches that are refused, as rows, and what is looked at in each refusal. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RefusalCode } from '../../server/contract/errors.ts'
import type { JsonText } from '../../server/contract/json-text.ts'
import { applyJsonPatch } from '../../server/documents/patch.ts'
import { compactPatch } from './compact-text.ts'
import { refusalOf } from './refusal.ts'

/** What stands in `details` is the last; of a conflict, the operation. */
export type FaultRow = readonly [
  what: string,
  before: JsonText,
  patch: string,
  says: RegExp,
  pointer: string | undefined,
]

/** A test for each of these, which all come to this code. */
export function testFaults(code: RefusalCode, rows: readonly FaultRow[]): void {
  for (const [what, before, patch, says, pointer] of rows) {
    test(`${what}: ${code}`, () => {
      const refusal = refusalOf(() => applyJsonPatch(before, compactPatch(patch)))
      assert.equal(refusal.code, code, refusal.message)
      assert.match(refusal.message, says)
      const pointers = pointer === undefined ? [] : [pointer]
      assert.deepEqual(
        refusal.details.map((detail) => detail.pointer),
        pointers,
      )
    })
  }
}
