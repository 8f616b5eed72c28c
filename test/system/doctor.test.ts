/**
 * `tenantry doctor` over stores that were damaged one way each: it says so in a sentence, says what
 * mends it, ends with the status for it, and has written nothing. Over a store that is well it
 * finds nothing, also beside a server that is being written to.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, describe, test } from 'node:test'
import type { Finding } from '../../server/contract/finding.ts'
import type { WriteCommand } from '../../server/documents/write.ts'
import type { FilledKey } from '../support/filled-server.ts'
import { fillStore, startFilledServer } from '../support/filled-server.ts'
import { makeFolder, runTenantry } from '../support/process.ts'
import { openTestStorage } from '../support/storage.ts'

// As the commands have it: what they make is its owner's alone.
process.umask(0o077)

const root = makeFolder()
const healthy = join(root.path, 'healthy')
let key: FilledKey
after(() => root.remove())

type Report = {
  readonly status: number | null
  readonly verdict: string
  readonly findings: readonly Finding[]
  readonly store: { readonly [name: string]: unknown } | null
}

/** What the disk of this machine is on and how full it is are no matter of these tests. */
async function examine(folder: string, words: readonly string[] = [], env = {}): Promise<Report> {
  const args = ['doctor', '--json', '--data', folder, ...words]
  const { status, out, err } = await runTenantry(args, { env })
  assert.ok(out !== '', err)
  const { findings, ...report } = JSON.parse(out)
  return { status, ...report, findings: findings.filter((each: Finding) => each.check !== 'disk') }
}

function commandOf(said: Partial<WriteCommand>): WriteCommand {
  return {
    part: 'base',
    mode: 'replace',
    versioned: true,
    mergeDepth: 'deep',
    repeat: undefined,
    content: '{"n":1}',
    live: undefined,
    conditions: {},
    by: `apikey:${key.id}`,
    at: Date.now(),
    requestId: 'r',
    sizeMaxBytes: 1_048_576,
    ...said,
  }
}

/** A store with everything in it that a store can hold. */
before(async () => {
  const wanted = ['acme', 'globex'].map((tenant) => ({ tenant, scopes: ['provisioning:*'] }))
  const keys = await fillStore(healthy, ['acme', 'globex'], wanted)
  key = keys[0] as FilledKey
  const storage = await openTestStorage(healthy)
  await storage.keepSecret('signing', new Uint8Array(32).fill(7), Date.now())
  const write = (document: string, said: Partial<WriteCommand> = {}) =>
    storage.documents.write(
      { tenant: 'acme', collection: 'things', document } as never,
      commandOf(said),
    )
  for (const name of ['lamp', 'chair', 'é 😀', 'gone', 'again']) await write(name)
  await write('lamp', { live: '{"text":"shown"}' })
  await write('lamp', { mode: 'merge', content: '{"m":[1,{"x":null}]}' })
  await write('chair', { part: 'live', content: '{"of":"chair"}' })
  await write('chair', { part: 'live', mode: 'delete' })
  await write('made by its live version', { part: 'live' })
  for (const name of ['gone', 'again']) await write(name, { mode: 'delete' })
  await write('again', { repeat: { key: 'k', fingerprint: 'f', keptUntil: Date.now() + 9e7 } })
  const own = { tenant: 'acme', collection: '', document: '' } as never
  await storage.documents.write(own, commandOf({ versioned: false }))
  for (let n = 0; n < 700; n++) await write(`many ${n}`, { content: `{"n":${n}}` })
  for (let n = 0; n < 600; n++) await write(`many ${n}`, { mode: 'delete' })
  const { id } = keys[0] as FilledKey
  const next = {
    id: 'rotated00000',
    hash: new Uint8Array(32).fill(1),
    created: Date.now(),
    createdBy: 't',
  }
  const rotation = { tenant: undefined, next, overlapMs: 6e5 * 24 * 60, at: Date.now() }
  assert.equal(typeof (await storage.identity.rotateKey(id, rotation)), 'object')
  await storage.close()
})

/** The healthy store once more, damaged. */
function damaged(name: string, damage: (folder: string) => void): string {
  const folder = join(root.path, name.replaceAll(/\W+/g, '-'))
  cpSync(healthy, folder, { recursive: true })
  chmodSync(folder, 0o700)
  damage(folder)
  return folder
}

const sql = (statement: string) => (folder: string) => {
  const connection = new DatabaseSync(join(folder, 'tenantry.sqlite'))
  connection.exec('PRAGMA foreign_keys = OFF')
  connection.exec(statement)
  connection.close()
}

const file = (folder: string, name = 'tenantry.sqlite') => join(folder, name)

/** Turns a bit of this text, wherever it stands in the file first. */
const flip = (text: string) => (folder: string) => {
  const bytes = readFileSync(file(folder))
  const at = bytes.indexOf(text)
  assert.ok(at > 0, 'the text is not in the file')
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(file(folder), bytes)
}

