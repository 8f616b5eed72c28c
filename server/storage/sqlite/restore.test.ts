/** What a restore takes and refuses, what it keeps, and what is opened while it is half done. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import {
  addFormerDocument,
  lookInto,
  newestSchema,
  openFormerStore,
} from '../../../test/support/former-store.ts'
import {
  backUpTestStorage,
  openTestStorage,
  restoreTestStorage,
} from '../../../test/support/storage.ts'
import { Refusal, StartRefused } from '../../contract/errors.ts'
import { identityOf } from './file-identity.ts'
import { markRestoring } from './restoring.ts'

const db = 'tenantry.sqlite'

describe('a restore', () => {
  test('makes a missing folder, and leaves the backup as it was', async (context) => {
    const { root, file } = await makeBackup(context)
    const before = [readFileSync(file), statSync(file).mtimeMs] as const
    const restored = await restoreTestStorage(join(root, 'new'), file)
    assert.deepEqual([readFileSync(file), statSync(file).mtimeMs], before)
    assert.deepEqual(
      [restored.tenants, restored.replaced, restored.migrates],
      [1, undefined, false],
    )
    assert.deepEqual(readdirSync(join(root, 'new')).toSorted(), [db, `${db}.lock`])
    assert.equal(statSync(join(root, 'new', db)).mode & 0o777, 0o600)
    assert.deepEqual(await tenantsOf(join(root, 'new')), ['saved'])
    assert.deepEqual(readdirSync(root).toSorted(), ['backup', 'data', 'new'])
  })

  test('keeps the former store whole, its log too, when it replaces one', async (context) => {
    const { root, file } = await makeBackup(context)
    const data = join(root, 'crashed')
    const wal = leaveLog(data)
    const restored = await restoreTestStorage(data, file, { replace: true, now: () => 0 })
    const aside = join(data, `${db}.replaced-19700101T000000Z`)
    assert.equal(restored.replaced, aside)
    assert.deepEqual(readdirSync(aside).toSorted(), [db, `${db}-wal`, `${db}.unclosed`])
    assert.deepEqual(readFileSync(join(aside, `${db}-wal`)), wal)
    assert.deepEqual(lookInto(join(aside, db)).documents, ['in-the-log'])
    assert.deepEqual(await tenantsOf(data), ['saved'])
    // And twice in a second: the next one has a folder of its own.
    const again = await restoreTestStorage(data, file, { replace: true, now: () => 0 })
    assert.equal(again.replaced, `${aside}-2`)
  })

  test('of an older backup is migrated by the next opening, behind a backup', async (context) => {
    const { root } = await makeBackup(context)
    openFormerStore(join(root, 'former'), 1).close()
    const file = join(root, 'old-backup')
    await backUpTestStorage(join(root, 'former'), file)
    const restored = await restoreTestStorage(join(root, 'new'), file)
    assert.deepEqual([restored.schema, restored.migrates], [1, true])
    assert.deepEqual(await tenantsOf(join(root, 'new')), ['acme'])
    assert.equal(lookInto(join(root, 'new', db)).schema, newestSchema)
    assert.equal(lookInto(join(root, 'new', `${db}.before-schema-${newestSchema}`)).schema, 1)
  })

  test('puts the file where a link to the store leads, also one to nothing', async (context) => {
    const { root, file } = await makeBackup(context)
    mkdirSync(join(root, 'disk'))
    mkdirSync(join(root, 'linked'))
    symlinkSync(join(root, 'disk', db), join(root, 'linked', db))
    await restoreTestStorage(join(root, 'linked'), file)
    assert.deepEqual(await tenantsOf(join(root, 'linked')), ['saved'])
    assert.ok(readdirSync(join(root, 'disk')).includes(db))
    await restoreTestStorage(join(root, 'linked'), file, { replace: true })
    assert.deepEqual(await tenantsOf(join(root, 'linked')), ['saved'])
  })

  const wrecks: readonly (readonly [title: string, wreck: (data: string) => void])[] = [
    ['is no database', (data) => writeFileSync(join(data, db), 'x'.repeat(9000))],
    ['was cut off', (data) => truncateSync(join(data, db), 5000)],
    ['is a folder', (data) => mkdirSync(join(data, `${db}-wal`, 'deep'), { recursive: true })],
    [
      'is gone, and its log is there',
      (data) => renameSync(join(data, db), join(data, `${db}-wal`)),
    ],
    ['has a log of something else', (data) => writeFileSync(join(data, `${db}-wal`), 'x')],
    [
      'is of a newer Tenantry',
      (data) => {
        const connection = new DatabaseSync(join(data, db))
        connection.exec('PRAGMA user_version = 999')
        connection.close()
      },
    ],
  ]
  for (const [title, wreck] of wrecks) {
    test(`replaces a store that ${title}`, async (context) => {
      const { data, file } = await makeBackup(context)
      wreck(data)
      const left = readdirSync(data).filter((name) => !name.endsWith('.lock'))
      await refused(restoreTestStorage(data, file), 'Conflict', /There is data at .* --replace/)
      const { replaced = '' } = await restoreTestStorage(data, file, { replace: true })
      assert.deepEqual(readdirSync(replaced).toSorted(), left.toSorted())
      assert.deepEqual(await tenantsOf(data), ['saved'])
    })
  }

  test('needs no word for what holds nothing: empty files, shared memory', async (context) => {
    const { root, file } = await makeBackup(context)
    const data = join(root, 'empty')
    mkdirSync(data)
    for (const tail of ['', '-wal', '-shm']) writeFileSync(join(data, db + tail), '')
    assert.equal((await restoreTestStorage(data, file)).replaced, undefined)
    assert.deepEqual(await tenantsOf(data), ['saved'])
  })
})

describe('nothing is restored, and nothing changed', () => {
  const files: readonly (readonly [title: string, spoil: (file: string) => void, said: RegExp])[] =
    [
      ['that is not there', (file) => rmSync(file), /is not there/],
      ['that is a folder', becomeFolder, /cannot be read/],
      ['that is a pipe', becomePipe, /cannot be read: it is no file/],
      ['that is empty', (file) => truncateSync(file), /is no backup of Tenantry/],
      ['that is no backup', (file) => writeFileSync(file, 'x'.repeat(500)), /is no backup of/],
      ['that is cut off', (file) => truncateSync(file, 9000), /is cut off: it has 9000 bytes of/],
      ['of a newer Tenantry', (file) => change(file, 'PRAGMA user_version = 999'), /schema is 999/],
      [
        'of another program',
        (file) => change(file, 'PRAGMA application_id = 7'),
        /another program/,
      ],
      [
        'that is the file of a store',
        (file) => change(file, 'PRAGMA journal_mode = WAL'),
        /is no backup, but the file of a store.*tenantry backup --data FOLDER/,
      ],
      [
        'with a damaged row',
        (file) => change(file, 'UPDATE tenants SET created = 7'),
        /in all: tenant saved\..* --damaged/,
      ],
      [
        'without a table',
        (file) => change(file, 'DROP TABLE secrets'),
        /is broken, .*no such table: secrets/,
      ],
      ['with a page of nonsense', nonsense, /is broken, and nothing was made of it/],
    ]
  for (const [title, spoil, said] of files) {
    test(`from a file ${title}`, async (context) => {
      const { root, data, file } = await makeBackup(context)
      spoil(file)
      const before = stateOf(data)
      await assert.rejects(
        restoreTestStorage(data, file, { replace: true }),
        (error) => error instanceof StartRefused && said.test(error.message),
      )
      assert.deepEqual(stateOf(data), before)
      await assert.rejects(restoreTestStorage(join(root, 'new'), file), StartRefused)
    })
  }

  test('from a backup with a damaged row, unless that is asked for', async (context) => {
    const { root, file } = await makeBackup(context)
    change(file, 'UPDATE tenants SET created = 7')
    const restored = await restoreTestStorage(join(root, 'new'), file, { keepDamaged: true })
    assert.deepEqual([restored.damagedCount, restored.damaged], [1, ['tenant saved']])
  })

  test('from the data itself', async (context) => {
    const { data, file } = await makeBackup(context)
    rmSync(join(data, db))
    copyFileSync(file, join(data, db))
    await refused(restoreTestStorage(data, join(data, db)), 'BadRequest', /is the data itself/)
  })

  test('while a server runs', async (context) => {
    const { data, file } = await makeBackup(context)
    const server = await openTestStorage(data)
    context.after(() => server.close())
    await assert.rejects(
      restoreTestStorage(data, file, { replace: true }),
      (error) =>
        error instanceof StartRefused && error.inUse && /Stop it first/.test(error.message),
    )
    assert.equal((await server.identity.listTenants()).length, 1)
  })
})

describe('a store that is half restored', () => {
  test('is opened by nobody, and nothing is made in its place', async (context) => {
    const { root, data, file } = await makeBackup(context)
    for (const there of [true, false]) {
      if (!there) rmSync(join(data, db))
      markRestoring(join(data, db), { aside: undefined, copy: 'none' })
      const before = readdirSync(data)
      for (const as of ['server', 'command'] as const) {
        for (const make of [true, false]) {
          await assert.rejects(
            openTestStorage(data, { as, make }),
            (error) =>
              error instanceof StartRefused && /half restored.*Run .* again/.test(error.message),
          )
        }
      }
      await assert.rejects(backUpTestStorage(data, join(root, 'b')), /half restored/)
      assert.deepEqual(readdirSync(data), before)
    }
    await restoreTestStorage(data, file)
    assert.deepEqual(await tenantsOf(data), ['saved'])
  })

  // Each is where a kill may leave it: how many of the former files are aside, and whether the
  // copy has its name.
  for (const moved of [0, 1, 2, 3]) {
    test(`with ${moved} files moved aside is restored by the same command`, async (context) => {
      const { root, file } = await makeBackup(context)
      const data = join(root, 'crashed')
      leaveLog(data)
      const aside = join(data, `${db}.replaced-before`)
      copyFileSync(file, join(data, `${db}.restoring-copy`))
      const copy = identityOf(join(data, `${db}.restoring-copy`))
      markRestoring(join(data, db), { aside, copy })
      mkdirSync(aside)
      for (const tail of ['', '-wal', '.unclosed'].slice(0, moved)) {
        renameSync(join(data, db + tail), join(aside, db + tail))
      }
      if (moved === 3) renameSync(join(data, `${db}.restoring-copy`), join(data, db))
      const { replaced } = await restoreTestStorage(data, file)
      assert.equal(replaced, aside)
      assert.deepEqual(readdirSync(aside).toSorted(), [db, `${db}-wal`, `${db}.unclosed`])
      assert.deepEqual(lookInto(join(aside, db)).documents, ['in-the-log'])
      assert.deepEqual(await tenantsOf(data), ['saved'])
      const rest = [db, `${db}.lock`, basename(aside)]
      assert.deepEqual(readdirSync(data).toSorted(), rest)
    })
  }

  test('an empty marker is a half restore, not a fault', async (context) => {
    for (const text of ['', '{"aside":"/x', 'null', '[]']) {
      const { root, data, file } = await makeBackup(context)
      writeFileSync(join(data, `${db}.restoring`), text)
      const isRefusal = (error: unknown) =>
        error instanceof StartRefused && /is half restored: .* Run tenantry re/.test(error.message)
      await assert.rejects(openTestStorage(data), isRefusal)
      await assert.rejects(backUpTestStorage(data, join(root, 'other')), isRefusal)
      const former = readFileSync(join(data, db))
      const { replaced = '' } = await restoreTestStorage(data, file)
      assert.deepEqual(readFileSync(join(replaced, db)), former)
      assert.deepEqual(await tenantsOf(data), ['saved'])
    }
  })

  test('keeps what a stranger put there meanwhile', async (context) => {
    const { root, file } = await makeBackup(context)
    const data = join(root, 'crashed')
    leaveLog(data)
    const aside = join(data, `${db}.replaced-before`)
    markRestoring(join(data, db), { aside, copy: 'none' })
    mkdirSync(aside)
    renameSync(join(data, db), join(aside, db))
    writeFileSync(join(data, db), 'precious')
    await restoreTestStorage(data, file)
    assert.equal(readFileSync(join(aside, `${db}.later`), 'utf8'), 'precious')
    assert.deepEqual(await tenantsOf(data), ['saved'])
  })
})

/** A store with the tenant `saved`, closed, and its backup; then it gets the tenant `later`. */
async function makeBackup(context: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'tenantry-restore-'))
  context.after(() => rmSync(root, { recursive: true }))
  const data = join(root, 'data')
  const file = join(root, 'backup')
  const storage = await openTestStorage(data)
  await storage.identity.createTenant({ id: 'saved' as never, created: 1, createdBy: 'cli:zoe' })
  await storage.close()
  await backUpTestStorage(data, file)
  return { root, data, file }
}

