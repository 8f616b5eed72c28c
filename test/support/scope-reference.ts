/**
 * What scopes grant, told a second time from the contract's text and the other way round: from a
 * right to the only texts that grant it, so that no parser is needed. It shares no line with
 * `contract/scopes.ts`, which is compared with it, as what keys may do over HTTP is.
 */

export type RightText = {
  /** Any text: what is no API is granted by nothing. */
  readonly api: string
  /** Undefined where the request concerns none. */
  readonly resource: string | undefined
  readonly mode: 'read' | 'write'
}

const apis = ['provisioning', 'reporting', 'voc', 'mcp', 'keys', 'ingest']

/** The names that one resource has. */
const sameNames = [
  ['reporting', 'botconv', 'assistant'],
  ['reporting', 'vocconv', 'voc'],
]

/** Every text that grants this right. */
export function textsThatGrant({ api, resource, mode }: RightText): string[] {
  if (!apis.includes(api)) return []
  const texts = [`${api}:*`, `${api}:${mode}`]
  if (resource === undefined || api === 'keys') return texts
  const [, ...names] = sameNames.find(([of, ...all]) => of === api && all.includes(resource)) ?? [
    api,
    resource,
  ]
  for (const name of names) {
    if (!isResourceName(name)) continue
    texts.push(`${api}:${name}.${mode}`, `${api}:${name}.*`)
    // Alone, such a name would be read as an operation, or as a shorter name with one.
    if (!/(^|\.)(read|write|\*)$/.test(name)) texts.push(`${api}:${name}`)
  }
  return texts
}

/** Whether one of these scopes grants the right. */
export function isGranted(scopes: ReadonlySet<string>, right: RightText): boolean {
  return textsThatGrant(right).some((text) => scopes.has(text))
}

/** Whether a text grants anything at all; what does not is refused when a key is made. */
export function isScope(text: string): boolean {
  return rightsNear([text]).some((right) => textsThatGrant(right).includes(text))
}

/** Whether every right that the target grants is granted by these scopes. */
export function isCovered(scopes: ReadonlySet<string>, target: ReadonlySet<string>): boolean {
  return rightsNear([...scopes, ...target]).every(
    (right) => !isGranted(target, right) || isGranted(scopes, right),
  )
}

/** A resource that no scope names: what holds for it holds for all that are not named. */
const anyOther = 'a resource that no scope names'

/** The rights of which these texts could possibly speak, and those beside them. */
function rightsNear(texts: readonly string[]): RightText[] {
  const named = new Map<string, Set<string | undefined>>()
  for (const text of texts) {
    const colon = text.indexOf(':')
    const api = text.slice(0, Math.max(0, colon))
    const resources = named.get(api) ?? new Set([undefined, anyOther])
    named.set(api, resources)
    const rest = text.slice(colon + 1)
    resources.add(rest)
    for (let dot = rest.indexOf('.'); dot >= 0; dot = rest.indexOf('.', dot + 1)) {
      resources.add(rest.slice(0, dot))
    }
  }
  return [...named].flatMap(([api, resources]) =>
    [...resources].flatMap((resource) =>
      (['read', 'write'] as const).map((mode) => ({ api, resource, mode })),
    ),
  )
}

/** A collection's name, and never `*`. */
function isResourceName(name: string): boolean {
  const bytes = Buffer.byteLength(name)
  if (bytes < 1 || bytes > 512 || ['.', '..', '*'].includes(name)) return false
  return !/^__.*__$|[/\u0000-\u001f\u007f-\u009f]/s.test(name) && name.isWellFormed()
}
