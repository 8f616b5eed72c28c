/**
 * Patches by table, for every operation and every way in which one cannot be done, and against
 * small implementations of both standards on lists and maps. All is compared as text, so that the
 * order of members and the writing of numbers count. SEED=n repeats the random ones.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { seed, tellSeed } from '../../test/support/seed.ts'
import type { RefusalCode } from '../contract/errors.ts'
import { Refusal } from '../contract/errors.ts'
import { parseJsonArray, parseJsonObject } from '../contract/json.ts'
import type { JsonText } from '../contract/json-text.ts'
import { measureJson } from '../contract/json-text.ts'
import { bodyDepthMax, patchCopiesMaxCharacters } from '../contract/limits.ts'
import { applyJsonPatch, applyMergePatch } from './patch.ts'

fc.configureGlobal({ seed })
tellSeed()

/** What comes out must be what a client could have sent: compact, and no key twice. */
function checked(text: JsonText): JsonText {
  assert.equal(parseJsonObject(Buffer.from(text), 'refuse'), text)
  return text
}

/** As the door hands them in: compact. */
function compact(patch: string): JsonText {
  return parseJsonArray(Buffer.from(patch), 'refuse')
}

function refusalOf(run: () => JsonText): Refusal {
  let outcome: JsonText
  try {
    outcome = run()
  } catch (error) {
    if (error instanceof Refusal) return error
    throw error
  }
  return assert.fail(`it came to ${outcome.slice(0, 100)}`)
}

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
    test(fact, () => assert.equal(checked(applyMergePatch(before, patch)), after))
  }

  test('of the greatest depth is done', () => {
    const deep = `${'{"a":'.repeat(bodyDepthMax - 1)}{}${'}'.repeat(bodyDepthMax - 1)}`
    assert.equal(applyMergePatch(deep, deep), deep)
    assert.equal(applyMergePatch('{}', deep), deep)
  })
})

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
    test(fact, () => assert.equal(checked(applyJsonPatch(before, compact(patch))), after))
  }
})

/** What stands in `details` is the last; of a conflict, the operation. */
type FaultRow = readonly [
  what: string,
  before: JsonText,
  patch: string,
  says: RegExp,
  pointer: string | undefined,
]

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
  const both: readonly (readonly [RefusalCode, readonly FaultRow[]])[] = [
    ['BadRequest', malformed],
    ['Conflict', conflicts],
  ]
  for (const [code, rows] of both) {
    for (const [what, before, patch, says, pointer] of rows) {
      test(`${what}: ${code}`, () => {
        const refusal = refusalOf(() => applyJsonPatch(before, compact(patch)))
        assert.equal(refusal.code, code, refusal.message)
        assert.match(refusal.message, says)
        const pointers = pointer === undefined ? [] : [pointer]
        assert.deepEqual(
          refusal.details.map((detail) => detail.pointer),
          pointers,
        )
      })
    }
  }

  test('an object where the array of operations should be: BadRequest', () => {
    const refusal = refusalOf(() => applyJsonPatch('{}', '{"op":"add","path":"/a","value":1}'))
    assert.equal(refusal.code, 'BadRequest')
    assert.match(refusal.message, /an array of operations/)
  })

  test('the first operation that is malformed, before any that cannot be done', () => {
    const patch = '[{"op":"remove","path":"/b"},{"op":"spam"},{"op":"spam"}]'
    const refusal = refusalOf(() => applyJsonPatch('{}', compact(patch)))
    assert.deepEqual([refusal.code, refusal.details[0]?.pointer], ['BadRequest', '/1/op'])
  })

  test('the first operation that cannot be done, whatever comes behind it', () => {
    const steps = ['{"op":"add","path":"/a","value":1}', '{"op":"remove","path":"/b"}']
    const refusal = refusalOf(() => applyJsonPatch('{}', compact(`[${steps},${steps}]`)))
    assert.deepEqual([refusal.code, refusal.details[0]?.pointer], ['Conflict', '/1'])
    assert.match(refusal.message, /Operation 1 of the patch \(remove\).*Nothing was changed\./)
  })
})

test('a name of 1500 bytes and a path of 64 keys are taken', () => {
  const name = 'é'.repeat(750)
  const named = applyJsonPatch('{}', `[{"op":"add","path":"/${name}","value":1}]`)
  assert.equal(checked(named), `{"${name}":1}`)
  const deep = `${'{"a":'.repeat(63)}{}${'}'.repeat(63)}`
  const patch = `[{"op":"add","path":"${'/a'.repeat(63)}/b","value":1}]`
  assert.equal(checked(applyJsonPatch(deep, patch)), deep.replace('{}', '{"b":1}'))
})

