/**
 * No lost update: many clients merge different members into one document of the real server at
 * once, and every one of them is there in the end.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { send } from '../support/http.ts'
import type { Running } from '../support/process.ts'
import { makeFolder, startTenantry } from '../support/process.ts'

const clients = 64
const mergesEach = 50

describe('merges at once', () => {
  const folder = makeFolder()
  let server: Running
  let port: number
  let headers: { [name: string]: string }
  const home = '/api/v1/provisioning/tenants/tenant-alpha/jobs'

  before(async () => {
    const env = { TENANTRY_DATA: folder.path, TENANTRY_PORT: '0' }
    server = startTenantry(['dev', '--json'], { env })
    const { address, key } = JSON.parse(await server.waitFor(/\n/))
    port = Number(new URL(address).port)
    headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' }
  })
  after(async () => {
    await server.stop()
    folder.remove()
  })

  test(`${clients} clients × ${mergesEach} merges of different members are all kept`, async () => {
    const path = `${home}/shared`
    await send(port, { method: 'POST', path, headers, body: '{}' })
    const etags = new Set<string | undefined>()
    const client = async (number: number) => {
      for (let merge = 0; merge < mergesEach; merge++) {
        const body = JSON.stringify({ [`c${number}-${merge}`]: number * merge })
        const answer = await send(port, { method: 'PUT', path, headers, body })
        assert.equal(answer.status, 200)
        etags.add(answer.headers.etag)
      }
    }
    await Promise.all(Array.from({ length: clients }, (_, number) => client(number)))

    const { text, headers: answered } = await send(port, { method: 'GET', path, headers })
    const { updated: _, updatedBy: __, ...members } = JSON.parse(text)
    assert.equal(Object.keys(members).length, clients * mergesEach)
    for (const [name, value] of Object.entries(members)) {
      const [number, merge] = name.slice(1).split('-').map(Number)
      assert.equal(value, (number ?? 0) * (merge ?? 0))
    }
    assert.match(answered.etag ?? '', new RegExp(`^"${clients * mergesEach + 1}-`))
    assert.equal(etags.size, clients * mergesEach, 'two merges were told the same ETag')
  })

  test('read, change and write back loses updates, so the check above can fail', async () => {
    const path = `${home}/naive`
    await send(port, { method: 'POST', path, headers, body: '{}' })
    const naive = async (number: number) => {
      const { text } = await send(port, { method: 'GET', path, headers })
      const body = JSON.stringify({ ...JSON.parse(text), [`c${number}`]: number })
      await send(port, { method: 'POST', path, headers, body })
    }
    await Promise.all(Array.from({ length: clients }, (_, number) => naive(number)))
    const { text } = await send(port, { method: 'GET', path, headers })
    assert.ok(Object.keys(JSON.parse(text)).length - 2 < clients)
  })
})
