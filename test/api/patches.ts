/**
 * PATCH with a merge patch (RFC 7396), and what both kinds of patch share: conditions, stamps, the
 * live version, limits. That of RFC 6902 has a table of its own.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseTenantId } from '../../server/contract/names.ts'
import type { Met } from '../support/client.ts'
import { makeClient } from '../support/client.ts'
import type { Scenario } from '../support/scenarios.ts'
import { stamped } from '../support/scenarios.ts'
import type { TestServer } from '../support/server.ts'

/** A document that is there, a patch that fits, and what it makes of it. */
export function patched(title: string, before: object, body: object, after: object): Scenario {
  return {
    title,
    as: 'owner',
    given: [['POST users/u', before]],
    send: 'PATCH users/u',
    body,
    answers: { status: 200, json: stamped(after), headers: { ETag: /^"2-[0-9a-f]{8}"$/ } },
    leaves: { 'users/u': stamped(after) },
  }
}

/** A document that is there, and a patch that changes nothing of it. */
export function unpatched(
  title: string,
  before: object,
  body: object | string,
  refused: NonNullable<Scenario['refused']>,
  pointer?: string,
): Scenario {
  return {
    title,
    as: 'owner',
    given: [['POST users/u', before]],
    send: 'PATCH users/u',
    body,
    refused,
    ...(pointer === undefined ? {} : { pointer }),
    leaves: { 'users/u': stamped(before) },
  }
}

export const mergePatchRows: readonly Scenario[] = [
  patched(
    'a merge patch sets, replaces and removes members, at every depth',
    { a: 1, b: { c: 2, d: { e: 3, f: 4 } }, g: 5 },
    { a: 'one', b: { d: { e: null, h: 6 } }, g: null },
    { a: 'one', b: { c: 2, d: { f: 4, h: 6 } } },
  ),
  patched(
    'a merge patch replaces arrays whole, and null in them is a value',
    { list: [1, { a: 1 }], other: [1] },
    { list: [{ b: null }, null] },
    { list: [{ b: null }, null], other: [1] },
  ),
  patched(
    'a null for a member that is not there changes nothing',
    { a: 1 },
    { b: null, c: { d: null } },
    { a: 1, c: {} },
  ),
  patched(
    'a merge patch makes an object of what was none, without its nulls',
    { a: 'text', b: [1] },
    { a: { x: { y: null, z: 1 } }, b: {} },
    { a: { x: { z: 1 } }, b: {} },
  ),
  patched(
    'a merge patch replaces an object by a value',
    { a: { b: { c: 1 } }, d: 1 },
    { a: { b: 'flat' } },
    { a: { b: 'flat' }, d: 1 },
  ),
  patched('an empty merge patch changes no member', { a: 1 }, {}, { a: 1 }),
  patched(
    'a key with a dot or a slash is a key in a merge patch',
    { a: { b: 1 }, 'a.b': 2, 'a/b': 3 },
    { 'a.b': null, 'a/b': 4 },
    { a: { b: 1 }, 'a/b': 4 },
  ),
  {
    title: "a merge patch changes the tenant's document",
    as: 'writer',
    given: [['POST .', { plan: 'gold', seats: 5 }]],
    send: 'PATCH .',
    body: { seats: null, versions: { current: 'data' } },
    answers: { status: 200 },
  },
  {
    title: "versions of a tenant's document are data to a patch too",
    as: 'owner',
    given: [['POST .', { plan: 'gold', versions: { current: 'blue', x: 1 } }]],
    send: 'PATCH .',
    body: { versions: { current: null } },
    answers: { status: 200, json: stamped({ plan: 'gold', versions: { x: 1 } }) },
  },
  {
    title: 'a merge patch changes the live version and leaves the base alone',
    as: 'userWriter',
    given: [['POST users/u', { a: 1, versions: { current: { x: 1, y: { z: 2 } } } }]],
    send: 'PATCH users/u/versions/current',
    body: { x: null, y: { w: 3 } },
    answers: { status: 200 },
  },
  {
    title: 'versions in a live version are data to a patch too',
    as: 'owner',
    given: [['POST users/u/versions/current', { versions: { current: {} } }]],
    send: 'PATCH users/u/versions/current',
    body: { versions: { current: null, next: 1 } },
    answers: { status: 200, json: stamped({ versions: { next: 1 } }) },
  },
  patched(
    'stamps in a merge patch are ignored',
    { a: 1 },
    { updated: 1, updatedBy: 'me', nested: { updated: 2 } },
    { a: 1, nested: { updated: 2 } },
  ),
  patched('stamps that a merge patch removes are written', { a: 1 }, { updated: null }, { a: 1 }),
  unpatched(
    'a merge patch that leaves too large a document is refused',
    { a: 'x'.repeat(600_000) },
    { b: 'x'.repeat(600_000) },
    ['PayloadTooLarge', /would have \d+ bytes/],
  ),
  unpatched(
    'a merge patch that leaves too many members is refused',
    { a: Array(15_000).fill(0) },
    { b: Array(15_000).fill(0) },
    ['BadRequest', /would have 30002 members/],
  ),
  unpatched(
    'a number that would be rounded is refused in a patch too',
    { a: 1 },
    '{"a":9007199254740993}',
    ['BadRequest', /"9007199254740993" would be rounded/],
    '/a',
  ),
]

