/** How amounts are written for people. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { amountText, bytesText, countText } from './amounts.ts'

const sizes: readonly (readonly [number, string])[] = [
  [0, '0 bytes'],
  [11.6, '12 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [1_048_576, '1.0 MB'],
  [3_400_000_000, '3.4 GB'],
  [5e15, '5000.0 TB'],
]

for (const [bytes, text] of sizes) {
  test(`${bytes} bytes are ${text}`, () => assert.equal(bytesText(bytes), text))
}

test('thousands are set apart, and one thing is no plural', () => {
  assert.equal(countText(1_204_000), '1,204,000')
  assert.deepEqual(
    [0, 1, 1204].map((count) => amountText(count, 'document')),
    ['0 documents', '1 document', '1,204 documents'],
  )
  assert.equal(amountText(2, 'entry', 'entries'), '2 entries')
})
