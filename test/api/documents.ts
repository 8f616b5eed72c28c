/** Documents of a collection as a client meets them: replace, merge, stamps, lists. */
import type { Scenario } from '../support/scenarios.ts'
import { stamped } from '../support/scenarios.ts'

const etag = /^"\d+-[0-9a-f]{8}"$/
const missing = /There is no such document/

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
    title: 'a client that takes packed answers gets a plain one',
    as: 'owner',
    given: [['POST users/u', { text: 'x'.repeat(10_000) }]],
    send: 'GET users/u',
    headers: { 'Accept-Encoding': 'gzip, br, identity;q=0' },
    answers: {
      status: 200,
      json: stamped({ text: 'x'.repeat(10_000) }),
      headers: { 'Content-Encoding': undefined },
    },
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
