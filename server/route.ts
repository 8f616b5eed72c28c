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
  readonly parameters: { readonly [name: string]: string }
}

type Pattern = { readonly route: Route; readonly steps: readonly Step[] }
type Step = { readonly fixed: string } | { readonly parameter: string }

/** What makes a name of each parameter but the tenant. */
export const nameParsers = {
  collection: parseCollectionName,
  docId: parseDocumentName,
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
    for (const { route, steps } of patterns) {
      if (steps.length !== segments.length) continue
      const parameters = matchSteps(steps, segments)
      if (parameters !== undefined) return { route, parameters }
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
  const steps = path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) =>
      segment.startsWith('{') ? { parameter: segment.slice(1, -1) } : { fixed: segment },
    )
  return { route: { path, operations, allow: [...methods, 'OPTIONS'] }, steps }
}

function matchSteps(
  steps: readonly Step[],
  segments: readonly string[],
): { [name: string]: string } | undefined {
  const parameters: { [name: string]: string } = {}
  for (const [at, step] of steps.entries()) {
    const segment = segments[at] ?? ''
    if ('parameter' in step) parameters[step.parameter] = segment
    else if (step.fixed !== segment) return undefined
  }
  return parameters
}
