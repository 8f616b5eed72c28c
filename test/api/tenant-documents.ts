/** The tenant's own document as a client meets it: replace, merge, and that it has no versions. */
import type { Scenario } from '../support/scenarios.ts'
import { stamped } from '../support/scenarios.ts'

const etag = /^"\d+-[0-9a-f]{8}"$/
const missing = /There is no such document/

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
    title: "below a tenant's document versions/current is a document of a collection",
    as: 'owner',
    given: [['POST .', { versions: { current: 'blue' } }]],
    send: 'POST versions/current',
    body: { a: 1 },
    answers: { status: 201, json: stamped({ a: 1 }) },
    leaves: {
      '.': stamped({ versions: { current: 'blue' } }),
      versions: [{ id: 'current', data: stamped({ a: 1 }) }],
    },
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
