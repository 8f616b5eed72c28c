/** That no table is forgotten when a tenant goes; all else of it has its checks in the suite. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openTestStorage } from '../../../test/support/storage.ts'
import { ownedTables } from './tenant-ends.ts'

test('every table that names a tenant is emptied of it', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-ends-'))
  context.after(() => rmSync(folder, { recursive: true }))
  await (await openTestStorage(folder)).close()
  const connection = new DatabaseSync(join(folder, 'tenantry.sqlite'), { readOnly: true })
  const naming = connection
    .prepare(`SELECT DISTINCT m.name FROM sqlite_schema m, pragma_table_info(m.name) c
      WHERE m.type = 'table' AND c.name = 'tenant' ORDER BY m.name`)
    .all()
    .map(({ name }) => String(name))
  connection.close()
  const ofTenants = ['former_tenants', 'tenants']
  assert.deepEqual(naming, [...ownedTables, ...ofTenants].toSorted())
})
