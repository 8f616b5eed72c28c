/** That a key was used outlives the server: gathered in memory, written when it closes. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { send } from '../support/http.ts'
import { makeFolder } from '../support/process.ts'
import { startTestServer, startTime } from '../support/server.ts'

const folder = makeFolder()
after(() => folder.remove())

test('after the server closed, the store knows when each key was last used', async () => {
  const first = await startTestServer({ folder: folder.path })
  const used = await first.makeKey('acme', ['provisioning:*'])
  const lesser = await first.makeKey('acme', ['voc:read'])
  const unused = await first.makeKey('acme', ['provisioning:*'])
  const expired = await first.makeKey('acme', ['provisioning:*'], startTime + 10)
  const get = (key: string) =>
    send(first.port, {
      method: 'GET',
      path: '/api/v1/provisioning/tenants/acme/users',
      headers: { Authorization: `Bearer ${key}` },
    })
  const statuses: number[] = []
  for (const at of [0, 20, 40]) {
    first.time = startTime + at
    statuses.push((await get(used.text)).status)
  }
  statuses.push((await get(lesser.text)).status, (await get(expired.text)).status)
  assert.deepEqual(statuses, [200, 200, 200, 403, 401])
  await first.close()

  const second = await startTestServer({ folder: folder.path })
  try {
    const find = async (id: string) => (await second.storage.identity.findKey(id))?.lastUsed
    assert.equal(await find(used.id), startTime + 40)
    assert.equal(await find(lesser.id), startTime + 40, 'a key refused a right was used too')
    assert.equal(await find(expired.id), undefined)
    assert.equal(await find(unused.id), undefined)
  } finally {
    await second.close()
  }
})
