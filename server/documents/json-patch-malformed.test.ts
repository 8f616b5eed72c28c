/**
 * JSON Patches that break a rule, whatever they would be applied to or whatever they would leave:
 * each is BadRequest and says where.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { compactPatch } from '../../test/support/compact-text.ts'
import type { FaultRow } from '../../test/support/patch-faults.ts'
import { testFaults } from '../../test/support/patch-faults.ts'
import { refusalOf } from '../../test/support/refusal.ts'
import { applyJsonPatch } from './patch.ts'

const longName = 'n'.repeat(1501)

const malformed: readonly FaultRow[] = [
  ['an operation that is a text', '{}', '["add"]', /Operation 0 .*no object/, '/0'],
  ['an operation that is an array', '{}', '[[]]', /Operation 0 .*no object/, '/0'],
  ['an operation that is null', '{}', '[null]', /no object/, '/0'],
  ['the second of two', '{}', '[{"op":"test","path":"","value":{}},5]', /Operation 1 /, '/1'],
  ['no op', '{}', '[{"path":"/a","value":1}]', /op is no string/, '/0/op'],
  ['an op that is no text', '{}', '[{"op":1,"path":"/a"}]', /op is no string/, '/0/op'],
  [
    'an unknown op',
    '{}',
    '[{"op":"spam","path":"/a","value":1}]',
    /op is not one of add, /,
    '/0/op',
  ],
  ['an op in capitals', '{}', '[{"op":"Add","path":"/a","value":1}]', /op is not one of/, '/0/op'],
  ['an op that objects inherit', '{}', '[{"op":"constructor","path":"/a"}]', /not one of/, '/0/op'],
  ['no path', '{}', '[{"op":"add","value":1}]', /path is no string/, '/0/path'],
  [
    'a path that is a number',
    '{}',
    '[{"op":"add","path":1,"value":1}]',
    /path is no string/,
    '/0/path',
  ],
  ['a path that is null', '{}', '[{"op":"remove","path":null}]', /path is no string/, '/0/path'],
  [
    'a path that is an array',
    '{}',
    '[{"op":"remove","path":["a"]}]',
    /path is no string/,
    '/0/path',
  ],
  [
    'a path without its slash',
    '{"a":1}',
    '[{"op":"remove","path":"a"}]',
    /no JSON Pointer/,
    '/0/path',
  ],
  [
    'a path of a URI fragment',
    '{"a":1}',
    '[{"op":"remove","path":"#/a"}]',
    /no JSON Pointer/,
    '/0/path',
  ],
  ['a tilde at the end', '{"~":1}', '[{"op":"remove","path":"/~"}]', /no JSON Pointer/, '/0/path'],
  [
    'a tilde before another sign',
    '{"~2":1}',
    '[{"op":"remove","path":"/~2"}]',
    /no JSON Pointer/,
    '/0/path',
  ],
  [
    'a path of 65 keys',
    '{}',
    `[{"op":"add","path":"${'/a'.repeat(65)}","value":1}]`,
    /deeper than 64/,
    '/0/path',
  ],
  ['add without a value', '{}', '[{"op":"add","path":"/a"}]', /value is missing/, '/0'],
  [
    'replace without a value',
    '{"a":1}',
    '[{"op":"replace","path":"/a"}]',
    /value is missing/,
    '/0',
  ],
  ['test without a value', '{"a":1}', '[{"op":"test","path":"/a"}]', /value is missing/, '/0'],
  ['move without from', '{"a":1}', '[{"op":"move","path":"/a"}]', /from is no string/, '/0/from'],
  ['copy without from', '{"a":1}', '[{"op":"copy","path":"/a"}]', /from is no string/, '/0/from'],
  [
    'a from that is no pointer',
    '{"a":1}',
    '[{"op":"copy","from":"a","path":"/b"}]',
    /from is no JSON Pointer/,
    '/0/from',
  ],
  [
    'a move into what is moved',
    '{"a":{"b":{}}}',
    '[{"op":"move","from":"/a","path":"/a/b/c"}]',
    /into itself/,
    '/0/from',
  ],
  [
    'a move of the root into it',
    '{"a":1}',
    '[{"op":"move","from":"","path":"/b"}]',
    /into itself/,
    '/0/from',
  ],
  [
    'a removal of the document',
    '{"a":1}',
    '[{"op":"remove","path":""}]',
    /removes the document; use DELETE/,
    '/0/path',
  ],
  [
    'a document made an array',
    '{"a":1}',
    '[{"op":"replace","path":"","value":[{}]}]',
    /would leave no object/,
    undefined,
  ],
  [
    'a document made a text',
    '{"a":"x"}',
    '[{"op":"move","from":"/a","path":""}]',
    /would leave no object/,
    undefined,
  ],
  [
    'a document made null',
    '{"a":1}',
    '[{"op":"add","path":"","value":null}]',
    /would leave no object/,
    undefined,
  ],
  [
    'a member named __proto__',
    '{"a":{}}',
    '[{"op":"add","path":"/a/__proto__","value":1}]',
    /__proto__/,
    '/0/path',
  ],
  [
    'a copy to __proto__',
    '{"a":{}}',
    '[{"op":"copy","from":"/a","path":"/__proto__"}]',
    /__proto__/,
    '/0/path',
  ],
  [
    'a move to __proto__',
    '{"a":{}}',
    '[{"op":"move","from":"/a","path":"/__proto__"}]',
    /__proto__/,
    '/0/path',
  ],
  [
    'a member of a name of 1501 bytes',
    '{}',
    `[{"op":"add","path":"/${longName}","value":1}]`,
    /1501 bytes, and 1500/,
    '/0/path',
  ],
  [
    'a name of 1501 bytes in fewer characters',
    '{}',
    `[{"op":"add","path":"/${'é'.repeat(750)}n","value":1}]`,
    /1501 bytes/,
    '/0/path',
  ],
]

describe('a JSON Patch is refused for', () => {
  testFaults('BadRequest', malformed)

  test('an object where the array of operations should be: BadRequest', () => {
    const refusal = refusalOf(() => applyJsonPatch('{}', '{"op":"add","path":"/a","value":1}'))
    assert.equal(refusal.code, 'BadRequest')
    assert.match(refusal.message, /an array of operations/)
  })

  test('the first operation that is malformed, before any that cannot be done', () => {
    const patch = '[{"op":"remove","path":"/b"},{"op":"spam"},{"op":"spam"}]'
    const refusal = refusalOf(() => applyJsonPatch('{}', compactPatch(patch)))
    assert.deepEqual([refusal.code, refusal.details[0]?.pointer], ['BadRequest', '/1/op'])
  })
})
