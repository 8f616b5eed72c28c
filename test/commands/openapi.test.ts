/** `tenantry openapi`: the document that the server gives, on stdout, without either. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { send } from '../support/http.ts'
import { makeFolder, runTenantry } from '../support/process.ts'
import { startTestServer } from '../support/server.ts'

describe('tenantry openapi', () => {
  test('prints what the server answers, and touches no data', async (context) => {
    const folder = makeFolder()
    context.after(() => folder.remove())
    const printed = await runTenantry(['openapi', '--json'], {
      env: { TENANTRY_DATA: folder.path },
    })
    assert.deepEqual([printed.status, printed.err], [0, ''])
    assert.ok(!existsSync(join(folder.path, 'tenantry.sqlite')))
    const server = await startTestServer()
    context.after(() => server.close())
    const { text } = await send(server.port, { method: 'GET', path: '/openapi.json' })
    assert.equal(printed.out, `${text}\n`)
  })

  test('puts in the server that it is told, and is JSON for people too', async () => {
    const url = 'https://tenantry.example.com/api'
    const { status, out } = await runTenantry(['openapi', '--server', url])
    assert.equal(status, 0)
    assert.match(out, /^\{\n {2}"openapi": "3\.1\.0",\n/)
    assert.deepEqual(JSON.parse(out).servers, [{ url }])
  })

  test('refuses what is no address', async () => {
    for (const url of ['nonsense', 'ftp://example.com', 'https://example.com/?a=b']) {
      const { status, out, err } = await runTenantry(['openapi', '--server', url])
      assert.deepEqual([status, out], [64, ''])
      assert.match(err, /is invalid\. It is an address as https:\/\/tenantry\.example\.com\. See/)
    }
  })
})
