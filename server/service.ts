/**
 * What the server says of itself. Neither operation needs a key or touches the store, so both
 * answer while everything else is on fire.
 */
import type { Operation } from './contract/operation.ts'

/** The version of the contract that is served, not of the product. */
export const contractVersion = '1.6.0'

export type ServiceNeeds = {
  /** The product's own version. */
  readonly build: string
}

export const serviceOperations: readonly Operation<unknown, ServiceNeeds>[] = [
  {
    name: 'getServiceInfo',
    summary: 'Read the name and version of the service',
    method: 'GET',
    path: '/',
    access: 'public',
    input: 'none',
    output: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        version: { type: 'string' },
        build: { type: 'string' },
      },
      required: ['name', 'version'],
    },
    statuses: [200],
    run: async ({ build }) => ({
      kind: 'value',
      value: { name: 'tenantry', version: contractVersion, build },
    }),
  },
  {
    name: 'getHealth',
    summary: 'Ask whether the process is alive',
    method: 'GET',
    path: '/health',
    access: 'public',
    input: 'none',
    output: {
      type: 'object',
      properties: { status: { type: 'string' } },
      required: ['status'],
    },
    statuses: [200],
    run: async () => ({ kind: 'value', value: { status: 'ok' } }),
  },
]
