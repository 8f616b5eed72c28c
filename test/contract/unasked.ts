/**
 * The clauses that `tenantry verify` does not ask of a server, by what stands against it. It asks
 * all others; a clause that is new belongs into its checks, or in here.
 */

export const unasked: {
  readonly [reason: string]: { readonly [section: string]: readonly string[] }
} = {
  'it cannot be seen from outside': {
    '1 Service': [
      'it never touches the store',
      'the page has no file from another host',
      'GET /metrics is on a port of its own, and never open by default',
    ],
    '2 Keys and scopes': [
      'no log, metric or file ever holds the key of a query',
      'the store keeps the SHA-256 of the text',
      'it keeps what else is known of a key',
      'when it was last used is written lazily',
      'secrets are compared in constant time',
      'a wrong checksum does not reach the store',
      'signing secrets are made with the store and live in it',
      'every server on the store agrees on them',
      'a restored or copied store still works',
    ],
    '3 Targets and names': [
      'HEAD of a list reads no rows',
      // The parameters that there are have no blanks.
      'a plus is a blank in queries',
    ],
    '4 Bodies': [
      'the drain is bounded',
      'it is measured as GET shows it, without stamps',
      'on every engine that there is',
    ],
    '5 Documents': [
      'it is read in short transactions',
      'what exists throughout is in it once',
      'memory does not grow with it',
      'condition, merge, stamps, version and record are one transaction',
      'the record keeps what they held',
      'it is kept for 24 hours',
      'only 2xx are kept',
      'in the transaction of the write, so that a crash frees it',
    ],
    '5 The live version': [
      'a write that changes the live content publishes',
      'versions are numbered from 1',
      'without gaps',
      'a published version does not change',
      'equal content adds no number',
      'equal is equal JSON, without stamps, in any order of members',
    ],
    '5 The record': [
      'each write leaves one row, in its transaction',
      'a row says who, what, when and in which request',
      'and the content after it',
      "each row has a position in its tenant's order",
      'nothing is inserted behind what a reader has',
      'nothing but writes makes rows',
      'content is kept for ever by default',
      'the metrics show its size',
      'doctor shows its size and growth',
    ],
  },
  'it takes other keys than one that may all and one that reads, and verification makes none': {
    '2 Keys and scopes': [
      'an expired key: the same',
      'a revoked key: the same',
      'the API of a scope is a prefix that is known',
      'the resource is the segment behind the tenant',
      "the tenant's document has no resource",
      'a star grants all of its API',
      'a resource with an operation grants that one',
      'a resource, with a star or alone, grants both',
      'the rest is split at its last dot, before an operation',
      'any other rest names a resource',
      'a resource is never a star',
      'whole parts are compared, no prefix, pattern or case',
      'what does not parse is refused when a key is made',
      'found stored, it grants nothing',
      'write does not grant read',
      'but a write shows what it wrote',
      'the published examples for provisioning work',
      'those for reporting work, under both names',
      'those for voc work',
      'those for mcp work',
      'a key is its prefix and 54 base62 characters',
      'its end is the CRC-32 of what precedes',
      'the text is shown once',
      'a revoked key ends within a second on its node',
      'so do the lists and bodies that it has open',
      'a text that clients have is brought along from stdin',
      'it has 20 to 512 token characters',
      'one that does not begin like ours has no checksum',
      'a key is made by POST: 201, and what was made',
      'its end is optional',
      'rotating gives another text: 201',
      'the old text lives on for the overlap',
      'the overlap is 0 to a week',
      'revoking is 204, and 204 again',
      'who makes or rotates must cover the scopes, else 403',
      'covering is computed, operation by operation',
    ],
    '4 Bodies': ['an action without a body takes none as {}'],
    '5 Documents': ['it is of the key that sends it'],
  },
  "it would write the tenant's own document, or collections of others": {
    '3 Targets and names': ['a tenant id has its own alphabet, checked when it is made'],
    '5 Documents': ['it has no versions', 'it has no sub-resources'],
  },
  'it is about a setting that the contract leaves to operators': {
    '3 Targets and names': [
      'with a list, a preflight is answered without a key',
      'to listed origins only',
      'their answers expose the headers that clients need',
    ],
    '4 Bodies': ['which is a setting', 'with numbers: round, integers are rounded'],
    '5 Documents': ['merge: shallow merges the top level alone'],
  },
  'it takes a fault, a load or a wait that no server should be put to for this': {
    '1 Service': [
      'GET /ready is degraded while the disk is full',
      'GET /ready is 503 while the server drains',
    ],
    '5 Documents': [
      'a fault after the first byte breaks the connection',
      'a fault frees it',
      'while the first runs it is 409 with Retry-After: 1',
    ],
    '6 Errors': [
      'it has nothing of our inside',
      'too slow',
      'the store is down, with Retry-After',
      'writes fail, reads go on',
    ],
  },
  'it is about the interface document, which another server need not have': {
    '1 Service': [
      'paths, fields, required members, security and statuses of success are the published ones',
      'the interface document marks extensions, at the route or at the response',
      'beyond the published statuses a route answers only what the document declares',
    ],
  },
  'checks of other clauses ask it all the time': {
    '5 Documents': ['deep is the default', 'nobody must send them'],
  },
}
