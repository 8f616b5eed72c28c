/**
 * Bodies at the edges of the contract's section 4, each with what has to come of it. They also say
 * whether the second reader that the gate `json` judges generated bodies by can be relied on.
 */

export type Vector = {
  readonly title: string
  readonly body: string | Uint8Array
  readonly taken: boolean
}

const nest = (open: string, close: string, levels: number) =>
  `{"a":${open.repeat(levels)}${close.repeat(levels)}}`

const bytes = (before: string, between: readonly number[], after: string) =>
  Buffer.concat([Buffer.from(before), Buffer.from(between), Buffer.from(after)])

const members = (count: number) =>
  `{${Array.from({ length: count }, (_, at) => `"k${at}":0`).join(',')}}`

const elements = (count: number) => `{"a":[${Array.from({ length: count }, () => '0').join(',')}]}`

const taken: readonly (readonly [title: string, body: string | Uint8Array])[] = [
  ['an empty object', '{}'],
  ['blanks of all four kinds', ' \t\r\n{ \t\r\n"a" : [ ] , "b" : { } } \n'],
  ['keys that objects of JavaScript have', '{"constructor":1,"toString":2,"hasOwnProperty":3}'],
  ['more of them', '{"valueOf":{"a":1},"prototype":{},"__defineGetter__":[],"then":0,"toJSON":1}'],
  ['keys that look like indices, out of order', '{"10":1,"2":2,"1":3,"01":4,"-1":5}'],
  ['an empty key, and keys of dots and slashes', '{"":1,"a.b":2,"a/b":3,"~":4,"$ref":5," ":6}'],
  ['one key composed and decomposed', '{"\u00e9":1,"e\u0301":2}'],
  ['every short escape', '{"a":"\\"\\\\\\/\\b\\f\\n\\r\\t"}'],
  ['escapes of what needs none', '{"\\u0061":"\\u0062\\u00e9\\u20AC\\uD83D\\uDE00"}'],
  ['NUL and all controls in escapes', '{"a":"\\u0000\\u0001\\u001f\\u007f\\u0085\\u2028"}'],
  ['the letters that end lines in JavaScript', '{"a":"\u2028\u2029\u0085\u007f\ufeff"}'],
  ['what is no character', '{"a":"\uffff\ufdd0\u{1ffff}\u{10ffff}"}'],
  ['zero in many ways', '{"a":[0,-0,0.0,-0.0,0e0,0E+9,-0e-9]}'],
  ['integers about 2^53', '{"a":[9007199254740991,9007199254740992,-9007199254740992]}'],
  ['an even integer beyond 2^53', '{"a":[9007199254740994,18014398509481984]}'],
  [
    'integers of many digits that a double is',
    `{"a":[${2n ** 100n},${2n ** 1023n},1${'0'.repeat(22)}]}`,
  ],
  [
    'the greatest and the least doubles',
    '{"a":[1.7976931348623157e308,5e-324,2.2250738585072014e-308]}',
  ],
  [
    'what a double is not, with a point',
    '{"a":[0.1,9007199254740993.0,1e-400,3.141592653589793238]}',
  ],
  ['whole numbers beyond 2^53 with an exponent', '{"a":[1.8014398509481988e16,1e20,1e23]}'],
  ['exponents in every spelling', '{"a":[1e5,1E5,1e+5,1E-5,1.5e05,1e00]}'],
  ['as deep as may be', nest('[', ']', 63)],
  ['as deep as may be, of objects', `${'{"a":'.repeat(64)}0${'}'.repeat(64)}`],
  ['as many members as may be', members(20_000)],
  ['as many elements as may be', elements(19_999)],
  ['as long a key as may be', `{"${'k'.repeat(1500)}":0}`],
  ['as long a key of two bytes a letter', `{"${'é'.repeat(750)}":0}`],
  ['a key twice, in objects beside each other', '{"a":{"k":1},"b":{"k":2},"k":[{"k":1},{"k":2}]}'],
  ['stamps that the client made up', '{"updated":"x","updatedBy":[1],"a":{"updated":1}}'],
  ['versions that say nothing', '{"versions":{"next":1}}'],
  ['strings that look like other values', '{"a":["null","1","{}","[1]","true",""]}'],
]

