/** Documents as a client meets them: replace, merge, stamps, lists, the live version. */
import type { Scenario } from '../support/scenarios.ts'
import { stamped } from '../support/scenarios.ts'

const etag = /^"\d+-[0-9a-f]{8}"$/
const missing = /There is no such document/
const noLive = /no live version here/

export const tenantDocumentRows: readonly Scenario[] = [
  {
    title: "a tenant's document is made by POST and says where it is",
    as: 'owner',
    send: 'POST .',
    body: { plan: 'gold' },
    answers: {
      status: 201,
      json: stamped({ plan: 'gold' }),
      headers: { ETag: etag, Location: /^\/api\/v1\/provisioning\/tenants\/acme-\d+$/ },
    },
  },
  {
    title: "a second POST replaces the tenant's document",
    as: 'owner',
    given: [['POST .', { plan: 'gold', seats: 5 }]],
    send: 'POST .',
    body: { plan: 'lead' },
    answers: { status: 200, json: stamped({ plan: 'lead' }), headers: { Location: undefined } },
  },
  {
    title: "a PUT merges into the tenant's document",
    as: 'writer',
    given: [['POST .', { plan: 'gold', seats: 5 }]],
    send: 'PUT .',
    body: { seats: 6 },
    answers: { status: 200 },
  },
  {
    title: "a tenant's document is read by a key that reads everything",
    as: 'reader',
    given: [['POST .', { plan: 'gold' }]],
    send: 'GET .',
    answers: {
      status: 200,
      json: stamped({ plan: 'gold' }),
      headers: { ETag: etag, 'Cache-Control': 'private, no-cache', Vary: 'Authorization' },
    },
  },
  {
    title: "versions of a tenant's document are data",
    as: 'owner',
    given: [['POST .', { versions: { current: 'blue' } }]],
    send: 'GET .',
    answers: { status: 200, json: stamped({ versions: { current: 'blue' } }) },
  },
  {
    title: "a tenant's document that was never written is missing",
    as: 'owner',
    send: 'GET .',
    refused: ['NotFound', missing],
  },
  {
    title: "a PUT to a missing tenant's document makes nothing",
    as: 'owner',
    send: 'PUT .',
    body: {},
    refused: ['NotFound', missing],
  },
]

