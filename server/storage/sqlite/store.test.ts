/**
 * The store as a whole where it meets what it cannot do: more than may wait, rows that were
 * altered, others who write; and that errors and transactions of SQLite stay inside.
 */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, test } from 'node:test'
import { alter, holdLock, openIn } from '../../../test/support/sqlite-files.ts'
import { acme, documentOf, everything, keyOf, lamp } from '../../../test/support/stored-samples.ts'
import { Refusal } from '../../contract/errors.ts'
import { parseDocumentName, parseTenantId } from '../../contract/names.ts'
import { commandOf } from '../conformance/document-commands.ts'
import type { Storage } from '../engine.ts'

test('of more writes than may wait some are told to come back, the others done', async (on) => {
  const storage = await openIn(on, { tenants: [acme] })
  const text = 'x'.repeat(1_000_000)
  const attempts = Array.from({ length: 100 }, (_, n) =>
    storage.documents.write(lamp, commandOf({ content: { n, text } })),
  )
  const ends = await Promise.allSettled(attempts)
  const refused = ends.filter((end) => end.status === 'rejected')
  assert.ok(refused.length > 20 && refused.length < 50, `${refused.length} were refused`)
  for (const { reason } of refused) assert.equal(reason.code, 'Unavailable')
  assert.equal((await storage.documents.read(lamp))?.revision, 100 - refused.length)
})

test('a write that cannot cross to the writer is rejected, the next one done', async (on) => {
  const storage = await openIn(on, { tenants: [acme] })
  const strange = { ...commandOf(), by: (() => 'a function') as unknown as string }
  await assert.rejects(storage.documents.write(lamp, strange), { name: 'DataCloneError' })
  assert.equal((await storage.documents.write(lamp, commandOf())).resource.revision, 1)
})

describe('a row that is not as it was written', () => {
  const turned: { readonly [table: string]: string } = {
    documents: `UPDATE documents SET content = '{"n":2}'`,
    'documents, moved to another name': "UPDATE documents SET document = 'lamp2'",
    'documents, in a stamp': 'UPDATE documents SET updated = updated + 1',
    changes: `UPDATE changes SET content = '{"n":2}'`,
    tenants: 'UPDATE tenants SET created = created + 1',
    keys: `UPDATE keys SET scopes = '["keys:*"]'`,
    'keys, alive again': 'UPDATE keys SET revoked = NULL',
  }
  for (const [what, sql] of Object.entries(turned)) {
    test(`is a fault to whoever reads it, and to nobody else: ${what}`, async (context) => {
      // A command, which remembers nothing.
      const storage = await openIn(context, { as: 'command' })
      await storage.identity.createTenant({ id: acme, created: 1, createdBy: 'check' })
      await storage.identity.createKey(keyOf('k1'))
      await storage.identity.revokeKey('k1', undefined, 5)
      await storage.documents.write(lamp, commandOf({ content: { n: 1 } }))
      const reads: { readonly [table: string]: () => Promise<unknown> } = {
        documents: () => storage.documents.list(lamp, undefined),
        changes: () => storage.documents.listChanges(acme, 0, 9),
        tenants: () => storage.identity.listTenants(),
        keys: () => storage.identity.findKey('k1'),
      }
      for (const read of Object.values(reads)) await read()
      alter(storage.place, sql)
      for (const [table, read] of Object.entries(reads)) {
        if (what.startsWith(table)) await assert.rejects(read(), /fails its checksum/)
        else await read()
      }
      if (!what.startsWith('documents')) return
      const address = what.endsWith('name')
        ? { ...lamp, document: parseDocumentName('lamp2') }
        : lamp
      await assert.rejects(storage.documents.read(address), /a stored document fails its checksum/)
      await assert.rejects(storage.documents.write(address, commandOf()), /fails its checksum/)
    })
  }
})

