/**
 * The store that a configuration names, as commands have it: opened beside a server, examined,
 * backed up, restored.
 */
import type { Config } from './config.ts'
import type { IdentityNeeds } from './identity/keys.ts'
import type { TenantEndNeeds } from './identity/tenant-end.ts'
import type {
  BackupMade,
  Examination,
  OnCopied,
  Restored,
  Storage,
  StorageListener,
} from './storage/engine.ts'
import {
  backUpStorage,
  examineStorage,
  findStorageFile,
  findStorageLock,
  openStorage,
  refuseStorageName,
  restoreStorage,
} from './storage/storage.ts'
import type { World } from './world.ts'
import { systemWorld } from './world.ts'

/** Opens the store that the configuration names, as a command does. Throws `StartRefused`. */
export function openStore(
  config: Config,
  make: boolean,
  onUpgrade: StorageListener['onUpgrade'],
): Promise<Storage> {
  // A command's own promises are rejected, and say all there is to say.
  const listener = { onBroken() {}, onCommit() {}, onFull() {}, onCheck() {}, onUpgrade }
  return openConfigured(config, systemWorld, { as: 'command', make, listener })
}

export type CopyOptions = {
  /** The backup. */
  readonly file: string
  /** Whether damaged rows are taken as they are. */
  readonly keepDamaged: boolean
  readonly onCopied: OnCopied
}

/** Makes a backup of the store that the configuration names. Rejects as `backUpStorage`. */
export function backUpStore(
  { store, data, busyTimeoutMs }: Config,
  options: CopyOptions,
): Promise<BackupMade> {
  const { now } = systemWorld
  return backUpStorage({ ...options, url: store, dataFolder: data, busyTimeoutMs, now })
}

/** Puts a backup in the place of that store. Rejects as `restoreStorage`. */
export function restoreStore(
  { store, data }: Config,
  options: CopyOptions & { readonly replace: boolean },
): Promise<Restored> {
  return restoreStorage({ ...options, url: store, dataFolder: data, now: systemWorld.now })
}

/** Throws `BadRequest` where this file, to be written, is the store's or one that it may make. */
export function refuseStoreName({ store, data }: Config, file: string): void {
  refuseStorageName({ url: store, dataFolder: data }, file)
}

/** The lock of a server on this store; undefined where one serves it. Throws `StartRefused`. */
export function findServerLock({ store, data }: Pick<Config, 'store' | 'data'>) {
  return findStorageLock({ url: store, dataFolder: data })
}

/** The file that the store is in, there or not; undefined where it is in none. */
export function findStoreFile({ store, data }: Pick<Config, 'store' | 'data'>) {
  return findStorageFile({ url: store, dataFolder: data })
}

/** Looks at the store that the configuration names, and opens it for nobody; see `doctor`. */
export function examineStore(
  { store, data }: Config,
  quick: boolean,
  onProgress: (text: () => string) => void,
): Promise<Examination> {
  const now = systemWorld.now()
  return examineStorage({ url: store, dataFolder: data }, { quick, now, onProgress })
}

/** What identity's rules borrow, over a store. */
export function identityNeeds({ identity }: Storage, { now, random }: World): IdentityNeeds {
  return { identity, now, random }
}

/** What it takes to delete a tenant, over a store. */
export function tenantEndNeeds(
  { tenantEnds }: Storage,
  { now, startTimer }: World,
): TenantEndNeeds {
  const pause = (durationMs: number) =>
    new Promise<void>((resolve) => void startTimer(durationMs, resolve))
  return { tenantEnds, now, pause }
}

/** Opens the store that the configuration names. Throws `StartRefused`. */
export function openConfigured(
  { store, data, busyTimeoutMs, storeMaxBytes, cacheMaxBytes }: Config,
  { startTimer }: World,
  how: { as: 'server' | 'command'; make: boolean; listener: StorageListener },
): Promise<Storage> {
  return openStorage({
    url: store,
    dataFolder: data,
    busyTimeoutMs,
    sizeMaxBytes: storeMaxBytes,
    cacheMaxBytes,
    startTimer,
    ...how,
  })
}
