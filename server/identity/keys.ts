/**
 * Tenants and keys as an operator makes and ends them. The command line calls these; what a key
 * may do is decided in `contract/scopes.ts`, and whether it is alive in `caller.ts`.
 */
import { Refusal } from '../contract/errors.ts'
import type { TenantId } from '../contract/names.ts'
import { quote } from '../contract/names.ts'
import { parseScope } from '../contract/scopes.ts'
import type { RandomBytes } from './key-text.ts'
import { findKeyId, hashKeyText, makeKeyText } from './key-text.ts'
import type { IdentityStore, Key, Tenant } from './store.ts'

export type IdentityNeeds = {
  readonly identity: IdentityStore
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly random: RandomBytes
}

export type KeyRequest = {
  readonly tenant: TenantId
  /** Scope texts; at least one. */
  readonly scopes: readonly string[]
  /** For people; up to 200 characters. */
  readonly label: string
  /** Epoch milliseconds in the future; undefined: never. */
  readonly expiresAt: number | undefined
}

const labelMaxCharacters = 200

/** `by` names the operator, as `cli:<user>`. False when the tenant was there already. */
export async function createTenant(
  id: TenantId,
  by: string,
  { identity, now }: IdentityNeeds,
): Promise<{ tenant: Tenant; created: boolean }> {
  const tenant = { id, created: now(), createdBy: by }
  return { tenant, created: await identity.createTenant(tenant) }
}

/** The new key and its text, which is nowhere else. Throws `BadRequest`, `NotFound`. */
export async function createKey(
  request: KeyRequest,
  by: string,
  { identity, now, random }: IdentityNeeds,
): Promise<{ key: Key; text: string }> {
  const at = now()
  checkRequest(request, at)
  const { id, text } = makeKeyText(random)
  const key: Key = {
    ...request,
    scopes: [...new Set(request.scopes)],
    id,
    hash: hashKeyText(text),
    created: at,
    createdBy: by,
    lastUsed: undefined,
    revoked: undefined,
  }
  if (!(await identity.createKey(key))) {
    throw new Refusal(
      'NotFound',
      `There is no tenant ${quote(request.tenant)}; make it first: ` +
        `tenantry tenant create ${request.tenant}`,
    )
  }
  return { key, text }
}

/** Ends the key for good; again, it stays as it was. Throws `NotFound`. */
export async function revokeKey(id: string, { identity, now }: IdentityNeeds): Promise<Key> {
  if (findKeyId(id) !== undefined) {
    throw new Refusal(
      'BadRequest',
      'This is the text of a key, which should be written nowhere; its id is the 12 characters ' +
        'behind tnk_. Revoke it by that.',
    )
  }
  const key = await identity.revokeKey(id, now())
  if (key === undefined) {
    throw new Refusal(
      'NotFound',
      `There is no key with the id ${quote(id)}; tenantry key list --tenant T shows the ids.`,
    )
  }
  return key
}

function checkRequest({ scopes, label, expiresAt }: KeyRequest, at: number): void {
  if (scopes.length === 0) throw new Refusal('BadRequest', 'A key needs at least one scope.')
  for (const scope of scopes) parseScope(scope)
  if (label.length > labelMaxCharacters || !label.isWellFormed()) {
    throw new Refusal('BadRequest', `A label has at most ${labelMaxCharacters} characters.`)
  }
  if (expiresAt !== undefined && !(expiresAt > at)) {
    throw new Refusal('BadRequest', 'A key expires in the future, and this is in the past.')
  }
}