const live = { greeting: 'Hello', tone: { warm: true } }
const withLive = [['POST users/u', { a: 1, versions: { note: 'kept', current: live } }]] as const
const removed: Scenario['refused'] = ['BadRequest', /cannot remove the live version; DELETE/]
const untouched = stamped({ a: 1, versions: { note: 'kept', current: stamped(live) } })

/** Patches of a base that would take its live version away. */
const removals: readonly (readonly [what: string, body: object])[] = [
  ['its null', { versions: { current: null } }],
  ['a null for versions', { versions: null }],
  ['a value for versions', { versions: 'none' }],
  ['an array for versions', { versions: [] }],
  ['a remove of it', [{ op: 'remove', path: '/versions/current' }]],
  ['a remove of versions', [{ op: 'remove', path: '/versions' }]],
  ['a replaced versions', [{ op: 'replace', path: '/versions', value: {} }]],
  ['a replaced document', [{ op: 'replace', path: '', value: { a: 1 } }]],
  ['a move of it', [{ op: 'move', from: '/versions/current', path: '/old' }]],
]

export const patchedLiveRows: readonly Scenario[] = [
  {
    title: 'a patch of the base that adds versions.current makes the live version',
    as: 'owner',
    given: [['POST users/u', { a: 1 }]],
    send: 'PATCH users/u',
    body: { versions: { current: { greeting: 'Hello' } } },
    answers: {
      status: 200,
      json: stamped({ a: 1, versions: { current: stamped({ greeting: 'Hello' }) } }),
    },
    leaves: { 'users/u/versions/current': stamped({ greeting: 'Hello' }) },
  },
  {
    title: 'a JSON patch of the base makes the live version too',
    as: 'owner',
    given: [['POST users/u', { a: 1 }]],
    send: 'PATCH users/u',
    body: [{ op: 'add', path: '/versions', value: { current: { greeting: 'Hello' } } }],
    answers: { status: 200 },
    leaves: { 'users/u/versions/current': stamped({ greeting: 'Hello' }) },
  },
  {
    title: 'a patch of the base changes the live version as GET shows it',
    as: 'owner',
    given: withLive,
    send: 'PATCH users/u',
    body: [
      { op: 'replace', path: '/versions/current/greeting', value: 'Hi' },
      { op: 'remove', path: '/versions/current/tone/warm' },
      { op: 'copy', from: '/a', path: '/versions/current/a' },
    ],
    answers: { status: 200 },
    leaves: {
      'users/u/versions/current': stamped({ greeting: 'Hi', tone: {}, a: 1 }),
      'users/u': stamped({
        a: 1,
        versions: { note: 'kept', current: stamped({ greeting: 'Hi', tone: {}, a: 1 }) },
      }),
    },
  },
  {
    title: 'a merge patch of the base keeps what it does not mention of the live version',
    as: 'owner',
    given: withLive,
    send: 'PATCH users/u',
    body: { versions: { note: null, current: { greeting: null, updatedBy: 'me' } } },
    answers: { status: 200 },
    leaves: {
      'users/u': stamped({ a: 1, versions: { current: stamped({ tone: { warm: true } }) } }),
    },
  },
  ...removals.map(
    ([what, body]): Scenario => ({
      title: `the live version is not removed by ${what} in a patch`,
      as: 'owner',
      given: withLive,
      send: 'PATCH users/u',
      body,
      refused: removed,
      pointer: '/versions/current',
      leaves: { 'users/u': untouched },
    }),
  ),
  {
    title: 'a live version that a patch makes a text is refused',
    as: 'owner',
    given: withLive,
    send: 'PATCH users/u',
    body: { versions: { current: 'none' } },
    refused: ['BadRequest', /versions\.current, must be an object/],
    pointer: '/versions/current',
    leaves: { 'users/u': untouched },
  },
  {
    title: 'a null for a live version that is not there changes nothing',
    as: 'owner',
    given: [['POST users/u', { a: 1 }]],
    send: 'PATCH users/u',
    body: { versions: { current: null } },
    answers: { status: 200, json: stamped({ a: 1, versions: {} }) },
    leaves: { 'users/u/versions/current': 404 },
  },
  {
    title: 'a patch that would nest the live version too deep is refused',
    as: 'owner',
    given: [
      ['POST users/u/versions/current', JSON.parse('{"a":'.repeat(61) + '1'.padEnd(62, '}'))],
    ],
    send: 'PATCH users/u/versions/current',
    body: [{ op: 'add', path: '/a', value: JSON.parse('{"a":'.repeat(62) + '1'.padEnd(63, '}')) }],
    refused: ['BadRequest', /65 levels/],
  },
]

