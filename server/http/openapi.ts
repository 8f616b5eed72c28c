/**
 * The interface document: OpenAPI 3.1, made from the operations and from nothing else, the same for
 * the same operations. What is not published carries `x-extension: true`: a route, a parameter, an
 * answer, a header or a member.
 */
import type { RefusalCode } from '../contract/errors.ts'
import { refusals } from '../contract/errors.ts'
import type { Example } from '../contract/example.ts'
import type { Content } from '../contract/operation.ts'
import type { AnyOperation } from '../operations.ts'
import type { Part } from './openapi-parts.ts'
import {
  conditionParameters,
  errorSchema,
  exampleValues,
  extension,
  headersByCode,
  idempotencyParameter,
  info,
  nameSchemas,
  parameters,
  responseHeaders,
  securitySchemes,
  tags,
} from './openapi-parts.ts'

export type InterfaceNeeds = {
  readonly operations: readonly AnyOperation[]
  readonly examples: readonly Example[]
  /** The version of the interface. */
  readonly version: string
  /** Where the server is; relative to where the document is. */
  readonly serverUrl: string
}

/** Refusals that the published interface has on its routes that take a key. */
const publishedCodes: ReadonlySet<RefusalCode> = new Set([
  'BadRequest',
  'Unauthenticated',
  'PermissionDenied',
  'NotFound',
])

/** Throws for an operation that the document has no words for. */
export function makeInterfaceDocument(needs: InterfaceNeeds): Part {
  const { operations, examples, version, serverUrl } = needs
  const schemas = new Map<string, Part>()
  const paths = Object.fromEntries(
    [...Map.groupBy(operations, ({ path }) => path)].map(([path, group]) => [
      path,
      Object.fromEntries(
        group.map((operation) => [
          operation.method.toLowerCase(),
          operationPart(
            operation,
            examples.filter((example) => example.operation === operation.name),
          ),
        ]),
      ),
    ]),
  )
  const codes = [...new Set(operations.flatMap(refusalsOf))].sort(
    (one, other) => refusals[one].status - refusals[other].status,
  )
  const document = {
    openapi: '3.1.0',
    info: { ...info, version },
    servers: [{ url: serverUrl }],
    security: Object.keys(securitySchemes).map((name) => ({ [name]: [] })),
    tags: tags.map(({ name, description }) => ({ name, description })),
    paths,
    components: {
      securitySchemes,
      parameters: parametersWith(examples),
      headers: responseHeaders,
      responses: Object.fromEntries(
        codes.map((code) => [code, refusalPart(code, !publishedCodes.has(code))]),
      ),
    },
  }
  const named = nameSchemas(document, schemas) as typeof document
  const sorted = [...schemas].sort(([one], [other]) => (one < other ? -1 : 1))
  return { ...named, components: { ...named.components, schemas: Object.fromEntries(sorted) } }
}

function operationPart(operation: AnyOperation, examples: readonly Example[]): Part {
  const { name, summary, path, access } = operation
  const tag = tags.find(({ prefixes }) => prefixes.some((prefix) => path.startsWith(prefix)))
  if (tag === undefined) throw new Error(`no tag of the interface document fits ${path}`)
  const scopes = scopesOf(operation)
  return {
    tags: [tag.name],
    summary,
    description: describe(operation, scopes),
    operationId: name,
    ...(operation.extension ? extension : {}),
    ...(access === 'public' ? { security: [] } : {}),
    ...(scopes.length > 0 ? { 'x-scopes': scopes } : {}),
    ...listed('parameters', parametersOf(operation)),
    ...requestOf(operation, examples),
    responses: responsesOf(operation, examples),
  }
}

function describe({ about }: AnyOperation, scopes: readonly string[]): string {
  if (scopes.length === 0) return about
  const texts = scopes.map((scope) => `\`${scope}\``)
  return `${about}\n\nNeeds one of the scopes ${texts.join(', ')}.`
}

/** The scopes any one of which grants this, by the rules of `contract/scopes.ts`. */
function scopesOf({ access, method, path }: AnyOperation): string[] {
  if (access !== 'scope') return []
  const [, , , api, , , resource] = path.split('/')
  const mode = method === 'GET' ? 'read' : 'write'
  const whole = [`${api}:*`, `${api}:${mode}`]
  if (resource !== '{collection}') return whole
  return [...whole, ...['', `.${mode}`, '.*'].map((rest) => `${api}:${resource}${rest}`)]
}

function parametersOf(operation: AnyOperation): Part[] {
  const { path, query = [], repeatable } = operation
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const headers = [
    ...(keepsConditions(operation) ? conditionParameters : []),
    ...(repeatable === 'kept' ? [idempotencyParameter] : []),
  ]
  return [...named, ...query, ...headers].map((name) => {
    if (!(name in parameters)) throw new Error(`the interface document has no parameter ${name}`)
    return { $ref: `#/components/parameters/${name}` }
  })
}

