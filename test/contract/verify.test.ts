/** What `tenantry verify` asks is the contract: each clause has a check, or a reason for none. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { operationOrder } from '../../server/verify/check.ts'
import { checks, watches } from '../../server/verify/checks.ts'
import { clauses } from './clauses.ts'
import { unasked } from './unasked.ts'

const all = [...checks, ...watches]
const asked = new Set(all.map(({ clause }) => clause))
const excused = Object.values(unasked).flatMap((sections) =>
  Object.entries(sections).flatMap(([section, words]) =>
    words.map((clause) => `${section}: ${clause}`),
  ),
)

describe('verification', () => {
  test('asks each clause of what is built, or says why not', () => {
    const built = clauses.filter((each) => !('notYet' in each))
    const names = new Set(built.map(({ section, clause }) => `${section}: ${clause}`))
    const missing = [...names].filter((name) => !asked.has(name) && !excused.includes(name))
    assert.deepEqual(missing, [])
    const unknown = [...asked, ...excused].filter((name) => !names.has(name))
    assert.deepEqual(unknown, [])
  })

  test('excuses no clause that it asks, and none twice', () => {
    assert.deepEqual(
      excused.filter((name, at) => asked.has(name) || excused.indexOf(name) !== at),
      [],
    )
  })

  test('has a title of its own for each check of an operation', () => {
    const names = all.map(({ operation, title }) => `${operation}: ${title}`)
    assert.deepEqual(
      names.filter((name, at) => names.indexOf(name) !== at),
      [],
    )
  })

  test('knows the place of each operation in its report', () => {
    const strange = all.filter(({ operation }) => !operationOrder.includes(operation))
    assert.deepEqual(strange, [])
  })
})