const of = (document: string) => `WHERE collection = 'things' AND document = '${document}'`

type Row = readonly [
  what: string,
  damage: (folder: string) => void,
  check: string,
  says: RegExp,
  severity?: Finding['severity'],
]

const table: readonly Row[] = [
  [
    'a bit turned in a document',
    sql(`UPDATE documents SET content = '{"n":3}' ${of('chair')}`),
    'documents',
    /"things\/chair" of acme is not as it was written: a stored document fails/,
  ],
  [
    'a bit turned in a live version',
    sql(`UPDATE documents SET live_content = '{}' ${of('lamp')}`),
    'documents',
    /"things\/lamp" of acme is not as it was written/,
  ],
  [
    'a bit turned in the file',
    flip('{"n":688}'),
    'record',
    /position \d+ of the record of acme, .*many 688/,
  ],
  [
    'a bit turned in the record',
    sql('UPDATE changes SET changed = 5 WHERE position = 3'),
    'record',
    /position 3 of the record of acme, .*é 😀.* is not as it was written/,
  ],
  [
    'a bit turned in a tombstone',
    sql(`UPDATE tombstones SET revision = 9 ${of('gone')}`),
    'documents',
    /"things\/gone" of acme is not as it was written: a stored tombstone/,
  ],
  [
    'a bit turned in a key',
    sql("UPDATE keys SET label = 'x' WHERE tenant = 'globex'"),
    'keys',
    /The key \w+ of globex is not as it was written/,
  ],
  [
    'a bit turned in a tenant',
    sql("UPDATE tenants SET created = 1 WHERE tenant = 'globex'"),
    'tenants',
    /The row of the tenant globex cannot be read: a stored tenant fails/,
  ],
  [
    'a bit turned in a secret',
    sql("UPDATE secrets SET secret = x'00'"),
    'secrets',
    /The secret signing cannot be used: a stored secret fails/,
  ],
  [
    'a bit turned in an outcome',
    sql("UPDATE kept_outcomes SET content = '{}'"),
    'outcomes',
    /A kept outcome of acme is not as it was written/,
  ],
  [
    'a row of the record is gone',
    sql('DELETE FROM changes WHERE position = 4'),
    'record',
    /Of the record of acme position 4 is missing/,
  ],
  [
    'rows of the record are gone',
    sql('DELETE FROM changes WHERE position BETWEEN 2 AND 4'),
    'record',
    /Of the record of acme position 2 to 4 are missing/,
  ],
  [
    'the newest rows of the record are gone',
    sql('DELETE FROM changes WHERE position > 1300'),
    'documents',
    /many \d+" of acme was deleted otherwise|record does not say so/,
  ],
  [
    'the record is gone',
    sql('DELETE FROM changes'),
    'documents',
    /"things\/lamp" of acme is there, and the record knows nothing of it/,
  ],
  [
    'a document is gone',
    sql(`DELETE FROM documents ${of('lamp')}`),
    'documents',
    /"things\/lamp" of acme is missing, and the record has it/,
  ],
  [
    'a tombstone is gone',
    sql(`DELETE FROM tombstones ${of('gone')}`),
    'documents',
    /"things\/gone" of acme is missing, and the record has it/,
  ],
  [
    'a tombstone beside its document',
    sql(`INSERT INTO tombstones SELECT tenant, collection, 'lamp', revision, version, updated,
      checksum FROM tombstones ${of('gone')}`),
    'documents',
    /"things\/lamp" of acme is there, and is told to be deleted/,
  ],
  [
    'rows without a tenant',
    sql("DELETE FROM tenants WHERE tenant = 'globex'"),
    'tenants',
    /There are rows of a tenant globex, and no such tenant/,
  ],
  [
    'a rotated key without its next',
    sql("DELETE FROM keys WHERE id = 'rotated00000'"),
    'keys',
    /was rotated to rotated00000, which is not there/,
  ],
  [
    'the secret is gone',
    sql('DELETE FROM secrets'),
    'secrets',
    /The secret signing is missing from a store that was served/,
  ],
  [
    'a table is gone',
    sql('DROP TABLE tombstones'),
    'tenants',
    /The index of tombstones cannot be read: no such table/,
  ],
  [
    'a newer schema',
    sql('PRAGMA user_version = 99'),
    'schema',
    /of a newer Tenantry: their schema is 99/,
  ],
  [
    'an older schema',
    sql('PRAGMA user_version = 2'),
    'schema',
    /of an older Tenantry: their schema is 2/,
    'note',
  ],
  [
    "another program's database",
    sql('PRAGMA application_id = 7'),
    'store',
    /is the database of another program/,
  ],
  [
    'a file cut in half',
    (folder) => {
      truncateSync(file(folder), Math.floor(statSync(file(folder)).size / 8192) * 4096)
    },
    'structure',
    /The file is damaged; SQLite says/,
  ],
  [
    'a page overwritten',
    (folder) => {
      const bytes = readFileSync(file(folder))
      bytes.fill(0xa5, 4096 * 20, 4096 * 24)
      writeFileSync(file(folder), bytes)
    },
    'structure',
    /The file is damaged; SQLite says/,
  ],
  [
    'no database',
    (folder) => writeFileSync(file(folder), 'this is a text, no data'.repeat(99)),
    'store',
    /is no SQLite database, or its beginning is destroyed/,
  ],
  [
    'an empty file',
    (folder) => writeFileSync(file(folder), ''),
    'store',
    /is the database of another program, or an empty one/,
  ],
  [
    'a folder in the place of the data',
    (folder) => {
      rmSync(file(folder))
      mkdirSync(file(folder))
    },
    'store',
    /tenantry\.sqlite cannot be opened/,
  ],
  ['no data', (folder) => rmSync(file(folder)), 'store', /There is no data at/],
  ['no folder', (folder) => rmSync(folder, { recursive: true }), 'folder', /There is no folder/],
  [
    'a file in the place of the folder',
    (folder) => {
      renameSync(folder, `${folder}.away`)
      writeFileSync(folder, '')
    },
    'folder',
    /is no folder/,
  ],
  [
    'a folder that others read',
    (folder) => chmodSync(folder, 0o755),
    'folder',
    /Other users of this machine may look into .* \(mode 755\)/,
    'warning',
  ],
  [
    'data that others read',
    (folder) => chmodSync(file(folder), 0o644),
    'folder',
    /may read .*tenantry\.sqlite \(mode 644\)/,
    'warning',
  ],
  [
    'data that others write',
    (folder) => chmodSync(file(folder), 0o666),
    'folder',
    /may write to .*tenantry\.sqlite \(mode 666\)/,
  ],
  [
    "a demo's key",
    (folder) => writeFileSync(file(folder, 'demo-key'), 'x', { mode: 0o600 }),
    'demo',
    /demo-key holds the text of the demo's key/,
    'note',
  ],
  [
    "a demo's key that others read",
    (folder) => {
      writeFileSync(file(folder, 'demo-key'), 'x')
      chmodSync(file(folder, 'demo-key'), 0o644)
    },
    'folder',
    /may read .*demo-key/,
  ],
  [
    'a stop without warning',
    (folder) => writeFileSync(file(folder, 'tenantry.sqlite.unclosed'), '', { mode: 0o600 }),
    'leftovers',
    /The last server ended without warning/,
    'warning',
  ],
  [
    'a restore that was cut off',
    (folder) => writeFileSync(file(folder, 'tenantry.sqlite.restoring'), '', { mode: 0o600 }),
    'leftovers',
    /A restore was cut off/,
  ],
  [
    'a backup that was cut off',
    (folder) => writeFileSync(file(folder, 'b.sqlite.partial'), ''),
    'leftovers',
    /b\.sqlite\.partial looks like something that was cut off/,
    'note',
  ],
  [
    'a lock that is a folder',
    (folder) => {
      rmSync(file(folder, 'tenantry.sqlite.lock'), { force: true })
      mkdirSync(file(folder, 'tenantry.sqlite.lock'))
    },
    'lock',
    /\.lock cannot be read/,
  ],
  [
    'a deletion that was killed',
    sql("UPDATE tenants SET ended = 5, ended_by = 'x' WHERE tenant = 'globex'"),
    'tenants',
    /The tenant globex was ended, and rows of it are left/,
    'warning',
  ],
  [
    'a change in the future',
    sql(`UPDATE changes SET changed = ${Date.now() + 9e6}`),
    'record',
    /position 1 of the record of acme/,
  ],
]

