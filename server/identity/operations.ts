/**
 * What can be asked about keys: whose this one is, and for keys that may, those of the tenant. A
 * text is answered once, by what made it. No key makes or renews one that may do more than itself.
 */
import type { JsonObject } from '../contract/json.ts'
import type { Answer, Ask, Operation } from '../contract/operation.ts'
import { parseKeyRequest, parseOverlapSeconds } from './bodies.ts'
import type { Caller } from './caller.ts'
import type { IdentityNeeds } from './keys.ts'
import {
  checkRequest,
  createKey,
  pagesOfKeys,
  readKey,
  refuseUncovered,
  revokeKey,
  rotateKey,
} from './keys.ts'
import {
  createdKeySchema,
  keyListSchema,
  keyRequestSchema,
  rotatedKeySchema,
  rotationSchema,
  whoamiSchema,
} from './schemas.ts'
import type { Key } from './store.ts'

type KeyOperation = Operation<Caller, IdentityNeeds>

const tenantPath = '/api/v1/keys/tenants/{tenantId}'
const keyPath = `${tenantPath}/{keyId}`

export const identityOperations: readonly KeyOperation[] = [
  {
    name: 'getWhoami',
    summary: 'Read what the key is and may do',
    about: 'Any key that is valid may ask, whatever its scopes are.',
    extension: true,
    method: 'GET',
    path: '/api/v1/whoami',
    access: 'anyKey',
    output: { 'application/json': whoamiSchema },
    statuses: [200],
    run: async ({ caller }) => ({
      kind: 'value',
      value: {
        id: caller.keyId,
        label: caller.label,
        tenant: caller.tenant,
        scopes: [...caller.scopeTexts],
        expiresAt: caller.expiresAt ?? null,
      },
    }),
  },
  {
    name: 'listKeys',
    summary: 'List the keys of the tenant, without their texts',
    about: 'By id, those that were revoked or have expired among them.',
    extension: true,
    method: 'GET',
    path: tenantPath,
    access: 'scope',
    output: { 'application/json': keyListSchema },
    statuses: [200],
    run: async ({ caller }, needs) => ({
      kind: 'list',
      pages: shownPages(pagesOfKeys(caller.tenant, needs)),
    }),
  },
  {
    name: 'createKey',
    summary: 'Make a key; its text is in this answer and nowhere else',
    about:
      'Every operation that the new key may do, the key that asks must be allowed to do as well; ' +
      'otherwise this is 403. An `Idempotency-Key` is refused: the answer is kept nowhere.',
    extension: true,
    method: 'POST',
    path: tenantPath,
    access: 'scope',
    takes: 'json',
    repeatable: 'refused',
    input: { 'application/json': keyRequestSchema },
    output: { 'application/json': createdKeySchema },
    statuses: [201],
    run: create,
  },
  {
    name: 'rotateKey',
    summary: 'Make a key that takes the place of this one',
    about:
      'With the label, the scopes and the end of the old one, which lives on for the overlap. ' +
      'The key that asks must be allowed to do all that this key may; it may be the same. An ' +
      '`Idempotency-Key` is refused: the answer is kept nowhere.',
    extension: true,
    method: 'POST',
    path: `${keyPath}/rotate`,
    access: 'scope',
    takes: 'optionalJson',
    repeatable: 'refused',
    input: { 'application/json': rotationSchema },
    output: { 'application/json': rotatedKeySchema },
    statuses: [201],
    refuses: ['NotFound', 'Conflict'],
    run: rotate,
  },
  {
    name: 'revokeKey',
    summary: 'End a key for good',
    about: 'It stops within a second. To revoke it again is no failure.',
    extension: true,
    method: 'DELETE',
    path: keyPath,
    access: 'scope',
    statuses: [204],
    refuses: ['NotFound'],
    run: async ({ caller, names }, needs) => {
      await revokeKey(names.keyId, caller.tenant, needs)
      return { kind: 'nothing' }
    },
  },
]

async function create({ caller, body }: Ask<Caller>, needs: IdentityNeeds): Promise<Answer> {
  const request = { tenant: caller.tenant, ...parseKeyRequest(body) }
  // What is wrong with it is told before who may have it: both are in the body.
  checkRequest(request, needs.now())
  refuseUncovered(caller.scopes, request.scopes)
  const { key, text } = await createKey(request, caller.name, needs)
  const { id, label, scopes, expiresAt } = key
  return {
    kind: 'value',
    created: true,
    value: { id, key: text, label, scopes: [...scopes], expiresAt: expiresAt ?? null },
  }
}

async function rotate({ caller, names, body }: Ask<Caller>, needs: IdentityNeeds): Promise<Answer> {
  const overlapMs = parseOverlapSeconds(body) * 1000
  const { tenant } = caller
  const old = await readKey(tenant, names.keyId, needs)
  // The scopes of a key never change, so that this still holds when it is rotated.
  refuseUncovered(caller.scopes, old.scopes)
  const { key, text } = await rotateKey({ tenant, id: old.id, overlapMs }, caller.name, needs)
  return { kind: 'value', created: true, value: { id: key.id, key: text } }
}

async function* shownPages(pages: AsyncIterable<readonly Key[]>): AsyncGenerator<Uint8Array> {
  for await (const page of pages) {
    yield Buffer.from(page.map((key) => JSON.stringify(showKey(key))).join(','))
  }
}

function showKey({ id, ...key }: Key): JsonObject {
  return {
    id,
    data: {
      label: key.label,
      scopes: [...key.scopes],
      created: key.created,
      createdBy: key.createdBy,
      expiresAt: key.expiresAt ?? null,
      lastUsed: key.lastUsed ?? null,
      revoked: key.revoked ?? null,
    },
  }
}
