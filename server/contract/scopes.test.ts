/**
 * What scopes mean, and what they grant, against a reference that goes the other way round: from a
 * right to the only texts that grant it. SEED=n repeats the random ones.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isGranted } from '../../test/support/scope-reference.ts'
import { seed, tellSeed } from '../../test/support/seed.ts'
import type { AccessMode, Right } from './scopes.ts'
import { apis, grants, isApi, knownScopes, parseScope } from './scopes.ts'

fc.configureGlobal({ seed })
tellSeed()

/** `api mode resource`, the resource left out where there is none. */
function rightOf(text: string): Right {
  const [api = '', mode, resource] = text.split(' ')
  assert.ok(isApi(api) && (mode === 'read' || mode === 'write'), text)
  return { api, mode, resource }
}

const meanings: readonly { scope: string; grants: readonly string[]; not: readonly string[] }[] = [
  {
    scope: 'provisioning:*',
    grants: ['provisioning read', 'provisioning write', 'provisioning write users'],
    not: ['reporting read', 'voc read recording', 'keys read'],
  },
  {
    scope: 'provisioning:read',
    grants: ['provisioning read', 'provisioning read users', 'provisioning read *'],
    not: ['provisioning write', 'provisioning write users', 'mcp read'],
  },
  {
    scope: 'provisioning:write',
    grants: ['provisioning write', 'provisioning write users'],
    not: ['provisioning read', 'provisioning read users'],
  },
  {
    scope: 'provisioning:users.read',
    grants: ['provisioning read users'],
    not: [
      'provisioning read',
      'provisioning write users',
      'provisioning read bots',
      'provisioning read users-archive',
      'provisioning read user',
      'provisioning read Users',
      'provisioning read users.read',
      'ingest read users',
    ],
  },
  {
    scope: 'provisioning:users.write',
    grants: ['provisioning write users'],
    not: ['provisioning read users', 'provisioning write', 'provisioning write users.write'],
  },
  {
    scope: 'provisioning:users.*',
    grants: ['provisioning read users', 'provisioning write users'],
    not: ['provisioning read', 'provisioning write', 'provisioning read users.a'],
  },
  {
    scope: 'provisioning:users',
    grants: ['provisioning read users', 'provisioning write users'],
    not: ['provisioning read', 'provisioning write', 'provisioning read users-archive'],
  },
  {
    scope: 'provisioning:a.b',
    grants: ['provisioning read a.b', 'provisioning write a.b'],
    not: ['provisioning read a', 'provisioning read b'],
  },
  {
    scope: 'provisioning:a.read.write',
    grants: ['provisioning write a.read'],
    not: ['provisioning write a', 'provisioning read a', 'provisioning read a.read'],
  },
  {
    scope: 'provisioning:read.read',
    grants: ['provisioning read read'],
    not: ['provisioning read users', 'provisioning read', 'provisioning write read'],
  },
  {
    scope: 'provisioning:users.Read',
    grants: ['provisioning read users.Read', 'provisioning write users.Read'],
    not: ['provisioning read users'],
  },
  {
    scope: 'provisioning:a:b.read',
    grants: ['provisioning read a:b'],
    not: ['provisioning read a', 'provisioning read b'],
  },
  {
    scope: 'provisioning:users*',
    grants: ['provisioning read users*'],
    not: ['provisioning read users', 'provisioning read users-archive'],
  },
  {
    scope: 'provisioning:assistant',
    grants: ['provisioning read assistant'],
    not: ['provisioning read botconv', 'reporting read assistant'],
  },
  {
    scope: 'reporting:*',
    grants: ['reporting read assistant', 'reporting read voc', 'reporting read'],
    not: ['voc read', 'provisioning read'],
  },
  {
    scope: 'reporting:read',
    grants: ['reporting read assistant', 'reporting read vocconv'],
    not: ['reporting write assistant'],
  },
  {
    scope: 'reporting:botconv',
    grants: ['reporting read assistant', 'reporting read botconv'],
    not: ['reporting read voc', 'reporting read vocconv', 'reporting read'],
  },
  {
    scope: 'reporting:assistant.read',
    grants: ['reporting read assistant', 'reporting read botconv'],
    not: ['reporting read voc', 'reporting write assistant'],
  },
  {
    scope: 'reporting:vocconv',
    grants: ['reporting read voc', 'reporting read vocconv'],
    not: ['reporting read assistant', 'reporting read botconv', 'voc read'],
  },
  {
    scope: 'reporting:voc.*',
    grants: ['reporting read voc', 'reporting read vocconv'],
    not: ['reporting read assistant', 'voc read recording'],
  },
  {
    scope: 'voc:*',
    grants: ['voc read recording', 'voc write recording', 'voc read'],
    not: ['reporting read voc'],
  },
  { scope: 'voc:read', grants: ['voc read recording'], not: ['voc write recording'] },
  {
    scope: 'voc:recording.*',
    grants: ['voc read recording', 'voc write recording'],
    not: ['voc read', 'voc read recordings'],
  },
  { scope: 'mcp:*', grants: ['mcp read bots', 'mcp write bots'], not: ['provisioning read bots'] },
  { scope: 'mcp:read', grants: ['mcp read bots'], not: ['mcp write bots'] },
  { scope: 'mcp:bots.read', grants: ['mcp read bots'], not: ['mcp write bots', 'mcp read users'] },
  { scope: 'mcp:bots.*', grants: ['mcp read bots', 'mcp write bots'], not: ['mcp read users'] },
  { scope: 'keys:*', grants: ['keys read', 'keys write'], not: ['provisioning read'] },
  { scope: 'keys:read', grants: ['keys read'], not: ['keys write'] },
  { scope: 'keys:write', grants: ['keys write'], not: ['keys read'] },
  {
    scope: 'ingest:assistant.*',
    grants: ['ingest read assistant', 'ingest write assistant'],
    not: ['ingest write voc', 'ingest write botconv', 'reporting read assistant'],
  },
]

