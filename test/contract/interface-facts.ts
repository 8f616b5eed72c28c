/**
 * What an interface document fixes, and no word of how it says it: routes, parameters, bodies,
 * statuses, schemas. From the published document these facts were derived once
 * (`derive-published.ts`); from ours they are read anew each time, and the two are compared.
 */
import { isDeepStrictEqual } from 'node:util'

/** JSON that is looked into without proof of what it is: a wrong guess shows as a difference. */
// biome-ignore lint/suspicious/noExplicitAny: this is that guess, in one place.
type Loose = any

const methods = ['get', 'put', 'post', 'patch', 'delete', 'head', 'options', 'trace']

/** Members whose own members are names, which may look like prose and are none. */
const maps = new Set([
  ...['paths', 'properties', 'patternProperties', '$defs', 'schemas', 'parameters', 'responses'],
  ...['headers', 'content', 'securitySchemes', 'requestBodies'],
])
const prose = new Set(['description', 'summary', 'title', 'example', 'examples', 'contact'])
const others = new Set(['servers', 'license', 'termsOfService', 'externalDocs'])

/** The document without its prose, its examples and its address. */
export function withoutProse(part: Loose, isMap = false): Loose {
  if (Array.isArray(part)) return part.map((each) => withoutProse(each))
  if (typeof part !== 'object' || part === null) return part
  const kept = Object.entries(part).filter(
    ([member]) => isMap || !(prose.has(member) || others.has(member)),
  )
  return Object.fromEntries(
    kept.map(([member, value]) => [member, withoutProse(value, !isMap && maps.has(member))]),
  )
}

export type Facts = {
  /** By method and path. */
  readonly operations: ReadonlyMap<string, Loose>
  /** Schemas by name, with what they refer to in place. */
  readonly schemas: ReadonlyMap<string, Loose>
  readonly whole: Loose
  /** Where something says that it is not published. */
  readonly extensions: readonly string[]
}

/** The facts of a document, without what it marks as an extension. */
export function factsOf(document: Loose): Facts {
  const bare = withoutProse(document)
  const extensions: string[] = []
  const operations = new Map<string, Loose>()
  for (const [path, item] of Object.entries<Loose>(bare.paths)) {
    for (const method of methods.filter((each) => item[each] !== undefined)) {
      const name = `${method.toUpperCase()} ${path}`
      const operation = published(resolve(item[method], bare), name, extensions)
      if (operation !== undefined) {
        operations.set(name, factsOfOperation(operation, item.parameters, bare))
      }
    }
  }
  const named = Object.entries<Loose>(bare.components.schemas).map(
    ([name, schema]) => [name, published(resolve(schema, bare), name, [])] as const,
  )
  return {
    operations,
    schemas: new Map(named),
    whole: {
      openapi: bare.openapi.split('.').slice(0, 2).join('.'),
      version: bare.info.version,
      security: bare.security,
      securitySchemes: bare.components.securitySchemes,
    },
    extensions,
  }
}

function factsOfOperation(operation: Loose, shared: Loose[] = [], bare: Loose): Loose {
  const parameters = [...resolve(shared, bare), ...(operation.parameters ?? [])]
  return {
    tags: operation.tags,
    operationId: operation.operationId,
    security: operation.security ?? bare.security,
    parameters: Object.fromEntries(
      parameters.map(({ name, in: place, ...rest }) => [`${name} in ${place}`, rest]),
    ),
    requestBody: operation.requestBody,
    responses: operation.responses,
  }
}

/** Without what is marked; undefined when that is all of it. */
function published(part: Loose, at: string, extensions: string[]): Loose {
  if (Array.isArray(part)) {
    return part
      .map((each, index) => published(each, `${at}/${each?.name ?? index}`, extensions))
      .filter((each) => each !== undefined)
  }
  if (typeof part !== 'object' || part === null) return part
  if (part['x-extension'] === true) {
    extensions.push(at)
    return undefined
  }
  const kept = Object.entries(part).flatMap(([member, value]) => {
    if (member.startsWith('x-')) return []
    const inside = published(value, `${at}/${member}`, extensions)
    return inside === undefined ? [] : [[member, inside] as const]
  })
  return Object.fromEntries(kept.filter(([member, value]) => !isEmptyHeaders(member, value)))
}

/** That an answer has no published headers is said by saying nothing. */
function isEmptyHeaders(member: string, value: Loose): boolean {
  return member === 'headers' && Object.keys(value).length === 0
}

function resolve(part: Loose, whole: Loose): Loose {
  if (Array.isArray(part)) return part.map((each) => resolve(each, whole))
  if (typeof part !== 'object' || part === null) return part
  if (typeof part.$ref === 'string') {
    const names: string[] = part.$ref.split('/').slice(1)
    return resolve(
      names.reduce((inside, name) => inside?.[name], whole),
      whole,
    )
  }
  return Object.fromEntries(
    Object.entries(part).map(([member, value]) => [member, resolve(value, whole)]),
  )
}

/** Each difference, as where it is and what is there instead. */
export function differencesOf(wanted: Loose, found: Loose, at: string): string[] {
  if (isDeepStrictEqual(ordered(wanted), ordered(found))) return []
  if (wanted === undefined) return [`${at}: is ours, and not marked: ${brief(found)}`]
  if (found === undefined) return [`${at}: is missing; published is ${brief(wanted)}`]
  if (!isObject(wanted) || !isObject(found)) {
    return [`${at}: is ${brief(found)}; published is ${brief(wanted)}`]
  }
  const members = new Set([...Object.keys(wanted), ...Object.keys(found)])
  return [...members].flatMap((name) => differencesOf(wanted[name], found[name], `${at}/${name}`))
}

/** Lists of names mean the same in any order. */
function ordered(part: Loose): Loose {
  if (!Array.isArray(part)) return part
  return part.every((each) => typeof each === 'string') ? part.toSorted() : part
}

function isObject(part: Loose): boolean {
  return typeof part === 'object' && part !== null && !Array.isArray(part)
}

function brief(part: Loose): string {
  const text = JSON.stringify(part)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