const refused: readonly (readonly [title: string, body: string | Uint8Array])[] = [
  ['nothing', ''],
  ['blanks alone', ' \n'],
  ['an array', '[]'],
  ['a number', '1'],
  ['a string', '"a"'],
  ['null', 'null'],
  ['true', 'true'],
  ['a byte order mark', bytes('', [0xef, 0xbb, 0xbf], '{}')],
  ['UTF-16', Buffer.from('{}', 'utf16le')],
  ['a byte that is no UTF-8', bytes('{"a":"', [0xff], '"}')],
  ['a lone continuation byte', bytes('{"a":"', [0x80], '"}')],
  ['an overlong slash', bytes('{"a":"', [0xc0, 0xaf], '"}')],
  ['an overlong NUL', bytes('{"a":"', [0xc0, 0x80], '"}')],
  ['half of a pair in UTF-8', bytes('{"a":"', [0xed, 0xa0, 0x80], '"}')],
  ['a code point beyond the last', bytes('{"a":"', [0xf4, 0x90, 0x80, 0x80], '"}')],
  ['a character that is cut short', bytes('{"a":"', [0xe2, 0x82], '"}')],
  ['half of a pair in escapes', '{"a":"\\ud800"}'],
  ['the other half', '{"a":"\\udc00"}'],
  ['both halves the wrong way round', '{"a":"\\udc00\\ud800"}'],
  ['half of a pair before a letter', '{"a":"\\ud800\\u0061"}'],
  ['half of a pair in a key', '{"\\udead":1}'],
  ['a comma at the end of an object', '{"a":1,}'],
  ['a comma at the end of an array', '{"a":[1,]}'],
  ['a comma at the beginning', '{,"a":1}'],
  ['two commas', '{"a":[1,,2]}'],
  ['no comma', '{"a":1 "b":2}'],
  ['no colon', '{"a" 1}'],
  ['two colons', '{"a"::1}'],
  ['no value', '{"a":}'],
  ['no key', '{:1}'],
  ['a key without quotes', '{a:1}'],
  ['a key in single quotes', "{'a':1}"],
  ['a key that is a number', '{1:1}'],
  ['an object that is not closed', '{"a":1'],
  ['an array that is not closed', '{"a":[1}'],
  ['a string that is not closed', '{"a":"b}'],
  ['one bracket too many', '{"a":1}}'],
  ['two values', '{}{}'],
  ['a value and a letter', '{}x'],
  ['a comment', '{"a":1/* b */}'],
  ['a comment to the end of the line', '{"a":1}// b'],
  ['a raw line end in a string', '{"a":"b\nc"}'],
  ['a raw tab in a string', '{"a":"b\tc"}'],
  ['a raw NUL in a string', '{"a":"\u0000"}'],
  ['a raw NUL behind the body', '{}\u0000'],
  ['an escape that there is not', '{"a":"\\x41"}'],
  ['an escape of a quote that there is not', '{"a":"\\\'"}'],
  ['an escape of three digits', '{"a":"\\u123"}'],
  ['an escape of no digits', '{"a":"\\uZZZZ"}'],
  ['an escape in braces', '{"a":"\\u{61}"}'],
  ['a zero in front', '{"a":01}'],
  ['a zero in front of a negative', '{"a":-01}'],
  ['a plus in front', '{"a":+1}'],
  ['a point at the end', '{"a":1.}'],
  ['a point at the beginning', '{"a":.5}'],
  ['an exponent without digits', '{"a":1e}'],
  ['an exponent with a sign alone', '{"a":1e+}'],
  ['a sign alone', '{"a":-}'],
  ['a hexadecimal number', '{"a":0x10}'],
  ['a number with underscores', '{"a":1_000}'],
  ['a BigInt of JavaScript', '{"a":1n}'],
  ['NaN', '{"a":NaN}'],
  ['Infinity', '{"a":-Infinity}'],
  ['undefined', '{"a":undefined}'],
  ['a word in capitals', '{"a":True}'],
  ['half of a word', '{"a":nul}'],
  ['blanks that JSON does not have', '{\u00a0"a":1}'],
  ['a vertical tab', '{\u000b"a":1}'],
  ['an integer that a double cannot hold', '{"a":9007199254740993}'],
  ['the same, negative and deep', '{"a":[{"b":-9007199254740993}]}'],
  ['an integer of many digits that no double is', `{"a":${2n ** 100n + 1n}}`],
  ['a number beyond the greatest double', '{"a":1e400}'],
  ['the same in digits', `{"a":-1${'0'.repeat(400)}}`],
  ['the same just beyond', '{"a":1.7976931348623159e308}'],
  ['a key twice', '{"a":1,"a":1}'],
  ['a key twice, far apart and deep', `{"x":[{"a":1,${members(30).slice(1, -1)},"a":2}]}`],
  ['a key twice, once in escapes', '{"a":1,"\\u0061":2}'],
  ['a key twice that is empty', '{"":1,"":2}'],
  ['a live version twice', '{"versions":{"current":{},"current":{}}}'],
  ['the key __proto__', '{"__proto__":{}}'],
  ['the key __proto__ in escapes', '{"a":{"\\u005f_proto\\u005f_":1}}'],
  ['one level too deep', nest('[', ']', 64)],
  ['far too deep', nest('[', ']', 100_000)],
  ['one level of objects too deep', `${'{"a":'.repeat(64)}{}${'}'.repeat(64)}`],
  ['one member too many', members(20_001)],
  ['one element too many', elements(20_000)],
  ['a key one byte too long', `{"${'k'.repeat(1501)}":0}`],
  ['a key of two bytes a letter too long', `{"${'é'.repeat(751)}":0}`],
  ['a live version that is no object', '{"versions":{"current":null}}'],
  ['a live version that is an array', '{"versions":{"current":[{}]}}'],
]