describe('a scope grants what it says, and nothing beside it', () => {
  for (const meaning of meanings) {
    test(meaning.scope, () => {
      const scopes = [parseScope(meaning.scope)]
      for (const right of meaning.grants) assert.equal(grants(scopes, rightOf(right)), true, right)
      for (const right of meaning.not) assert.equal(grants(scopes, rightOf(right)), false, right)
      for (const right of meaning.grants)
        assert.equal(isGranted(new Set([meaning.scope]), rightOf(right)), true)
      for (const right of meaning.not)
        assert.equal(isGranted(new Set([meaning.scope]), rightOf(right)), false)
    })
  }
})

const refused: readonly (readonly [title: string, scope: string, says: RegExp])[] = [
  ['nothing', '', /colon/],
  ['an API alone', 'provisioning', /colon/],
  ['a star alone', '*', /colon/],
  ['a dot for the colon', 'provisioning.read', /colon/],
  ['no API', ':read', /the API is one of/],
  ['a star for the API', '*:*', /the API is one of/],
  ['an unknown API', 'billing:read', /the API is one of/],
  ['an API in capitals', 'Provisioning:read', /the API is one of/],
  ['a blank before it', ' provisioning:read', /the API is one of/],
  ['an API with more behind it', 'provisioning2:read', /the API is one of/],
  ['constructor as an API', 'constructor:read', /the API is one of/],
  ['nothing behind the colon', 'provisioning:', /resource/],
  ['an operation without a resource', 'provisioning:.read', /resource/],
  ['a star for the resource, with an operation', 'provisioning:*.read', /never \*/],
  ['two stars', 'provisioning:*.*', /never \*/],
  ['a resource that no segment can be', 'provisioning:a/b.read', /slash/],
  ['a reserved resource', 'provisioning:__a__', /reserved/],
  ['a resource that is two dots', 'provisioning:...read', /resource/],
  ['a line break at the end', 'provisioning:read\n', /resource/],
  ['a resource of keys', 'keys:mine', /keys have no resources/],
  ['a resource of keys with an operation', 'keys:mine.read', /keys have no resources/],
]

