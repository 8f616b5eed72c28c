/**
 * Tenants and keys as they are made and ended, by operators at the command line and by keys that
 * may. What a key may do is decided in `contract/scopes.ts`, and whose key it is in `caller.ts`.
 */
import { Refusal } from '../contract/errors.ts'
import { expiryMaxMs, keyScopesMax, labelMaxCharacters } from '../contract/limits.ts'
import type { TenantId } from '../contract/names.ts'
import { quote } from '../contract/names.ts'
import type { Scope } from '../contract/scopes.ts'
import { covers, knownScopes, parseScope } from '../contract/scopes.ts'
import type { RandomBytes } from './key-text.ts'
import {
  findKeyId,
  hashKeyText,
  isForeignText,
  isSameSecret,
  keyIdLength,
  makeKeyId,
  makeKeyText,
} from './key-text.ts'
import type { IdentityStore, Key, Tenant } from './store.ts'

export type IdentityNeeds = {
  readonly identity: IdentityStore
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly random: RandomBytes
}

export type KeyRequest = {
  readonly tenant: TenantId
  /** Scope texts; at least one, at most `keyScopesMax`. */
  readonly scopes: readonly string[]
  /** For people; up to `labelMaxCharacters`. */
  readonly label: string
  /** Epoch milliseconds in the future, at most `expiryMaxMs`; undefined: never. */
  readonly expiresAt: number | undefined
}

/** A key and its text, which is nowhere else. */
export type NewKey = { readonly key: Key; readonly text: string }

/**
 * The new tenant; undefined when it was there already. `by` names the operator. Throws `Conflict`
 * while rows are left of one of this id that was ended.
 */
export async function createTenant(
  id: TenantId,
  by: string,
  { identity, now }: IdentityNeeds,
): Promise<Tenant | undefined> {
  const tenant = { id, created: now(), createdBy: by }
  if (await identity.createTenant(tenant)) return tenant
  if ((await identity.listTenants()).some((each) => each.id === id)) return undefined
  throw new Refusal(
    'Conflict',
    `A tenant ${quote(id)} was deleted, and not all of it is gone yet: tenantry tenant delete ` +
      `${id} finishes that, and then the id is free. Nothing was changed.`,
  )
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
  const all: Key[] = []
  for (const each of tenant === undefined ? known : [tenant]) {
    for await (const page of pagesOfKeys(each, { identity })) all.push(...page)
  }
  return all
}

/** The keys of this tenant, oldest first, as the engine reads them. */
export async function* pagesOfKeys(
  tenant: TenantId,
  { identity }: Pick<IdentityNeeds, 'identity'>,
): AsyncGenerator<readonly Key[]> {
  let page = await identity.listKeys(tenant)
  while (page.length > 0) {
    yield page
    page = await identity.listKeys(tenant, page.at(-1))
  }
}

export type KeyState = 'alive' | 'expired' | 'revoked'

/** What a key is good for at this time; it is expired at its very `expiresAt`. */
export function stateOfKey(
  { revoked, expiresAt }: Pick<Key, 'revoked' | 'expiresAt'>,
  at: number,
): KeyState {
  if (revoked !== undefined) return 'revoked'
  return (expiresAt ?? Infinity) <= at ? 'expired' : 'alive'
}

type LivingKeyNeeds = Pick<IdentityNeeds, 'now'> & {
  readonly identity: Pick<IdentityStore, 'findKey' | 'findKeyByHash'>
}

/** The living key with this text; undefined for any other text. */
export async function findLivingKey(
  text: string,
  { identity, now }: LivingKeyNeeds,
): Promise<Key | undefined> {
  const id = findKeyId(text)
  if (id === undefined && !isForeignText(text)) return undefined
  const key = await (id === undefined
    ? identity.findKeyByHash(hashKeyText(text))
    : identity.findKey(id))
  const good = key !== undefined && isTextOf(key, Buffer.from(text))
  return good && stateOfKey(key, now()) === 'alive' ? key : undefined
}

/**
 * The text by which a key was known the last time, so that it need not be hashed again. A store
 * that remembers keys gives the same object until something happens to the key.
 */
const knownTexts = new WeakMap<Key, Uint8Array>()

function isTextOf(key: Key, text: Uint8Array): boolean {
  const known = knownTexts.get(key)
  if (known !== undefined) return isSameSecret(known, text)
  const good = isSameSecret(key.hash, hashKeyText(text))
  if (good) knownTexts.set(key, text)
  return good
}

/** The new key. Throws `BadRequest`, `NotFound`. */
export async function createKey(
  request: KeyRequest,
  by: string,
  needs: IdentityNeeds,
): Promise<NewKey> {
  const { id, text } = makeKeyText(needs.random)
  return keepKey(request, by, id, text, needs)
}

/**
 * A key with a text that was made elsewhere. Throws `BadRequest` for what cannot be one,
 * `Conflict` when it is there already, `NotFound`.
 */
