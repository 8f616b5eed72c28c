/**
 * Who is calling. This file is the only maker of a `Caller`; whoever holds one has passed here, so
 * nothing further in asks again who it is, and every address takes its tenant from one.
 */
import { keyNotValid, Refusal } from '../contract/errors.ts'
import type { TenantId } from '../contract/names.ts'
import type { Right, Scope } from '../contract/scopes.ts'
import { grants, knownScopes } from '../contract/scopes.ts'
import { findLivingKey, stateOfKey } from './keys.ts'
import type { IdentityStore, Key } from './store.ts'

declare const madeHere: unique symbol

export type Caller = {
  readonly [madeHere]: true
  readonly tenant: TenantId
  readonly keyId: string
  readonly label: string
  readonly scopes: readonly Scope[]
  /** As they were given to the key. */
  readonly scopeTexts: readonly string[]
  /** Epoch milliseconds; undefined: never. */
  readonly expiresAt: number | undefined
  /** How stamps and the record name this caller: `apikey:<keyId>`. */
  readonly name: string
}

export type AuthenticationNeeds = {
  readonly identity: Pick<IdentityStore, 'findKey' | 'findKeyByHash'>
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Told of every accepted use of a key. Must not throw. */
  readonly noteUse: (keyId: string, at: number) => void
}

/** The caller behind this key text. Throws `Unauthenticated`; why a key is refused is not told. */
export async function authenticate(
  keyText: string | undefined,
  { identity, now, noteUse }: AuthenticationNeeds,
): Promise<Caller> {
  if (keyText === undefined) {
    throw new Refusal('Unauthenticated', 'Authorization header with Bearer token is required')
  }
  const key = await findLivingKey(keyText, { identity, now })
  if (key === undefined) throw keyNotValid()
  noteUse(key.id, now())
  return callerOf(key)
}

/**
 * Throws `Unauthenticated` when the key of this caller has been revoked, or has expired, since it
 * was let in: what takes long is asked again on its way.
 */
export async function refuseDead(
  { keyId }: Caller,
  { identity, now }: Pick<AuthenticationNeeds, 'identity' | 'now'>,
): Promise<void> {
  const key = await identity.findKey(keyId)
  if (key !== undefined && stateOfKey(key, now()) === 'alive') return
  throw keyNotValid()
}

/** A store that remembers keys gives the same object again, whose scopes need no second parse. */
const callers = new WeakMap<Key, Caller>()

function callerOf(key: Key): Caller {
  const known = callers.get(key)
  if (known !== undefined) return known
  const made: Omit<Caller, typeof madeHere> = {
    tenant: key.tenant,
    keyId: key.id,
    label: key.label,
    scopes: knownScopes(key.scopes),
    scopeTexts: key.scopes,
    expiresAt: key.expiresAt,
    name: `apikey:${key.id}`,
  }
  const caller = made as Caller
  callers.set(key, caller)
  return caller
}

/**
 * Throws `PermissionDenied` unless the tenant is the caller's, byte for byte, and the right is
 * granted. `tenant` is what the path says, well formed or not; undefined when the path names none.
 */
export function authorise(
  caller: Caller,
  tenant: string | undefined,
  right: Right | undefined,
): void {
  const foreign = tenant !== undefined && tenant !== caller.tenant
  if (foreign || (right !== undefined && !grants(caller.scopes, right))) {
    throw new Refusal('PermissionDenied', 'API key does not allow this operation')
  }
}
