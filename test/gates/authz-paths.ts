/**
 * What the gate `authz` asks, and what must come of it by the contract's section 2: every declared
 * route with several resources, and paths that no route is on; every method; many sets of scopes.
 */
import { operations } from '../../server/operations.ts'
import type { RightText } from '../support/scope-reference.ts'
import { isGranted } from '../support/scope-reference.ts'

export const home = 'north'

/** A longer name that begins with the first: prefixes must not count. */
export const foreign = 'north-2'

export const methods = [
  ...['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'],
  ...['TRACE', 'PROPFIND'],
]

/** A path as it is sent, and the route that is on it; undefined where none is. */
export type AskedPath = { readonly target: string; readonly route: string | undefined }

const resources = [
  ...['users', 'user', 'users-archive', 'Users', 'bots', 'users.read', 'read', '*'],
  ...['us%65rs', '%2A', 'users%20', '%zz', '__users__'],
]

/** Every declared route with each of these names for its parameters, in both tenants. */
function declaredPaths(tenant: string): AskedPath[] {
  return [...new Set(operations.map(({ path }) => path))].flatMap((route) => {
    const path = route.replace('{tenantId}', tenant)
    const first = /\{(\w+)\}/.exec(path)?.[0]
    const paths = first === undefined ? [path] : resources.map((name) => path.replace(first, name))
    return paths.map((each) => ({ target: each.replaceAll(/\{\w+\}/g, 'one'), route }))
  })
}

function undeclaredPaths(tenant: string): AskedPath[] {
  const targets = [
    '/api',
    '/api/v1',
    '/api/v2/provisioning/tenants/TENANT/users',
    '/API/v1/provisioning/tenants/TENANT/users',
    '/api/v1/',
    '/api/v1/whoami/one',
    '/api/v1/nothing',
    '/api/v1/nothing/tenants/TENANT/users/one',
    '/api/v1/provisioning',
    '/api/v1/Provisioning/tenants/TENANT/users/one',
    '/api/v1/provisioning/tenants',
    '/api/v1/provisioning/tenants/TENANT/',
    '/api/v1/provisioning/tenant/TENANT/users/one',
    '/api/v1/provisioning/tenants/TENANT/users/one/versions',
    '/api/v1/provisioning/tenants/TENANT/users/one/versions/next',
    '/api/v1/provisioning/tenants/TENANT/users//one',
    '/api/v1/reporting/tenants/TENANT/assistant/nothing',
    '/api/v1/reporting/tenants/TENANT/botconv/nothing',
    '/api/v1/reporting/tenants/TENANT/voc/nothing',
    '/api/v1/voc/tenants/TENANT/recording/one/nothing',
    '/api/v1/mcp/tenants/TENANT/bots/nothing',
    '/api/v1/ingest/tenants/TENANT/assistant/nothing',
    '/api/v1/keys/tenants/TENANT/one/nothing',
    '/api/v1/keys',
  ]
  return targets.map((target) => ({ target: target.replace('TENANT', tenant), route: undefined }))
}

export const homePaths: readonly AskedPath[] = [...declaredPaths(home), ...undeclaredPaths(home)]

export const foreignPaths: readonly AskedPath[] = [
  ...declaredPaths(foreign),
  ...undeclaredPaths(foreign),
]

/** The names of a path as section 3 reads them; undefined for what is no text. */
function segmentsOf(target: string): (string | undefined)[] {
  const [, ...segments] = target.split('/')
  return segments.map((segment) => {
    try {
      return decodeURIComponent(segment)
    } catch {
      return undefined
    }
  })
}

