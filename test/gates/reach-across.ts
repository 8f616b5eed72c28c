/**
 * Ways in which a caller of one tenant may try to reach another's data: each makes, of an operation
 * and of what is known of a victim, the requests to send. What is known is everything but content:
 * names, ids, ETags, cursors. Against a victim that does not exist the same requests must be
 * answered the same.
 */
import type { AnyOperation } from '../../server/operations.ts'
import type { WireRequest } from '../support/wire-request.ts'

/** What one knows of a victim, or believes to know of one that is not there. */
export type Victim = {
  readonly tenant: string
  readonly document: string
  readonly keyId: string
  /** Of that document, its live version and the tenant's own document. */
  readonly etag: string
  readonly cursor: string
  /** With the name of an operation behind it, it was used by the victim. */
  readonly idempotencyKey: string
}

export type Attacker = {
  readonly tenant: string
  readonly keyText: string
  /** Of a key that may do nothing but what is asked of keys. */
  readonly lesserKeyText: string
  readonly keyId: string
  readonly document: string
}

/** What the contract says of the requests of a form. */
export type Aim =
  /** The tenant of the path is another's: 403, and nothing more. */
  | 'foreign'
  /** Not what any client would send: refused, whatever the reason. */
  | 'broken'
  /** The path is the attacker's own, and all else must not matter or be refused. */
  | 'own'

export type Reach = {
  readonly title: string
  readonly aim: Aim
  readonly requests: (ask: Asking) => readonly WireRequest[]
}

export type Asking = {
  readonly operation: AnyOperation
  readonly attacker: Attacker
  readonly victim: Victim
  /** Each trick by itself; else some of them together. */
  readonly thorough: boolean
}

export const collection = 'users'

/** The path of the operation, with this text for its tenant and the names of one of them. */
function pathOf(
  { path }: AnyOperation,
  tenant: string,
  { document, keyId }: { readonly document: string; readonly keyId: string },
): string {
  return path
    .replace('{tenantId}', tenant)
    .replace('{collection}', collection)
    .replace('{docId}', document)
    .replace('{keyId}', keyId)
}

function ownPath({ operation, attacker }: Asking): string {
  return pathOf(operation, attacker.tenant, attacker)
}

function victimsPath({ operation, victim }: Asking, tenant = victim.tenant): string {
  return pathOf(operation, tenant, victim)
}

type More = {
  readonly headers?: WireRequest['headers']
  readonly body?: object
  /** Sent instead of the key in the header. */
  readonly keyless?: true
}

/** The operation's method on this target, with a body that it takes. */
function requestOf(ask: Asking, target: string, more: More = {}): WireRequest {
  const { operation, attacker } = ask
  const { method, takes } = operation
  const key: [string, string] = ['Authorization', `Bearer ${attacker.keyText}`]
  const type = takes === 'patch' ? 'application/merge-patch+json' : 'application/json'
  return {
    method,
    target,
    headers: [
      ...(more.keyless ? [] : [key]),
      ...(takes === undefined ? [] : ([['Content-Type', type]] as const)),
      ...(more.headers ?? []),
    ],
    ...(takes === undefined ? {} : { body: JSON.stringify(more.body ?? bodyOf(ask)) }),
  }
}

function bodyOf({ operation }: Asking): object {
  if (operation.name === 'createKey') return { label: 'mine', scopes: ['provisioning:read'] }
  // One that is refused: a key is rotated once, and its second answer would differ by that alone.
  return operation.name === 'rotateKey' ? { overlapSeconds: -1 } : { mine: true }
}

