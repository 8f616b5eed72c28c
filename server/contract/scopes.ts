/**
 * The scope grammar: what a scope's text means, and whether a set of scopes grants a right.
 * Whole parts are compared byte for byte: `users` is no prefix of `users-archive`, `Users` is
 * another resource, and there are no patterns.
 */
import { Refusal } from './errors.ts'
import { parseCollectionName, quote } from './names.ts'

/** Every API there is, by its path prefix after `/api/v1/`. */
export const apis = ['provisioning', 'reporting', 'voc', 'mcp', 'keys', 'ingest'] as const

export type Api = (typeof apis)[number]
export type AccessMode = 'read' | 'write'

/** `resource` undefined: every resource of the API, and what has none. `mode` undefined: both. */
export type Scope = {
  readonly api: Api
  readonly resource: string | undefined
  readonly mode: AccessMode | undefined
}

/** What a request needs. `resource` undefined: it concerns none, as the tenant document. */
export type Right = {
  readonly api: Api
  readonly resource: string | undefined
  readonly mode: AccessMode
}

/** Two reporting resources have an older name; a scope may use either. */
const resourceAliases: { readonly [api: string]: ReadonlyMap<string, string> } = {
  reporting: new Map([
    ['botconv', 'assistant'],
    ['vocconv', 'voc'],
  ]),
}

/** Whether this is the prefix of an API. */
export function isApi(text: string | undefined): text is Api {
  return (apis as readonly (string | undefined)[]).includes(text)
}

/** Throws `BadRequest` with the rule that was broken. */
export function parseScope(text: string): Scope {
  const scope = scopeOrFault(text)
  if (typeof scope === 'string') {
    throw new Refusal(
      'BadRequest',
      `${quote(text)} is no scope: ${scope}. ` +
        'Scopes look like provisioning:*, provisioning:read or provisioning:users.write.',
    )
  }
  return scope
}

/** The scopes of a stored key. A text that does not parse is left out: it grants nothing. */
export function knownScopes(texts: readonly string[]): readonly Scope[] {
  return texts.map(scopeOrFault).filter((scope) => typeof scope !== 'string')
}

/** Whether one of these scopes grants the right. */
export function grants(scopes: readonly Scope[], right: Right): boolean {
  return scopes.some((scope) => scopeGrants(scope, right))
}

/**
 * Whether these scopes grant every right that the target grants. The rights are compared, not the
 * texts: `read` and `write` together cover `*`. There is no end of resources, so what speaks of all
 * of them is covered by such a scope only, never by many of single ones.
 */
export function covers(scopes: readonly Scope[], target: Scope): boolean {
  const modes: readonly AccessMode[] = target.mode === undefined ? ['read', 'write'] : [target.mode]
  const { api, resource } = target
  // A right without a resource is one that only a scope of all resources grants.
  return modes.every((mode) => grants(scopes, { api, resource, mode }))
}

function scopeGrants(scope: Scope, right: Right): boolean {
  if (scope.api !== right.api) return false
  if (scope.mode !== undefined && scope.mode !== right.mode) return false
  if (scope.resource === undefined) return true
  return right.resource !== undefined && scope.resource === canonical(right.api, right.resource)
}

/** The scope, or the reason why the text is none. */
function scopeOrFault(text: string): Scope | string {
  const colon = text.indexOf(':')
  if (colon < 0) return 'the colon after the API is missing'
  const api = text.slice(0, colon)
  const rest = text.slice(colon + 1)
  if (!isApi(api)) return `the API is one of ${apis.join(', ')}`
  if (isMode(rest)) return { api, resource: undefined, mode: modeOf(rest) }

  const dot = rest.lastIndexOf('.')
  const last = rest.slice(dot + 1)
  const split = dot >= 0 && isMode(last)
  const resource = split ? rest.slice(0, dot) : rest
  const fault = faultOfResource(api, resource)
  if (fault !== undefined) return fault
  return { api, resource: canonical(api, resource), mode: split ? modeOf(last) : undefined }
}

function faultOfResource(api: Api, resource: string): string | undefined {
  if (api === 'keys') return 'keys have no resources, only keys:read, keys:write and keys:*'
  if (resource === '*') return 'a resource is named in full, never *'
  try {
    parseCollectionName(resource)
    return undefined
  } catch (error) {
    if (error instanceof Refusal) return `its resource cannot be the name of one (${error.message})`
    throw error
  }
}

function isMode(text: string): text is AccessMode | '*' {
  return text === 'read' || text === 'write' || text === '*'
}

function modeOf(text: AccessMode | '*'): AccessMode | undefined {
  return text === '*' ? undefined : text
}

function canonical(api: Api, resource: string): string {
  return resourceAliases[api]?.get(resource) ?? resource
}
