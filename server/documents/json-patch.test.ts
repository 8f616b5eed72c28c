/**
 * JSON Patches that can be done, by table, for every operation. All is compared as text, so that
 * the order of members and the writing of numbers count.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkedText, compactPatch } from '../../test/support/compact-text.ts'
import type { JsonText } from '../contract/json-text.ts'
import { applyJsonPatch } from './patch.ts'

type PatchRow = readonly [fact: string, before: JsonText, patch: string, after: JsonText]

const patchRows: readonly PatchRow[] = [
  ['no operation changes nothing', '{"a":[1,{"b":2}]}', '[]', '{"a":[1,{"b":2}]}'],

  ['add makes a member', '{"a":1}', '[{"op":"add","path":"/b","value":2}]', '{"a":1,"b":2}'],
  [
    'add replaces a member in its place',
    '{"a":1,"b":2}',
    '[{"op":"add","path":"/a","value":3}]',
    '{"a":3,"b":2}',
  ],
  [
    'add makes a member deep down',
    '{"a":{"b":{}}}',
    '[{"op":"add","path":"/a/b/c","value":{"d":1}}]',
    '{"a":{"b":{"c":{"d":1}}}}',
  ],
  [
    'add puts an element before another',
    '{"a":[1,2]}',
    '[{"op":"add","path":"/a/1","value":9}]',
    '{"a":[1,9,2]}',
  ],
  [
    'add puts an element first',
    '{"a":[1,2]}',
    '[{"op":"add","path":"/a/0","value":9}]',
    '{"a":[9,1,2]}',
  ],
  [
    'add at the length of an array appends',
    '{"a":[1,2]}',
    '[{"op":"add","path":"/a/2","value":9}]',
    '{"a":[1,2,9]}',
  ],
  ['add at - appends', '{"a":[1,2]}', '[{"op":"add","path":"/a/-","value":9}]', '{"a":[1,2,9]}'],
  [
    'add at - of an empty array is the first',
    '{"a":[]}',
    '[{"op":"add","path":"/a/-","value":[]}]',
    '{"a":[[]]}',
  ],
  [
    'add of an array adds one element',
    '{"a":[1]}',
    '[{"op":"add","path":"/a/-","value":[2,3]}]',
    '{"a":[1,[2,3]]}',
  ],
  ['add of null is a member', '{}', '[{"op":"add","path":"/a","value":null}]', '{"a":null}'],
  [
    'add at the root replaces the document',
    '{"a":1}',
    '[{"op":"add","path":"","value":{"b":2}}]',
    '{"b":2}',
  ],
  [
    '- is an ordinary key of an object',
    '{"a":{}}',
    '[{"op":"add","path":"/a/-","value":1}]',
    '{"a":{"-":1}}',
  ],

  [
    'remove takes a member',
    '{"a":1,"b":2,"c":3}',
    '[{"op":"remove","path":"/b"}]',
    '{"a":1,"c":3}',
  ],
  [
    'remove takes an element, and those behind it move up',
    '{"a":[1,2,3]}',
    '[{"op":"remove","path":"/a/1"}]',
    '{"a":[1,3]}',
  ],
  [
    'remove takes a null',
    '{"a":null,"b":[null]}',
    '[{"op":"remove","path":"/a"},{"op":"remove","path":"/b/0"}]',
    '{"b":[]}',
  ],
  [
    'remove takes an object whole',
    '{"a":{"b":{"c":1}}}',
    '[{"op":"remove","path":"/a/b"}]',
    '{"a":{}}',
  ],

  [
    'replace keeps the place of a member',
    '{"a":1,"b":2}',
    '[{"op":"replace","path":"/a","value":[]}]',
    '{"a":[],"b":2}',
  ],
  [
    'replace of an element is no add',
    '{"a":[1,2]}',
    '[{"op":"replace","path":"/a/0","value":9}]',
    '{"a":[9,2]}',
  ],
  ['replace of a null', '{"a":null}', '[{"op":"replace","path":"/a","value":1}]', '{"a":1}'],
  [
    'replace by null is no remove',
    '{"a":1}',
    '[{"op":"replace","path":"/a","value":null}]',
    '{"a":null}',
  ],
  ['replace at the root', '{"a":1}', '[{"op":"replace","path":"","value":{}}]', '{}'],

  [
    'move takes a member to another name, behind the others',
    '{"a":1,"b":2}',
    '[{"op":"move","from":"/a","path":"/c"}]',
    '{"b":2,"c":1}',
  ],
  [
    'move takes a member to another object',
    '{"a":{"x":[1]},"b":{}}',
    '[{"op":"move","from":"/a/x","path":"/b/y"}]',
    '{"a":{},"b":{"y":[1]}}',
  ],
  [
    'move over a member replaces it',
    '{"a":1,"b":2}',
    '[{"op":"move","from":"/a","path":"/b"}]',
    '{"b":1}',
  ],
  [
    'move of an element counts places once it is taken',
    '{"a":[1,2,3]}',
    '[{"op":"move","from":"/a/0","path":"/a/2"}]',
    '{"a":[2,3,1]}',
  ],
  [
    'move of an element to an earlier place',
    '{"a":[1,2,3]}',
    '[{"op":"move","from":"/a/2","path":"/a/0"}]',
    '{"a":[3,1,2]}',
  ],
  [
    'move to - is to the end',
    '{"a":[1,2,3]}',
    '[{"op":"move","from":"/a/0","path":"/a/-"}]',
    '{"a":[2,3,1]}',
  ],
  [
    'move to where it is changes no value',
    '{"a":[1,2],"b":1}',
    '[{"op":"move","from":"/a/1","path":"/a/1"},{"op":"move","from":"","path":""}]',
    '{"a":[1,2],"b":1}',
  ],
  [
    'move up over what it is in',
    '{"a":{"b":{"c":1}}}',
    '[{"op":"move","from":"/a/b","path":"/a"}]',
    '{"a":{"c":1}}',
  ],
  [
    'move up to the root',
    '{"a":{"b":1},"c":2}',
    '[{"op":"move","from":"/a","path":""}]',
    '{"b":1}',
  ],
  [
    'move to a name that begins with its own',
    '{"a":1}',
    '[{"op":"move","from":"/a","path":"/ab"}]',
    '{"ab":1}',
  ],

  [
    'copy leaves what it copies',
    '{"a":{"b":1}}',
    '[{"op":"copy","from":"/a","path":"/c"}]',
    '{"a":{"b":1},"c":{"b":1}}',
  ],
  [
    'copy of an element to the end',
    '{"a":[1,2]}',
    '[{"op":"copy","from":"/a/0","path":"/a/-"}]',
    '{"a":[1,2,1]}',
  ],
  [
    'copy into itself copies what was there',
    '{"a":{"b":1}}',
    '[{"op":"copy","from":"/a","path":"/a/c"}]',
    '{"a":{"b":1,"c":{"b":1}}}',
  ],
  [
    'copy of the root into itself',
    '{"a":1}',
    '[{"op":"copy","from":"","path":"/b"}]',
    '{"a":1,"b":{"a":1}}',
  ],
  [
    'copy to the root',
    '{"a":{"b":[1]},"c":2}',
    '[{"op":"copy","from":"/a","path":""}]',
    '{"b":[1]}',
  ],
  [
    'a copy and its origin are two',
    '{"a":{"b":[1]}}',
    `[{"op":"copy","from":"/a","path":"/c"},
      {"op":"add","path":"/c/b/-","value":2},
      {"op":"remove","path":"/a/b/0"}]`,
    '{"a":{"b":[]},"c":{"b":[1,2]}}',
  ],

  [
    'test of what is there changes nothing',
    '{"a":{"b":[1,"x",null,true]}}',
    '[{"op":"test","path":"/a/b","value":[1,"x",null,true]}]',
    '{"a":{"b":[1,"x",null,true]}}',
  ],
  [
    'test finds members in any order',
    '{"a":{"b":1,"c":{"d":2,"e":3}}}',
    '[{"op":"test","path":"/a","value":{"c":{"e":3,"d":2},"b":1}}]',
    '{"a":{"b":1,"c":{"d":2,"e":3}}}',
  ],
  [
    'test compares numbers by value',
    '{"a":100,"b":1e+21,"c":0}',
    `[{"op":"test","path":"/a","value":1.0e2},
      {"op":"test","path":"/b","value":1000000000000000000000},
      {"op":"test","path":"/c","value":-0}]`,
    '{"a":100,"b":1e+21,"c":0}',
  ],
  [
    'test compares texts by their characters',
    '{"a":"é/"}',
    String.raw`[{"op":"test","path":"/a","value":"\u00e9\/"}]`,
    '{"a":"é/"}',
  ],
  ['test of the root', '{"a":1}', '[{"op":"test","path":"","value":{"a":1}}]', '{"a":1}'],
  [
    'test sees what operations before it did',
    '{}',
    '[{"op":"add","path":"/a","value":1},{"op":"test","path":"/a","value":1}]',
    '{"a":1}',
  ],

  [
    'operations are done in their order',
    '{"a":1}',
    `[{"op":"move","from":"/a","path":"/b"},
      {"op":"copy","from":"/b","path":"/a"},
      {"op":"replace","path":"/b","value":2}]`,
    '{"b":2,"a":1}',
  ],
  [
    'other members of an operation are ignored',
    '{"a":1}',
    '[{"op":"remove","path":"/a","value":7,"from":7,"comment":{"op":"add"}}]',
    '{}',
  ],
  [
    'members of an operation come in any order',
    '{}',
    '[{"value":1,"path":"/a","op":"add"}]',
    '{"a":1}',
  ],
  [
    'the root may be no object in between',
    '{"a":[{"b":1}]}',
    '[{"op":"move","from":"/a","path":""},{"op":"move","from":"/0","path":""}]',
    '{"b":1}',
  ],

  [
    '~1 is a slash and ~0 a tilde',
    '{"a/b":1,"m~n":2}',
    '[{"op":"remove","path":"/a~1b"},{"op":"replace","path":"/m~0n","value":3}]',
    '{"m~n":3}',
  ],
  [
    '~01 is a tilde and a 1, no slash',
    '{"~1":1,"/":2}',
    '[{"op":"remove","path":"/~01"}]',
    '{"/":2}',
  ],
  [
    'a slash at the end names the empty key',
    '{"":1,"a":{"":2}}',
    '[{"op":"replace","path":"/","value":3},{"op":"remove","path":"/a/"}]',
    '{"":3,"a":{}}',
  ],
  [
    'two slashes are two keys, both empty',
    '{"":{"":1}}',
    '[{"op":"replace","path":"//","value":2}]',
    '{"":{"":2}}',
  ],
  [
    'a percent sign is no escape',
    '{"%2F":1}',
    '[{"op":"replace","path":"/%2F","value":2}]',
    '{"%2F":2}',
  ],
  [
    'a blank, a dot and a hash are ordinary',
    '{" ":1,".":2,"#/a":3}',
    '[{"op":"remove","path":"/ "},{"op":"remove","path":"/."},{"op":"remove","path":"/#~1a"}]',
    '{}',
  ],
  [
    'keys that look like indices are keys of an object',
    '{"a":{"1":1,"01":2,"-1":3}}',
    `[{"op":"remove","path":"/a/01"},
      {"op":"remove","path":"/a/-1"},
      {"op":"add","path":"/a/0","value":4}]`,
    '{"a":{"1":1,"0":4}}',
  ],
  [
    'keys with escapes are found by their characters',
    String.raw`{"\"":1,"\\":2,"\n":3,"é":4,"😀":5}`,
    String.raw`[{"op":"remove","path":"/\""},
      {"op":"remove","path":"/\\"},
      {"op":"remove","path":"/\u000a"},
      {"op":"remove","path":"/\u00e9"},
      {"op":"remove","path":"/\ud83d\ude00"},
      {"op":"add","path":"/\u0001\"~1","value":6}]`,
    String.raw`{"\u0001\"/":6}`,
  ],
  [
    'keys that every object inherits are ordinary',
    '{"a":{}}',
    `[{"op":"add","path":"/constructor","value":{}},
      {"op":"add","path":"/constructor/prototype","value":1}]`,
    '{"a":{},"constructor":{"prototype":1}}',
  ],
  [
    'what it does not touch stays as it was written',
    '{"2":1152921504606846976,"1":[1e+21,{"z":1,"0":2}],"t":"\\u0000"}',
    '[{"op":"add","path":"/n","value":36893488147419103232},{"op":"remove","path":"/1/1/z"}]',
    '{"2":1152921504606846976,"1":[1e+21,{"0":2}],"t":"\\u0000","n":36893488147419103232}',
  ],
]

describe('a JSON Patch', () => {
  for (const [fact, before, patch, after] of patchRows) {
    test(fact, () => assert.equal(checkedText(applyJsonPatch(before, compactPatch(patch))), after))
  }
})

test('a name of 1500 bytes and a path of 64 keys are taken', () => {
  const name = 'é'.repeat(750)
  const named = applyJsonPatch('{}', `[{"op":"add","path":"/${name}","value":1}]`)
  assert.equal(checkedText(named), `{"${name}":1}`)
  const deep = `${'{"a":'.repeat(63)}{}${'}'.repeat(63)}`
  const patch = `[{"op":"add","path":"${'/a'.repeat(63)}/b","value":1}]`
  assert.equal(checkedText(applyJsonPatch(deep, patch)), deep.replace('{}', '{"b":1}'))
})
