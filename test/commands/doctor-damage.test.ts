/**
 * `tenantry doctor` over stores that were damaged one way each: it says so in a sentence, says what
 * mends it, ends with the status for it, and has written nothing.
 */
import assert from 'node:assert/strict'
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { describe, test } from 'node:test'
import { writeWhole } from '../../server/cli/whole-file.ts'
import type { Finding } from '../../server/contract/finding.ts'
import { openPartial } from '../../server/storage/sqlite/partial.ts'
import { contentsOf, damaged, examine, file, flip, of, sql } from '../support/examined-store.ts'
import { openFormerStore } from '../support/former-store.ts'

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
    (folder) => {
      rmSync(file(folder))
      openFormerStore(folder, 2).close()
      chmodSync(file(folder), 0o600)
    },
    'schema',
    /of an older Tenantry: their schema is 2/,
    'note',
  ],
  [
    'the number of an older schema over newer tables',
    sql('PRAGMA user_version = 2'),
    'schema',
    /table: former_tenants is not of Tenantry's schema 2/,
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
    'the backup before a migration that others read',
    (folder) => {
      writeFileSync(file(folder, 'tenantry.sqlite.before-schema-3-2'), '')
      chmodSync(file(folder, 'tenantry.sqlite.before-schema-3-2'), 0o640)
    },
    'folder',
    /may read .*tenantry\.sqlite\.before-schema-3-2 \(mode 640\)/,
    'warning',
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
    (folder) => void openPartial(file(folder, 'backup')),
    'leftovers',
    /backup\.tenantry-partial looks like something that was cut off/,
    'note',
  ],
  [
    'an export that was cut off',
    (folder) =>
      void writeWhole(file(folder, 'acme.ndjson'), false, async (path) => {
        writeFileSync(path, '')
        await new Promise(() => {})
      }),
    'leftovers',
    /acme\.ndjson\.partial-\d+ looks like something that was cut off/,
    'note',
  ],
  [
    'the copy of a restore that was cut off',
    (folder) => writeFileSync(file(folder, 'tenantry.sqlite.restoring-copy'), ''),
    'leftovers',
    /tenantry\.sqlite\.restoring-copy looks like something that was cut off/,
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
    'a time turned in the record',
    sql(`UPDATE changes SET changed = ${Date.now() + 9e6}`),
    'record',
    /position 1 of the record of acme/,
  ],
]

describe('doctor, over damage', () => {
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
})