/** Each letter of the tenant's id as an escape. */
function escaped(text: string): string {
  return [...text]
    .map((letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .join('')
}

/** The victim's id in spellings that somebody might take for the same. */
function spellings(tenant: string): string[] {
  const encoded = [tenant, '.', '%2e', '%20', '%00', '%2F', '%5C', '%3B', ';v=1', '%C2%AD', '+']
  const after = encoded.slice(1).map((end) => `${tenant}${end}`)
  const before = ['%20', '.', '%00', '%2e%2e%2f', '%EF%BB%BF'].map((start) => `${start}${tenant}`)
  return [...after, ...before, tenant.toUpperCase(), `%2525${tenant}`, tenant.slice(0, -1)]
}

/** Headers that proxies and frameworks are known to route by. */
function routingHeaders(path: string, tenant: string): [string, string][] {
  return [
    ['X-Original-URL', path],
    ['X-Rewrite-URL', path],
    ['X-Forwarded-Uri', path],
    ['X-Forwarded-Path', path],
    ['X-Forwarded-Prefix', path],
    ['X-Override-URL', path],
    ['X-HTTP-Destinationurl', path],
    ['Destination', path],
    ['Referer', `http://x${path}`],
    ['X-Tenant', tenant],
    ['X-Tenant-Id', tenant],
    ['Tenant', tenant],
    ['X-Scope-OrgID', tenant],
    ['X-Account', tenant],
    ['X-User', tenant],
    ['X-Forwarded-User', tenant],
    ['X-Forwarded-Host', `${tenant}.example`],
    ['Forwarded', `for=127.0.0.1;host=${tenant}.example`],
    ['X-Forwarded-For', '127.0.0.1'],
    ['Cookie', `tenant=${tenant}; tenantId=${tenant}`],
    ['X-HTTP-Method-Override', 'GET'],
    ['Connection', 'Authorization'],
  ]
}

export const reaches: readonly Reach[] = [
  {
    title: "the victim's path",
    aim: 'foreign',
    requests: (ask) => [requestOf(ask, victimsPath(ask))],
  },
  {
    title: "the victim's path, the key in the query",
    aim: 'foreign',
    requests: (ask) => [
      requestOf(ask, `${victimsPath(ask)}?bearer_token=${ask.attacker.keyText}`, { keyless: true }),
    ],
  },
  {
    title: "the victim's path, the tenant in escapes",
    aim: 'foreign',
    requests: (ask) => [requestOf(ask, victimsPath(ask, escaped(ask.victim.tenant)))],
  },
  {
    title: "the victim's tenant in other spellings",
    aim: 'foreign',
    requests: (ask) =>
      spellings(ask.victim.tenant).map((tenant) => requestOf(ask, victimsPath(ask, tenant))),
  },
  {
    title: "the victim's path in absolute form",
    aim: 'foreign',
    requests: (ask) =>
      ['http://x', 'HTTP://X', 'https://x:443', `http://${ask.victim.tenant}`, 'http://u:p@x'].map(
        (origin) => requestOf(ask, origin + victimsPath(ask)),
      ),
  },
  {
    title: "the victim's path, conditions on what is there",
    aim: 'foreign',
    requests: (ask) =>
      [ask.victim.etag, '*', '"0-00000000"'].flatMap((tag) => [
        requestOf(ask, victimsPath(ask), { headers: [['If-Match', tag]] }),
        requestOf(ask, victimsPath(ask), { headers: [['If-None-Match', tag]] }),
      ]),
  },
  {
    title: "the victim's path, other methods",
    aim: 'foreign',
    requests: (ask) =>
      ['HEAD', 'OPTIONS', 'PROPFIND', 'TRACE'].map((method) => ({
        ...requestOf(ask, victimsPath(ask)),
        method,
      })),
  },
  {
    title: "the victim's path, asked for as by a browser",
    aim: 'foreign',
    requests: (ask) => [
      {
        ...requestOf(ask, victimsPath(ask), {
          headers: [
            ['Origin', 'https://app.example.com'],
            ['Access-Control-Request-Method', ask.operation.method],
          ],
        }),
        method: 'OPTIONS',
      },
    ],
  },
  {
    title: 'the way out of the own tenant by dot segments and slashes',
    aim: 'broken',
    requests: (ask) => {
      const [own, theirs] = [ask.attacker.tenant, ask.victim.tenant]
      return [`${own}/../${theirs}`, `${own}/%2e%2e/${theirs}`, `${own}//${theirs}`, `./${theirs}`]
        .concat([`${own}%2f..%2f${theirs}`, `/${theirs}`, `${own}/.%2e/${theirs}`, `%2e/${theirs}`])
        .map((tenant) => requestOf(ask, victimsPath(ask, tenant)))
    },
  },
  {
    title: "the own path, then the victim's behind a mark that ends it",
    aim: 'broken',
    requests: (ask) =>
      ['#', '%23', '%3f', '\\', '%5c..%5c', ';/..;', '%00', '/%0d%0aX-Tenant:%20'].map((mark) =>
        requestOf(
          ask,
          `/api/v1/provisioning/tenants/${ask.attacker.tenant}${mark}${victimsPath(ask)}`,
        ),
      ),
  },
  {
    title: "names of the own path that climb to the victim's",
    aim: 'broken',
    requests: (ask) => {
      const { tenant, document } = ask.victim
      const climb = `..%2F..%2F${tenant}%2F${collection}%2F${document}`
      const names = { document: climb, keyId: climb }
      const path = pathOf(ask.operation, ask.attacker.tenant, names)
      return path.includes(climb)
        ? [requestOf(ask, path)]
        : [requestOf(ask, `${ownPath(ask)}/..%2F..%2F${tenant}`)]
    },
  },
  {
    title: 'headers that route elsewhere',
    aim: 'own',
    requests: (ask) => {
      const all = routingHeaders(victimsPath(ask), ask.victim.tenant)
      const sent = ask.thorough ? all.map((header) => [header]) : [all]
      return sent.map((headers) => requestOf(ask, ownPath(ask), { headers }))
    },
  },
  {
    title: 'a Host of the victim',
    aim: 'own',
    requests: (ask) => [
      requestOf(ask, ownPath(ask), { headers: [['Host', `${ask.victim.tenant}.example`]] }),
    ],
  },
  {
    title: 'a query that names the victim, once and twice',
    aim: 'own',
    requests: (ask) => {
      const { tenant, document } = ask.victim
      return [
        `tenant=${tenant}&tenantId=${tenant}&tenant_id=${tenant}`,
        `tenantId=${ask.attacker.tenant}&tenantId=${tenant}`,
        `tenantId[]=${tenant}&tenantId%5B%5D=${tenant}&id=${document}&docId=${document}`,
        `path=${victimsPath(ask)}&url=${victimsPath(ask)}&_method=GET`,
      ].map((query) => requestOf(ask, `${ownPath(ask)}?${query}`))
    },
  },
  {
    title: 'a body that names the victim',
    aim: 'own',
    requests: (ask) => {
      const { tenant, document, keyId } = ask.victim
      const said = { tenant, tenantId: tenant, tenant_id: tenant, id: document, keyId }
      const named = { ...bodyOf(ask), ...said, _tenant: tenant, __v: 1, $tenant: tenant }
      return [requestOf(ask, ownPath(ask), { body: named })]
    },
  },
  {
    title: "the victim's ETags on the own path",
    aim: 'own',
    requests: (ask) => [
      requestOf(ask, ownPath(ask), { headers: [['If-Match', ask.victim.etag]] }),
      requestOf(ask, ownPath(ask), { headers: [['If-None-Match', ask.victim.etag]] }),
    ],
  },
  {
    title: "the victim's cursor",
    aim: 'own',
    requests: (ask) => {
      const cursor = encodeURIComponent(ask.victim.cursor)
      return [
        `cursor=${cursor}`,
        `limit=1&cursor=${cursor}`,
        `cursor=${cursor}&cursor=${cursor}`,
      ].map((query) => requestOf(ask, `${ownPath(ask)}?${query}`))
    },
  },
  {
    title: "the victim's names and key ids on the own path",
    aim: 'own',
    requests: (ask) => [
      requestOf(ask, victimsPath(ask, ask.attacker.tenant)),
      requestOf(ask, `/api/v1/keys/tenants/${ask.attacker.tenant}/${ask.victim.keyId}`),
      requestOf(ask, `/api/v1/keys/tenants/${ask.attacker.tenant}/${ask.victim.keyId}/rotate`),
    ],
  },
  {
    title: "the victim's key ids, by a key that may make none like them",
    aim: 'own',
    requests: ({ operation, attacker, victim }) => {
      if (!operation.path.includes('{keyId}')) return []
      const target = pathOf(operation, attacker.tenant, victim)
      const headers = [['Authorization', `Bearer ${attacker.lesserKeyText}`]] as const
      return [{ method: operation.method, target, headers }]
    },
  },
  {
    title: 'the own data, in pages of every size',
    aim: 'own',
    requests: (ask) =>
      ['1', '2', '3', '4', '5', '6', '5000'].map((limit) =>
        requestOf(ask, `${ownPath(ask)}?limit=${limit}`),
      ),
  },
  {
    title: "the victim's Idempotency-Key",
    aim: 'own',
    requests: (ask) => [
      requestOf(ask, ownPath(ask), {
        headers: [['Idempotency-Key', `${ask.victim.idempotencyKey}-${ask.operation.name}`]],
      }),
    ],
  },
  {
    title: 'a second key beside the own',
    aim: 'broken',
    requests: (ask) => {
      const { keyText } = ask.attacker
      const other = `tnk_${ask.victim.keyId}${'x'.repeat(42)}`
      return [
        requestOf(ask, `${victimsPath(ask)}?bearer_token=${keyText}`),
        requestOf(ask, `${victimsPath(ask)}?bearer_token=${other}`),
        requestOf(ask, `${victimsPath(ask)}?bearer_token=${keyText}&bearer_token=${other}`, {
          keyless: true,
        }),
        requestOf(ask, victimsPath(ask), { headers: [['Authorization', `Bearer ${other}`]] }),
      ]
    },
  },
  {
    title: "a key that is made up of the victim's id",
    aim: 'broken',
    requests: (ask) => {
      const { keyId } = ask.victim
      const texts = [`tnk_${keyId}${'x'.repeat(42)}`, keyId, `tnk_${keyId}`]
      return texts.map((text) =>
        requestOf(ask, victimsPath(ask), {
          keyless: true,
          headers: [['Authorization', `Bearer ${text}`]],
        }),
      )
    },
  },
  {
    title: 'no key at all',
    aim: 'broken',
    requests: (ask) => [requestOf(ask, victimsPath(ask), { keyless: true })],
  },
  {
    title: 'a patch that copies from elsewhere',
    aim: 'own',
    requests: (ask) => {
      if (ask.operation.takes !== 'patch') return []
      const { tenant, document } = ask.victim
      const places = [`/../../${tenant}/${collection}/${document}`, `/${tenant}`, `/${document}`]
      return places.map((from) => ({
        ...requestOf(ask, ownPath(ask)),
        headers: [
          ['Authorization', `Bearer ${ask.attacker.keyText}`],
          ['Content-Type', 'application/json-patch+json'],
        ] as const,
        body: JSON.stringify([{ op: 'copy', from, path: '/copied' }]),
      }))
    },
  },
]
