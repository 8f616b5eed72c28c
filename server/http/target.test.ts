/** The one parse of a raw request target: what its segments are, and which targets have a fault. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseTarget } from './target.ts'

const taken: readonly (readonly [title: string, raw: string, segments: readonly string[]])[] = [
  ['the root has no segments', '/', []],
  ['the root with a query', '/?a=b', []],
  ['a path is split at its slashes', '/a/b/c', ['a', 'b', 'c']],
  ['the query is no part of the path', '/a/b?c=/d/e', ['a', 'b']],
  ['a second question mark is part of the query', '/a?b?/c', ['a']],
  ['an empty query', '/a?', ['a']],
  ['absolute form counts as its path', 'http://example.com/a/b?c', ['a', 'b']],
  ['absolute form of https with a port', 'https://example.com:8443/a', ['a']],
  ['absolute form in capitals', 'HTTP://EXAMPLE.COM/a/B', ['a', 'B']],
  ['absolute form without a path is the root', 'http://example.com', []],
  ['absolute form without a path, with a query', 'http://example.com?/a', []],
  ['absolute form inside a path is no absolute form', '/a?u=http://example.com/b', ['a']],
  ['an escape is decoded', '/%61/b%20c', ['a', 'b c']],
  ['escapes in either case of hex', '/%C3%A9/%c3%a9', ['é', 'é']],
  ['an escape of four bytes', '/%F0%9F%98%80', ['😀']],
  ['fixed segments match after decoding', '/api/%76%31', ['api', 'v1']],
  ['an encoded slash parts no segments', '/a%2Fb/c', ['a/b', 'c']],
  ['an encoded question mark begins no query', '/a%3Fb/c', ['a?b', 'c']],
  ['an encoded hash', '/a%23b', ['a#b']],
  ['decoding is done once', '/%2561', ['%61']],
  ['an encoded percent sign', '/100%25', ['100%']],
  ['a plus is a plus', '/a+b%2Bc', ['a+b+c']],
  ['dot segments stay where they are', '/a/../b/./c', ['a', '..', 'b', '.', 'c']],
  ['encoded dot segments stay as well', '/a/%2e%2e/%2E/b', ['a', '..', '.', 'b']],
  ['a backslash is no slash', '/a\\b', ['a\\b']],
  ['an encoded NUL is for the rules of names', '/a%00b', ['a\u0000b']],
  ['nothing is normalised', '/%65%CC%81/%C3%A9', ['e\u0301', 'é']],
  ['no case is folded', '/A/a', ['A', 'a']],
  ['sub-delimiters are ordinary', "/a;b=c,d/!$&'()*:@~", ['a;b=c,d', "!$&'()*:@~"]],
  ['an encoded byte order mark stays', '/%EF%BB%BFa', ['\ufeffa']],
  ['a name of the greatest length, encoded', `/${'%e2%82%ac'.repeat(500)}`, ['€'.repeat(500)]],
]

describe('a target without fault', () => {
  for (const [title, raw, segments] of taken) {
    test(title, () => assert.deepEqual(parseTarget(raw).path, { segments, fault: undefined }))
  }
})

const faulty: readonly (readonly [title: string, raw: string, fault: RegExp])[] = [
  ['a raw byte over 0x7F', '/caf\u00e9', /byte over 0x7F/],
  ['the same in the query', '/a?b=\u00e9', /byte over 0x7F/],
  ['a raw blank', '/a b', /blank/],
  ['a raw control byte', '/a\u0001', /control byte/],
  ['a raw DEL', '/a\u007f', /blank, control byte/],
  ['a raw hash', '/a#b', /raw #/],
  ['a hash in the query', '/a?b#c', /raw #/],
  ['a percent sign at the end', '/a%', /Segment 1 .*no escape/],
  ['half an escape', '/a/b%2', /Segment 2 .*no escape/],
  ['an escape that is no hex', '/a/b/%zz', /Segment 3 .*no escape/],
  ['an escape of UTF-16', '/%u00e9', /Segment 1 .*no escape/],
  ['a byte that begins nothing in UTF-8', '/%FF', /valid UTF-8/],
  ['a continuation byte alone', '/%80', /valid UTF-8/],
  ['a cut sequence', '/%E2%82', /valid UTF-8/],
  ['Latin-1', '/caf%E9', /valid UTF-8/],
  ['an overlong slash', '/%C0%AF', /valid UTF-8/],
  ['an overlong NUL', '/%C0%80', /valid UTF-8/],
  ['a surrogate', '/%ED%A0%80', /valid UTF-8/],
  ['a surrogate pair as six bytes', '/%ED%A0%BD%ED%B8%80', /valid UTF-8/],
  ['a code point over U+10FFFF', '/%F4%90%80%80', /valid UTF-8/],
  ['a trailing slash', '/a/b/', /ends in a slash/],
  ['a trailing slash before a query', '/a/?b', /ends in a slash/],
  ['two slashes in the middle', '/a//b', /Segment 2 of the path is empty/],
  ['two slashes at the start', '//a', /Segment 1 of the path is empty/],
  ['two slashes alone', '//', /empty/],
  ['a trailing slash of absolute form', 'http://example.com/a/', /ends in a slash/],
  ['a path without its slash', 'a/b', /begins with a slash/],
  ['a star', '*', /begins with a slash/],
  ['the form of CONNECT', 'example.com:443', /begins with a slash/],
  ['absolute form of another scheme', 'ftp://example.com/a', /begins with a slash/],
]

describe('a target has a fault', () => {
  for (const [title, raw, fault] of faulty) {
    test(title, () => assert.match(parseTarget(raw).path.fault ?? '', fault))
  }

  test('and its other segments are still told apart', () => {
    const { segments } = parseTarget('/api/v1/x/tenants/%ff/users//').path
    assert.deepEqual(segments, ['api', 'v1', 'x', 'tenants', undefined, 'users', '', ''])
  })
})

const queries: readonly (readonly [title: string, raw: string, tokens: readonly string[]])[] = [
  ['there is none without a query', '/a', []],
  ['there is none in another parameter', '/a?token=x&bearer=y&bearer_tokens=z', []],
  ['it is found alone', '/a?bearer_token=x', ['x']],
  ['it is found among others', '/a?b=c&bearer_token=x&d', ['x']],
  ['it is found in absolute form', 'http://example.com/a?bearer_token=x', ['x']],
  ['it is found with an escaped name', '/a?bearer%5Ftoken=x', ['x']],
  ['a name in capitals is another', '/a?Bearer_Token=x', []],
  ['two are both told', '/a?bearer_token=x&bearer_token=y', ['x', 'y']],
  ['an empty one is told', '/a?bearer_token=', ['']],
  ['one without a value is told as empty', '/a?bearer_token', ['']],
  ['escapes are decoded once', '/a?bearer_token=%2541', ['%41']],
  ['a plus is a blank', '/a?bearer_token=a+b', ['a b']],
  ['an escaped plus is a plus', '/a?bearer_token=a%2Bb', ['a+b']],
  ['later equals signs belong to the value', '/a?bearer_token=a=b==', ['a=b==']],
  ['a bad escape stays, to match nothing', '/a?bearer_token=%zz', ['%zz']],
  ['a bad escape elsewhere takes nothing from it', '/a?b=%zz&bearer_token=x', ['x']],
  ['it is found behind a faulty path', '/%ff//?bearer_token=x', ['x']],
  ['none is in a path', '/bearer_token=x', []],
]

describe('the bearer_token of a query', () => {
  for (const [title, raw, tokens] of queries) {
    test(title, () => assert.deepEqual(parseTarget(raw).bearerTokens, tokens))
  }
})

type ParameterRow = readonly [
  title: string,
  raw: string,
  parameters: { readonly [name: string]: readonly string[] },
]

const parameterRows: readonly ParameterRow[] = [
  ['there are none without a query', '/a', {}],
  ['there are none in an empty query', '/a?', {}],
  ['name and value', '/a?limit=5', { limit: ['5'] }],
  ['several', '/a?limit=5&cursor=x.y', { limit: ['5'], cursor: ['x.y'] }],
  ['one that comes twice has two values, in order', '/a?b=1&c=2&b=0', { b: ['1', '0'], c: ['2'] }],
  ['one without a value has an empty one', '/a?b&c=', { b: [''], c: [''] }],
  ['one without a name', '/a?=1', { '': ['1'] }],
  ['later equal signs belong to the value', '/a?b=c=d==', { b: ['c=d=='] }],
  ['escapes are decoded once, in names too', '/a?%6cimit=%2535', { limit: ['%35'] }],
  ['an escaped equal sign parts nothing', '/a?a%3Db=c', { 'a=b': ['c'] }],
  ['an escaped ampersand parts nothing', '/a?a=b%26c=d', { a: ['b&c=d'] }],
  ['a plus is a blank, an escaped plus a plus', '/a?a+b=c+%2B', { 'a b': ['c +'] }],
  ['a bad escape stays as it is', '/a?b=%zz&c=%FF', { b: ['%zz'], c: ['%FF'] }],
  ['a second question mark belongs to a value', '/a?b=?&c', { b: ['?'], c: [''] }],
  ['names are told apart by case', '/a?b=1&B=2', { b: ['1'], B: ['2'] }],
  ['a bearer_token is not among them', '/a?bearer_token=x&b=1', { b: ['1'] }],
  ['an escaped bearer_token neither', '/a?bearer%5ftoken=x&bearer_token=y', {}],
  [
    'names that objects inherit are ordinary',
    '/a?constructor=1&__proto__=2',
    JSON.parse('{"constructor":["1"],"__proto__":["2"]}'),
  ],
  ['behind absolute form', 'http://a.example?b=/c', { b: ['/c'] }],
  ['behind a faulty path', '/%ff//?b=1', { b: ['1'] }],
]

describe('the parameters of a query:', () => {
  for (const [title, raw, parameters] of parameterRows) {
    test(title, () => {
      assert.deepEqual([...parseTarget(raw).parameters], Object.entries(parameters))
    })
  }
})

test('any names come back out of a path that they were encoded into', () => {
  const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 })
  const every = (text: string) =>
    Buffer.from(text).reduce((hex, byte) => `${hex}%${byte.toString(16).padStart(2, '0')}`, '')
  const encode = fc.constantFrom(encodeURIComponent, every)
  fc.assert(
    fc.property(fc.array(name, { maxLength: 6 }), encode, (names, encodeName) => {
      const raw = `/${names.map(encodeName).join('/')}`
      assert.deepEqual(parseTarget(raw).path, { segments: names, fault: undefined })
      const absolute = parseTarget(`https://a.example:1${raw}?x=/y`)
      assert.deepEqual(absolute.path, { segments: names, fault: undefined })
    }),
    { numRuns: 1000 },
  )
})

test('any bytes at all are parsed without a throw', () => {
  const byte = fc.oneof(fc.constantFrom(...'/%?&=.#+2fF'), fc.nat(255).map(characterOf))
  fc.assert(
    fc.property(fc.string({ unit: byte, maxLength: 40 }), (raw) => {
      const { path } = parseTarget(raw)
      const whole = path.segments.every((segment) => segment !== undefined && segment !== '')
      if (path.fault === undefined) assert.ok(whole, raw)
    }),
    { numRuns: 3000 },
  )
})

function characterOf(code: number): string {
  return String.fromCharCode(code)
}