export const documentRows: readonly Scenario[] = [
  {
    title: 'a document is made by POST with a Location that is percent-encoded',
    as: 'userWriter',
    send: 'POST users/a%40b%20c',
    body: { email: 'a@b' },
    answers: { status: 201, headers: { ETag: etag, Location: /\/users\/a%40b%20c$/ } },
  },
  {
    title: 'a second POST leaves nothing of what was there',
    as: 'owner',
    given: [['POST users/u', { email: 'a@b', role: 'owner' }]],
    send: 'POST users/u',
    body: { email: 'c@d' },
    answers: { status: 200, json: stamped({ email: 'c@d' }) },
  },
  {
    title: 'a PUT keeps the members it does not mention, at every depth',
    as: 'owner',
    given: [['POST users/u', { email: 'a@b', address: { city: 'Bern', zip: '3000' } }]],
    send: 'PUT users/u',
    body: { role: 'owner', address: { zip: '3001' } },
    answers: {
      status: 200,
      json: stamped({ email: 'a@b', address: { city: 'Bern', zip: '3001' }, role: 'owner' }),
    },
  },
  {
    title: 'a PUT stores null and replaces arrays whole',
    as: 'owner',
    given: [['POST users/u', { a: { b: 1 }, list: [1, 2, 3] }]],
    send: 'PUT users/u',
    body: { a: null, list: [4] },
    answers: { status: 200, json: stamped({ a: null, list: [4] }) },
  },
  {
    title: 'a key with a dot is a key with a dot',
    as: 'owner',
    given: [['POST users/u', { a: { b: 1 } }]],
    send: 'PUT users/u',
    body: { 'a.b': 2 },
    answers: { status: 200, json: stamped({ a: { b: 1 }, 'a.b': 2 }) },
  },
  {
    title: 'an empty PUT changes no member',
    as: 'owner',
    given: [['POST users/u', { a: 1 }]],
    send: 'PUT users/u',
    body: {},
    answers: { status: 200, json: stamped({ a: 1 }) },
  },
  {
    title: 'a PUT to a missing document makes nothing',
    as: 'users',
    send: 'PUT users/u',
    body: { a: 1 },
    refused: ['NotFound', missing],
  },
  {
    title: 'stamps that a client sends are ignored',
    as: 'owner',
    send: 'POST users/u',
    body: { updated: 1, updatedBy: 'me', nested: { updated: 1 } },
    answers: { status: 201, json: stamped({ nested: { updated: 1 } }) },
  },
  {
    title: 'a document is read by a key of its collection',
    as: 'userReader',
    given: [['POST users/u', { a: 1 }]],
    send: 'GET users/u',
    answers: { status: 200, json: stamped({ a: 1 }), headers: { ETag: etag } },
  },
  {
    title: 'a key of another collection reads nothing',
    as: 'botReader',
    given: [['POST users/u', { a: 1 }]],
    send: 'GET users/u',
    refused: ['PermissionDenied', /does not allow/],
  },
  {
    title: 'a document that is not there is missing',
    as: 'owner',
    send: 'GET users/u',
    refused: ['NotFound', missing],
  },
  {
    title: 'names are compared byte for byte',
    as: 'owner',
    given: [['POST users/U', {}]],
    send: 'GET users/u',
    refused: ['NotFound', missing],
  },
  {
    title: 'HEAD answers like GET without a body',
    as: 'owner',
    given: [['POST users/u', { a: 1 }]],
    send: 'HEAD users/u',
    answers: { status: 200, text: '', headers: { ETag: etag, 'Content-Length': /^\d+$/ } },
  },
  {
    title: 'HEAD of a missing document is 404 without a body',
    as: 'owner',
    send: 'HEAD users/u',
    refused: ['NotFound', /./],
  },
  {
    title: 'a body on GET is ignored',
    as: 'owner',
    given: [['POST users/u', { a: 1 }]],
    send: 'GET users/u',
    body: 'whatever',
    answers: { status: 200, json: stamped({ a: 1 }) },
  },
  {
    title: 'any Accept is answered with JSON',
    as: 'owner',
    given: [['POST users/u', { a: 1 }]],
    send: 'GET users/u',
    headers: { Accept: 'text/html' },
    answers: { status: 200, json: stamped({ a: 1 }) },
  },
  {
    title: 'parameters of the content type are ignored',
    as: 'owner',
    send: 'POST users/u',
    headers: { 'Content-Type': 'Application/JSON; charset=latin1' },
    body: { a: 'ü' },
    answers: { status: 201, json: stamped({ a: 'ü' }) },
  },
  {
    title: 'every key but __proto__ is ordinary',
    as: 'owner',
    send: 'POST users/u',
    body: { constructor: 1, toString: 2, '': 3, hasOwnProperty: { length: 0 } },
    answers: {
      status: 201,
      json: stamped({ constructor: 1, toString: 2, '': 3, hasOwnProperty: { length: 0 } }),
    },
  },
  {
    title: 'a merge that leaves too large a document is refused',
    as: 'owner',
    given: [['POST users/u', { a: 'x'.repeat(600_000) }]],
    send: 'PUT users/u',
    body: { b: 'x'.repeat(600_000) },
    refused: ['PayloadTooLarge', /would have \d+ bytes/],
  },
  {
    title: 'a merge that leaves too many members is refused',
    as: 'owner',
    given: [['POST users/u', { a: Array(15_000).fill(0) }]],
    send: 'PUT users/u',
    body: { b: Array(15_000).fill(0) },
    refused: ['BadRequest', /would have 30002 members/],
  },
]

