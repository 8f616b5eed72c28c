/** What is backed up before a store is migrated, under which name, and what stops the start. */
import assert from 'node:assert/strict'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { findSmallDisk } from '../../../test/gates/small-disk.ts'
import {
  addFormerDocument,
  lookInto,
  newestSchema,
  openFormerStore,
} from '../../../test/support/former-store.ts'
import {
  openTestStorage,
  quietListener,
  restoreTestStorage,
} from '../../../test/support/storage.ts'
import { StartRefused } from '../../contract/errors.ts'
import type { UpgradeState } from '../engine.ts'
import { backUpBeforeUpgrade } from './upgrade.ts'

const db = 'tenantry.sqlite'
const backupName = `${db}.before-schema-${newestSchema}`

for (let schema = 1; schema < newestSchema; schema++) {
  describe(`a store of schema ${schema}`, () => {
    for (const as of ['server', 'command'] as const) {
      test(`is backed up with its log before a ${as} migrates it`, async (context) => {
        const data = leaveLog(makeFolder(context), schema)
        const told: UpgradeState[] = []
        await open(data, { as, onUpgrade: (state) => told.push(state) })
        const backup = join(data, backupName)
        assert.deepEqual(lookInto(backup), { schema, documents: ['a', 'in-the-log'] })
        assert.equal(statSync(backup).mode & 0o777, 0o600)
        assert.deepEqual(lookInto(join(data, db)).schema, newestSchema)
        const more = readdirSync(data).filter((name) => /before|partial/.test(name))
        assert.deepEqual(more, [backupName])
        assert.deepEqual([told[0]?.state, told.at(-1)?.state], ['backing up', 'migrated'])
        for (const { from, to, backup: named } of told) {
          assert.deepEqual([from, to, named], [schema, newestSchema, backup])
        }
      })
    }

    test('goes back to what it was by a restore, and is migrated again', async (context) => {
      const data = leaveLog(makeFolder(context), schema)
      await open(data)
      await restoreTestStorage(data, join(data, backupName), { replace: true })
      assert.deepEqual(lookInto(join(data, db)), { schema, documents: ['a', 'in-the-log'] })
      await open(data)
      assert.deepEqual(lookInto(join(data, db)).schema, newestSchema)
      // The backup that is there has the same pages: it is that of this migration too.
      assert.deepEqual(
        readdirSync(data).filter((name) => name.includes('before')),
        [backupName],
      )
    })

    test('keeps the one backup of a start that was cut off behind it', async (context) => {
      const data = leaveLog(makeFolder(context), schema)
      const first = await backUpBeforeUpgrade(join(data, db), 1000, quietListener)
      const { ino } = statSync(join(data, backupName))
      for (let start = 0; start < 3; start++) {
        assert.deepEqual(await backUpBeforeUpgrade(join(data, db), 1000, quietListener), first)
      }
      await open(data)
      assert.equal(statSync(join(data, backupName)).ino, ino)
      assert.deepEqual(readdirSync(data).toSorted(), [db, backupName, `${db}.lock`])
    })

    test('is backed up once more where it was written to since', async (context) => {
      const data = leaveLog(makeFolder(context), schema)
      writeFileSync(join(data, backupName), 'precious')
      await backUpBeforeUpgrade(join(data, db), 1000, quietListener)
      const connection = new DatabaseSync(join(data, db))
      addFormerDocument(connection, 'since', '{}')
      connection.close()
      await open(data)
      assert.equal(readFileSync(join(data, backupName), 'utf8'), 'precious')
      assert.deepEqual(lookInto(join(data, `${backupName}-2`)).documents, ['a', 'in-the-log'])
      assert.deepEqual(lookInto(join(data, `${backupName}-3`)).documents.length, 3)
    })

    test('with a damaged row is migrated, and the backup has the row as it is', async (context) => {
      const data = leaveLog(makeFolder(context), schema)
      const connection = new DatabaseSync(join(data, db))
      connection.exec("UPDATE documents SET content = '{}x' WHERE document = 'a'")
      connection.close()
      await open(data)
      assert.deepEqual(lookInto(join(data, backupName)).documents, ['a', 'in-the-log'])
    })

    test('is refused and unchanged where there is no room', async (context) => {
      const disk = findSmallDisk(context, 3)
      if (disk === undefined) return context.skip('nothing can be mounted here')
      const data = join(disk, 'data')
      const large = leaveLog(makeFolder(context), schema, 'x'.repeat(900_000))
      cpSync(large, data, { recursive: true })
      const before = lookInto(join(data, db))
      for (const as of ['server', 'command'] as const) {
        await assert.rejects(
          open(data, { as }),
          (error) =>
            error instanceof StartRefused &&
            /there is no room for the backup.* takes about 1\.[89] MB, .*Make room/.test(
              error.message,
            ),
        )
      }
      assert.deepEqual(lookInto(join(data, db)), before)
      assert.deepEqual(
        readdirSync(data).filter((name) => /before|partial/.test(name)),
        [],
      )
    })
  })
}

test('a new store, and one of this schema, are not backed up', async (context) => {
  const data = makeFolder(context)
  for (let start = 0; start < 2; start++) {
    await open(data, { onUpgrade: () => assert.fail('there was nothing to migrate') })
    assert.deepEqual(readdirSync(data).toSorted(), [db, `${db}.lock`])
  }
})

type Options = Partial<Parameters<typeof openTestStorage>[1]> & {
  readonly onUpgrade?: (state: UpgradeState) => void
}

async function open(data: string, { onUpgrade, ...options }: Options = {}): Promise<void> {
  const listener = onUpgrade === undefined ? quietListener : { ...quietListener, onUpgrade }
  await (await openTestStorage(data, { ...options, listener })).close()
}

/** A store as a crash left it: one document in its file, and one in its log. */
function leaveLog(folder: string, schema: number, text = ''): string {
  const made = openFormerStore(join(folder, 'open'), schema)
  addFormerDocument(made, 'a', JSON.stringify({ text }))
  made.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  addFormerDocument(made, 'in-the-log', '{}')
  const data = join(folder, 'data')
  mkdirSync(data)
  for (const tail of ['', '-wal'])
    copyFileSync(join(folder, 'open', db + tail), join(data, db + tail))
  made.close()
  rmSync(join(folder, 'open'), { recursive: true })
  return data
}

function makeFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-upgrade-'))
  context.after(() => rmSync(folder, { recursive: true }))
  return folder
}
