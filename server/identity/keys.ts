/**
 * Tenants and keys as an operator makes and ends them. The command line calls these; what a key
 * may do is decided in `contract/scopes.ts`, and whether it is alive in `caller.ts`.
 */
import { Refusal } from '../contract/errors.ts'
import { labelMaxCharacters } from '../contract/limits.ts'
import type { TenantId } from '../contract/names.ts'
import { quote } from '../contract/names.ts'
import { parseScope } from '../contract/scopes.ts'
import type { RandomBytes } from './key-text.ts'
import { findKeyId, hashKeyText, isSameSecret, makeKeyText } from './key-text.ts'
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
  /** For people; up to `labelMaxCharacters`. */
  readonly label: string
  /** Epoch milliseconds in the future; undefined: never. */
  readonly expiresAt: number | undefined
}

export type KeyState = 'alive' | 'expired' | 'revoked'

/** The new tenant; undefined when it was there already. `by` names the operator. */
export async function createTenant(
  id: TenantId,
  by: string,
  { identity, now }: IdentityNeeds,
): Promise<Tenant | undefined> {
  const tenant = { id, created: now(), createdBy: by }
  return (await identity.createTenant(tenant)) ? tenant : undefined
}

/** All tenants by id. */
export async function listTenants({ identity }: IdentityNeeds): Promise<readonly Tenant[]> {
  return identity.listTenants()
}

/** The keys of this tenant, oldest first, or of all. Throws `NotFound` for an unknown tenant. */
export async function listKeys(
  tenant: TenantId | undefined,
  { identity }: IdentityNeeds,
): Promise<readonly Key[]> {
  const known = (await identity.listTenants()).map(({ id }) => id)
  if (tenant !== undefined && !known.includes(tenant)) throw noTenant(tenant)
  const wanted = tenant === undefined ? known : [tenant]
  return (await Promise.all(wanted.map((each) => identity.listKeys(each)))).flat()
}

/** What a key is good for at this time; it is expired at its very `expiresAt`. */
export function stateOfKey({ revoked, expiresAt }: Key, at: number): KeyState {
  if (revoked !== undefined) return 'revoked'
  return (expiresAt ?? Infinity) <= at ? 'expired' : 'alive'
}

/**
 * The text by which a key was known the last time, so that it need not be hashed again. A store
 * that remembers keys gives the same object until something happens to the key.
 */
const knownTexts = new WeakMap<Key, Uint8Array>()

/** The living key with this text; undefined for any other text. */
export async function findLivingKey(
  text: string,
  { identity, now }: Pick<IdentityNeeds, 'now'> & { identity: Pick<IdentityStore, 'findKey'> },
): Promise<Key | undefined> {
  const id = findKeyId(text)
  if (id === undefined) return undefined
  const key = await identity.findKey(id)
  return key !== undefined && opens(key, text, now()) ? key : undefined
}

/** Whether this text is that of the key, and the key is alive at this time. */
export function opens(key: Key, text: string, at: number): boolean {
  return isTextOf(key, Buffer.from(text)) && stateOfKey(key, at) === 'alive'
}

function isTextOf(key: Key, text: Uint8Array): boolean {
  const known = knownTexts.get(key)
  if (known !== undefined) return isSameSecret(known, text)
  const good = isSameSecret(key.hash, hashKeyText(text))
  if (good) knownTexts.set(key, text)
  return good
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
  if (!(await identity.createKey(key))) throw noTenant(request.tenant)
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
    throw new Refusal('NotFound', `There is no key with the id ${quote(id)}; list them all.`)
  }
  return key
}

function noTenant(id: TenantId): Refusal {
  return new Refusal('NotFound', `There is no tenant ${quote(id)}; it has to be made first.`)
}

function checkRequest({ scopes, label, expiresAt }: KeyRequest, at: number): void {
  if (scopes.length === 0) throw new Refusal('BadRequest', 'A key needs at least one scope.')
  for (const scope of scopes) parseScope(scope)
  if (label.length > labelMaxCharacters || /[\p{Cc}\p{Cs}]/u.test(label)) {
    throw new Refusal(
      'BadRequest',
      `A label has at most ${labelMaxCharacters} characters, none of them a control character.`,
    )
  }
  if (expiresAt !== undefined && !(expiresAt > at)) {
    throw new Refusal('BadRequest', 'A key expires in the future, and this is in the past.')
  }
}
