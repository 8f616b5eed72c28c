/**
 * JSON Patches that this document does not let be done: each is Conflict and says which operation.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compactPatch } from '../../test/support/compact-text.ts'
import type { FaultRow } from '../../test/support/patch-faults.ts'
import { testFaults } from '../../test/support/patch-faults.ts'
import { refusalOf } from '../../test/support/refusal.ts'
import { applyJsonPatch } from './patch.ts'

const conflicts: readonly FaultRow[] = [
  [
    'a removal of what is not there',
    '{"a":1}',
    '[{"op":"remove","path":"/b"}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'a removal of an element behind the last',
    '{"a":[1]}',
    '[{"op":"remove","path":"/a/1"}]',
    /nothing at its path/,
    '/0',
  ],
  ['a removal at -', '{"a":[1]}', '[{"op":"remove","path":"/a/-"}]', /nothing at its path/, '/0'],
  [
    'a removal of __proto__, which nothing has',
    '{"a":1}',
    '[{"op":"remove","path":"/__proto__"}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'a replacement of what is not there',
    '{"a":1}',
    '[{"op":"replace","path":"/b","value":1}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'a replacement at -',
    '{"a":[1]}',
    '[{"op":"replace","path":"/a/-","value":1}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'a replacement at the length',
    '{"a":[1]}',
    '[{"op":"replace","path":"/a/1","value":1}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'an add below what is not there',
    '{}',
    '[{"op":"add","path":"/a/b","value":1}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'an add below a number',
    '{"a":1}',
    '[{"op":"add","path":"/a/b","value":1}]',
    /no members/,
    '/0',
  ],
  [
    'an add below a text',
    '{"a":"xyz"}',
    '[{"op":"add","path":"/a/0","value":1}]',
    /no members/,
    '/0',
  ],
  ['an add below null', '{"a":null}', '[{"op":"add","path":"/a/b","value":1}]', /no members/, '/0'],
  [
    'an add below a text and deeper',
    '{"a":"{}"}',
    '[{"op":"add","path":"/a/b/c","value":1}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'an add behind the end',
    '{"a":[1]}',
    '[{"op":"add","path":"/a/2","value":1}]',
    /no such place/,
    '/0',
  ],
  [
    'an add far behind the end',
    '{"a":[1]}',
    '[{"op":"add","path":"/a/4294967296","value":1}]',
    /no such place/,
    '/0',
  ],
  [
    'an add at a number of 30 digits',
    '{"a":[1]}',
    `[{"op":"add","path":"/a/${'1'.repeat(30)}","value":1}]`,
    /no such place/,
    '/0',
  ],
  [
    'an add at a name of an array',
    '{"a":[]}',
    '[{"op":"add","path":"/a/b","value":1}]',
    /no such place/,
    '/0',
  ],
  [
    'an add at the length member of an array',
    '{"a":[]}',
    '[{"op":"add","path":"/a/length","value":5}]',
    /no such place/,
    '/0',
  ],
  [
    'an add at the empty key of an array',
    '{"a":[]}',
    '[{"op":"add","path":"/a/","value":1}]',
    /no such place/,
    '/0',
  ],
  [
    'an add below - of an array',
    '{"a":[{}]}',
    '[{"op":"add","path":"/a/-/b","value":1}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'a leading zero',
    '{"a":[1,2]}',
    '[{"op":"remove","path":"/a/01"}]',
    /nothing at its path/,
    '/0',
  ],
  ['two zeros', '{"a":[1,2]}', '[{"op":"remove","path":"/a/00"}]', /nothing at its path/, '/0'],
  [
    'an add at a leading zero',
    '{"a":[1,2]}',
    '[{"op":"add","path":"/a/01","value":1}]',
    /no such place/,
    '/0',
  ],
  [
    'a negative index',
    '{"a":[1,2]}',
    '[{"op":"remove","path":"/a/-1"}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'an index with a sign',
    '{"a":[1,2]}',
    '[{"op":"remove","path":"/a/+1"}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'an index with an exponent',
    '{"a":[1,2]}',
    '[{"op":"remove","path":"/a/1e0"}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'an index with a blank',
    '{"a":[1,2]}',
    '[{"op":"remove","path":"/a/1 "}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'an index in digits of another script',
    '{"a":[1,2]}',
    '[{"op":"remove","path":"/a/١"}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'a move of what is not there',
    '{"a":1}',
    '[{"op":"move","from":"/b","path":"/c"}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'a move below what is not there',
    '{"a":1}',
    '[{"op":"move","from":"/a","path":"/c/d"}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'a move below what it takes away',
    '{"a":{"b":1}}',
    '[{"op":"remove","path":"/a"},{"op":"move","from":"/a/b","path":"/c"}]',
    /nothing at its path/,
    '/1',
  ],
  [
    'a move of an element behind those that stay',
    '{"a":[1,2]}',
    '[{"op":"move","from":"/a/0","path":"/a/2"}]',
    /no such place/,
    '/0',
  ],
  [
    'a copy of what is not there',
    '{"a":1}',
    '[{"op":"copy","from":"/b","path":"/c"}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'a copy from -',
    '{"a":[1]}',
    '[{"op":"copy","from":"/a/-","path":"/b"}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'a test of what is not there',
    '{"a":1}',
    '[{"op":"test","path":"/b","value":null}]',
    /nothing at its path/,
    '/0',
  ],
  [
    'a test of another number',
    '{"a":1}',
    '[{"op":"test","path":"/a","value":2}]',
    /another than the one/,
    '/0',
  ],
  [
    'a test of a text for a number',
    '{"a":1}',
    '[{"op":"test","path":"/a","value":"1"}]',
    /another than the one/,
    '/0',
  ],
  [
    'a test of null for false',
    '{"a":false}',
    '[{"op":"test","path":"/a","value":null}]',
    /another than the one/,
    '/0',
  ],
  [
    'a test of an empty array for an empty object',
    '{"a":{}}',
    '[{"op":"test","path":"/a","value":[]}]',
    /another than the one/,
    '/0',
  ],
  [
    'a test of elements in another order',
    '{"a":[1,2]}',
    '[{"op":"test","path":"/a","value":[2,1]}]',
    /another than the one/,
    '/0',
  ],
  [
    'a test of one element less',
    '{"a":[1,2]}',
    '[{"op":"test","path":"/a","value":[1]}]',
    /another than the one/,
    '/0',
  ],
  [
    'a test of one element more',
    '{"a":[1,2]}',
    '[{"op":"test","path":"/a","value":[1,2,""]}]',
    /another than the one/,
    '/0',
  ],
  [
    'a test of one member less',
    '{"a":{"b":1,"c":2}}',
    '[{"op":"test","path":"/a","value":{"b":1}}]',
    /another than the one/,
    '/0',
  ],
  [
    'a test of another member',
    '{"a":{"b":1}}',
    '[{"op":"test","path":"/a","value":{"c":1}}]',
    /another than the one/,
    '/0',
  ],
  [
    'a test of another case',
    '{"a":"x"}',
    '[{"op":"test","path":"/a","value":"X"}]',
    /another than the one/,
    '/0',
  ],
  [
    'a test of another normal form',
    '{"a":"é"}',
    '[{"op":"test","path":"/a","value":"e\u0301"}]',
    /another than the one/,
    '/0',
  ],
]

describe('a JSON Patch is refused for', () => {
  testFaults('Conflict', conflicts)

  test('the first operation that cannot be done, whatever comes behind it', () => {
    const steps = ['{"op":"add","path":"/a","value":1}', '{"op":"remove","path":"/b"}']
    const refusal = refusalOf(() => applyJsonPatch('{}', compactPatch(`[${steps},${steps}]`)))
    assert.deepEqual([refusal.code, refusal.details[0]?.pointer], ['Conflict', '/1'])
    assert.match(refusal.message, /Operation 1 of the patch \(remove\).*Nothing was changed\./)
  })
})
