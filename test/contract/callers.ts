/** Callers: how a key is sent, what those without rights are told, and the order of refusals. */
import type { Clause } from './clause.ts'

export const callers: readonly Clause[] = [
  {
    section: '2 Keys and scopes',
    clause: 'every path under the API prefix asks for a key',
    heldBy: [{ file: 'test/api/every-operation.ts', title: 'asks for a key' }],
  },
  {
    section: '2 Keys and scopes',
    clause: 'an unknown path there asks for one too',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'an unknown path below the API asks for a key first' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'the header carries a key, its scheme in any case',
    heldBy: [{ file: 'test/api/raw-heads.ts', title: 'a scheme in capitals' }],
  },
  {
    section: '2 Keys and scopes',
    clause: 'the query parameter bearer_token carries one as well',
    heldBy: [{ file: 'test/api/targets.ts', title: 'the query may carry the key' }],
  },
  {
    section: '2 Keys and scopes',
    clause: 'two Bearer credentials are 400',
    heldBy: [
      {
        file: 'test/api/targets.ts',
        title: 'a key in the header and one in the query are one too many',
      },
      { file: 'test/api/targets.ts', title: 'two keys in the query are one too many' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'an Authorization of another scheme is no key',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'a key of another scheme is no key' },
      {
        file: 'test/api/targets.ts',
        title: 'another scheme beside the key of the query is ignored',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'no log, metric or file ever holds the key of a query',
    heldBy: [
      {
        file: 'test/gates/secrets.ts',
        title: '0 parts of a key anywhere but in the answer that made it',
      },
      {
        file: 'test/api/observed.test.ts',
        title: 'is told with ids, tenant, route, status and time, and no secret',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'it is in no Link and in no cursor',
    heldBy: [
      { file: 'test/api/paging.test.ts', title: 'do not repeat a key that came in the query' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'it is in no Location',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'the key of the query never appears in a Location' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'without a key: 401 in its own words',
    heldBy: [
      {
        file: 'test/api/targets.ts',
        title: 'needed = /^Authorization header with Bearer token is required$/',
      },
      { file: 'server/identity/caller.test.ts', title: 'no key is refused in words of its own' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'an unknown key: 401 in the one sentence',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: 'refuses a key that no store has' },
      { file: 'test/api/every-operation.ts', title: 'refuses a known id with another secret' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'a malformed key: the same',
    heldBy: [{ file: 'test/api/every-operation.ts', title: 'refuses a mistyped key' }],
  },
  {
    section: '2 Keys and scopes',
    clause: 'an expired key: the same',
    heldBy: [{ file: 'test/api/every-operation.ts', title: 'refuses an expired key' }],
  },
  {
    section: '2 Keys and scopes',
    clause: 'a revoked key: the same',
    heldBy: [{ file: 'test/api/every-operation.ts', title: 'refuses a revoked key' }],
  },
  {
    section: '2 Keys and scopes',
    clause: 'a key belongs to one tenant',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: 'refuses the key of another tenant' },
      {
        file: 'test/gates/tenants.ts',
        title: "0 bytes of another tenant's, 0 differences that tell what exists",
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'another tenant is 403, compared byte for byte',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'a tenant in another case is another tenant' },
      { file: 'server/identity/caller.test.ts', title: 'a tenant that begins like the own' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'a malformed tenant is 403 as well',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'a malformed tenant is as foreign as any other' },
      { file: 'test/api/targets.ts', title: 'an empty tenant is as foreign as any other' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'whether another tenant exists cannot be told',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'an unknown tenant cannot be told from a foreign one' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'a missing scope is 403 in the same words',
    heldBy: [
      { file: 'test/api/every-operation.ts', title: 'refuses a lesser scope' },
      { file: 'test/api/every-operation.ts', title: 'refuses a scope of another API' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'order: framing comes before the key',
    heldBy: [
      { file: 'test/api/below-requests.ts', title: 'two Authorization headers' },
      { file: 'test/api/raw-heads.ts', title: 'two keys' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'order: the key comes before tenant and names',
    heldBy: [
      {
        file: 'test/api/targets.ts',
        title: 'a broken target tells a stranger nothing but to bring a key',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'order: the tenant comes before names',
    heldBy: [{ file: 'test/api/targets.ts', title: 'a broken target tells a rival nothing' }],
  },
  {
    section: '2 Keys and scopes',
    clause: 'order: the scope comes before the route',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'a scope is asked for before a route is looked for' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'order: the route comes before the method',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'no route is told before a method that nobody takes' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'order: the method comes before names',
    heldBy: [
      {
        file: 'test/api/targets.ts',
        title: 'a method that nobody takes is told before a name that is none',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'order: names come before the type of the body',
    heldBy: [
      {
        file: 'test/api/targets.ts',
        title: 'a name that is none is told before the type of the body',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'order: the type comes before the length',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'the type of a body is told before its length' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'order: the length comes before the content',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'the length of a body is told before what is in it' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'order: the body comes before existence',
    heldBy: [
      {
        file: 'test/api/targets.ts',
        title: 'what is wrong with a body is told before the document is looked for',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'order: existence comes before conditions',
    heldBy: [
      {
        file: 'test/api/conditions.ts',
        title: 'a missing document is 404 to PUT whatever the condition',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'who has no rights learns nothing',
    heldBy: [{ file: 'test/gates/tenants.ts', title: '0 differences that tell what exists' }],
  },
]
