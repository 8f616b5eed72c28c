/**
 * Holds answers to the interface document: their status, type, body and headers must be declared
 * for the operation that gave them. What no operation gave, such as a 405, is not asked for.
 */
import assert from 'node:assert/strict'
import type { ValidateFunction } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { interfaceDocument } from '../../server/compose.ts'
import type { Loose } from './client.ts'
import type { Received } from './http.ts'

/** The document as the server gives it, with a part in the place of each reference to it. */
export const resolvedDocument: Loose = resolve(JSON.parse(interfaceDocument()))

type Declared = { readonly [status: string]: Loose }

const declared = new Map<string, Declared>(
  Object.values<Loose>(resolvedDocument.paths)
    .flatMap((item) => Object.values<Loose>(item))
    .map(({ operationId, responses }) => [operationId, responses]),
)

/** Headers that only some answers have: whoever has one says so in the document. */
const told = new Set(
  Object.keys(resolvedDocument.components.headers).map((name) => name.toLowerCase()),
)

const ajv = new Ajv2020({ strict: false, validateFormats: false })
const validators = new Map<unknown, ValidateFunction>()

/** Fails for an answer of this operation that the document does not declare. */
export function checkDeclared(
  operation: string | undefined,
  { status, headers, text }: Received,
): void {
  if (operation === undefined) return
  const response = declared.get(operation)?.[status]
  assert.ok(response, `the document declares no ${status} of ${operation}: ${text.slice(0, 200)}`)
  const names = Object.keys(response.headers ?? {}).map((name) => name.toLowerCase())
  for (const name of Object.keys(headers).filter((each) => told.has(each))) {
    assert.ok(names.includes(name), `the document declares no ${name} of ${operation}, ${status}`)
  }
  if (text === '') return
  const mediaType = headers['content-type']?.split(';')[0] ?? ''
  const content = response.content?.[mediaType]
  assert.ok(content, `the document declares no ${mediaType} of ${operation}, ${status}`)
  if (mediaType === 'application/json') checkSchema(content.schema, JSON.parse(text), operation)
}

/** Fails when the value breaks the schema. */
export function checkSchema(schema: object, value: unknown, what: string): void {
  const validate = validators.get(schema) ?? ajv.compile(schema)
  validators.set(schema, validate)
  assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)}`)
}

function resolve(whole: Loose): Loose {
  const resolveIn = (part: Loose): Loose => {
    if (Array.isArray(part)) return part.map(resolveIn)
    if (typeof part !== 'object' || part === null) return part
    if (typeof part.$ref === 'string') {
      const names: string[] = part.$ref.split('/').slice(1)
      return resolveIn(names.reduce((inside, name) => inside[name], whole))
    }
    return Object.fromEntries(
      Object.entries(part).map(([member, value]) => [member, resolveIn(value)]),
    )
  }
  return resolveIn(whole)
}
