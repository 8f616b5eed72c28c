/**
 * Merge patches by table. All is compared as text, so that the order of members and the writing of
 * numbers count.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkedText } from '../../test/support/compact-text.ts'
import type { JsonText } from '../contract/json-text.ts'
import { bodyDepthMax } from '../contract/limits.ts'
import { applyMergePatch } from './patch.ts'

type MergeRow = readonly [fact: string, before: JsonText, patch: JsonText, after: JsonText]

/** Those down to the empty line have the forms of RFC 7396, appendix A, that are objects. */
const mergeRows: readonly MergeRow[] = [
  ['a member is replaced', '{"k":"old"}', '{"k":"new"}', '{"k":"new"}'],
  ['a member is added', '{"k":"old"}', '{"l":"new"}', '{"k":"old","l":"new"}'],
  ['null removes a member', '{"k":"old"}', '{"k":null}', '{}'],
  ['null removes that member only', '{"k":1,"l":2}', '{"k":null}', '{"l":2}'],
  ['an array is replaced by a scalar', '{"k":["x"]}', '{"k":"y"}', '{"k":"y"}'],
  ['a scalar is replaced by an array', '{"k":"y"}', '{"k":["x"]}', '{"k":["x"]}'],
  [
    'objects merge, and null removes inside of them',
    '{"k":{"l":1,"m":2}}',
    '{"k":{"l":3,"m":null,"n":null}}',
    '{"k":{"l":3}}',
  ],
  ['an array is replaced whole', '{"k":[{"l":1},2]}', '{"k":[3]}', '{"k":[3]}'],
  ['a null that is there stays', '{"n":null}', '{"k":1}', '{"n":null,"k":1}'],
  ['nulls of a new object are left out', '{}', '{"k":{"l":{"m":null}}}', '{"k":{"l":{}}}'],

  ['nothing changes nothing', '{"k":{"l":[1]}}', '{}', '{"k":{"l":[1]}}'],
  ['an empty object in an object changes nothing', '{"k":{"l":1}}', '{"k":{}}', '{"k":{"l":1}}'],
  ['an object replaces a scalar, without its nulls', '{"k":1}', '{"k":{"l":null}}', '{"k":{}}'],
  ['an object replaces an array', '{"k":[1]}', '{"k":{"0":2}}', '{"k":{"0":2}}'],
  ['an object takes the place of null', '{"k":null}', '{"k":{"l":1}}', '{"k":{"l":1}}'],
  [
    'null in an array is a value',
    '{"k":[1]}',
    '{"k":[null,{"l":null}]}',
    '{"k":[null,{"l":null}]}',
  ],
  ['null removes an object whole', '{"k":{"l":{"m":1}},"n":2}', '{"k":null}', '{"n":2}'],
  ['null for what is not there does nothing', '{"k":1}', '{"l":null,"m":{}}', '{"k":1,"m":{}}'],
  ['the text null is a text', '{"k":1}', '{"k":"null"}', '{"k":"null"}'],
  ['the empty key is a key', '{"":{"k":1}}', '{"":{"k":null,"":2}}', '{"":{"":2}}'],
  [
    'members keep their places, and new ones come behind them',
    '{"b":1,"2":{"y":1,"x":1},"1":1}',
    '{"0":2,"2":{"9":2,"x":2},"b":2}',
    '{"b":2,"2":{"y":1,"x":2,"9":2},"1":1,"0":2}',
  ],
  [
    'what is removed and what is added keep the order',
    '{"a":1,"b":2,"c":3}',
    '{"b":null,"d":4}',
    '{"a":1,"c":3,"d":4}',
  ],
  [
    'numbers and texts stay as they were written',
    '{"n":1152921504606846976,"m":[1e+21]}',
    String.raw`{"t":"\u0000\\\"}","u":1000000000000000000000}`,
    String.raw`{"n":1152921504606846976,"m":[1e+21],"t":"\u0000\\\"}","u":1000000000000000000000}`,
  ],
  [
    'keys with escapes are told apart',
    String.raw`{"\"":1,"\\":2,"\\\"":3,"\n":{"\t":4}}`,
    String.raw`{"\\":null,"\n":{"\t":null,"\u0000":5}}`,
    String.raw`{"\"":1,"\\\"":3,"\n":{"\u0000":5}}`,
  ],
  [
    'keys that every object inherits are ordinary',
    '{"toString":1}',
    '{"constructor":{"prototype":null,"a":2},"toString":null}',
    '{"constructor":{"a":2}}',
  ],
]

describe('a merge patch', () => {
  for (const [fact, before, patch, after] of mergeRows) {
    test(fact, () => assert.equal(checkedText(applyMergePatch(before, patch)), after))
  }

  test('of the greatest depth is done', () => {
    const deep = `${'{"a":'.repeat(bodyDepthMax - 1)}{}${'}'.repeat(bodyDepthMax - 1)}`
    assert.equal(applyMergePatch(deep, deep), deep)
    assert.equal(applyMergePatch('{}', deep), deep)
  })
})
