/**
 * What the server says of itself, to anyone. Only readiness asks the store: the others answer while
 * everything else is on fire.
 */
import type { Conditions } from './contract/conditions.ts'
import { failedCondition, refuseFailedCondition } from './contract/conditions.ts'
import { Refusal } from './contract/errors.ts'
import type { Example } from './contract/example.ts'
import type { Answer, Content, FixedFile, JsonSchema, Operation } from './contract/operation.ts'

/** The version of the contract that is served, not of the product. */
export const contractVersion = '1.6.0'

export type ServiceNeeds = {
  /** The product's own version. */
  readonly build: string
  /** Rejects when the server cannot serve, or is about to stop. */
  readonly readReadiness: () => Promise<Readiness>
  /** The interface document as JSON. */
  readonly readInterfaceDocument: () => FixedFile
  /** The page on which it can be tried. */
  readonly docsPage: FixedFile
}

export type Readiness = {
  /** Whether writes fail because the disk is full. */
  readonly full: boolean
  /** The check that follows a stop without warning; `none` where none was needed. */
  readonly check: string
}

const ok: JsonSchema = { type: 'string', description: '`ok`.' }

export const serviceOperations: readonly Operation<unknown, ServiceNeeds>[] = [
  {
    name: 'getServiceInfo',
    summary: 'Read the name and version of the service',
    about: 'The version is that of the interface, `build` that of the product.',
    method: 'GET',
    path: '/',
    access: 'public',
    output: json('ServiceInfo', ['name', 'version'], {
      name: { type: 'string' },
      version: { type: 'string', description: 'Of the interface that is served.' },
      build: { type: 'string', description: 'Of the product.', 'x-extension': true },
    }),
    statuses: [200],
    run: async ({ build }) => ({
      kind: 'value',
      value: { name: 'tenantry', version: contractVersion, build },
    }),
  },
  {
    name: 'getHealth',
    summary: 'Ask whether the process is alive',
    about: 'Asks nobody else: whether it can serve is told by `/ready`.',
    method: 'GET',
    path: '/health',
    access: 'public',
    output: json('HealthStatus', ['status'], { status: ok }),
    statuses: [200],
    run: async () => ({ kind: 'value', value: { status: 'ok' } }),
  },
  {
    name: 'getReadiness',
    summary: 'Ask whether the server can serve',
    about: 'For balancers: 503 while the store does not answer, and while the server stops.',
    extension: true,
    method: 'GET',
    path: '/ready',
    access: 'public',
    output: json('Readiness', ['status'], {
      status: {
        type: 'string',
        enum: ['ok', 'degraded'],
        description: '`degraded` while the store is full: writes are 507, reads go on.',
      },
      check: {
        type: 'string',
        enum: ['running', 'passed', 'failed'],
        description: 'How the check of all data stands that follows a stop without warning.',
      },
    }),
    statuses: [200],
    refuses: ['Unavailable'],
    run: async ({ readReadiness }) => {
      const { full, check } = await readReadiness().catch(refuseUnready)
      const status = full ? 'degraded' : 'ok'
      return { kind: 'value', value: check === 'none' ? { status } : { status, check } }
    },
  },
  {
    name: 'getInterfaceDocument',
    summary: 'Read the interface document',
    about: 'This document: OpenAPI 3.1, made from the operations that the server has.',
    extension: true,
    method: 'GET',
    path: '/openapi.json',
    access: 'public',
    output: { 'application/json': { type: 'object', additionalProperties: true } },
    statuses: [200],
    refuses: ['PreconditionFailed'],
    run: async ({ readInterfaceDocument }, readConditions) =>
      show(readInterfaceDocument(), readConditions()),
  },
  {
    name: 'getDocsPage',
    summary: 'Open the page to try the interface',
    about:
      'For browsers. It loads nothing but this document, and keeps the key in its memory alone.',
    extension: true,
    method: 'GET',
    path: '/docs',
    access: 'public',
    output: { 'text/html': { type: 'string' } },
    statuses: [200],
    refuses: ['PreconditionFailed'],
    run: async ({ docsPage }, readConditions) => show(docsPage, readConditions()),
  },
]

/** The service as the interface document shows it. */
export const serviceExamples: readonly Example[] = [
  {
    operation: 'getServiceInfo',
    title: 'The service',
    status: 200,
    answer: { name: 'tenantry', version: contractVersion, build: '0.1.0' },
  },
  { operation: 'getHealth', title: 'Alive', status: 200, answer: { status: 'ok' } },
  { operation: 'getReadiness', title: 'Ready', status: 200, answer: { status: 'ok' } },
]

function json(
  title: string,
  required: readonly string[],
  properties: { readonly [name: string]: JsonSchema },
): Content {
  return { 'application/json': { title, type: 'object', properties, required } }
}

function show(file: FixedFile, conditions: Conditions): Answer {
  // As with documents: what the reader has is what there is.
  const failed = failedCondition(conditions, file.etag)
  if (failed === 'If-None-Match') return { kind: 'notModified', etag: file.etag }
  refuseFailedCondition(conditions, file.etag)
  return file
}

/** Whatever is the matter, the one who asks is a balancer that should ask elsewhere. */
function refuseUnready(cause: unknown): never {
  if (cause instanceof Refusal) throw cause
  throw new Refusal('Unavailable', 'The store does not answer.', { cause })
}