/** The parameters, each with what the first example that sends it sends. */
function parametersWith(examples: readonly Example[]): Part {
  const sent: { [name: string]: string } = {}
  for (const { path, query, headers } of examples.toReversed()) {
    Object.assign(sent, path, query)
    for (const [name, value] of Object.entries(headers ?? {})) sent[name] = value
  }
  const entries = Object.entries(parameters).map(([key, part]) => {
    const value = sent[part.name]
    const isNumber = part.schema.type === 'integer'
    const example = value === undefined ? {} : { example: isNumber ? Number(value) : value }
    return [key, { ...example, ...part }]
  })
  return Object.fromEntries(entries)
}

function requestOf({ takes, input }: AnyOperation, examples: readonly Example[]): Part {
  if (input === undefined) return {}
  const content = Object.entries(input).map(([mediaType, schema]) => {
    const sent = examples.filter(
      (each) => each.body !== undefined && (each.mediaType ?? 'application/json') === mediaType,
    )
    return [mediaType, { schema, ...exampleValues(sent, ({ body }) => body) }]
  })
  const required = takes !== 'optionalJson'
  return { requestBody: { required, content: Object.fromEntries(content) } }
}

function responsesOf(operation: AnyOperation, examples: readonly Example[]): Part {
  const { statuses, method, output } = operation
  const responses: { [status: number]: Part } = {}
  for (const status of statuses) {
    const given = examples.filter((example) => example.status === status)
    responses[status] = successPart(operation, status, status === 204 ? undefined : output, given)
  }
  if (method === 'GET' && keepsConditions(operation)) {
    responses[304] = {
      description: 'Not modified: what the client has, by its `If-None-Match`, is what there is.',
      ...mark(operation),
      headers: headersNamed(['ETag']),
    }
  }
  for (const code of refusalsOf(operation)) {
    const isOurs = operation.extension || operation.access === 'public'
    // Published elsewhere, not here: it says so itself.
    const inline = !operation.extension && isOurs && publishedCodes.has(code)
    responses[refusals[code].status] = inline
      ? refusalPart(code, true)
      : { $ref: `#/components/responses/${code}` }
  }
  return responses
}

function successPart(
  operation: AnyOperation,
  status: number,
  output: Content | undefined,
  examples: readonly Example[],
): Part {
  const headers = [
    ...(keepsConditions(operation) && status !== 204 ? ['ETag'] : []),
    ...(keepsConditions(operation) && status === 201 ? ['Location'] : []),
    ...(operation.query?.includes('cursor') ? ['Link'] : []),
    ...(operation.repeatable === 'kept' ? ['Idempotency-Replayed'] : []),
  ]
  const content = Object.entries(output ?? {}).map(([mediaType, schema]) => [
    mediaType,
    { schema, ...exampleValues(examples, ({ answer }) => answer) },
  ])
  return {
    description: successWords(operation, status),
    headers: headersNamed(headers),
    ...(content.length > 0 ? { content: Object.fromEntries(content) } : {}),
  }
}

function successWords({ method, statuses }: AnyOperation, status: number): string {
  if (status === 201) return 'Made; it was not there before.'
  if (status === 204) return 'Done; there is no body.'
  if (statuses.includes(201)) return 'Replaced; this is what is there now.'
  return method === 'GET' ? 'What was asked for.' : 'Changed; this is what is there now.'
}

function refusalPart(code: RefusalCode, isExtension: boolean): Part {
  const { when, mend, example } = refusals[code]
  return {
    description: `${when} ${mend}`,
    ...(isExtension ? extension : {}),
    headers: headersNamed(headersByCode[code] ?? []),
    content: {
      'application/json': {
        schema: errorSchema,
        examples: { [code]: { value: { code, ...example } } },
      },
    },
  }
}

/** Each refusal that this operation can come to, by what the one path asks of it. */
function refusalsOf(operation: AnyOperation): RefusalCode[] {
  const { access, method, takes, repeatable, refuses = [] } = operation
  const codes: RefusalCode[] = ['BadRequest', 'RequestTimeout', 'UriTooLong', 'HeadersTooLarge']
  if (access !== 'public') codes.push('Unauthenticated', 'ResourceExhausted', 'Unavailable')
  if (access === 'scope') codes.push('PermissionDenied')
  if (access === 'scope' && method !== 'GET') codes.push('StorageFull')
  if (takes !== undefined) codes.push('PayloadTooLarge', 'UnsupportedMediaType')
  if (repeatable === 'kept') codes.push('Conflict', 'IdempotencyMismatch')
  return [...new Set([...codes, ...refuses, 'InternalServerError'] as const)]
}

function keepsConditions({ refuses }: AnyOperation): boolean {
  return refuses?.includes('PreconditionFailed') ?? false
}

/** Of an answer that is not published; on a route of ours the route says it. */
function mark(operation: AnyOperation): Part {
  return operation.extension ? {} : extension
}

function headersNamed(names: readonly string[]): Part {
  const all = [...names, 'X-Request-Id']
  return Object.fromEntries(all.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}

function listed(member: string, parts: readonly Part[]): Part {
  return parts.length > 0 ? { [member]: parts } : {}
}
