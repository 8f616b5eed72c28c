/**
 * Our interface document beside the published one, part by part of the API. A part that is to come
 * is a gap that is counted; in all others every difference is a fault, and so is what we added
 * without marking it.
 */
import type { Facts } from './interface-facts.ts'
import { differencesOf, factsOf } from './interface-facts.ts'

/** Parts that are not built. One of which a route is served is compared like all others. */
const toCome: ReadonlySet<string> = new Set(['Reporting', 'VOC', 'MCP'])

export type Comparison = {
  /** By the tag of the published document. */
  readonly parts: readonly {
    readonly name: string
    readonly published: number
    readonly served: number
    readonly differences: readonly string[]
  }[]
  /** Of the document as a whole, and of routes that are in no published part. */
  readonly differences: readonly string[]
  readonly extensions: readonly string[]
}

/** Both are documents as JSON; the published one may be without its prose. */
export function compareInterfaces(publishedDocument: unknown, ourDocument: unknown): Comparison {
  const published = factsOf(publishedDocument)
  const ours = factsOf(ourDocument)
  const names = [...new Set([...published.operations.values()].flatMap(({ tags }) => tags))]
  return {
    parts: names.map((name) => comparePart(name, published, ours)),
    differences: [
      ...differencesOf(published.whole, ours.whole, 'the document'),
      ...[...ours.operations.keys()]
        .filter((name) => !published.operations.has(name))
        .map((name) => `${name}: is ours, and not marked`),
      ...[...published.schemas].flatMap(([name, schema]) =>
        ours.schemas.has(name)
          ? differencesOf(schema, ours.schemas.get(name), `the schema ${name}`)
          : [],
      ),
    ],
    extensions: ours.extensions,
  }
}

function comparePart(name: string, published: Facts, ours: Facts): Comparison['parts'][number] {
  const wanted = [...published.operations].filter(([, { tags }]) => tags.includes(name))
  const served = wanted.filter(([operation]) => ours.operations.has(operation))
  const differences =
    toCome.has(name) && served.length === 0
      ? []
      : wanted.flatMap(([operation, facts]) => {
          const found = ours.operations.get(operation)
          // An operation id that is not published may be ours.
          const { operationId = found?.operationId } = facts
          return differencesOf({ ...facts, operationId }, found, operation)
        })
  return { name, published: wanted.length, served: served.length, differences }
}

/** Schemas that the served routes of the published document name, and ours does not have. */
export function missingSchemas(publishedDocument: unknown, ourDocument: unknown): string[] {
  const served = new Set(factsOf(ourDocument).operations.keys())
  const { paths, components } = publishedDocument as {
    paths: { [path: string]: { [method: string]: unknown } }
    components: { schemas: { [name: string]: unknown }; responses: object; parameters: object }
  }
  const wanted = new Set<string>()
  const visit = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return
    const reference = (part as { $ref?: unknown }).$ref
    if (typeof reference === 'string') {
      const steps = reference.split('/').slice(1)
      const name = steps.at(-1) ?? ''
      if (steps[1] === 'schemas') {
        if (wanted.has(name)) return
        wanted.add(name)
      }
      visit(
        steps.reduce<unknown>((inside, step) => (inside as { [step: string]: unknown })?.[step], {
          components,
        }),
      )
    } else for (const inside of Object.values(part)) visit(inside)
  }
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(item)) {
      if (served.has(`${method.toUpperCase()} ${path}`)) visit(operation)
    }
  }
  const ours = (ourDocument as { components: { schemas: object } }).components.schemas
  return [...wanted].filter((name) => !(name in ours))
}
