/** Request targets, keys and the order in which things are refused. */
import type { Scenario } from '../support/scenarios.ts'

const home = '/api/v1/provisioning/tenants'
const wrong = /^API key is not valid$/
const needed = /^Authorization header with Bearer token is required$/
const denied = /^API key does not allow this operation$/

export const serviceRows: readonly Scenario[] = [
  {
    title: 'the service says its name and version without a key',
    as: 'nobody',
    send: 'GET /',
    answers: { status: 200, json: { name: 'tenantry', version: '1.6.0', build: '0.1.0' } },
  },
  {
    title: 'the service is in good health without a key',
    as: 'nobody',
    send: 'GET /health',
    answers: { status: 200, json: { status: 'ok' } },
  },
  {
    title: 'an absolute target counts as its path',
    as: 'nobody',
    send: 'GET http://example.test/health',
    answers: { status: 200, json: { status: 'ok' } },
  },
  {
    title: 'a path outside the API is missing, and the API is named',
    as: 'nobody',
    send: 'GET /apis/v1/users',
    refused: ['NotFound', /begins with \/api\/v1\/provisioning/],
  },
  {
    title: 'a trailing slash is refused outside the API too',
    as: 'nobody',
    send: 'GET /health/',
    refused: ['BadRequest', /ends in a slash/],
  },
]