export const vectors: readonly Vector[] = [
  ...taken.map(([title, body]) => ({ title, body, taken: true })),
  ...refused.map(([title, body]) => ({ title, body, taken: false })),
]

/** Patches that are none, and those that would leave what is no document. */
export const malformedPatches: readonly (readonly [title: string, body: string])[] = [
  ['an object', '{}'],
  ['an operation that is no object', '[1]'],
  ['an operation that there is not', '[{"op":"set","path":"/a","value":1}]'],
  ['no operation', '[{"path":"/a","value":1}]'],
  ['no path', '[{"op":"add","value":1}]'],
  ['a path that is no text', '[{"op":"add","path":1,"value":1}]'],
  ['a path without a slash', '[{"op":"add","path":"a","value":1}]'],
  ['an escape that there is not', '[{"op":"add","path":"/~2","value":1}]'],
  ['an escape that is cut short', '[{"op":"add","path":"/a~","value":1}]'],
  ['no value', '[{"op":"add","path":"/a"}]'],
  ['no value to test for', '[{"op":"test","path":"/a"}]'],
  ['no place to copy from', '[{"op":"copy","path":"/b"}]'],
  ['a move into itself', '[{"op":"move","from":"/a","path":"/a/b"}]'],
  ['the document removed', '[{"op":"remove","path":""}]'],
  ['an array in the place of the document', '[{"op":"replace","path":"","value":[]}]'],
  ['a member twice', '[{"op":"add","op":"add","path":"/a","value":1}]'],
  ['a number that no double is', '[{"op":"add","path":"/a","value":9007199254740993}]'],
  ['no JSON', '[{]'],
]
