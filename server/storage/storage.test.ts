/** Runs the suites of the ports on SQLite, and holds what `openStorage` says of its options. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import {
  backUpTestStorage,
  openTestStorage,
  restoreTestStorage,
} from '../../test/support/storage.ts'
import { StartRefused } from '../contract/errors.ts'
import { systemWorld } from '../world.ts'
import { backupConforms } from './conformance/backup.ts'
import { documentStoreConforms } from './conformance/documents.ts'
import type { Engine } from './conformance/engine.ts'
import { identityStoreConforms } from './conformance/identity.ts'
import { storageConforms } from './conformance/storage.ts'
import { tenantEndStoreConforms } from './conformance/tenant-ends.ts'
import type { StorageOptions } from './storage.ts'

const folder = mkdtempSync(join(tmpdir(), 'tenantry-storage-'))
after(() => rmSync(folder, { recursive: true }))

let backups = 0

const sqlite: Engine = {
  name: 'sqlite',
  prefix: 'conformance',
  open: () => open('sqlite:', join(folder, 'suites'), { as: 'server' }),
  openBeside: () => open('sqlite:', join(folder, 'suites')),
  async backUp() {
    const file = join(folder, `backup-${++backups}`)
    const dataFolder = join(folder, 'suites')
    await backUpTestStorage(dataFolder, file)
    return async () => {
      const restored = mkdtempSync(join(folder, 'restored-'))
      await restoreTestStorage(restored, file)
      return open('sqlite:', restored, { as: 'server' })
    }
  },
  pause: () => new Promise((resolve) => void systemWorld.startTimer(5, resolve)),
  skip: {},
}

identityStoreConforms(sqlite)
documentStoreConforms(sqlite)
storageConforms(sqlite)
tenantEndStoreConforms(sqlite)
backupConforms(sqlite)

test('a store without a file name is tenantry.sqlite in the data folder', async () => {
  const storage = await open('sqlite:', join(folder, 'unnamed'))
  assert.equal(storage.place, join(folder, 'unnamed', 'tenantry.sqlite'))
  await storage.close()
})

test('the file of a store is taken relative to the data folder', async () => {
  const storage = await open('sqlite:other.db', join(folder, 'named'))
  assert.equal(storage.place, join(folder, 'named', 'other.db'))
  await storage.close()
})

test('a store of another engine is refused without repeating its URL', async () => {
  await assert.rejects(
    () => open('postgres://user:secret@host/db', folder),
    (error) =>
      error instanceof StartRefused &&
      /Set it to sqlite: or sqlite:FILE/.test(error.message) &&
      !/secret/.test(error.message),
  )
})

test('a data folder that cannot be made is refused', async () => {
  writeFileSync(join(folder, 'a-file'), '')
  await assert.rejects(
    () => open('sqlite:', join(folder, 'a-file', 'data')),
    (error) => error instanceof StartRefused && /set TENANTRY_DATA to a folder/.test(error.message),
  )
})

test('a store that should be there is not made where it is missing, nor its folder', async () => {
  const missing = join(folder, 'missing')
  await assert.rejects(
    () => open('sqlite:', missing, { make: false }),
    (error) => error instanceof StartRefused && /There is no data at .*missing/.test(error.message),
  )
  assert.equal(existsSync(missing), false)
})

function open(url: string, dataFolder: string, options: Partial<StorageOptions> = {}) {
  return openTestStorage(dataFolder, { url, as: 'command', ...options })
}
