/** Keys and scopes: who may ask for what, and what the others are told. */
import type { Clause } from './clause.ts'

export const keysAndScopes: readonly Clause[] = [
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
  {
    section: '2 Keys and scopes',
    clause: 'the API of a scope is a prefix that is known',
    heldBy: [
      {
        file: 'server/contract/scopes.test.ts',
        title: 'only the published prefixes and ours are APIs',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'GET, HEAD and OPTIONS are reads',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'HEAD is a read' },
      { file: 'test/api/targets.ts', title: 'OPTIONS is a read' },
      { file: 'test/api/targets.ts', title: 'OPTIONS is no write' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'anything else is a write',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'a method that nobody takes needs the right to write' },
      {
        file: 'test/gates/authz.ts',
        title: 'equal to a reference that was written from the contract alone',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'the resource is the segment behind the tenant',
    heldBy: [
      { file: 'test/api/documents.ts', title: 'a key of another collection reads nothing' },
      {
        file: 'test/gates/authz.ts',
        title: 'equal to a reference that was written from the contract alone',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: "the tenant's document has no resource",
    heldBy: [
      { file: 'server/identity/caller.test.ts', title: 'no resource, as the tenant document' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'a star grants all of its API',
    heldBy: [{ file: 'server/contract/scopes.test.ts', title: "scope: 'provisioning:*'," }],
  },
  {
    section: '2 Keys and scopes',
    clause: "an operation alone grants it on all, the tenant's document too",
    heldBy: [
      { file: 'server/contract/scopes.test.ts', title: "scope: 'provisioning:read'," },
      {
        file: 'test/api/tenant-documents.ts',
        title: "a tenant's document is read by a key that reads everything",
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'a resource with an operation grants that one',
    heldBy: [
      { file: 'server/contract/scopes.test.ts', title: "scope: 'provisioning:users.read'," },
      { file: 'server/contract/scopes.test.ts', title: "scope: 'provisioning:users.write'," },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'a resource, with a star or alone, grants both',
    heldBy: [
      { file: 'server/contract/scopes.test.ts', title: "scope: 'provisioning:users.*'," },
      { file: 'server/contract/scopes.test.ts', title: "scope: 'provisioning:users'," },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'the rest is split at its last dot, before an operation',
    heldBy: [
      { file: 'server/contract/scopes.test.ts', title: "scope: 'provisioning:a.read.write'," },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'any other rest names a resource',
    heldBy: [{ file: 'server/contract/scopes.test.ts', title: "scope: 'provisioning:a.b'," }],
  },
  {
    section: '2 Keys and scopes',
    clause: 'a resource is never a star',
    heldBy: [
      {
        file: 'server/contract/scopes.test.ts',
        title: 'a star for the resource, with an operation',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'whole parts are compared, no prefix, pattern or case',
    heldBy: [
      { file: 'server/contract/scopes.test.ts', title: "'provisioning read users-archive'," },
      { file: 'server/contract/scopes.test.ts', title: "scope: 'provisioning:users*'," },
      { file: 'server/contract/scopes.test.ts', title: "scope: 'provisioning:users.Read'," },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'what does not parse is refused when a key is made',
    heldBy: [{ file: 'test/api/key-bodies.ts', title: 'the scope …' }],
  },
  {
    section: '2 Keys and scopes',
    clause: 'found stored, it grants nothing',
    heldBy: [
      { file: 'server/contract/scopes.test.ts', title: 'found stored, it grants nothing' },
      { file: 'test/api/escalation.test.ts', title: 'once stored, grants nothing' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'write does not grant read',
    heldBy: [{ file: 'server/contract/scopes.test.ts', title: "scope: 'provisioning:write'," }],
  },
  {
    section: '2 Keys and scopes',
    clause: 'but a write shows what it wrote',
    heldBy: [
      {
        file: 'test/api/live-versions.ts',
        title: 'a key that may only write is shown the whole document that it wrote',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'the published examples for provisioning work',
    heldBy: [
      { file: 'server/contract/scopes.test.ts', title: "scope: 'provisioning:users.read'," },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'those for reporting work, under both names',
    heldBy: [
      { file: 'server/contract/scopes.test.ts', title: "scope: 'reporting:*'," },
      { file: 'server/contract/scopes.test.ts', title: "scope: 'reporting:read'," },
      { file: 'server/contract/scopes.test.ts', title: "scope: 'reporting:botconv'," },
      { file: 'server/contract/scopes.test.ts', title: "scope: 'reporting:vocconv'," },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'those for voc work',
    heldBy: [
      { file: 'server/contract/scopes.test.ts', title: "scope: 'voc:*'," },
      { file: 'server/contract/scopes.test.ts', title: "scope: 'voc:read'," },
      { file: 'server/contract/scopes.test.ts', title: "scope: 'voc:recording.*'," },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'those for mcp work',
    heldBy: [
      { file: 'server/contract/scopes.test.ts', title: "scope: 'mcp:*'," },
      { file: 'server/contract/scopes.test.ts', title: "scope: 'mcp:read'," },
      { file: 'server/contract/scopes.test.ts', title: "scope: 'mcp:bots.read'," },
      { file: 'server/contract/scopes.test.ts', title: "scope: 'mcp:bots.*'," },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'a key is its prefix and 54 base62 characters',
    heldBy: [
      {
        file: 'server/identity/key-text.test.ts',
        title: 'a key is tnk_ and 54 base62 characters, its id the first twelve',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'its end is the CRC-32 of what precedes',
    heldBy: [
      {
        file: 'server/identity/key-text.test.ts',
        title: 'the last six characters are the CRC-32 of what precedes them',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'the store keeps the SHA-256 of the text',
    heldBy: [
      { file: 'server/identity/key-text.test.ts', title: 'is the SHA-256 of the text' },
      {
        file: 'server/storage/conformance/identity.ts',
        title: 'the hash of a key keeps its bytes',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'it keeps what else is known of a key',
    heldBy: [
      {
        file: 'server/storage/conformance/identity.ts',
        title: 'a key that was created is found as it was given',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'when it was last used is written lazily',
    heldBy: [
      { file: 'test/api/last-used.test.ts', title: 'the store knows when each key was last used' },
      {
        file: 'server/identity/last-used.test.ts',
        title: 'the latest use of each key is written, in one write',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'the text is shown once',
    heldBy: [
      { file: 'test/api/keys.ts', title: 'is shown once, with its text, and works at once' },
      {
        file: 'test/system/cli.test.ts',
        title: 'the text of a key stands alone on stdout, and nowhere in the data',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'secrets are compared in constant time',
    heldBy: [
      { file: 'tools/tidy/tidy.test.ts', title: "'key.hash === hash', 'key.hash.equals(hash)'" },
      { file: 'server/identity/key-text.test.ts', title: 'is the same only when every byte is' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'a wrong checksum does not reach the store',
    heldBy: [
      {
        file: 'server/identity/caller.test.ts',
        title: 'a malformed key is refused, and the store is not asked',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'a revoked key ends within a second on its node',
    heldBy: [
      {
        file: 'test/api/keys.ts',
        title: 'ends at once and for good, and once is as good as twice',
      },
      {
        file: 'server/storage/conformance/identity-ends.ts',
        title: 'what another process revoked is so by its hash within a second',
      },
      {
        file: 'test/system/cli.test.ts',
        title: 'a key made beside the running server works at once, and revoked no more',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'so do the lists and bodies that it has open',
    heldBy: [
      {
        file: 'test/api/revoked.test.ts',
        title: 'while its list is read gets no more of it, and a broken end',
      },
      { file: 'test/api/revoked.test.ts', title: 'while its body is on the way writes nothing' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'across nodes it ends within five',
    notYet: 'servers share a store only with PostgreSQL, which is not built',
  },
  {
    section: '2 Keys and scopes',
    clause: 'a text that clients have is brought along from stdin',
    heldBy: [
      {
        file: 'test/system/keys.test.ts',
        title: 'a text that clients have already opens what its key may do',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'it has 20 to 512 token characters',
    heldBy: [
      { file: 'server/identity/key-text.test.ts', title: 'a text from elsewhere' },
      { file: 'test/system/keys.test.ts', title: "'that is too short': 'x'.repeat(19)," },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'one that does not begin like ours has no checksum',
    heldBy: [
      {
        file: 'server/identity/keys.test.ts',
        title: 'is a key from then on, found by its hash, under an id of ours',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'keys are managed with scopes of their own alone',
    heldBy: [
      { file: 'test/api/keys.ts', title: 'has its own scopes: those of other APIs do not show it' },
      { file: 'server/contract/scopes.test.ts', title: 'a resource of keys with an operation' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'the list shows all that is known of each key',
    heldBy: [
      {
        file: 'test/api/keys.ts',
        title: 'shows each with all that is known of it, and nothing more',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'its times are epoch milliseconds',
    heldBy: [{ file: 'test/api/keys.ts', title: 'lastUsed: at + 3,' }],
  },
  {
    section: '2 Keys and scopes',
    clause: 'a key is made by POST: 201, and what was made',
    heldBy: [
      { file: 'test/api/keys.ts', title: 'is shown once, with its text, and works at once' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'its end is optional',
    heldBy: [{ file: 'test/api/keys.ts', title: 'ends at its end and not before' }],
  },
  {
    section: '2 Keys and scopes',
    clause: 'rotating gives another text: 201',
    heldBy: [
      { file: 'test/api/keys.ts', title: 'ends at once with …, and another is in its place' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'the old text lives on for the overlap',
    heldBy: [{ file: 'test/api/keys.ts', title: 'lives on for the overlap and not longer' }],
  },
  {
    section: '2 Keys and scopes',
    clause: 'the overlap is 0 to a week',
    heldBy: [
      { file: 'test/api/key-bodies.ts', title: 'an overlap of over a week' },
      { file: 'test/api/key-bodies.ts', title: 'an overlap below zero' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'revoking is 204, and 204 again',
    heldBy: [
      {
        file: 'test/api/keys.ts',
        title: 'ends at once and for good, and once is as good as twice',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'revoking an unknown key is 404',
    heldBy: [
      { file: 'test/api/keys.ts', title: 'is not one that is unknown, or of another tenant' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'who makes or rotates must cover the scopes, else 403',
    heldBy: [
      { file: 'test/api/keys.ts', title: 'may do no more than its maker' },
      { file: 'test/api/escalation.test.ts', title: 'give away what they cover, and nothing else' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'covering is computed, operation by operation',
    heldBy: [
      {
        file: 'test/api/escalation.test.ts',
        title: "[['provisioning:read', 'provisioning:write'], ['provisioning:*'], true],",
      },
      {
        file: 'server/contract/scopes-covered.test.ts',
        title: 'for any scopes, covered is what grants nothing beyond them',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'whoami tells any valid key what it is',
    heldBy: [
      { file: 'test/api/keys.ts', title: 'tells any key what it is and may do' },
      { file: 'test/api/every-operation.ts', title: 'answers a key of any scope' },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'signing secrets are made with the store and live in it',
    heldBy: [
      {
        file: 'server/storage/conformance/storage.ts',
        title: 'every opening of the store has the one secret',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'every server on the store agrees on them',
    heldBy: [
      {
        file: 'server/storage/conformance/storage.ts',
        title: 'of 20 candidates at once one becomes the secret, and all get that',
      },
    ],
  },
  {
    section: '2 Keys and scopes',
    clause: 'a restored or copied store still works',
    heldBy: [
      {
        file: 'test/api/cursors.test.ts',
        title: 'a cursor goes on after a restart, and on a copy of the store',
      },
    ],
  },
]
