/** What a server says of itself, to anyone. */
import type { Clause } from './clause.ts'

export const service: readonly Clause[] = [
  {
    section: '1 Service',
    clause: 'the service tells its name and version, without a key',
    heldBy: [
      {
        file: 'test/api/targets.ts',
        title: 'the service says its name and version without a key',
      },
    ],
  },
  {
    section: '1 Service',
    clause: 'the version is that of the contract',
    heldBy: [{ file: 'test/api/targets.ts', title: "version: '1.6.0'" }],
  },
  {
    section: '1 Service',
    clause: 'health is ok while the process is alive, without a key',
    heldBy: [{ file: 'test/api/targets.ts', title: 'the service is in good health without a key' }],
  },
  {
    section: '1 Service',
    clause: 'readiness is ok, degraded, or 503 Unavailable',
    heldBy: [
      { file: 'test/api/targets.ts', title: 'the service is ready without a key' },
      {
        file: 'test/api/faults.ts',
        title: 'a full store is 507 to writes and degraded, and reads go on',
      },
    ],
  },
]
