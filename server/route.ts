/**
 * From the decoded segments of a path to the operations that live there. Fixed segments match
 * after decoding; a parameter takes any one segment, whatever is in it: names are judged later, by
 * `call.ts`, after the caller has proved a right to learn anything.
 */
import { parseCollectionName, parseDocumentName } from './contract/names.ts'
import type { Method, PathNames } from './contract/operation.ts'
import type { AnyOperation } from './operations.ts'

export type Route = {
  /** The path as declared, for logs and metrics: bounded in number, free of names. */
  readonly path: string
  readonly operations: ReadonlyMap<Method, AnyOperation>
  /** What `Allow` says of this path. */
  readonly allow: readonly string[]
}

export type Match = {
  readonly route: Route
  /** What parses the names in the path. Throws `BadRequest`. */
  readonly parseNames: () => PathNames
}

type Pattern = {
  readonly route: Route
  /** The texts of fixed segments; undefined where any will do. */
  readonly steps: readonly (string | undefined)[]
  readonly names: readonly NamePlace[]
}
type NamePlace = { readonly at: number; readonly name: keyof PathNames }

/** What makes a name of each parameter but the tenant. */
export const nameParsers = {
  collection: parseCollectionName,
  docId: parseDocumentName,
  keyId: (text: string) => text,
} as const satisfies { readonly [Name in keyof PathNames]: unknown }

/** Where a keyed path names its tenant, which `call.ts` compares with the caller's. */
const tenantedPath = /^\/api\/v1\/[a-z]+\/tenants\/\{tenantId\}(\/|$)/

/**
 * Compiles the operations' paths. Throws, at start, when two operations claim one method of one
 * path, when a parameter has no parser, or when a keyed path would escape the check of its tenant.
 */
export function compileRoutes(operations: readonly AnyOperation[]) {
  const patterns = [...Map.groupBy(operations, ({ path }) => path)].map(([path, group]) =>
    compile(path, group),
  )
  return function findRoute(segments: readonly string[]): Match | undefined {
    for (const { route, steps, names } of patterns) {
      if (matches(steps, segments)) return { route, parseNames: () => parseNames(names, segments) }
    }
    return undefined
  }
}

function compile(path: string, group: readonly AnyOperation[]): Pattern {
  const operations = new Map(group.map((operation) => [operation.method, operation]))
  if (operations.size !== group.length) throw new Error(`two operations claim a method of ${path}`)
  for (const { name, access } of group) {
    if (access === 'scope' && !tenantedPath.test(path)) throw new Error(`${name} names no tenant`)
  }
  for (const [, parameter = ''] of path.matchAll(/\{(\w+)\}/g)) {
    if (parameter !== 'tenantId' && !(parameter in nameParsers)) {
      throw new Error(`${path} has a parameter that nothing parses`)
    }
  }
  const methods = [...operations.keys()].flatMap((method) =>
    method === 'GET' ? ['GET', 'HEAD'] : [method],
  )
  const segments = path.split('/').filter((segment) => segment !== '')
  const parameters = segments.map((segment) => /^\{(.*)\}$/.exec(segment)?.[1])
  return {
    route: { path, operations, allow: [...methods, 'OPTIONS'] },
    steps: segments.map((segment, at) => (parameters[at] === undefined ? segment : undefined)),
    names: parameters.flatMap((name, at) => (isName(name) ? [{ at, name }] : [])),
  }
}

/** The tenant is none: it was compared with the caller's, and addresses are made of that. */
function isName(parameter: string | undefined): parameter is keyof PathNames {
  return parameter !== undefined && parameter in nameParsers
}

function matches(steps: Pattern['steps'], segments: readonly string[]): boolean {
  if (steps.length !== segments.length) return false
  for (let at = 0; at < steps.length; at++) {
    const fixed = steps[at]
    if (fixed !== undefined && fixed !== segments[at]) return false
  }
  return true
}

/** Of a path without these parameters nobody asks for the names. */
function parseNames(places: readonly NamePlace[], segments: readonly string[]): PathNames {
  const names: { [name: string]: string } = {}
  for (const { at, name } of places) names[name] = nameParsers[name](segments[at] ?? '')
  return names as PathNames
}
