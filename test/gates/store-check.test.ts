/** A record, held against what was sent: each way of being wrong is told by its own name. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CollectionName, DocumentName } from '../../server/contract/names.ts'
import type { RecordedChange } from '../../server/documents/store.ts'
import { checkRecord, checkWrites } from './store-check.ts'
import type { SentWrite } from './write-load.ts'
import { contentOf, loadCollection, makeLedger } from './write-load.ts'

const first = { id: 'w1', document: 'd', method: 'POST', text: 'one' } as const
const second = { id: 'w2', document: 'd', method: 'PUT', text: 'two' } as const

/** The change that this write leaves as the tenant's so-many-th. */
function changeOf(write: SentWrite, at: number): RecordedChange {
  const content = JSON.stringify(contentOf(write))
  return {
    position: at,
    collection: loadCollection as CollectionName,
    document: write.document as DocumentName,
    action: 'replace',
    part: 'base',
    revision: at,
    version: at,
    base: content,
    live: content,
    by: 'apikey:x',
    at: 0,
    requestId: write.id,
  }
}

const one = changeOf(first, 1)
const two = changeOf(second, 2)

/** Both were sent and answered; those named are due. */
function findingsIn(changes: readonly RecordedChange[], ...due: readonly string[]) {
  const ledger = makeLedger()
  for (const [at, write] of [first, second].entries()) {
    ledger.sent.set(write.id, write)
    ledger.acknowledged.set(write.id, at + 1)
  }
  return [...checkRecord(changes), ...checkWrites(changes, { ...ledger, due: new Set(due) })].map(
    ({ kind, sentence }) => `${kind}: ${sentence}`,
  )
}

test('a store that has what is due is right, and may have what was sent beyond it', () => {
  assert.deepEqual(findingsIn([one, two], 'w1', 'w2'), [])
  assert.deepEqual(findingsIn([one, two], 'w1'), [])
  assert.deepEqual(findingsIn([one], 'w1'), [])
  assert.deepEqual(findingsIn([]), [])
})

test('what is wrong is found, and called by its name', () => {
  const found = (changes: readonly RecordedChange[], kind: RegExp) =>
    assert.match(findingsIn(changes, 'w1').join('\n'), kind)
  found([], /^lost: w1 was acknowledged/)
  found([one, changeOf({ ...first, id: 'w9' }, 2)], /^invented: nobody sent w9/)
  found([one, { ...one, position: 2, revision: 2, version: 2 }], /^invented: w1 is recorded twice/m)
  found([{ ...one, document: 'e' as DocumentName }], /^invented: w1 is recorded of e/)
  found([{ ...one, live: '{"id":"w0","text":""}' }], /^corrupt: w1 is recorded in part/)
  found([{ ...one, live: undefined }], /^corrupt: w1 is recorded in part/)
  found([{ ...one, base: two.base }], /^corrupt: w1 is recorded in part/)
  found([one, { ...two, position: 3 }], /^corrupt: position 3 follows 1/)
  found([one, { ...two, revision: 3 }], /^corrupt: jobs\/d: revision 3 follows 1/m)
  found([one, { ...two, version: 3 }], /^corrupt: jobs\/d: version 3 follows 1/)
  found([{ ...one, revision: 2 }], /^corrupt: w1 is recorded as revision 2, answered as 1/m)
})

test('a write that was refused and is recorded is an invention', () => {
  const ledger = makeLedger()
  ledger.sent.set(first.id, first)
  ledger.refused.add(first.id)
  const [found] = checkWrites([one], { ...ledger, due: new Set() })
  assert.deepEqual(found, { kind: 'invented', sentence: 'w1 was refused, and is recorded' })
})
