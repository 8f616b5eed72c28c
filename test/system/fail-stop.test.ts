/**
 * What the process does when it cannot be trusted any more: a file that is corrupt beneath it ends
 * it at once, with a status that says so, and nothing is acknowledged from there on.
 */
import assert from 'node:assert/strict'
import { openSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Received } from '../support/http.ts'
import { send } from '../support/http.ts'
import { makeFolder, startTenantry } from '../support/process.ts'

test('a corrupt file that a write meets ends the server with status 70', async (context) => {
  const folder = makeFolder()
  const env = { TENANTRY_DATA: folder.path, TENANTRY_PORT: '0' }
  const server = startTenantry(['dev', '--json'], { env })
  context.after(async () => {
    await server.stop('SIGKILL')
    folder.remove()
  })
  const { address, key } = JSON.parse(await server.waitFor(/\n/))
  const ask = (): Promise<Received> =>
    send(Number(new URL(address).port), {
      method: 'PUT',
      path: '/api/v1/provisioning/tenants/tenant-alpha/users/user-001',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body: '{"n":1}',
    })
  assert.equal((await ask()).status, 200)

  const file = openSync(join(folder.path, 'tenantry.sqlite'), 'r+')
  writeSync(file, Buffer.alloc(200_000, 0xff), 0, 200_000, 0)
  truncateSync(join(folder.path, 'tenantry.sqlite-wal'), 0)

  const answers = await Promise.allSettled([ask(), ask(), ask()])
  for (const answer of answers) {
    assert.ok(answer.status === 'rejected' || answer.value.status >= 500, 'it was acknowledged')
  }
  const { status, err } = await server.ended
  assert.equal(status, 70)
  assert.match(err, /"event":"store-broken"/)
  const again = startTenantry(['serve'], { env })
  const { status: refused, err: why } = await again.ended
  assert.equal(refused, 78)
  assert.match(why, /cannot be opened/)
})