describe('no scope is', () => {
  for (const [title, scope, says] of refused) {
    test(`${title}; found stored, it grants nothing`, () => {
      assert.throws(() => parseScope(scope), { code: 'BadRequest', message: says })
      assert.throws(() => parseScope(scope), { message: /is no scope/ })
      assert.deepEqual(knownScopes([scope]), [])
    })
  }
})

test('a stored text that does not parse takes nothing from those beside it', () => {
  const scopes = knownScopes(['*', 'provisioning:users.read', 'nonsense'])
  assert.equal(scopes.length, 1)
  assert.equal(grants(scopes, rightOf('provisioning read users')), true)
  assert.equal(grants(scopes, rightOf('provisioning read bots')), false)
})

test('no scopes grant nothing', () => {
  assert.equal(grants([], rightOf('provisioning read')), false)
})

test('several scopes grant what each of them grants, and no mixture', () => {
  const scopes = knownScopes(['provisioning:users.read', 'provisioning:bots.write'])
  assert.equal(grants(scopes, rightOf('provisioning read users')), true)
  assert.equal(grants(scopes, rightOf('provisioning write bots')), true)
  assert.equal(grants(scopes, rightOf('provisioning write users')), false)
  assert.equal(grants(scopes, rightOf('provisioning read bots')), false)
})

const modes: readonly AccessMode[] = ['read', 'write']
const words = ['users', 'Users', 'users-archive', 'botconv', 'assistant', 'vocconv', 'voc', 'a']
const parts = fc.constantFrom(...words, 'read', 'write', '*', '*', '')
const dotted = fc.array(parts, { minLength: 1, maxLength: 3 }).map((list) => list.join('.'))
const scopeText = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constantFrom(...apis), fc.constant(':'), dotted) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom('', '*', 'prov', 'Reporting', 'reportings', ...apis),
      fc.constantFrom('', ':', '::', '.', ' :'),
      fc.oneof(dotted, fc.string()),
    ),
  },
)
const resource = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(...words),
  dotted.filter((name) => !['', '.', '..'].includes(name)),
)
const anyRight: fc.Arbitrary<Right> = fc.record({
  api: fc.constantFrom(...apis),
  resource,
  mode: fc.constantFrom(...modes),
})
/** Half of the rights are of the API that the scope names, so that many are close to granted. */
const scopeAndRight = fc
  .tuple(scopeText, anyRight, fc.boolean())
  .map(([[api, mark, rest], right, near]) => {
    return { text: `${api}${mark}${rest}`, right: near && isApi(api) ? { ...right, api } : right }
  })

test('for any text and any right, a scope grants what the reference grants', () => {
  let granted = 0
  fc.assert(
    fc.property(scopeAndRight, ({ text, right }) => {
      const expected = isGranted(new Set([text]), right)
      if (expected) granted++
      assert.equal(grants(knownScopes([text]), right), expected)
    }),
    { numRuns: 30_000 },
  )
  assert.ok(granted > 1000, `only ${granted} rights were granted: too few to tell`)
})

test('any text is either a scope that is known, or refused and unknown', () => {
  fc.assert(
    fc.property(scopeAndRight, ({ text }) => {
      const known = knownScopes([text])
      if (known.length === 0) assert.throws(() => parseScope(text), { code: 'BadRequest' })
      else assert.deepEqual(known, [parseScope(text)])
    }),
    { numRuns: 3000 },
  )
})

test('only the published prefixes and ours are APIs', () => {
  const known: readonly string[] = ['provisioning', 'reporting', 'voc', 'mcp', 'keys', 'ingest']
  assert.deepEqual([...apis].sort(), [...known].sort())
  assert.ok(known.every(isApi))
  assert.ok(![undefined, '', 'Keys', 'provisioning ', 'toString', 'length'].some(isApi))
})
