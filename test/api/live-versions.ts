/** The live version as a client meets it: through its base, and as a document of its own. */
import type { Scenario } from '../support/scenarios.ts'
import { stamped } from '../support/scenarios.ts'

const etag = /^"\d+-[0-9a-f]{8}"$/
const noLive = /no live version here/

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
    title: 'a POST to the base replaces the live version that it mentions',
    as: 'owner',
    given: [['POST bots/b', { versions: { current: { a: 1, b: 2 } } }]],
    send: 'POST bots/b',
    body: { versions: { current: { c: 3 } } },
    answers: { status: 200, json: stamped({ versions: { current: stamped({ c: 3 }) } }) },
    leaves: { 'bots/b/versions/current': stamped({ c: 3 }) },
  },
  {
    title: 'a PUT to the base merges into the live version that it mentions',
    as: 'owner',
    given: [['POST bots/b', { n: 1, versions: { current: { a: { x: 1 } } } }]],
    send: 'PUT bots/b',
    body: { versions: { current: { a: { y: 2 } } } },
    answers: {
      status: 200,
      json: stamped({ n: 1, versions: { current: stamped({ a: { x: 1, y: 2 } }) } }),
    },
    leaves: { 'bots/b/versions/current': stamped({ a: { x: 1, y: 2 } }) },
  },
  {
    title: 'a PUT to the base makes a live version where there is none, and makes no base',
    as: 'owner',
    given: [['POST bots/b', { n: 1 }]],
    send: 'PUT bots/b',
    body: { versions: { current: { a: 1 } } },
    answers: { status: 200, headers: { Location: undefined } },
    leaves: { 'bots/b/versions/current': stamped({ a: 1 }) },
  },
  {
    title: 'a POST to the base that does not mention the live version leaves it alone',
    as: 'owner',
    given: [['POST bots/b', { n: 1, versions: { current: { a: 1 }, note: 2 } }]],
    send: 'POST bots/b',
    body: { m: 2 },
    answers: { status: 200, json: stamped({ m: 2, versions: { current: stamped({ a: 1 }) } }) },
  },
  {
    title: 'a key that may only write is shown the whole document that it wrote',
    as: 'writer',
    given: [['POST bots/b', { n: 1, versions: { current: { a: 1 } } }]],
    send: 'PUT bots/b',
    body: { m: 2 },
    answers: { status: 200, text: /"n":1.*"m":2.*"current":\{"a":1,/ },
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