describe('doctor', () => {
  for (const [what, damage, check, says, severity = 'error'] of table) {
    test(`finds ${what}`, async () => {
      const folder = damaged(what, damage)
      const before = contentsOf(folder)
      const { status, verdict, findings } = await examine(folder)
      const found = findings.filter((finding) => finding.check === check)
      const one = found.find((finding) => says.test(finding.what))
      assert.ok(one, JSON.stringify(findings, undefined, 1))
      assert.equal(one.severity, severity)
      assert.ok(one.mend.length > 10)
      const hasErrors = findings.some((finding) => finding.severity === 'error')
      assert.equal(status, hasErrors ? 65 : 0)
      assert.match(verdict, hasErrors ? /^Not well: / : /^Well, with /)
      if (severity !== 'error') assert.equal(hasErrors, what === 'a deletion that was killed')
      assert.deepEqual(contentsOf(folder), before, 'it wrote something')
    })
  }

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

/** Names and hashes of all files in it. */
function contentsOf(path: string): readonly string[] {
  if (!(statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)) return []
  return readdirSync(path, { withFileTypes: true }).map((entry) =>
    entry.isFile()
      ? `${entry.name} ${createHash('sha256')
          .update(readFileSync(join(path, entry.name)))
          .digest('hex')}`
      : entry.name,
  )
}