/** A store as a crash left it, with all of one document in its log. Gives the log. */
function leaveLog(data: string): Buffer {
  const open = openFormerStore(`${data}-open`, newestSchema)
  open.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  addFormerDocument(open, 'in-the-log', '{}')
  mkdirSync(data)
  for (const tail of ['', '-wal']) {
    copyFileSync(join(`${data}-open`, db + tail), join(data, db + tail))
  }
  appendFileSync(join(data, `${db}.unclosed`), '')
  open.close()
  return readFileSync(join(data, `${db}-wal`))
}

async function tenantsOf(data: string): Promise<readonly string[]> {
  const storage = await openTestStorage(data, { make: false })
  const tenants = await storage.identity.listTenants()
  await storage.close()
  return tenants.map(({ id }) => id)
}

function stateOf(data: string) {
  return readdirSync(data).map((name) => [name, readFileSync(join(data, name)).toString('latin1')])
}

function change(file: string, sql: string): void {
  const connection = new DatabaseSync(file)
  connection.exec(sql)
  connection.close()
}

function becomePipe(file: string): void {
  rmSync(file)
  execFileSync('mkfifo', [file])
}

function becomeFolder(file: string): void {
  rmSync(file)
  mkdirSync(file)
}

function nonsense(file: string): void {
  const bytes = readFileSync(file)
  bytes.fill(0x55, 4096 * 3, 4096 * 5)
  writeFileSync(file, bytes)
}

async function refused(attempt: Promise<unknown>, code: Refusal['code'], message: RegExp) {
  await assert.rejects(
    attempt,
    (error) => error instanceof Refusal && error.code === code && message.test(error.message),
  )
}