export async function importKey(
  text: string,
  request: KeyRequest,
  by: string,
  needs: IdentityNeeds,
): Promise<NewKey> {
  const ownId = findKeyId(text)
  if (ownId === undefined && !isForeignText(text)) {
    throw new Refusal(
      'BadRequest',
      'This cannot be a key: 20 to 512 letters, digits and signs as - . _ ~ + / =, no blanks; ' +
        'and what begins with tnk_ must be the whole text of such a key.',
    )
  }
  return keepKey(request, by, ownId ?? makeKeyId(needs.random), text, needs)
}

async function keepKey(
  request: KeyRequest,
  by: string,
  id: string,
  text: string,
  { identity, now }: IdentityNeeds,
): Promise<NewKey> {
  const at = now()
  checkRequest(request, at)
  const key: Key = {
    ...request,
    scopes: [...new Set(request.scopes)],
    id,
    hash: hashKeyText(text),
    created: at,
    createdBy: by,
    lastUsed: undefined,
    revoked: undefined,
    rotatedTo: undefined,
  }
  const creation = await identity.createKey(key)
  if (creation === 'noTenant') throw noTenant(request.tenant)
  if (creation === 'known') {
    throw new Refusal('Conflict', 'There is a key with this text already; list them all.')
  }
  return { key, text }
}

/** What rotating a key takes. */
export type RotationRequest = {
  /** Whose the key must be; undefined: anyone's, for an operator. */
  readonly tenant: TenantId | undefined
  readonly id: string
  /** How long the old text lives on. */
  readonly overlapMs: number
}

/** The key that takes the place of this one. Throws `NotFound`; `Conflict` when it is dead. */
export async function rotateKey(
  { tenant, id, overlapMs }: RotationRequest,
  by: string,
  { identity, now, random }: IdentityNeeds,
): Promise<NewKey> {
  const at = now()
  const { id: nextId, text } = makeKeyText(random)
  const next = { id: nextId, hash: hashKeyText(text), created: at, createdBy: by }
  const outcome = await identity.rotateKey(id, { tenant, next, overlapMs, at })
  if (outcome === 'unknown') throw noKey(id)
  if (outcome === 'dead') {
    throw new Refusal('Conflict', 'The key is revoked or has expired; make a new one instead.')
  }
  if (outcome === 'rotated') {
    throw new Refusal(
      'Conflict',
      'The key has been rotated already; list them all, and rotate the one that took its place.',
    )
  }
  return { key: outcome, text }
}

/** The key of this tenant. Throws `NotFound`. */
export async function readKey(
  tenant: TenantId,
  id: string,
  { identity }: Pick<IdentityNeeds, 'identity'>,
): Promise<Key> {
  const key = await identity.findKey(id)
  if (key === undefined || key.tenant !== tenant) throw noKey(id)
  return key
}

/**
 * Ends the key for good; again, it stays as it was. With a tenant, only a key of that. Throws
 * `NotFound`.
 */
export async function revokeKey(
  id: string,
  tenant: TenantId | undefined,
  { identity, now }: IdentityNeeds,
): Promise<Key> {
  const key = await identity.revokeKey(id, tenant, now())
  if (key === undefined) throw noKey(id)
  return key
}

/**
 * Throws `PermissionDenied` unless every right that these scopes grant is granted to who gives
 * them away; so no key ever makes a stronger one. A scope that nobody knows may be known tomorrow,
 * and nobody covers it.
 */
export function refuseUncovered(own: readonly Scope[], given: readonly string[]): void {
  const known = knownScopes(given)
  if (known.length === given.length && known.every((scope) => covers(own, scope))) return
  throw new Refusal('PermissionDenied', 'API key does not allow this operation')
}

/** The refusal of what names a tenant that is not there. */
export function noTenant(id: TenantId): Refusal {
  return new Refusal('NotFound', `There is no tenant ${quote(id)}; it has to be made first.`)
}

function noKey(id: string): Refusal {
  if (findKeyId(id) === undefined) {
    // What is longer than an id may be most of a key, mistyped: it is not repeated.
    const named = id.length > keyIdLength ? 'this id' : `the id ${quote(id)}`
    return new Refusal('NotFound', `There is no key with ${named}; list them all.`)
  }
  return new Refusal(
    'NotFound',
    'This is the text of a key, which should be written nowhere; its id is the 12 characters ' +
      'behind tnk_. Use that.',
  )
}

/** Throws `BadRequest`. */
export function checkRequest(
  { scopes, label, expiresAt }: Omit<KeyRequest, 'tenant'>,
  at: number,
): void {
  if (scopes.length === 0) throw new Refusal('BadRequest', 'A key needs at least one scope.')
  if (scopes.length > keyScopesMax) {
    throw new Refusal('BadRequest', `A key has at most ${keyScopesMax} scopes; * stands for many.`)
  }
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
  if (expiresAt !== undefined && expiresAt > expiryMaxMs) {
    throw new Refusal('BadRequest', 'A key expires in the year 275760 at the latest, or never.')
  }
}
