/**
 * `tenantry doctor` over a store that is well, in which it finds nothing, also beside a server that
 * is being written to; over settings; and what it says to people. Damage has a table of its own.
 */
import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import { describe, test } from 'node:test'
import { contentsOf, damaged, examine, healthy, key, of, sql } from '../support/examined-store.ts'
import { startFilledServer } from '../support/filled-server.ts'
import { runTenantry } from '../support/process.ts'

describe('doctor', () => {
  test('finds nothing in a store that is well, and leaves nothing beside it', async () => {
    const before = contentsOf(healthy)
    const { status, verdict, findings, store } = await examine(healthy)
    assert.deepEqual(findings, [])
    assert.deepEqual(
      [status, verdict.slice(0, 4)],
      [0, verdict.startsWith('All') ? 'All ' : 'Well'],
    )
    assert.deepEqual(contentsOf(healthy), before)
    assert.ok(store)
    const { all, largest } = store.record as {
      readonly all: { readonly rows: number }
      readonly largest: readonly { readonly tenant: string }[]
    }
    assert.equal(all.rows, 1314)
    assert.deepEqual(
      largest.map(({ tenant }) => tenant),
      ['acme'],
    )
  })

  test('with --quick does not read the rows, and finds what it looks at', async () => {
    const folder = damaged('quick', (each) => {
      sql(`UPDATE documents SET content = '{"n":3}' ${of('chair')}`)(each)
      chmodSync(each, 0o755)
    })
    const { status, findings, store } = await examine(folder, ['--quick'])
    assert.deepEqual([status, findings.map(({ check }) => check)], [0, ['folder']])
    assert.equal(store?.record, undefined)
  })

  test('finds settings that do not parse, that nothing reads, and that contradict', async () => {
    const env = {
      TENANTRY_PORT: 'eighty',
      TENANTRY_MERGE: 'deeply',
      TENANTRY_METRIC_PORT: '9',
      TENANTRY_FROBNICATE: '1',
      TENANTRY_HOST: '0.0.0.0',
      TENANTRY_METRICS_PORT: '9',
    }
    const { status, findings } = await examine(healthy, ['--quick'], env)
    assert.equal(status, 65)
    const said = findings.map(({ severity, what }) => `${severity}: ${what}`).join('\n')
    assert.match(said, /error: TENANTRY_PORT is "eighty"; it takes a whole number/)
    assert.match(said, /error: TENANTRY_MERGE is "deeply"; it takes deep or shallow/)
    assert.match(said, /warning: TENANTRY_METRIC_PORT .* is TENANTRY_METRICS_PORT meant\?/)
    assert.match(said, /warning: TENANTRY_FROBNICATE is no setting and is ignored; tenantry config/)
    assert.match(said, /note: TENANTRY_HOST is 0\.0\.0\.0: .* in plain HTTP/)
    assert.match(said, /warning: The metrics are on 0\.0\.0\.0:9, where whoever/)
    const ports = ['--quick', '--port', '9', '--metrics-port', '9']
    const both = await examine(healthy, ports)
    assert.match(both.findings[0]?.what ?? '', /are both 9/)
    assert.equal(both.status, 65)
  })

  test('says it to people, with a verdict at the end', async () => {
    const folder = damaged('people', sql('DELETE FROM secrets'))
    const { status, out } = await runTenantry(['doctor', '--data', folder], {})
    assert.equal(status, 65)
    assert.match(out, /^Tenantry .*, Node .*, SQLite .*, schema \d of \d\n/)
    assert.match(
      out,
      /\n\nerror \(secrets\): The secret signing is missing .*\n {2}Restore a backup/,
    )
    assert.match(
      out,
      /\nRecord: 1,314 rows, .* of content\n {2}a day: 188 rows and .* in the last 7/,
    )
    assert.match(out, /\n\nNot well: 1 error.*Mend the errors first, then run this again\.\n$/)
  })

  test('finds nothing beside a server that is being written to, and knows of it', async () => {
    const folder = damaged('served', () => {})
    const server = await startFilledServer(folder)
    let stopped = false
    const headers = { Authorization: `Bearer ${key.text}`, 'Content-Type': 'application/json' }
    const home = `http://127.0.0.1:${server.port}/api/v1/provisioning/tenants/acme/things`
    let writes = 0
    const load = [1, 2].map(async (client) => {
      for (let n = 0; !stopped; n++, writes++) {
        const path = `${home}/${n % 3 === 0 ? 'lamp' : `many%20${(n * 7 + client) % 700}`}`
        const method = n % 5 === 4 ? 'DELETE' : 'POST'
        const body = method === 'POST' ? JSON.stringify({ n, versions: { current: { n } } }) : null
        await (await fetch(path, { method, headers, body })).arrayBuffer()
      }
    })
    for (let round = 0; round < 3; round++) {
      const { status, findings, store } = await examine(folder)
      assert.deepEqual([status, findings], [0, []])
      assert.equal(store?.served, true)
    }
    stopped = true
    await Promise.all(load)
    assert.ok(writes > 100, `${writes} writes`)
    assert.equal((await server.running.stop()).status, 0)
  })
})
