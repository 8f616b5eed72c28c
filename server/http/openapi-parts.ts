/**
 * What the interface document says in the same words everywhere: its introduction, parameters,
 * headers, the shape of an error; and how schemas get their names.
 */
import type { RefusalCode } from '../contract/errors.ts'
import { refusals } from '../contract/errors.ts'
import type { Example } from '../contract/example.ts'
import { idempotencyKeyMaxCharacters, listLimitMax } from '../contract/limits.ts'

/** A piece of the document, in JSON's terms. */
export type Part = { readonly [member: string]: unknown }

/** On what is ours and not published. */
export const extension = { 'x-extension': true } as const

export const info = {
  title: 'Tenantry',
  summary: 'A self-hosted server for the Crescendo Platform API.',
  description: `Each tenant's JSON documents, behind keys that belong to one tenant.

What carries \`x-extension: true\` (a route, a parameter, an answer, a header, a member) is
Tenantry's own. All else is the Crescendo Platform API 1.6.0, and a client written for that never
meets the rest.

**Keys.** Every path below \`/api/v1/\` needs one, in the \`Authorization\` header or, where a
client cannot send headers, as \`bearer_token\` in the query; not in both.

**Each path** answers HEAD as it answers GET, without the body, and OPTIONS with 204 and \`Allow\`.
Any other method is 405, with \`Allow\` too. What carries an ETag is sent with
\`Cache-Control: private, no-cache\`, all else with \`no-store\`.

**Errors** have one shape, \`code\` and \`message\`: the code says what kind of failure it is, and
the message what was wrong. \`X-Request-Id\` names the request in the log of the server.`,
  license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
} as const

/** The first of them that begins like a path is the path's. */
export const tags = [
  {
    name: 'Provisioning',
    description: 'Documents of a tenant, and what is live of them.',
    prefixes: ['/api/v1/provisioning/'],
  },
  {
    name: 'Keys',
    description: 'Keys of a tenant: ours, and not published.',
    prefixes: ['/api/v1/keys/', '/api/v1/whoami'],
  },
  {
    name: 'Service',
    description: 'What the server says of itself, to anyone.',
    prefixes: ['/'],
  },
] as const

export const securitySchemes = {
  bearerAuth: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'API Key',
    description: 'The text of the key, in the `Authorization` header.',
  },
  bearerTokenQuery: {
    type: 'apiKey',
    in: 'query',
    name: 'bearer_token',
    description: 'For clients that cannot send headers; others keep their key out of addresses.',
  },
} as const

type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description: string
  readonly schema: { readonly type: string; readonly [keyword: string]: unknown }
}

const text = { type: 'string' } as const

/** By their names in the document. */
export const parameters: { readonly [key: string]: Parameter & Part } = {
  tenantId: inPath('tenantId', "The key's own tenant; every other is 403."),
  collection: inPath('collection', 'The name of a collection, of up to 512 bytes.'),
  docId: inPath('docId', 'The name of a document in it, of up to 1500 bytes.'),
  keyId: inPath('keyId', 'The id of a key: the 12 characters behind `tnk_`, and never its text.'),
  limit: {
    ...inQuery('limit', 'Cuts the list into parts of so many; without it, it comes whole.'),
    schema: { type: 'integer', minimum: 1, maximum: listLimitMax },
  },
  cursor: inQuery('cursor', 'Where the part begins: from the `Link` of the part before.'),
  IfMatch: inHeader(
    'If-Match',
    'Only while the document has one of these ETags, or is there: `*`.',
  ),
  IfNoneMatch: inHeader(
    'If-None-Match',
    'Only while the document has none of these ETags, or is not there: `*`. GET is 304 otherwise.',
  ),
  IdempotencyKey: {
    ...inHeader(
      'Idempotency-Key',
      'Names this request, so that it can be sent again within 24 hours: the answer is the first ' +
        'one again, and nothing is done twice.',
    ),
    schema: { ...text, minLength: 1, maxLength: idempotencyKeyMaxCharacters },
  },
}

