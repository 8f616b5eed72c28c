/** The product's own storage outside of a server: for filling a store, and for reading one. */
import { parseTenantId } from '../../server/contract/names.ts'
import type { BackupMade, Restored, Storage, StorageListener } from '../../server/storage/engine.ts'
import type { BackupOptions, RestoreOptions, StorageOptions } from '../../server/storage/storage.ts'
import { backUpStorage, openStorage, restoreStorage } from '../../server/storage/storage.ts'
import { systemWorld } from '../../server/world.ts'

/** A disk that fails ends the test; nothing else is listened to. */
export const quietListener: StorageListener = {
  onBroken(fault) {
    throw fault
  },
  onCommit() {},
  onFull() {},
  onCheck() {},
  onUpgrade() {},
}

/**
 * Opens the store of this folder as a server does, remembering little, unless options say else.
 * These tenants are in it, whether they were there or not.
 */
export async function openTestStorage(
  dataFolder: string,
  { tenants = [], ...options }: Partial<StorageOptions> & { tenants?: readonly string[] } = {},
): Promise<Storage> {
  const storage = await openStorage({
    url: 'sqlite:',
    dataFolder,
    as: 'server',
    make: true,
    busyTimeoutMs: 5000,
    sizeMaxBytes: 0,
    cacheMaxBytes: 1_000_000,
    startTimer: systemWorld.startTimer,
    listener: quietListener,
    ...options,
  })
  for (const id of tenants) {
    await storage.identity.createTenant({ id: parseTenantId(id), created: 1, createdBy: 'test' })
  }
  return storage
}

const copying = { url: 'sqlite:', keepDamaged: false, now: systemWorld.now, onCopied() {} }

/** A backup of the store of this folder. */
export function backUpTestStorage(
  dataFolder: string,
  file: string,
  options: Partial<BackupOptions> = {},
): Promise<BackupMade> {
  return backUpStorage({ ...copying, busyTimeoutMs: 1000, dataFolder, file, ...options })
}

/** Puts this backup in the place of the store of this folder. */
export function restoreTestStorage(
  dataFolder: string,
  file: string,
  options: Partial<RestoreOptions> = {},
): Promise<Restored> {
  return restoreStorage({ ...copying, replace: false, dataFolder, file, ...options })
}
