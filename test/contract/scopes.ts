/** Scopes: how they are written, and what they grant. */
import type { Clause } from './clause.ts'

export const scopes: readonly Clause[] = [
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
]
