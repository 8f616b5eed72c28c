/**
 * What the process does when it cannot be trusted any more: a file that is corrupt beneath it, or
 * gone, ends it at once, with a status that says so, and nothing is acknowledged from there on.
 */
import assert from 'node:assert/strict'
import { openSync, renameSync, rmSync, statSync, truncateSync, writeSync } from 'node:fs'
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

const losses = {
  'the data folder': (folder: string) => rmSync(folder, { recursive: true }),
  'the file': (folder: string) => rmSync(join(folder, 'tenantry.sqlite')),
  'the log': (folder: string) => rmSync(join(folder, 'tenantry.sqlite-wal')),
  'the shared memory': (folder: string) => rmSync(join(folder, 'tenantry.sqlite-shm')),
  'the lock': (folder: string) => rmSync(join(folder, 'tenantry.sqlite.lock')),
  'the place of the folder': (folder: string) => renameSync(folder, `${folder}.elsewhere`),
}

for (const [what, lose] of Object.entries(losses)) {
  test(`to lose ${what} ends the server with status 70`, async (context) => {
    const folder = makeFolder()
    const data = join(folder.path, 'data')
    const server = startTenantry(['dev', '--json'], {
      env: { TENANTRY_DATA: data, TENANTRY_PORT: '0' },
    })
    context.after(async () => {
      await server.stop('SIGKILL')
      folder.remove()
    })
    const { address, key } = JSON.parse(await server.waitFor(/\n/))
    lose(data)
    const answer = await send(Number(new URL(address).port), {
      method: 'POST',
      path: '/api/v1/provisioning/tenants/tenant-alpha/users/late',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body: '{}',
    }).catch(() => undefined)
    assert.ok(answer === undefined || answer.status >= 500, 'it was acknowledged')
    const { status, err } = await server.ended
    assert.equal(status, 70)
    assert.match(err, /was removed or replaced while it was open/)
  })
}