/** The statuses that are right for this request with a key of `home` that has these scopes. */
export function expectedOf(
  { target, route }: AskedPath,
  method: string,
  scopes: ReadonlySet<string> | undefined,
): readonly number[] {
  const segments = segmentsOf(target)
  const [root, version, api, word, tenant, resource] = segments
  const isKeyed = root === 'api' && version === 'v1' && segments.length > 2
  if (isKeyed) {
    if (scopes === undefined) return [401]
    const names = word === 'tenants' && segments.length > 4
    if (names && tenant !== home) return [403]
    const reads = ['GET', 'HEAD', 'OPTIONS'].includes(method)
    const right: RightText = {
      api: api ?? '',
      resource: names ? resource : undefined,
      mode: reads ? 'read' : 'write',
    }
    if (isApi(right.api) && !isGranted(scopes, right)) return [403]
  }
  const isBroken = segments.some((segment) => segment === undefined || segment === '')
  if (isBroken && target !== '/') return [400]
  if (route === undefined) return [404]
  if (method === 'OPTIONS') return [204]
  const asked = method === 'HEAD' ? 'GET' : method
  const operation = operations.find((each) => each.path === route && each.method === asked)
  if (operation === undefined) return [405]
  // Nothing is there to be found, and no body is sent; a broken name is told to who may know.
  if (resource === '__users__' && !target.includes('/keys/')) return [400]
  if (operation.takes === 'json' || operation.takes === 'patch') return [415]
  return asked === 'GET' ? [200, 404] : [404]
}

function isApi(text: string): boolean {
  return ['provisioning', 'reporting', 'voc', 'mcp', 'keys', 'ingest'].includes(text)
}

/** Sets of scopes: those of the contract's tables, near misses, and texts that are no scopes. */
export const scopeSets: readonly (readonly string[])[] = [
  ['provisioning:*'],
  ['provisioning:read'],
  ['provisioning:write'],
  ['provisioning:users'],
  ['provisioning:users.*'],
  ['provisioning:users.read'],
  ['provisioning:users.write'],
  ['provisioning:user'],
  ['provisioning:user.*'],
  ['provisioning:users-archive.*'],
  ['provisioning:Users.*'],
  ['provisioning:users.read.read'],
  ['provisioning:users.read.*'],
  ['provisioning:read.read'],
  ['provisioning:read.*'],
  ['provisioning:write.write'],
  ['provisioning:bots.read', 'provisioning:users.write'],
  ['provisioning:read', 'provisioning:users.write'],
  ['provisioning:read', 'provisioning:write'],
  ['provisioning:users .read'],
  ['provisioning:users.reads'],
  ['provisioning:users.READ'],
  ['provisioning:users.'],
  ['provisioning:one', 'provisioning:versions', 'provisioning:north.*'],
  ['reporting:*'],
  ['reporting:read'],
  ['reporting:botconv'],
  ['reporting:assistant.read'],
  ['reporting:vocconv'],
  ['reporting:voc.write'],
  ['voc:*'],
  ['voc:read'],
  ['voc:recording.*'],
  ['mcp:*'],
  ['mcp:read'],
  ['mcp:bots.read'],
  ['mcp:bots.*'],
  ['keys:*'],
  ['keys:read'],
  ['keys:write'],
  ['ingest:*'],
  ['ingest:assistant.*'],
  ['ingest:voc.write', 'voc:write'],
  ['provisioning:*', 'reporting:*', 'voc:*', 'mcp:*', 'keys:*', 'ingest:*'],
  // None of these is a scope; a store may hold them all the same.
  ['*', '*:*', ':*', ':read', ''],
  ['provisioning', 'provisioning:', 'provisioning:*.*', 'provisioning:*.read'],
  ['provisioning:.read', 'provisioning:.*', 'provisioning: read', 'provisioning:..read'],
  ['PROVISIONING:*', 'provisioning:READ', 'provision:*', 'provisioning.*', ' provisioning:*'],
  ['provisioning:users/one', 'provisioning:users/*', 'provisioning:__users__.*', 'users.*'],
  ['keys:one', 'keys:one.*', 'keys:users.read', 'keys:read.read', 'nothing:*', 'whoami:*'],
]