// Both references work on these: scalars as their texts, so that nothing is parsed.
type Value = string | readonly Value[] | ReadonlyMap<string, Value>

function textOf(value: Value): JsonText {
  if (typeof value === 'string') return value
  if (!(value instanceof Map)) return `[${(value as readonly Value[]).map(textOf).join()}]`
  return `{${[...value].map(([key, each]) => `${JSON.stringify(key)}:${textOf(each)}`).join()}}`
}

const isMap = (value: Value | undefined): value is ReadonlyMap<string, Value> =>
  value instanceof Map
const isArray = (value: Value | undefined): value is readonly Value[] => Array.isArray(value)

/** RFC 7396, section 2, as it stands there. */
function merged(target: Value | undefined, patch: Value): Value {
  if (!isMap(patch)) return patch
  const result = new Map(isMap(target) ? target : [])
  for (const [name, value] of patch) {
    if (value === 'null') result.delete(name)
    else result.set(name, merged(result.get(name), value))
  }
  return result
}

const keys = ['', 'a', 'b', '0', '1', '01', '-', 'a/b', 'm~n', '~1', '"', '\\', 'é', 'constructor']
const anyKey = fc.constantFrom(...keys)
const scalars = ['null', 'true', '0', '1', '1.5', '1e+21', '1152921504606846976', '"x"', '"\\""']
const { value: anyValue, map: anyMap } = fc.letrec<{ value: Value; map: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<Value>(...scalars),
    tie('map'),
    fc.array(tie('value'), { maxLength: 4 }),
  ),
  map: fc
    .uniqueArray(fc.tuple(anyKey, tie('value')), { maxLength: 5, selector: ([key]) => key })
    .map((entries): Value => new Map(entries)),
}))

test('any merge patch of any document comes to what the standard says', () => {
  fc.assert(
    fc.property(anyMap, anyMap, (target, patch) => {
      const outcome = applyMergePatch(textOf(target), textOf(patch))
      assert.equal(checked(outcome), textOf(merged(target, patch)))
      // What was removed is gone, and what was set is set already.
      assert.equal(applyMergePatch(outcome, textOf(patch)), outcome)
    }),
    { numRuns: 3000 },
  )
})

type Path = readonly string[]
type Step = { readonly op: string; readonly path: Path; readonly from: Path; readonly value: Value }

/** Thrown by the reference where the document does not let an operation be done. */
class Absent extends Error {}

function find(root: Value, [key, ...rest]: Path): Value {
  if (key === undefined) return root
  const index = isArray(root) && /^\d+$/.test(key) && String(Number(key)) === key
  const next = isMap(root) ? root.get(key) : index ? (root[Number(key)] as Value) : undefined
  if (next === undefined) throw new Absent()
  return find(next, rest)
}

/** The root with what `change` makes of the container that the path ends in. */
function changed(
  root: Value,
  path: Path,
  change: (container: Map<string, Value> | Value[], key: string) => void,
): Value {
  const [key = '', ...rest] = path
  if (rest.length > 0) {
    const below = changed(find(root, [key]), rest, change)
    if (isMap(root)) return new Map([...root]).set(key, below)
    return (root as readonly Value[]).map((each, at) => (at === Number(key) ? below : each))
  }
  const container = isMap(root) ? new Map(root) : isArray(root) ? [...root] : undefined
  if (container === undefined) throw new Absent()
  change(container, key)
  return container
}

function added(root: Value, path: Path, value: Value): Value {
  if (path.length === 0) return value
  return changed(root, path, (container, key) => {
    if (!Array.isArray(container)) container.set(key, value)
    else {
      const places = [...container.keys(), container.length].map(String)
      const place = key === '-' ? container.length : places.indexOf(key)
      if (place < 0) throw new Absent()
      container.splice(place, 0, value)
    }
  })
}

function removed(root: Value, path: Path): Value {
  find(root, path)
  return changed(root, path, (container, key) => {
    if (Array.isArray(container)) container.splice(Number(key), 1)
    else container.delete(key)
  })
}

/** RFC 6902, section 4. */
function stepped(root: Value, { op, path, from, value }: Step): Value {
  switch (op) {
    case 'add':
      return added(root, path, value)
    case 'remove':
      return removed(root, path)
    case 'replace': {
      find(root, path)
      if (path.length === 0) return value
      return changed(root, path, (container, key) => {
        if (Array.isArray(container)) container[Number(key)] = value
        else container.set(key, value)
      })
    }
    case 'move': {
      const moved = find(root, from)
      return from.length === 0 ? root : added(removed(root, from), path, moved)
    }
    case 'copy':
      return added(root, path, find(root, from))
    default:
      if (canonical(find(root, path)) !== canonical(value)) throw new Absent()
      return root
  }
}

