/**
 * What can be asked about keys: whose this one is, and for keys that may, those of the tenant. A
 * text is answered once, by what made it. No key makes or renews one that may do more than itself.
 */
import type { JsonObject } from '../contract/json.ts'
import { keyOverlapMaxSeconds } from '../contract/limits.ts'
import type { Answer, Ask, JsonSchema, Operation } from '../contract/operation.ts'
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
import type { Key } from './store.ts'

type KeyOperation = Operation<Caller, IdentityNeeds>

const tenantPath = '/api/v1/keys/tenants/{tenantId}'
const keyPath = `${tenantPath}/{keyId}`

const timeSchema: JsonSchema = { type: ['integer', 'null'] }
const textsSchema: JsonSchema = { type: 'array', items: { type: 'string' } }
const keySchema: JsonSchema = {
  type: 'object',
  properties: {
    label: { type: 'string' },
    scopes: textsSchema,
    created: { type: 'integer' },
    createdBy: { type: 'string' },
    expiresAt: timeSchema,
    lastUsed: timeSchema,
    revoked: timeSchema,
  },
  required: ['label', 'scopes', 'created', 'createdBy', 'expiresAt', 'lastUsed', 'revoked'],
  additionalProperties: false,
}

export const identityOperations: readonly KeyOperation[] = [
  {
    name: 'getWhoami',
    summary: 'Read what the key is and may do',
    method: 'GET',
    path: '/api/v1/whoami',
    access: 'anyKey',
    input: 'none',
    output: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        label: { type: 'string' },
        tenant: { type: 'string' },
        scopes: textsSchema,
        expiresAt: timeSchema,
      },
      required: ['id', 'label', 'tenant', 'scopes', 'expiresAt'],
      additionalProperties: false,
    },
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
    method: 'GET',
    path: tenantPath,
    access: 'scope',
    input: 'none',
    output: {
      type: 'array',
      items: {
        type: 'object',
        properties: { id: { type: 'string' }, data: keySchema },
        required: ['id', 'data'],
      },
    },
    statuses: [200],
    run: async ({ caller }, needs) => ({
      kind: 'list',
      pages: shownPages(pagesOfKeys(caller.tenant, needs)),
    }),
  },
  {
    name: 'createKey',
    summary: 'Make a key; its text is in this answer and nowhere else',
    method: 'POST',
    path: tenantPath,
    access: 'scope',
    takes: 'json',
    repeatable: 'refused',
    input: {
      type: 'object',
      properties: { label: { type: 'string' }, scopes: textsSchema, expiresAt: timeSchema },
      required: ['label', 'scopes'],
      additionalProperties: false,
    },
    output: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        key: { type: 'string' },
        label: { type: 'string' },
        scopes: textsSchema,
        expiresAt: timeSchema,
      },
      required: ['id', 'key', 'label', 'scopes', 'expiresAt'],
      additionalProperties: false,
    },
    statuses: [201],
    run: create,
  },
  {
    name: 'rotateKey',
    summary: 'Make a key that takes the place of this one',
    method: 'POST',
    path: `${keyPath}/rotate`,
    access: 'scope',
    takes: 'optionalJson',
    repeatable: 'refused',
    input: {
      type: 'object',
      properties: {
        overlapSeconds: { type: 'integer', minimum: 0, maximum: keyOverlapMaxSeconds },
      },
      additionalProperties: false,
    },
    output: {
      type: 'object',
      properties: { id: { type: 'string' }, key: { type: 'string' } },
      required: ['id', 'key'],
      additionalProperties: false,
    },
    statuses: [201],
    run: rotate,
  },
  {
    name: 'revokeKey',
    summary: 'End a key for good',
    method: 'DELETE',
    path: keyPath,
    access: 'scope',
    input: 'none',
    output: {},
    statuses: [204],
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
