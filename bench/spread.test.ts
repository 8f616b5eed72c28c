/** How rounds become one figure and a verdict. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { judge, quantile, spreadOf } from './spread.ts'

test('the median of an even number of values lies between the middle two', () => {
  assert.equal(quantile([4, 1, 3, 2], 0.5), 2.5)
})

test('quartiles leave the noisiest rounds outside the spread', () => {
  const { median, low, high, min, max } = spreadOf([1, 10, 11, 12, 90])
  assert.deepEqual(
    { median, low, high, min, max },
    { median: 11, low: 10, high: 12, min: 1, max: 90 },
  )
})

test('values keep the order of their rounds', () => {
  assert.deepEqual(spreadOf([3, 1, 2]).values, [3, 1, 2])
})

test('the parts of a spread are in order, whatever the values', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: 0, max: 1e9 }), { minLength: 1 }),
      (values) => {
        const { min, low, median, high, max } = spreadOf(values)
        assert.deepEqual(
          [min, low, median, high, max].toSorted((one, other) => one - other),
          [min, low, median, high, max],
        )
      },
    ),
  )
})

test('there is no spread of nothing', () => {
  assert.throws(() => spreadOf([]), /nothing/)
})

test('a median at the limit meets it', () => {
  assert.equal(judge({ median: 2, low: 1, high: 3 }, { atMost: 2 }), 'met')
  assert.equal(judge({ median: 2, low: 1, high: 3 }, { atLeast: 2 }), 'met')
})

test('a median beyond the limit is no miss while the spread reaches the limit', () => {
  assert.equal(judge({ median: 2.1, low: 2, high: 3 }, { atMost: 2 }), 'within the spread')
  assert.equal(judge({ median: 1.9, low: 1, high: 2 }, { atLeast: 2 }), 'within the spread')
})

test('a spread that is all beyond the limit is a miss', () => {
  assert.equal(judge({ median: 2.5, low: 2.1, high: 3 }, { atMost: 2 }), 'missed')
  assert.equal(judge({ median: 1.5, low: 1, high: 1.9 }, { atLeast: 2 }), 'missed')
})