export const listRows: readonly Scenario[] = [
  {
    title: 'a list is a bare array in the order of ids, as GET shows each',
    as: 'userReader',
    given: [
      ['POST users/b', { n: 2 }],
      ['POST users/a', { n: 1, versions: { current: { text: 'hi' } } }],
      ['POST bots/c', { n: 3 }],
    ],
    send: 'GET users',
    answers: {
      status: 200,
      json: [
        {
          id: 'a',
          data: stamped({ n: 1, versions: { current: stamped({ text: 'hi' }) } }),
        },
        { id: 'b', data: stamped({ n: 2 }) },
      ],
      headers: { 'Cache-Control': 'no-store', ETag: undefined },
    },
  },
  {
    title: 'a collection that nobody wrote to is an empty list',
    as: 'reader',
    send: 'GET jobs',
    answers: { status: 200, text: '[]' },
  },
  {
    title: 'HEAD of a list has no body',
    as: 'reader',
    given: [['POST users/a', {}]],
    send: 'HEAD users',
    answers: { status: 200, text: '' },
  },
]

export const liveRows: readonly Scenario[] = [
  {
    title: 'a base body with versions.current writes both documents',
    as: 'owner',
    send: 'POST bots/bot-002',
    body: { name: 'Desk', versions: { current: { greeting: 'Hello' }, note: 'kept' } },
    answers: {
      status: 201,
      json: stamped({
        name: 'Desk',
        versions: { note: 'kept', current: stamped({ greeting: 'Hello' }) },
      }),
    },
  },
  {
    title: 'the live version is a document of its own',
    as: 'botReader',
    given: [['POST bots/b', { versions: { current: { greeting: 'Hello' } } }]],
    send: 'GET bots/b/versions/current',
    answers: { status: 200, json: stamped({ greeting: 'Hello' }), headers: { ETag: etag } },
  },
  {
    title: 'a document without a live version has none to read',
    as: 'owner',
    given: [['POST bots/b', {}]],
    send: 'GET bots/b/versions/current',
    refused: ['NotFound', noLive],
  },
  {
    title: 'a POST to the live version makes a missing base, empty',
    as: 'owner',
    send: 'POST bots/b/versions/current',
    body: { greeting: 'Hello' },
    answers: {
      status: 201,
      json: stamped({ greeting: 'Hello' }),
      headers: { Location: /\/bots\/b\/versions\/current$/ },
    },
  },
  {
    title: 'a base that was made by its live version shows it',
    as: 'owner',
    given: [['POST bots/b/versions/current', { greeting: 'Hello' }]],
    send: 'GET bots/b',
    answers: {
      status: 200,
      json: stamped({ versions: { current: stamped({ greeting: 'Hello' }) } }),
    },
  },
  {
    title: 'a second POST replaces the live version',
    as: 'owner',
    given: [['POST bots/b/versions/current', { a: 1, b: 2 }]],
    send: 'POST bots/b/versions/current',
    body: { versions: { current: 'data' } },
    answers: { status: 200, json: stamped({ versions: { current: 'data' } }) },
  },
  {
    title: 'a PUT merges into the live version',
    as: 'owner',
    given: [['POST bots/b/versions/current', { a: { x: 1 } }]],
    send: 'PUT bots/b/versions/current',
    body: { a: { y: 2 } },
    answers: { status: 200, json: stamped({ a: { x: 1, y: 2 } }) },
  },
  {
    title: 'a PUT where there is no live version makes none',
    as: 'owner',
    given: [['POST bots/b', {}]],
    send: 'PUT bots/b/versions/current',
    body: {},
    refused: ['NotFound', noLive],
  },
  {
    title: 'a live version that is no object is refused',
    as: 'owner',
    send: 'POST bots/b',
    body: { versions: { current: [] } },
    refused: ['BadRequest', /versions\.current, must be an object/],
  },
  {
    title: 'versions that is no object cannot meet a live version',
    as: 'owner',
    given: [['POST bots/b/versions/current', {}]],
    send: 'PUT bots/b',
    body: { versions: 'none' },
    refused: ['BadRequest', /must be an object/],
  },
  {
    title: 'a live version that would nest the base too deep is refused',
    as: 'owner',
    send: 'POST bots/b/versions/current',
    body: JSON.parse('{"a":'.repeat(63) + '1'.padEnd(64, '}')),
    refused: ['BadRequest', /65 levels/],
  },
]
