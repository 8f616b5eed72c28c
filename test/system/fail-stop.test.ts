/**
 * What the process does when it cannot be trusted any more: a file that is corrupt beneath it ends
 * it at once, with a status that says so, and nothing is acknowledged from there on.
 */
import assert from 'node:assert/strict'
import { openSync, statSync, truncateSync, writeSync } from 'node:fs'
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
  const write = (method: 'POST' | 'PUT', user: string, body: string): Promise<Received> =>
    send(Number(new URL(address).port), {
      method,
      path: `/api/v1/provisioning/tenants/tenant-alpha/users/${user}`,
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body,
    })
  assert.equal((await write('PUT', 'user-001', '{"n":1}')).status, 200)
  // More than SQLite holds in memory, so that the next write of the first must read the file.
  for (const n of Array.from({ length: 8 }, (_, at) => at)) {
    const large = JSON.stringify({ text: 'x'.repeat(900_000) })
    assert.equal((await write('POST', `large-${n}`, large)).status, 201)
  }

  const path = join(folder.path, 'tenantry.sqlite')
  const { size } = statSync(path)
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(size, 0xff), 0, size, 0)
  truncateSync(`${path}-wal`, 0)

  const again = () => write('PUT', 'user-001', '{"n":2}')
  const answers = await Promise.allSettled([again(), again(), again()])
  for (const answer of answers) {
    assert.ok(answer.status === 'rejected' || answer.value.status >= 500, 'it was acknowledged')
  }
  const { status, err } = await server.ended
  assert.equal(status, 70)
  assert.match(err, /"event":"store-broken"/)
  const next = startTenantry(['serve'], { env })
  const { status: refused, err: why } = await next.ended
  assert.equal(refused, 78)
  assert.match(why, /cannot be opened/)
})
