/**
 * From the decoded segments of a path to the operations that live there. Fixed segments match
 * after decoding; a parameter takes any one segment, whatever is in it: names are judged later, by
 * `call.ts`, after the caller has proved a right to learn anything.
 */
import type { Method } from './contract/operation.ts'
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

/** Compiles the operations' paths. Throws when two operations claim one method of one path. */
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