const tag = '"1-015abd7f"'
const first = [['POST users/u', { a: 1 }]] as const
const bodies = { 'merge patch': { b: 2 }, 'JSON patch': [{ op: 'add', path: '/b', value: 2 }] }

/** What holds of both kinds alike. */
export const patchRows: readonly Scenario[] = Object.entries(bodies).flatMap(
  ([kind, body]): Scenario[] => [
    {
      title: `a ${kind} of a missing document makes nothing`,
      as: 'owner',
      send: 'PATCH users/u',
      body,
      refused: ['NotFound', /There is no such document/],
      leaves: { 'users/u': 404, users: [] },
    },
    {
      title: `a ${kind} of a missing document is 404 whatever the condition`,
      as: 'owner',
      send: 'PATCH users/u',
      headers: { 'If-Match': '*' },
      body,
      refused: ['NotFound', /There is no such document/],
    },
    {
      title: `a ${kind} of a missing tenant's document makes nothing`,
      as: 'owner',
      send: 'PATCH .',
      body,
      refused: ['NotFound', /There is no such document/],
    },
    {
      title: `a ${kind} where there is no live version makes none`,
      as: 'owner',
      given: first,
      send: 'PATCH users/u/versions/current',
      body,
      refused: ['NotFound', /no live version here/],
      leaves: { 'users/u': stamped({ a: 1 }) },
    },
    {
      title: `a ${kind} that expects what is there happens`,
      as: 'owner',
      given: first,
      send: 'PATCH users/u',
      headers: { 'If-Match': tag },
      body,
      answers: { status: 200, json: stamped({ a: 1, b: 2 }), headers: { Location: undefined } },
    },
    {
      title: `a ${kind} that expects what is no longer there does not happen`,
      as: 'owner',
      given: [...first, ['PUT users/u', {}]],
      send: 'PATCH users/u',
      headers: { 'If-Match': tag },
      body,
      refused: ['PreconditionFailed', /If-Match .*with ETag "2-/],
      leaves: { 'users/u': stamped({ a: 1 }) },
    },
    {
      title: `a ${kind} with a create-only condition does not happen`,
      as: 'owner',
      given: first,
      send: 'PATCH users/u',
      headers: { 'If-None-Match': '*' },
      body,
      refused: ['PreconditionFailed', /If-None-Match/],
      leaves: { 'users/u': stamped({ a: 1 }) },
    },
    {
      title: `the type of a ${kind} may have parameters and any case`,
      as: 'owner',
      given: first,
      send: 'PATCH users/u',
      headers: {
        'Content-Type': Array.isArray(body)
          ? 'Application/JSON-Patch+json; charset=utf-8'
          : 'application/Merge-Patch+JSON;x=y',
      },
      body,
      answers: { status: 200, json: stamped({ a: 1, b: 2 }) },
    },
  ],
)

/** What takes more than one look: the record that patches leave, and time. */
export function patchChecks(server: () => TestServer, met: Met[]): void {
  describe('patches and the record', () => {
    test('a patch publishes a number when it changes the live content, and only then', async () => {
      const { text } = await server().makeKey('patched-numbers', ['provisioning:*'])
      const ask = makeClient(server(), 'patched-numbers', text, met)
      await ask('POST users/u', { body: { versions: { current: { x: 1 } } } })
      await ask('PATCH users/u', { body: { a: 1 } })
      await ask('PATCH users/u', { body: { versions: { current: { x: 2 } } } })
      await ask('PATCH users/u/versions/current', { body: [{ op: 'test', path: '/x', value: 2 }] })
      await ask('PATCH users/u/versions/current', { body: { x: null } })
      const tenant = parseTenantId('patched-numbers')
      const changes = await server().storage.documents.listChanges(tenant, 0, 100)
      assert.deepEqual(
        changes.map(({ action, part, revision, version }) => [action, part, revision, version]),
        [
          ['create', 'base', 1, 1],
          ['patch', 'base', 2, undefined],
          ['patch', 'base', 3, 2],
          ['patch', 'live', 4, undefined],
          ['patch', 'live', 5, 3],
        ],
      )
    })

    test('a patch stamps what it writes with its own time', async () => {
      const { text, id } = await server().makeKey('patched-time', ['provisioning:*'])
      const ask = makeClient(server(), 'patched-time', text, met)
      await ask('POST users/u', { body: { a: 1, versions: { current: {} } } })
      const before = server().time
      server().time += 1000
      const { json } = await ask('PATCH users/u/versions/current', { body: { b: 1 } })
      assert.deepEqual(json, { b: 1, updated: before + 1000, updatedBy: `apikey:${id}` })
      const base = (await ask('GET users/u')).json
      assert.equal(base.updated, before)
      assert.equal(base.versions.current.updated, before + 1000)
    })

    test('members that a patch does not touch keep their order and their digits', async () => {
      const { text } = await server().makeKey('patched-order', ['provisioning:*'])
      const ask = makeClient(server(), 'patched-order', text, met)
      await ask('POST users/u', { body: '{"b":1,"n":9007199254740992,"a":[1e21,0.1]}' })
      await ask('PATCH users/u', { body: { b: 2, c: 3 } })
      await ask('PATCH users/u', { body: [{ op: 'add', path: '/d', value: 4 }] })
      const shown = (await ask('GET users/u')).text
      assert.ok(shown.startsWith('{"b":2,"n":9007199254740992,"a":[1e+21,0.1],"c":3,"d":4,'), shown)
    })
  })
}