export const targetRows: readonly Scenario[] = [
  {
    title: 'the query may carry the key, and the answer is not to be stored',
    as: 'owner',
    given: [['POST users/u', {}]],
    send: 'GET users/u?bearer_token={key}',
    answers: { status: 200, headers: { 'Cache-Control': 'no-store', Vary: undefined } },
  },
  {
    title: 'the key of the query never appears in a Location',
    as: 'owner',
    send: 'POST users/u?bearer_token={key}',
    body: {},
    answers: { status: 201, headers: { Location: /\/users\/u$/ } },
  },
  {
    title: 'the name of the query parameter may be escaped',
    as: 'owner',
    given: [['POST users/u', {}]],
    send: 'GET users/u?x=1&bearer%5Ftoken={key}',
    answers: { status: 200 },
  },
  {
    title: 'a key in the header and one in the query are one too many',
    as: 'owner',
    send: 'GET users?bearer_token=x',
    refused: ['BadRequest', /came twice/],
  },
  {
    title: 'two keys in the query are one too many',
    as: 'nobody',
    send: `GET ${home}/{tenant}/users?bearer_token=x&bearer_token=y`,
    refused: ['BadRequest', /came twice/],
  },
  {
    title: 'a wrong key in the query is no better than in the header',
    as: 'nobody',
    send: `GET ${home}/{tenant}/users?bearer_token=%zz`,
    refused: ['Unauthenticated', wrong],
  },
  {
    title: 'an empty key is no key',
    as: 'nobody',
    send: `GET ${home}/{tenant}/users`,
    headers: { Authorization: 'Bearer ' },
    refused: ['Unauthenticated', needed],
  },
  {
    title: 'an empty key beside one in the query is no second one',
    as: 'owner',
    given: [['POST users/u', {}]],
    send: 'GET users/u?bearer_token={key}',
    headers: { Authorization: 'Bearer ' },
    answers: { status: 200 },
  },
  {
    title: 'a key of another scheme is no key',
    as: 'nobody',
    send: `GET ${home}/{tenant}/users`,
    headers: { Authorization: 'Basic dTpw' },
    refused: ['Unauthenticated', needed],
  },
  {
    title: 'another scheme beside the key of the query is ignored',
    as: 'owner',
    send: 'GET users?bearer_token={key}',
    headers: { Authorization: 'Basic dTpw' },
    answers: { status: 200, text: '[]' },
  },
  {
    title: 'unknown query parameters are ignored',
    as: 'owner',
    send: 'GET users?colour=%zz&x',
    answers: { status: 200, text: '[]' },
  },
  {
    title: 'an unknown path below the API asks for a key first',
    as: 'nobody',
    send: 'GET /api/v1/nothing',
    refused: ['Unauthenticated', needed],
  },
  {
    title: 'an unknown API is missing, and the known ones are named',
    as: 'owner',
    send: `GET /api/v1/provisoning/tenants/{tenant}/users`,
    refused: ['NotFound', /comes one of provisioning\./],
  },
  {
    title: 'a word other than tenants is missing, and the right one named',
    as: 'owner',
    send: 'GET /api/v1/provisioning/tenant/{tenant}/users',
    refused: ['NotFound', /goes on with \/api\/v1\/provisioning\/tenants/],
  },
  {
    title: 'below a document there is only its live version',
    as: 'owner',
    send: 'GET users/u/version/current',
    refused: ['NotFound', /only versions\/current/],
  },
  {
    title: 'fixed segments match after decoding',
    as: 'owner',
    given: [['POST users/u/versions/current', {}]],
    send: 'GET users/u/%76ersions/curr%65nt',
    answers: { status: 200 },
  },
  {
    title: 'a plus in a path is a plus',
    as: 'owner',
    given: [['POST users/a+b', { n: 1 }]],
    send: 'GET users/a%2Bb',
    answers: { status: 200 },
  },
  {
    title: 'a percent sign can be part of a name',
    as: 'owner',
    given: [['POST users/100%25', { n: 1 }]],
    send: 'GET users/100%25',
    answers: { status: 200 },
  },
  {
    title: 'dot segments are names that are none, not steps',
    as: 'owner',
    send: 'GET users/%2e%2e',
    refused: ['BadRequest', /mean a folder/],
  },
  {
    title: 'dot segments do not lead to another tenant',
    as: 'owner',
    send: `GET ${home}/{tenant}/../other/users`,
    refused: ['NotFound', /only versions\/current/],
  },
  {
    title: 'a bad escape is refused',
    as: 'owner',
    send: 'GET users/%zz',
    refused: ['BadRequest', /begins no escape/],
  },
  {
    title: 'an overlong escape is refused',
    as: 'owner',
    send: 'GET users/%C0%AF',
    refused: ['BadRequest', /begins no escape/],
  },
  {
    title: 'half of a surrogate pair is refused',
    as: 'owner',
    send: 'GET users/%ED%A0%80',
    refused: ['BadRequest', /begins no escape/],
  },
  {
    title: 'a trailing slash is refused',
    as: 'owner',
    send: 'GET users/u/',
    refused: ['BadRequest', /ends in a slash/],
  },
  {
    title: 'an empty segment is refused',
    as: 'owner',
    send: 'GET users//u',
    refused: ['BadRequest', /is empty/],
  },
  {
    title: 'a broken target tells a stranger nothing but to bring a key',
    as: 'nobody',
    send: `GET ${home}/{tenant}/users/%zz`,
    refused: ['Unauthenticated', needed],
  },
  {
    title: 'a broken target tells a rival nothing',
    as: 'rival',
    send: `GET ${home}/{tenant}/users/%zz`,
    refused: ['PermissionDenied', denied],
  },
  {
    title: 'a malformed tenant is as foreign as any other',
    as: 'owner',
    send: `GET ${home}/%zz/users`,
    refused: ['PermissionDenied', denied],
  },
  {
    title: 'an empty tenant is as foreign as any other',
    as: 'owner',
    send: `GET ${home}//users`,
    refused: ['PermissionDenied', denied],
  },
  {
    title: 'a tenant in another case is another tenant',
    as: 'owner',
    send: `GET ${home}/ACME-1/users`,
    refused: ['PermissionDenied', denied],
  },
  {
    title: 'an unknown tenant cannot be told from a foreign one',
    as: 'owner',
    send: `GET ${home}/nobody-has-this/users`,
    refused: ['PermissionDenied', denied],
  },
  {
    title: 'a scope is asked for before a route is looked for',
    as: 'userReader',
    send: 'GET bots/b/nowhere',
    refused: ['PermissionDenied', denied],
  },
  {
    title: 'a method that nobody takes needs the right to write',
    as: 'reader',
    send: 'PROPFIND users/u',
    refused: ['PermissionDenied', denied],
  },
  {
    title: "the client's request id comes back",
    as: 'nobody',
    send: 'GET /health',
    headers: { 'X-Request-Id': 'abc.DEF_1-2' },
    answers: { status: 200, headers: { 'X-Request-Id': 'abc.DEF_1-2' } },
  },
  {
    title: 'a request id that is none is replaced',
    as: 'nobody',
    send: 'GET /health',
    headers: { 'X-Request-Id': 'a b' },
    answers: { status: 200, headers: { 'X-Request-Id': /^[A-Za-z0-9_-]{16}$/ } },
  },
  {
    title: 'a target over 16 KiB is refused',
    as: 'owner',
    send: `GET users?x=${'y'.repeat(16_400)}`,
    refused: ['UriTooLong', /16384 is the most/],
  },
  {
    title: 'headers over 32 KiB are refused',
    as: 'owner',
    send: 'GET users',
    headers: { 'X-Filler': 'y'.repeat(33_000) },
    refused: ['HeadersTooLarge', /32768 is the most/],
  },
]