describe('a busy store', () => {
  const busyTimeoutMs = 80
  const writes: { readonly [name: string]: (storage: Storage) => Promise<unknown> } = {
    write: ({ documents }) => documents.write(lamp, commandOf({ content: { n: 2 } })),
    createTenant: ({ identity }) =>
      identity.createTenant({ id: parseTenantId('other'), created: 1, createdBy: 'check' }),
    createKey: ({ identity }) => identity.createKey(keyOf('k2')),
    revokeKey: ({ identity }) => identity.revokeKey('k1', undefined, 5),
    recordUse: ({ identity }) => identity.recordUse(new Map([['k1', 5]])),
  }

  for (const [name, write] of Object.entries(writes)) {
    test(`${name} is Unavailable after its time, leaves no trace, and works later`, async (on) => {
      const storage = await openIn(on, { busyTimeoutMs })
      await storage.identity.createTenant({ id: acme, created: 1, createdBy: 'check' })
      await storage.identity.createKey(keyOf('k1'))
      await storage.documents.write(lamp, commandOf({ content: { n: 1 } }))
      const before = await everything(storage)

      const lock = holdLock(on, storage.place)
      const start = performance.now()
      await assert.rejects(
        write(storage),
        (error) => error instanceof Refusal && error.code === 'Unavailable',
      )
      const waitedMs = performance.now() - start
      assert.ok(waitedMs >= busyTimeoutMs - 5 && waitedMs < 5000, `it waited ${waitedMs} ms`)
      assert.deepEqual(await everything(storage), before)

      lock.close()
      await write(storage)
      assert.notDeepEqual(await everything(storage), before)
    })
  }

  test('reads go on', async (context) => {
    const storage = await openIn(context, { busyTimeoutMs, tenants: [acme] })
    await storage.documents.write(lamp, commandOf({ content: { n: 1 } }))
    const lock = holdLock(context, storage.place)
    lock.exec('DELETE FROM documents')
    assert.equal((await storage.documents.read(lamp))?.base.content, '{"n":1}')
    assert.equal((await storage.documents.list(lamp, undefined)).length, 1)
    assert.equal((await storage.documents.listChanges(acme, 0, 9)).length, 1)
    assert.equal((await storage.identity.listTenants()).length, 1)
  })
})

test("no error of SQLite's gets out by itself", async (context) => {
  const storage = await openIn(context)
  await storage.identity.createTenant({ id: acme, created: 1, createdBy: 'check' })
  alter(storage.place, 'DROP TABLE documents; DROP TABLE changes; DROP TABLE keys')
  const attempts = [
    storage.documents.write(lamp, commandOf()),
    storage.documents.read(lamp),
    storage.documents.list(lamp, undefined),
    storage.documents.listChanges(acme, 0, 1),
    storage.identity.findKey('k'),
    storage.identity.createKey(keyOf('k')),
  ]
  for (const [outcome] of await Promise.all(attempts.map((each) => Promise.allSettled([each])))) {
    assert.ok(outcome?.status === 'rejected')
    const { reason } = outcome
    assert.ok(!(reason instanceof Refusal), 'a fault of ours is no refusal')
    assert.equal('errcode' in reason, false)
    assert.match(reason.message, /^SQLite failed with code \d+$/)
    assert.match(String(reason.cause), /no such table/)
  }
})

test('no read keeps a transaction open, not even a list that was left early', async (context) => {
  const storage = await openIn(context)
  const { documents, identity } = storage
  await identity.createTenant({ id: acme, created: 1, createdBy: 'check' })
  const large = commandOf({ content: { text: 'x'.repeat(600_000) } })
  for (const name of ['a', 'b', 'c', 'd']) await documents.write(documentOf(name), large)
  const reads: { readonly [name: string]: () => Promise<unknown> } = {
    'a list left early': async () => {
      const page = await documents.list(lamp, undefined)
      assert.ok(page.length < 4, 'the page must end before the list')
    },
    'a list read to its end': () => documents.list(lamp, documentOf('c').document),
    'a read': () => documents.read(documentOf('a')),
    'a read of nothing': () => documents.read(documentOf('z')),
    'a record read in part': () => documents.listChanges(acme, 0, 1),
    'a list of tenants': () => identity.listTenants(),
    'a key that is unknown': () => identity.findKey('k'),
    'keys of a tenant': () => identity.listKeys(acme),
    'a write': () => documents.write(documentOf('e'), commandOf()),
    'a revocation': () => identity.revokeKey('k', undefined, 1),
  }
  for (const [name, read] of Object.entries(reads)) {
    await read()
    // So that the log holds something that the read, were it open, would not have seen.
    await documents.write(documentOf('later'), commandOf())
    const other = new DatabaseSync(storage.place)
    const answer = other.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
    other.close()
    assert.deepEqual({ ...answer }, { busy: 0, log: 0, checkpointed: 0 }, name)
  }
})

test('close lets go of the file: no log is left beside it', async (context) => {
  const { place } = await openIn(context, { closed: true })
  assert.equal(existsSync(place), true)
  assert.equal(existsSync(`${place}-wal`), false)
})
