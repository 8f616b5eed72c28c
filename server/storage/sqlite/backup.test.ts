/** Where a backup is made, what is refused, and what is left when it is not made. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { findSmallDisk } from '../../../test/gates/small-disk.ts'
import { addFormerDocument, lookInto, openFormerStore } from '../../../test/support/former-store.ts'
import { backUpTestStorage, openTestStorage } from '../../../test/support/storage.ts'
import { Refusal, StartRefused } from '../../contract/errors.ts'
import { openPartial } from './partial.ts'

describe('a backup', () => {
  test('is one file, its owner’s alone, and nothing is left beside it', async (context) => {
    const { data, out } = await makeStore(context)
    const made = await backUpTestStorage(data, join(out, 'b'))
    assert.deepEqual(readdirSync(out), ['b'])
    assert.deepEqual(readdirSync(data).toSorted(), ['tenantry.sqlite', 'tenantry.sqlite.lock'])
    const { mode, size } = statSync(join(out, 'b'))
    assert.deepEqual([mode & 0o777, size], [0o600, made.bytes])
    const connection = new DatabaseSync(join(out, 'b'), { readOnly: true })
    assert.equal(connection.prepare('PRAGMA journal_mode').get()?.journal_mode, 'delete')
    connection.close()
    assert.deepEqual(readdirSync(out), ['b'])
  })

  test('has what a crash left in the log', async (context) => {
    const { root, out } = await makeStore(context)
    const open = openFormerStore(join(root, 'open'), 2)
    addFormerDocument(open, 'in-the-log', '{}')
    const crashed = join(root, 'crashed')
    mkdirSync(crashed)
    for (const tail of ['', '-wal']) {
      copyFileSync(
        join(root, `open/tenantry.sqlite${tail}`),
        join(crashed, `tenantry.sqlite${tail}`),
      )
    }
    open.close()
    const made = await backUpTestStorage(crashed, join(out, 'b'))
    assert.deepEqual(lookInto(join(out, 'b')).documents, ['in-the-log'])
    assert.deepEqual([made.documents, made.newestChange], [1, 1_700_000_000_005])
  })

  test('of an older store is of its schema, and the store stays so', async (context) => {
    const { root, out } = await makeStore(context)
    const former = openFormerStore(join(root, 'former'), 1)
    addFormerDocument(former, 'a', '{}')
    former.close()
    const before = readFileSync(join(root, 'former/tenantry.sqlite'))
    const made = await backUpTestStorage(join(root, 'former'), join(out, 'b'))
    assert.deepEqual([made.schema, made.documents], [1, 1])
    assert.deepEqual(readFileSync(join(root, 'former/tenantry.sqlite')), before)
  })

  test('takes the moment of its beginning, by the clock', async (context) => {
    const { data, out } = await makeStore(context)
    assert.equal((await backUpTestStorage(data, join(out, 'b'), { now: () => 5 })).takenAt, 5)
  })

  test('says how far it is', async (context) => {
    const { data, out } = await makeStore(context)
    const steps: string[] = []
    const onCopied = ({ step, done, all }: { step: string; done: number; all: number }) => {
      assert.ok(done >= 0 && done <= all)
      steps.push(step)
    }
    await backUpTestStorage(data, join(out, 'b'), { onCopied })
    assert.deepEqual(new Set(steps), new Set(['copying', 'checking']))
  })
})

describe('no backup is made', () => {
  test('over something that is there, a file or a link to nothing', async (context) => {
    const { data, out } = await makeStore(context)
    writeFileSync(join(out, 'file'), 'precious')
    symlinkSync(join(out, 'nowhere'), join(out, 'link'))
    for (const name of ['file', 'link']) {
      await refused(backUpTestStorage(data, join(out, name)), 'Conflict', /is there already/)
    }
    assert.equal(readFileSync(join(out, 'file'), 'utf8'), 'precious')
    assert.deepEqual(readdirSync(out).toSorted(), ['file', 'link'])
  })

  test('under a name that came to be while it was made', async (context) => {
    const { data, out } = await makeStore(context)
    const onCopied = () => writeFileSync(join(out, 'b'), 'precious')
    await refused(
      backUpTestStorage(data, join(out, 'b'), { onCopied }),
      'Conflict',
      /there already/,
    )
    assert.equal(readFileSync(join(out, 'b'), 'utf8'), 'precious')
    assert.deepEqual(readdirSync(out), ['b'])
  })

  for (const tail of ['', '-wal', '-shm', '-journal', '.lock', '.unclosed', '.restoring']) {
    test(`as tenantry.sqlite${tail} beside the data, nor through a link`, async (context) => {
      const { root, data } = await makeStore(context)
      symlinkSync(data, join(root, 'link'))
      const before = readdirSync(data)
      for (const folder of [data, join(root, 'link')]) {
        const file = join(folder, `tenantry.sqlite${tail}`)
        await refused(backUpTestStorage(data, file), 'BadRequest', /a name of the data itself/)
      }
      assert.deepEqual(readdirSync(data), before)
    })
  }

  test('in a folder’s place, nor in one that is missing or a file', async (context) => {
    const { data, out } = await makeStore(context)
    writeFileSync(join(out, 'file'), '')
    await refused(backUpTestStorage(data, out), 'BadRequest', /is a folder/)
    await refused(backUpTestStorage(data, join(out, 'no/b')), 'BadRequest', /There is no folder/)
    await refused(backUpTestStorage(data, join(out, 'file/b')), 'BadRequest', /cannot be read/)
    assert.deepEqual(readdirSync(out), ['file'])
  })

  test('where there is no room, and nothing is left there', async (context) => {
    const disk = findSmallDisk(context, 1)
    if (disk === undefined) return context.skip('nothing can be mounted here')
    const { data } = await makeStore(context)
    const storage = await openTestStorage(data)
    await storage.keepSecret('large', new Uint8Array(1_200_000), 1)
    await storage.close()
    const attempt = backUpTestStorage(data, join(disk, 'b'))
    await refused(attempt, 'StorageFull', /no room for .*, which takes about 1\.3 MB\./)
    assert.deepEqual(readdirSync(disk), [])
  })

  test('where there is no data, and none comes of it', async (context) => {
    const { root, out } = await makeStore(context)
    const none = join(root, 'none')
    await assert.rejects(backUpTestStorage(none, join(out, 'b')), /There is no data at/)
    assert.ok(!existsSync(none))
    mkdirSync(none)
    writeFileSync(join(none, 'tenantry.sqlite'), '')
    await assert.rejects(backUpTestStorage(none, join(out, 'b')), /first start was cut off/)
    assert.deepEqual(readdirSync(out), [])
  })

  test('of the data of a newer Tenantry, nor of another program', async (context) => {
    const { root, out } = await makeStore(context)
    const newer = openFormerStore(join(root, 'newer'), 1)
    newer.exec('PRAGMA user_version = 999')
    newer.close()
    await assert.rejects(backUpTestStorage(join(root, 'newer'), join(out, 'b')), /schema is 999/)
    const other = openFormerStore(join(root, 'other'), 1)
    other.exec('PRAGMA application_id = 7; PRAGMA user_version = 0')
    other.close()
    await assert.rejects(
      backUpTestStorage(join(root, 'other'), join(out, 'b')),
      /database of another program/,
    )
    assert.deepEqual(readdirSync(out), [])
  })

  test('of data with a damaged row, unless that is asked for', async (context) => {
    const { data, out } = await makeStore(context)
    const connection = new DatabaseSync(join(data, 'tenantry.sqlite'))
    connection.exec("UPDATE tenants SET created_by = 'cli:mallory'")
    connection.close()
    const file = join(out, 'b')
    await assert.rejects(
      backUpTestStorage(data, file),
      (error) =>
        error instanceof StartRefused &&
        /rows that are not as .*written, 1 in all: tenant acme\..* --damaged/.test(error.message),
    )
    assert.deepEqual(readdirSync(out), [])
    const made = await backUpTestStorage(data, file, { keepDamaged: true })
    assert.deepEqual([made.damaged, made.damagedCount], [['tenant acme'], 1])
  })
})

describe('what a killed one left', () => {
  test('is removed by the next in that folder, whatever its name', async (context) => {
    const { data, out } = await makeStore(context)
    const child = await holdPartial(context, join(out, 'yesterday'))
    child.kill('SIGKILL')
    await once(child, 'exit')
    assert.deepEqual(readdirSync(join(out, 'yesterday.tenantry-partial')).toSorted()[0], 'copy')
    mkdirSync(join(out, 'cut-early.tenantry-partial'))
    await backUpTestStorage(data, join(out, 'today'))
    assert.deepEqual(readdirSync(out), ['today'])
  })

  test('is made anew under its own name', async (context) => {
    const { data, out } = await makeStore(context)
    const child = await holdPartial(context, join(out, 'b'))
    child.kill('SIGKILL')
    await once(child, 'exit')
    await backUpTestStorage(data, join(out, 'b'))
    assert.deepEqual(readdirSync(out), ['b'])
  })

  test('is left alone while it is still being made, and not made twice', async (context) => {
    const { data, out } = await makeStore(context)
    await holdPartial(context, join(out, 'slow'))
    await backUpTestStorage(data, join(out, 'quick'))
    assert.deepEqual(readdirSync(out).toSorted(), ['quick', 'slow.tenantry-partial'])
    assert.ok(existsSync(join(out, 'slow.tenantry-partial/copy')))
    await refused(backUpTestStorage(data, join(out, 'slow')), 'Unavailable', /by another process/)
  })

  test('is not what others keep in a folder of such a name', async (context) => {
    const { data, out } = await makeStore(context)
    mkdirSync(join(out, 'mine.tenantry-partial'))
    writeFileSync(join(out, 'mine.tenantry-partial/letter'), 'precious')
    await backUpTestStorage(data, join(out, 'b'))
    assert.equal(readFileSync(join(out, 'mine.tenantry-partial/letter'), 'utf8'), 'precious')
  })
})

test('of three who begin the same file at once, one makes it', async (context) => {
  const { data, out } = await makeStore(context)
  const file = join(out, 'b')
  const partial = openPartial(join(out, 'other'))
  const outcomes = await Promise.allSettled(
    Array.from({ length: 3 }, () => backUpTestStorage(data, file, { busyTimeoutMs: 10 })),
  )
  assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
  partial.remove()
  assert.deepEqual(readdirSync(out), ['b'])
})

async function refused(attempt: Promise<unknown>, code: Refusal['code'], message: RegExp) {
  await assert.rejects(
    attempt,
    (error) => error instanceof Refusal && error.code === code && message.test(error.message),
  )
}

/** A store with a tenant in it, closed, and a folder for backups. */
async function makeStore(context: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'tenantry-backup-'))
  context.after(() => rmSync(root, { recursive: true }))
  const data = join(root, 'data')
  const out = join(root, 'out')
  mkdirSync(out)
  const storage = await openTestStorage(data)
  await storage.identity.createTenant({ id: 'acme' as never, created: 1, createdBy: 'cli:zoe' })
  await storage.close()
  return { root, data, out }
}

/** Another process, in the middle of making this file. */
async function holdPartial(context: TestContext, file: string) {
  const partial = new URL('partial.ts', import.meta.url).href
  const script = `
    import { writeFileSync } from 'node:fs'
    import { openPartial } from ${JSON.stringify(partial)}
    const partial = openPartial(${JSON.stringify(file)})
    writeFileSync(partial.path, 'half')
    process.stdout.write('held')
    process.stdin.resume()`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  context.after(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}
