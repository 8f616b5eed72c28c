/** The product's own storage outside of a server: for filling a store, and for reading one. */
import { systemWorld } from '../../server/compose.ts'
import { parseTenantId } from '../../server/contract/names.ts'
import type { Storage, StorageListener } from '../../server/storage/engine.ts'
import type { StorageOptions } from '../../server/storage/storage.ts'
import { openStorage } from '../../server/storage/storage.ts'

/** A disk that fails ends the test; nothing else is listened to. */
export const quietListener: StorageListener = {
  onBroken(fault) {
    throw fault
  },
  onCommit() {},
  onFull() {},
  onCheck() {},
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