export const conditionParameters = ['IfMatch', 'IfNoneMatch'] as const
export const idempotencyParameter = 'IdempotencyKey'

export const responseHeaders: { readonly [name: string]: Part } = {
  ETag: header('Changes with the document: `"<revision>-<8 hexadecimal digits>"`.'),
  Location: header('The path of what was made.'),
  Link: header('`<…>; rel="next"`, the address of the next part, while there is one.'),
  'Idempotency-Replayed': header('`true` on the answer of an earlier request, sent once more.'),
  'Retry-After': header('When to send again, in seconds.', { type: 'integer', minimum: 0 }),
  'WWW-Authenticate': header('`Bearer`.'),
  'Accept-Patch': header('The types that PATCH takes, where it was sent another.'),
  'X-Request-Id': header("Names the request: the client's own `X-Request-Id`, or a new one."),
}

/** What a refusal says in headers. */
export const headersByCode: { readonly [Code in RefusalCode]?: readonly string[] } = {
  Unauthenticated: ['WWW-Authenticate'],
  Conflict: ['Retry-After'],
  UnsupportedMediaType: ['Accept-Patch'],
  ResourceExhausted: ['Retry-After'],
  Unavailable: ['Retry-After'],
}

const codes = Object.keys(refusals).map((code) => `\`${code}\``)

export const errorSchema: Part = {
  title: 'ErrorResponse',
  type: 'object',
  properties: {
    code: { type: 'string', description: `One of ${codes.join(', ')}; more may come.` },
    message: { type: 'string', description: 'What was wrong, in a sentence for people.' },
    details: {
      type: 'array',
      description: 'Where in the body, if there is something to point at.',
      ...extension,
      items: {
        title: 'ErrorDetail',
        type: 'object',
        properties: {
          pointer: { type: 'string', description: 'A JSON Pointer (RFC 6901) into the body.' },
          reason: { type: 'string' },
        },
        required: ['pointer', 'reason'],
      },
    },
  },
  required: ['code', 'message'],
}

/** `examples` by name; what one exchange sends and what it is answered have the same name. */
export function exampleValues(
  examples: readonly Example[],
  pick: (example: Example) => unknown,
): Part {
  const entries = examples.map((example) => [
    nameOf(example.title),
    { summary: example.title, value: pick(example) },
  ])
  return entries.length > 0 ? { examples: Object.fromEntries(entries) } : {}
}

/** `A new bot` → `a-new-bot`. */
function nameOf(title: string): string {
  return title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
}

/**
 * The same with each schema that has a title moved into `named`, and a reference in its place.
 * Throws when two that differ have one title.
 */
export function nameSchemas(part: unknown, named: Map<string, Part>): unknown {
  if (Array.isArray(part)) return part.map((each) => nameSchemas(each, named))
  if (typeof part !== 'object' || part === null) return part
  const entries = Object.entries(part).map(([member, value]) => [
    member,
    isProse(member) ? value : nameSchemas(value, named),
  ])
  const whole: Part = Object.fromEntries(entries)
  const { title, ...schema } = whole
  if (typeof title !== 'string' || whole.type === undefined) return whole
  const before = named.get(title)
  if (before !== undefined && JSON.stringify(before) !== JSON.stringify(schema)) {
    throw new Error(`two schemas have the title ${title}`)
  }
  named.set(title, schema)
  return { $ref: `#/components/schemas/${title}` }
}

/** What these hold is shown as it is, whatever it looks like. */
function isProse(member: string): boolean {
  return member === 'examples' || member === 'example' || member === 'info'
}

function inPath(name: string, description: string): Parameter {
  return { name, in: 'path', required: true, description, schema: text }
}

function inQuery(name: string, description: string): Parameter & Part {
  return { name, in: 'query', required: false, description, ...extension, schema: text }
}

function inHeader(name: string, description: string): Parameter & Part {
  return { name, in: 'header', required: false, description, ...extension, schema: text }
}

function header(description: string, schema: Part = text): Part {
  return { description, ...extension, schema }
}
