/** What a store says of its health after a stop without warning. */
import assert from 'node:assert/strict'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { after, describe, test } from 'node:test'
import { openTestStorage, quietListener } from '../../../test/support/storage.ts'
import { lamp } from '../../../test/support/stored-samples.ts'
import { commandOf } from '../conformance/document-commands.ts'
import type { StorageListener } from '../engine.ts'

const root = mkdtempSync(join(tmpdir(), 'tenantry-health-'))
after(() => rmSync(root, { recursive: true }))

const open = (dataFolder: string, listener: Partial<StorageListener> = {}, url = 'sqlite:') =>
  openTestStorage(dataFolder, {
    tenants: ['acme'],
    url,
    listener: { ...quietListener, ...listener },
  })

const write = (storage: Awaited<ReturnType<typeof open>>, content: unknown) =>
  storage.documents.write(lamp, commandOf({ content }))

/** The files of a store as a stop without warning would leave them: its log not moved in. */
async function stoppedWithoutWarning(context: TestContext): Promise<string> {
  const running = mkdtempSync(join(root, 'running-'))
  const folder = mkdtempSync(join(root, 'stopped-'))
  const storage = await open(running)
  context.after(() => storage.close())
  for (let n = 0; n < 30; n++) await write(storage, { n, text: 'x'.repeat(5000) })
  for (const end of ['', '-wal']) {
    copyFileSync(`${storage.place}${end}`, join(folder, `tenantry.sqlite${end}`))
  }
  return folder
}

describe('the check of all data', () => {
  test('is not made of a new store, nor after an orderly stop', async () => {
    const folder = mkdtempSync(join(root, 'orderly-'))
    for (const _ of ['new', 'stopped in order']) {
      const states: string[] = []
      const storage = await open(folder, { onCheck: (state) => states.push(state) })
      await write(storage, {})
      assert.deepEqual(await storage.readHealth(), { full: false, check: 'none' })
      await storage.close()
      assert.deepEqual(states, [])
    }
  })

  test('runs beside serving after a stop without warning, and says when it passed', async (on) => {
    const folder = await stoppedWithoutWarning(on)
    const passed = Promise.withResolvers<void>()
    const states: string[] = []
    const storage = await open(folder, {
      onCheck(state) {
        states.push(state)
        if (state === 'passed') passed.resolve()
      },
    })
    on.after(() => storage.close())
    assert.deepEqual(await storage.readHealth(), { full: false, check: 'running' })
    assert.match((await storage.documents.read(lamp))?.base.content ?? '', /^\{"n":29,/)
    await passed.promise
    assert.deepEqual(await storage.readHealth(), { full: false, check: 'passed' })
    assert.deepEqual(states, ['running', 'passed'])
  })

  test('tells of a broken file, of pages too that nobody reads', async (context) => {
    const folder = await stoppedWithoutWarning(context)
    // Moves the log into the file, so that what is turned there is what is read.
    const settled = await open(folder)
    await settled.close()
    const file = join(folder, 'tenantry.sqlite')
    const place = openSync(file, 'r+')
    const page = 4096
    const last = statSync(file).size / page - 1
    writeSync(place, Buffer.alloc(200, 0xff), 0, 200, (last >> 1) * page)
    const other = await stoppedWithoutWarning(context)
    copyFileSync(file, join(other, 'broken.sqlite'))
    // An empty page of log is enough to say that nobody moved it in.
    copyFileSync(join(other, 'tenantry.sqlite'), join(other, 'broken.sqlite-wal'))
    const broken = Promise.withResolvers<unknown>()
    const storage = await open(other, { onBroken: broken.resolve }, 'sqlite:broken.sqlite')
    context.after(() => storage.close().catch(() => {}))
    assert.match(String(await broken.promise), /the check of .*broken\.sqlite found: /)
  })

  test('is given up when the store is closed', async (context) => {
    const folder = await stoppedWithoutWarning(context)
    const states: string[] = []
    const storage = await open(folder, { onCheck: (state) => states.push(state) })
    await storage.close()
    assert.deepEqual(states, ['running'])
  })

  test('is owed by the next start when given up, whatever commands did between', async (on) => {
    const folder = await stoppedWithoutWarning(on)
    await (await open(folder)).close()
    const command = await openTestStorage(folder, { as: 'command' })
    await write(command, '{}')
    await command.close()
    assert.equal(existsSync(join(folder, 'tenantry.sqlite-wal')), false)
    const passed = Promise.withResolvers<void>()
    const states: string[] = []
    const onCheck = (state: string) => {
      states.push(state)
      if (state === 'passed') passed.resolve()
    }
    const storage = await open(folder, { onCheck })
    await passed.promise
    await storage.close()
    const settled = await open(folder, { onCheck })
    await settled.close()
    assert.deepEqual(states, ['running', 'passed'])
  })
})
