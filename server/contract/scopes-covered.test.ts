/**
 * Which scopes cover others: those that grant all that the others do. Any two sets of them, right
 * by right. SEED=n repeats the random ones.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { isGranted } from '../../test/support/scope-reference.ts'
import { seed, tellSeed } from '../../test/support/seed.ts'
import type { AccessMode, Api, Right } from './scopes.ts'
import { apis, covers, grants, knownScopes, parseScope } from './scopes.ts'

fc.configureGlobal({ seed })
tellSeed()

/** Whether the scopes of the first list cover the one behind them. */
const coverings: readonly (readonly [own: readonly string[], target: string, covered: boolean])[] =
  [
    [['provisioning:*'], 'provisioning:*', true],
    [['provisioning:*'], 'provisioning:read', true],
    [['provisioning:*'], 'provisioning:users.write', true],
    [['provisioning:*'], 'provisioning:users', true],
    [['provisioning:read', 'provisioning:write'], 'provisioning:*', true],
    [['provisioning:read', 'provisioning:write'], 'provisioning:users.*', true],
    [['provisioning:read', 'provisioning:users.write'], 'provisioning:users', true],
    [['provisioning:users.read', 'provisioning:users.write'], 'provisioning:users', true],
    [['provisioning:users'], 'provisioning:users.*', true],
    [['provisioning:users.*'], 'provisioning:users', true],
    [['provisioning:users.read'], 'provisioning:users.read', true],
    [['reporting:botconv'], 'reporting:assistant', true],
    [['reporting:vocconv.read', 'reporting:voc.write'], 'reporting:voc', true],
    [['keys:*'], 'keys:write', true],
    [['keys:read', 'keys:write'], 'keys:*', true],

    [[], 'provisioning:users.read', false],
    [['provisioning:read'], 'provisioning:*', false],
    [['provisioning:read'], 'provisioning:write', false],
    [['provisioning:write'], 'provisioning:read', false],
    [['provisioning:write'], 'provisioning:users.read', false],
    [['provisioning:users'], 'provisioning:read', false],
    [['provisioning:users.*', 'provisioning:bots.*'], 'provisioning:*', false],
    [['provisioning:users', 'provisioning:read'], 'provisioning:write', false],
    [['provisioning:users'], 'provisioning:users-archive', false],
    [['provisioning:users'], 'provisioning:Users', false],
    [['provisioning:users.read', 'provisioning:bots.write'], 'provisioning:users', false],
    [['provisioning:users.read', 'provisioning:bots.write'], 'provisioning:bots', false],
    [['provisioning:*', 'reporting:*', 'voc:*', 'mcp:*', 'ingest:*'], 'keys:read', false],
    [['provisioning:*'], 'reporting:assistant.read', false],
    [['voc:*'], 'reporting:voc.read', false],
    [['keys:*'], 'provisioning:users.read', false],
    [['keys:write'], 'keys:read', false],
  ]

describe('scopes cover', () => {
  for (const [own, target, covered] of coverings) {
    test(`${own.join(' and ') || 'none'}: ${target} is ${covered ? '' : 'not '}covered`, () => {
      assert.equal(covers(own.map(parseScope), parseScope(target)), covered)
    })
  }
})

const modes: readonly AccessMode[] = ['read', 'write']

/** Resources that scopes of the test name, one that none of them does, and none at all. */
const universe = [undefined, 'users', 'bots', 'botconv', 'assistant', 'vocconv', 'voc', 'fresh']

/** Every right there is in it, of all APIs. */
const everyRight: readonly Right[] = apis.flatMap((api) =>
  modes.flatMap((mode) => universe.map((each) => ({ api, mode, resource: each }))),
)

const rest = fc
  .tuple(
    fc.constantFrom(...['', '', 'users', 'bots', 'botconv', 'assistant', 'vocconv', 'voc']),
    fc.constantFrom('*', 'read', 'write', ''),
  )
  .map(([name, mode]) => (name === '' ? mode || '*' : mode === '' ? name : `${name}.${mode}`))
const closeScope = (api: fc.Arbitrary<Api>) =>
  fc
    .tuple(api, rest)
    // Keys have no resources, so that only the operation of such a text is left.
    .map(([name, text]) =>
      name === 'keys' ? `keys:${/(read|write)$/.exec(text)?.[0] ?? '*'}` : `${name}:${text}`,
    )
const fewApis = fc.constantFrom<Api>('provisioning', 'reporting', 'keys')

test('for any scopes, covered is what grants nothing beyond them, right by right', () => {
  const seen = { covered: 0, not: 0 }
  const sets = fc.tuple(fc.array(closeScope(fewApis), { maxLength: 5 }), closeScope(fewApis))
  fc.assert(
    fc.property(sets, ([own, target]) => {
      const beyond = everyRight.filter(
        (right) => isGranted(new Set([target]), right) && !isGranted(new Set(own), right),
      )
      const covered = covers(own.map(parseScope), parseScope(target))
      assert.equal(covered, beyond.length === 0, `${own.join(' ')} for ${target}`)
      seen[covered ? 'covered' : 'not']++
    }),
    { numRuns: 5000 },
  )
  for (const times of Object.values(seen)) assert.ok(times > 500, `only ${times}: too few to tell`)
})

test('any set of scopes grants what the reference grants to one of them', () => {
  const set = fc.array(closeScope(fc.constantFrom(...apis)), { maxLength: 6 })
  fc.assert(
    fc.property(set, (texts) => {
      const scopes = knownScopes(texts)
      for (const right of everyRight) {
        const expected = isGranted(new Set(texts), right)
        assert.equal(grants(scopes, right), expected, `${texts.join(' ')} for ${right.resource}`)
      }
    }),
    { numRuns: 300 },
  )
})

test('who covers a scope covers what that one covers', () => {
  const three = fc.tuple(closeScope(fewApis), closeScope(fewApis), closeScope(fewApis))
  fc.assert(
    fc.property(three, (texts) => {
      const [one, two, last] = texts.map(parseScope)
      assert.ok(one && two && last)
      assert.ok(covers([one], one))
      if (covers([one], two) && covers([two], last)) assert.ok(covers([one], last))
    }),
    { numRuns: 2000 },
  )
})
