/** The ledger finds each way in which a record can differ from what clients were told. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CollectionName, DocumentName } from '../../server/contract/names.ts'
import type { RecordedChange } from '../../server/documents/store.ts'
import { makeSeriesLedger, seriesCollection } from './series-ledger.ts'

function change(
  position: number,
  document: string,
  revision: number,
  base: object,
  live?: object,
): RecordedChange {
  return {
    position,
    collection: seriesCollection as CollectionName,
    document: document as DocumentName,
    action: 'replace',
    part: 'base',
    revision,
    version: undefined,
    base: JSON.stringify(base),
    live: live && JSON.stringify(live),
    by: 'apikey:x',
    at: 1,
    requestId: 'r',
  }
}

/** Two numbers of `own` acknowledged, a third sent; one of `c1` in `shared`. */
function told() {
  const ledger = makeSeriesLedger()
  const own = ledger.seriesOf('own', 'n', true)
  own.sent = 3
  own.acknowledged.set(1, 1).set(2, 2)
  const shared = ledger.seriesOf('shared', 'c1', false)
  shared.sent = 1
  shared.acknowledged.set(1, 1)
  return ledger
}

const first = change(1, 'own', 1, { n: 1 }, { n: 1 })
const second = change(2, 'own', 2, { n: 2 }, { n: 2 })
const third = change(3, 'own', 3, { n: 3 }, { n: 3 })
const shared = change(3, 'shared', 1, { c1: 1 })

const rows: readonly (readonly [string, readonly RecordedChange[], RegExp | undefined])[] = [
  ['what was told and no more', [first, second, shared], undefined],
  ['what was sent and not answered', [first, second, third, { ...shared, position: 4 }], undefined],
  ['an acknowledged write that is not there', [first, change(2, 'shared', 1, { c1: 1 })], /^lost/],
  ['an acknowledged revision of other content', [first, third, shared], /^lost/],
  [
    'a number that nobody sent',
    [first, second, shared, change(4, 'own', 3, { n: 4 }, { n: 4 })],
    /^invented.*nobody sent$/,
  ],
  [
    'a number that comes back',
    [first, second, shared, change(4, 'own', 3, { n: 1 }, { n: 1 })],
    /^invented/,
  ],
  ['a member of nobody', [first, second, shared, change(4, 'own', 3, { n: 2, m: 1 })], /^invented/],
  ['a member that goes away', [first, second, shared, change(4, 'shared', 2, {})], /^invented/],
  ['a document of nobody', [first, second, shared, change(4, 'x', 1, { n: 1 })], /^invented/],
  ['a position left out', [first, second, { ...shared, position: 4 }], /^gaps/],
  ['a revision left out', [first, second, { ...shared, revision: 2 }], /gaps/],
  [
    'a live version left behind',
    [first, change(2, 'own', 2, { n: 2 }, { n: 1 }), shared],
    /^halves/,
  ],
]

for (const [title, record, found] of rows) {
  test(`${title}: ${found === undefined ? 'nothing is wrong' : 'it is found'}`, () => {
    const all = Object.entries(told().compare(record)).flatMap(([kind, sentences]) =>
      sentences.map((sentence: string) => `${kind}: ${sentence}`),
    )
    if (found === undefined) assert.deepEqual(all, [])
    else assert.match(all.join('\n'), found)
  })
}
