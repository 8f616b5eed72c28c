/** What the server says of itself, and the interface document, which says it of the rest. */
import type { Clause } from './clause.ts'

export const service: readonly Clause[] = [
  {
    section: '1 Service',
    clause: "GET / says name and version, and the product's own as build",
    heldBy: [
      { file: 'test/api/service.ts', title: 'the service says its name and version without a key' },
    ],
  },
  {
    section: '1 Service',
    clause: 'GET /health is 200 while the process lives',
    heldBy: [{ file: 'test/api/service.ts', title: 'the service is in good health without a key' }],
  },
  {
    section: '1 Service',
    clause: 'it never touches the store',
    heldBy: [{ file: 'test/api/faults.ts', title: 'health is well while the store is not' }],
  },
  {
    section: '1 Service',
    clause: 'GET /ready is ok',
    heldBy: [{ file: 'test/api/service.ts', title: 'the service is ready without a key' }],
  },
  {
    section: '1 Service',
    clause: 'GET /ready is degraded while the disk is full',
    heldBy: [
      {
        file: 'test/api/faults.ts',
        title: 'a full store is 507 to writes and degraded, and reads go on',
      },
    ],
  },
  {
    section: '1 Service',
    clause: 'GET /openapi.json is the interface document, without a key',
    heldBy: [
      { file: 'test/api/service.ts', title: 'the interface document is there without a key' },
    ],
  },
  {
    section: '1 Service',
    clause: 'GET /docs is a page to try it, without a key',
    heldBy: [
      {
        file: 'test/api/service.ts',
        title: 'the page to try it is there without a key, and is nowhere framed',
      },
      { file: 'test/system/docs.test.ts', title: 'reads a document with the key: 200' },
    ],
  },
  {
    section: '1 Service',
    clause: 'the page has no file from another host',
    heldBy: [
      {
        file: 'test/system/docs.test.ts',
        title: 'asked this server only, and had the key in one header and nowhere else',
      },
      {
        file: 'test/system/docs.test.ts',
        title: 'may not ask another host, nor run what is not its script',
      },
    ],
  },
  {
    section: '1 Service',
    clause:
      'paths, fields, required members, security and statuses of success are the published ones',
    heldBy: [
      {
        file: 'test/contract/interface.test.ts',
        title: 'differs from the published one in nothing but what it marks',
      },
    ],
  },
  {
    section: '1 Service',
    clause: 'the interface document marks extensions, at the route or at the response',
    heldBy: [
      { file: 'test/contract/interface.test.ts', title: 'a status that is not marked' },
      { file: 'test/contract/interface.test.ts', title: 'a route that is not marked' },
    ],
  },
  {
    section: '1 Service',
    clause: 'beyond the published statuses a route answers only what the document declares',
    heldBy: [{ file: 'test/support/declared.ts', title: 'the document declares no' }],
  },
  {
    section: '1 Service',
    clause: 'GET /ready is 503 while the server drains',
    heldBy: [{ file: 'test/gates/drain.ts', title: '/ready was answered with' }],
  },
  {
    section: '1 Service',
    clause: 'GET /metrics is on a port of its own, and never open by default',
    heldBy: [
      { file: 'test/api/observed.test.ts', title: 'are nowhere unless they are given a port' },
    ],
  },
]
