/**
 * What the server says of itself, to anyone. Only readiness asks the store: the others answer while
 * everything else is on fire.
 */
import { Refusal } from './contract/errors.ts'
import type { Operation } from './contract/operation.ts'

/** The version of the contract that is served, not of the product. */
export const contractVersion = '1.6.0'

export type ServiceNeeds = {
  /** The product's own version. */
  readonly build: string
  /** Rejects when the server cannot serve, or is about to stop. */
  readonly readReadiness: () => Promise<Readiness>
}

export type Readiness = {
  /** Whether writes fail because the disk is full. */
  readonly full: boolean
  /** The check that follows a stop without warning; `none` where none was needed. */
  readonly check: string
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
  {
    name: 'getReadiness',
    summary: 'Ask whether the server can serve',
    method: 'GET',
    path: '/ready',
    access: 'public',
    input: 'none',
    output: {
      type: 'object',
      properties: {
        status: { enum: ['ok', 'degraded'] },
        check: { enum: ['running', 'passed', 'failed'] },
      },
      required: ['status'],
    },
    statuses: [200],
    run: async ({ readReadiness }) => {
      const { full, check } = await readReadiness().catch(refuseUnready)
      const status = full ? 'degraded' : 'ok'
      return { kind: 'value', value: check === 'none' ? { status } : { status, check } }
    },
  },
]

/** Whatever is the matter, the one who asks is a balancer that should ask elsewhere. */
function refuseUnready(cause: unknown): never {
  if (cause instanceof Refusal) throw cause
  throw new Refusal('Unavailable', 'The store does not answer.', { cause })
}
