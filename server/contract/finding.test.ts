/** Findings are gathered by kind, and of a kind only some are kept. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Finding } from './finding.ts'
import { gatherFindings } from './finding.ts'

function findingOf(n: number, check = 'rows'): Finding {
  return { severity: 'error', check, what: `row ${n}`, mend: 'restore' }
}

test('up to ten findings of a kind are listed as they were added', () => {
  const findings = gatherFindings()
  assert.deepEqual(findings.list(), [])
  const all = Array.from({ length: 10 }, (_, n) => findingOf(n))
  for (const each of all) findings.add(each)
  assert.deepEqual(findings.list(), all)
})

test('of more the first ten are listed, and how many more there are', () => {
  const findings = gatherFindings()
  for (let n = 0; n < 1_000_000; n++) findings.add(findingOf(n))
  findings.add(findingOf(1, 'keys'))
  const listed = findings.list()
  assert.equal(listed.length, 12)
  assert.deepEqual(listed.slice(9), [
    findingOf(9),
    { ...findingOf(0), what: 'There are 999990 more findings of this kind.' },
    findingOf(1, 'keys'),
  ])
})
