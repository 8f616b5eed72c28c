/** What a failure looks like, and the code of each. */
import type { Clause } from './clause.ts'

export const errors: readonly Clause[] = [
  {
    section: '6 Errors',
    clause: 'a body of code and message, on every failure',
    heldBy: [
      {
        file: 'test/support/scenarios.ts',
        title: "assert.deepEqual(Object.keys(body).slice(0, 2), ['code', 'message'])",
      },
      { file: 'test/gates/fuzz.ts', title: '0 answers of a wrong shape' },
    ],
  },
  {
    section: '6 Errors',
    clause: 'also when the parser fails',
    heldBy: [
      {
        file: 'test/api/below-requests.ts',
        title: "in the contract's shape, and the connection closed",
      },
    ],
  },
  {
    section: '6 Errors',
    clause: 'also when the router fails',
    heldBy: [
      {
        file: 'test/api/service.ts',
        title: 'a path outside the API is missing, and the API is named',
      },
    ],
  },
  {
    section: '6 Errors',
    clause: 'as application/json',
    heldBy: [
      {
        file: 'test/support/client.ts',
        title: "assert.equal(headers['content-type'], 'application/json')",
      },
    ],
  },
  {
    section: '6 Errors',
    clause: 'HEAD has none',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'HEAD of a missing document is 404 without a body' },
    ],
  },
  {
    section: '6 Errors',
    clause: 'details point to what is wrong',
    heldBy: [
      {
        file: 'test/support/scenarios.ts',
        title: 'assert.equal(body.details?.[0]?.pointer, pointer, text)',
      },
      { file: 'test/api/keys.ts', title: 'assert.equal(json.details?.[0].pointer, pointer)' },
    ],
  },
  {
    section: '6 Errors',
    clause: 'a message echoes at most 200 characters',
    heldBy: [
      { file: 'server/contract/names.test.ts', title: 'is cut behind 200 characters, and says so' },
      { file: 'test/support/scenarios.ts', title: 'a message echoes too much' },
    ],
  },
  {
    section: '6 Errors',
    clause: 'it has nothing of our inside',
    heldBy: [{ file: 'test/api/faults.ts', title: 'a fault is 500, says nothing of itself' }],
  },
  {
    section: '6 Errors',
    clause: 'what breaks a rule',
    code: 'BadRequest',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'a bad escape is refused' },
      { file: 'test/api/cursors.test.ts', title: 'the limit … is refused' },
      { file: 'test/api/every-operation.ts', title: 'that is no JSON' },
    ],
  },
  {
    section: '6 Errors',
    clause: 'no valid key, with WWW-Authenticate',
    code: 'Unauthenticated',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: 'asks for a key' },
      {
        file: 'test/support/scenarios.ts',
        title: "assert.equal(headers['www-authenticate'], status === 401 ? 'Bearer' : undefined)",
      },
    ],
  },
  {
    section: '6 Errors',
    clause: 'another tenant, or a missing scope',
    code: 'PermissionDenied',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: 'refuses the key of another tenant' },
      { file: 'test/api/every-operation.ts', title: 'refuses a lesser scope' },
    ],
  },
  {
    section: '6 Errors',
    clause: 'no such document, live version or route',
    code: 'NotFound',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a document that is not there is missing' },
      {
        file: 'test/api/live-versions.ts',
        title: 'a document without a live version has none to read',
      },
      {
        file: 'test/api/targets.ts',
        title: 'an unknown API is missing, and the known ones are named',
      },
    ],
  },
  {
    section: '6 Errors',
    clause: 'no such version by number, and no such job',
    code: 'NotFound',
    notYet: 'their routes are not built',
  },
  {
    section: '6 Errors',
    clause: 'with Allow',
    code: 'MethodNotAllowed',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: 'does not take …' },
      {
        file: 'test/support/scenarios.ts',
        title: 'assert.equal(headers.allow !== undefined, status === 405)',
      },
    ],
  },
  {
    section: '6 Errors',
    clause: 'too slow',
    code: 'RequestTimeout',
    heldBy: [
      { file: 'test/api/below-requests.ts', title: 'headers that stop coming' },
      { file: 'test/api/below-requests.ts', title: 'a body that stops coming' },
    ],
  },
  {
    section: '6 Errors',
    clause: 'only at what the contract leaves open',
    code: 'Conflict',
    heldBy: [
      { file: 'test/api/json-patches.ts', title: 'a test for another value fails' },
      {
        file: 'test/api/keys.ts',
        title: 'is not rotated again, but the one that took its place is',
      },
    ],
  },
  {
    section: '6 Errors',
    clause: 'a condition that the client sent',
    code: 'PreconditionFailed',
    heldBy: [
      {
        file: 'test/api/conditions.ts',
        title: 'a write that expects what is no longer there does not happen',
      },
    ],
  },
  {
    section: '6 Errors',
    clause: 'too large',
    code: 'PayloadTooLarge',
    heldBy: [
      { file: 'test/api/below-requests.ts', title: 'a body announced too large' },
      {
        file: 'test/api/documents.ts',
        title: 'a merge that leaves too large a document is refused',
      },
    ],
  },
  {
    section: '6 Errors',
    clause: 'a target too long',
    code: 'UriTooLong',
    heldBy: [{ file: 'test/api/targets.ts', title: 'a target over 16 KiB is refused' }],
  },
  {
    section: '6 Errors',
    clause: 'another type or coding',
    code: 'UnsupportedMediaType',
    heldBy: [{ file: 'test/api/every-operation.ts', title: 'of type text/plain' }],
  },
  {
    section: '6 Errors',
    clause: 'headers too long',
    code: 'HeadersTooLarge',
    heldBy: [{ file: 'test/api/targets.ts', title: 'headers over 32 KiB are refused' }],
  },
  {
    section: '6 Errors',
    clause: 'another request under a key that was used',
    code: 'IdempotencyMismatch',
    heldBy: [{ file: 'test/api/repeats-refused.ts', title: 'is refused, and nothing is written' }],
  },
  {
    section: '6 Errors',
    clause: "the caller's own quota, with Retry-After",
    code: 'ResourceExhausted',
    heldBy: [
      { file: 'test/api/admission.ts', title: 'are let through as often as the rate says' },
      {
        file: 'test/api/admission.ts',
        title: 'a tenant that holds its share leaves others the other half',
      },
    ],
  },
  {
    section: '6 Errors',
    clause: 'in exactly these words',
    code: 'InternalServerError',
    heldBy: [
      {
        file: 'test/api/faults.ts',
        title: '\'{"code":"InternalServerError","message":"Internal Server Error"}\'',
      },
    ],
  },
  {
    section: '6 Errors',
    clause: 'the store is down, with Retry-After',
    code: 'Unavailable',
    heldBy: [
      { file: 'test/api/faults.ts', title: 'a busy store is 503 with the time to come back' },
    ],
  },
  {
    section: '6 Errors',
    clause: 'overload, with Retry-After',
    code: 'Unavailable',
    heldBy: [
      {
        file: 'test/api/admission.ts',
        title: 'beyond the most are told to come again, and room is made by what ends',
      },
    ],
  },
  {
    section: '6 Errors',
    clause: 'an outcome that nobody can know',
    code: 'Unavailable',
    notYet: 'with SQLite the server ends instead; PostgreSQL is not built',
  },
  {
    section: '6 Errors',
    clause: 'writes fail, reads go on',
    code: 'StorageFull',
    heldBy: [
      {
        file: 'test/api/faults.ts',
        title: 'a full store is 507 to writes and degraded, and reads go on',
      },
      { file: 'test/gates/diskfull.ts', title: 'writes 507, reads 200' },
    ],
  },
  {
    section: '6 Errors',
    clause: 'every answer carries a request id',
    heldBy: [
      { file: 'test/support/client.ts', title: "assert.match(String(headers['x-request-id'])" },
    ],
  },
  {
    section: '6 Errors',
    clause: "it is the client's, if that is one",
    heldBy: [
      { file: 'test/api/targets.ts', title: "the client's request id comes back" },
      { file: 'test/api/targets.ts', title: 'a request id that is none is replaced' },
      { file: 'test/api/targets.ts', title: 'a request id of over 128 characters is replaced' },
    ],
  },
  {
    section: '6 Errors',
    clause: 'every answer says nosniff',
    heldBy: [
      {
        file: 'test/support/client.ts',
        title: "assert.equal(headers['x-content-type-options'], 'nosniff')",
      },
    ],
  },
]