/** Equal for values that say the same. */
function canonical(value: Value): string {
  if (isArray(value)) return `[${value.map(canonical).join()}]`
  if (isMap(value)) {
    const members = [...value].map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`)
    return `{${members.sort().join()}}`
  }
  return /^[-\d]/.test(value) ? String(Number(value)) : value
}

function pathsIn(value: Value, here: Path = []): Path[] {
  const entries = isMap(value) ? [...value] : isArray(value) ? [...value.entries()] : []
  return [here, ...entries.flatMap(([key, each]) => pathsIn(each, [...here, String(key)]))]
}

function pointerOf(path: Path): string {
  return path.map((key) => `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** Paths are chosen when it is known what is there: mostly of those, or with another last key. */
const anyPath = fc.record({ of: fc.nat(), last: fc.option(anyKey, { freq: 2 }) })
const anyDraft = fc.record({
  op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
  path: anyPath,
  from: anyPath,
  value: anyValue,
  /** A test of what is there, or else of any value. */
  holds: fc.boolean(),
})

function stepOf(
  root: Value,
  draft: typeof anyDraft extends fc.Arbitrary<infer T> ? T : never,
): Step {
  const paths = pathsIn(root)
  const pathOf = ({ of, last }: { of: number; last: string | null }): Path => {
    const path = paths[of % paths.length] ?? []
    return last === null ? path : [...path.slice(0, -1), last]
  }
  const { op, holds } = draft
  const [path, from] = [pathOf(draft.path), pathOf(draft.from)]
  let { value } = draft
  try {
    if (op === 'test' && holds) value = find(root, path)
  } catch (error) {
    if (!(error instanceof Absent)) throw error
  }
  return { op, path, from, value }
}

function isWithin(path: Path, from: Path): boolean {
  return path.length > from.length && from.every((key, at) => key === path[at])
}

test('any JSON Patch of any document comes to what the standard says', () => {
  const seen = { done: 0, Conflict: 0, BadRequest: 0 }
  fc.assert(
    fc.property(anyMap, fc.array(anyDraft, { maxLength: 6 }), (document, drafts) => {
      const steps: Step[] = []
      let root = document
      let expected: JsonText | RefusalCode | undefined
      for (const draft of drafts) {
        const step = stepOf(root, draft)
        steps.push(step)
        if (step.op === 'remove' && step.path.length === 0) expected = 'BadRequest'
        if (step.op === 'move' && isWithin(step.path, step.from)) expected = 'BadRequest'
        if (expected !== undefined) break
        try {
          root = stepped(root, step)
        } catch (error) {
          if (!(error instanceof Absent)) throw error
          expected = 'Conflict'
          break
        }
      }
      expected ??= isMap(root) ? textOf(root) : 'BadRequest'
      const patch = steps.map(({ op, path, from, value }) => {
        const [to, away] = [path, from].map((each) => JSON.stringify(pointerOf(each)))
        return `{"op":"${op}","path":${to},"from":${away},"value":${textOf(value)}}`
      })
      const run = () => applyJsonPatch(textOf(document), compact(`[${patch.join()}]`))
      if (expected === 'Conflict' || expected === 'BadRequest') {
        seen[expected]++
        const refusal = refusalOf(run)
        assert.equal(refusal.code, expected, refusal.message)
        const [detail] = refusal.details
        if (detail) assert.equal(detail.pointer.split('/')[1], String(steps.length - 1))
      } else {
        seen.done++
        assert.equal(checked(run()), expected)
      }
    }),
    { numRuns: 6000 },
  )
  for (const [what, times] of Object.entries(seen)) {
    assert.ok(times > 300, `${what} came ${times} times: too few to tell`)
  }
})

describe('bounds', () => {
  const times = (count: number, stepAt: (at: number) => object) =>
    JSON.stringify(Array.from({ length: count }, (_, at) => stepAt(at)))

  /** Ends in text or in a refusal for its size, never in a fault, and soon. */
  function bounded(document: JsonText, patch: JsonText): JsonText | 'PayloadTooLarge' {
    const start = performance.now()
    let outcome: JsonText | 'PayloadTooLarge'
    try {
      outcome = applyJsonPatch(document, patch)
    } catch (error) {
      assert.ok(error instanceof Refusal, `a fault: ${error}`)
      assert.equal(error.code, 'PayloadTooLarge')
      outcome = 'PayloadTooLarge'
    }
    // Some hundred times what it takes, for machines that have much else to do.
    assert.ok(performance.now() - start < 10_000, 'it took too long')
    return outcome
  }

  const moveOf = (from: string, path: string) => ({ op: 'move', from, path })
  const wide = JSON.stringify({ a: Array(19_998).fill(0) })

  for (const [what, ends, stepAt] of [
    ['adds at the front', 'done', () => ({ op: 'add', path: '/a/0', value: 1 })],
    ['adds at the end', 'done', () => ({ op: 'add', path: '/a/-', value: 1 })],
    ['removals at the front', 'done', () => ({ op: 'remove', path: '/a/0' })],
    ['moves from the front to the end', 'done', () => ({ op: 'move', from: '/a/0', path: '/a/-' })],
    ['copies of one element', 'done', () => ({ op: 'copy', from: '/a/9', path: '/a/0' })],
    ['tests', 'done', (at: number) => ({ op: 'test', path: `/a/${at}`, value: 0 })],
    ['replacements', 'done', (at: number) => ({ op: 'replace', path: `/a/${at}`, value: at })],
    [
      'moves of it all',
      'refused',
      (at: number) => moveOf(at % 2 ? '/b' : '/a', at % 2 ? '/a' : '/b'),
    ],
    ['copies of it all', 'refused', (at: number) => ({ op: 'copy', from: '/a', path: `/c${at}` })],
  ] as const) {
    test(`6000 ${what} in an array of 20 000 elements are ${ends}`, () => {
      const outcome = bounded(wide, times(6000, stepAt))
      assert.equal(outcome === 'PayloadTooLarge' ? 'refused' : 'done', ends)
    })
  }

  const doubling = times(40, (at) => ({ op: 'copy', from: '', path: `/c${at}` }))
  for (const [what, document] of [
    ['an empty document', '{}'],
    ['a long text', JSON.stringify({ a: 'x'.repeat(900_000) })],
    ['empty texts', JSON.stringify({ a: Array(1000).fill('') })],
    ['long names of empty arrays', longNames('[]')],
    ['long names of empty objects', longNames('{}')],
    ['long names in each other', '{"a":'.repeat(30) + longNames('[]') + '}'.repeat(30)],
  ] as const) {
    test(`copies that double ${what} are refused`, () => {
      assert.equal(bounded(document, doubling), 'PayloadTooLarge')
    })
  }

  test('copies of names count as those of texts do', () => {
    const document = longNames('[]')
    const enough = Math.ceil(patchCopiesMaxCharacters / document.length)
    const copies = (count: number) =>
      times(count, (at) => ({ op: 'copy', from: '/a', path: `/c${at}` }))
    const within = `{"a":${document}}`
    const isRefused = (count: number) => bounded(within, copies(count)) === 'PayloadTooLarge'
    assert.deepEqual([isRefused(enough - 2), isRefused(enough + 2)], [false, true])
  })

  /** A container 60 levels deep, brought in at the end of a path, again and again. */
  const tower = (levels: number) => `${'{"a":'.repeat(levels)}{}${'}'.repeat(levels)}`
  const foot = '/a'.repeat(60)
  const deepening = [
    [
      'adds',
      `[${Array(20)
        .fill(`{"op":"add","path":"${foot}","value":${tower(60)}}`)
        .join()}]`,
    ],
    [
      'moves',
      `[{"op":"add","path":"/b","value":${tower(60)}},
        {"op":"move","from":"/b","path":"${foot}/a"},
        {"op":"move","from":"/a","path":"/b"},
        {"op":"add","path":"/a","value":${tower(59)}},
        {"op":"move","from":"/b","path":"${foot}/a"}]`,
    ],
    ['copies', times(20, () => ({ op: 'copy', from: '', path: `${foot}/a` }))],
  ] as const
  for (const [what, patch] of deepening) {
    test(`${what} of deep values into deep places stay within twice the depth`, () => {
      const outcome = bounded(tower(60), compact(patch))
      if (outcome !== 'PayloadTooLarge') {
        assert.ok(measureJson(outcome).depth <= 2 * bodyDepthMax + 1)
      }
    })
  }

  function longNames(value: string): JsonText {
    const names = Array.from({ length: 600 }, (_, at) => String(at).padStart(1500, 'n'))
    return `{${names.map((name) => `"${name}":${value}`).join()}}`
  }
})
