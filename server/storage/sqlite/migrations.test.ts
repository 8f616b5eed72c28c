/**
 * Data that an earlier version wrote opens under this one: a store of migration 0001 alone, with
 * its rows as that version left them, checksums and all. What was promised of them holds, and what
 * is new works on them.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { openTestStorage } from '../../../test/support/storage.ts'
import type { DocumentAddress, TenantId } from '../../contract/names.ts'
import { etagOfBase, showBase } from '../../documents/resource.ts'
import type { WriteCommand } from '../../documents/write.ts'
import { commandOf as commandOfCheck } from '../conformance/document-commands.ts'

/** What a server of schema 1 wrote. */
const written = String.raw`
  INSERT INTO tenants VALUES (
    'acme', 1700000000000, 'cli:Zoë', 3385018757);
  INSERT INTO tenants VALUES (
    'globex', 1700000000000, 'cli:Zoë', 719981531);
  INSERT INTO keys VALUES (
    '0123456789AB', 'acme',
    X'4e3f5a1d81582cf9c45c5b0f43e59793f58d060cc71e7667b5b2a09e37f602a2',
    '["provisioning:*","keys:*"]', 'of the "exporter" 😀', 1700000000001, 'cli:Zoë', NULL,
    1800000000000, NULL, 3871011283);
  INSERT INTO keys VALUES (
    '0123456789CD', 'acme',
    X'064cfa9b284df14afcbbbb6f77100136c546946701bf5539bab883f7e026cc53',
    '["provisioning:*","keys:*"]', 'of the "exporter" 😀', 1700000000001, 'cli:Zoë',
    8640000000000000, NULL, 1750000000000, 2442261932);
  INSERT INTO keys VALUES (
    '0123456789EF', 'globex',
    X'c0ebafa08fa35f802a920268406565105aa7e9c9a8545a1d03e7163d958e412f', '[]', '',
    1700000000001, 'cli:Zoë', NULL, NULL, NULL, 1501787910);
  INSERT INTO documents VALUES (
    'acme', '', '', 1, 0, '{"name":"Acme"}', 1800000000000, 'apikey:0123456789AB', NULL,
    NULL, NULL, NULL, 3100037610);
  INSERT INTO documents VALUES (
    'acme', 'bots', 'bot-1', 3, 2,
    '{"2":1152921504606846976,"1":"\"ж","versions":{"draft":{}}}', 1800000000009,
    'apikey:0123456789CD', 2, '{"x":1,"y":[1,{"z":null}]}', 1800000000005,
    'apikey:0123456789AB', 3593784616);
  INSERT INTO documents VALUES (
    'acme', 'users', 'é 😀@example.com', 2, 0, '{"again":true}', 1800000000000,
    'apikey:0123456789AB', NULL, NULL, NULL, NULL, 3369111552);
  INSERT INTO documents VALUES (
    'globex', 'bots', 'bot-1', 1, 0, '{"of":"globex"}', 1800000000000,
    'apikey:0123456789AB', NULL, NULL, NULL, NULL, 2839258676);
  INSERT INTO changes VALUES (
    'acme', 1, '', '', 'create', 'base', 1, NULL, '{"name":"Acme"}', NULL,
    'apikey:0123456789AB', 1800000000000, 'request-1', 2251234359);
  INSERT INTO changes VALUES (
    'acme', 2, 'bots', 'bot-1', 'create', 'base', 1, 1,
    '{"2":1152921504606846976,"1":"\"ж"}', '{"x":1}', 'apikey:0123456789AB', 1800000000000,
    'request-1', 1751704786);
  INSERT INTO changes VALUES (
    'acme', 3, 'bots', 'bot-1', 'merge', 'live', 2, 2, NULL, '{"x":1,"y":[1,{"z":null}]}',
    'apikey:0123456789AB', 1800000000005, 'request-2', 4256530996);
  INSERT INTO changes VALUES (
    'acme', 4, 'bots', 'bot-1', 'merge', 'base', 3, NULL,
    '{"2":1152921504606846976,"1":"\"ж","versions":{"draft":{}}}', NULL,
    'apikey:0123456789CD', 1800000000009, 'request-1', 2645140735);
  INSERT INTO changes VALUES (
    'acme', 5, 'users', 'é 😀@example.com', 'create', 'base', 1, NULL, '{}', NULL,
    'apikey:0123456789AB', 1800000000000, 'request-1', 1653409931);
  INSERT INTO changes VALUES (
    'acme', 6, 'users', 'é 😀@example.com', 'replace', 'base', 2, NULL, '{"again":true}',
    NULL, 'apikey:0123456789AB', 1800000000000, 'request-1', 590555222);
  INSERT INTO changes VALUES (
    'globex', 1, 'bots', 'bot-1', 'create', 'base', 1, NULL, '{"of":"globex"}', NULL,
    'apikey:0123456789AB', 1800000000000, 'request-1', 3580778972);
`

const tables = ['tenants', 'keys', 'documents', 'changes'] as const
const core = readFileSync(new URL('migrations/0001-core.sql', import.meta.url), 'utf8')

const [acme, globex] = ['acme' as TenantId, 'globex' as TenantId]

function addressOf(document: string, collection = 'bots', tenant = acme): DocumentAddress {
  return { tenant, collection, document } as DocumentAddress
}

function commandOf(said: Partial<WriteCommand>): WriteCommand {
  const later = { by: 'apikey:0123456789AB', at: 1_900_000_000_000, requestId: 'request-9' }
  return { ...commandOfCheck(later), ...said }
}

/** A data folder as the earlier version closed it, and its rows. */
function formerData(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-former-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'tenantry.sqlite')
  const connection = new DatabaseSync(path)
  connection.exec('PRAGMA journal_mode = WAL')
  connection.exec(core)
  connection.exec(written)
  connection.exec('PRAGMA user_version = 1')
  connection.close()
  return { folder, path, rows: rowsOf(path) }
}

function rowsOf(path: string): unknown[] {
  const connection = new DatabaseSync(path, { readOnly: true })
  const all = tables.map((table) => connection.prepare(`SELECT * FROM ${table}`).all().map(former))
  connection.close()
  assert.ok(all.every((rows) => rows.length > 1))
  return all
}

/** The row without what was added to it since, which is empty. */
function former({
  rotated_to: rotatedTo = null,
  live_ended: liveEnded = null,
  ended = null,
  ended_by: endedBy = null,
  ...row
}: {
  readonly [column: string]: unknown
}) {
  assert.deepEqual([rotatedTo, liveEnded, ended, endedBy], [null, null, null, null])
  return row
}

async function openFormer(context: TestContext) {
  const data = formerData(context)
  const storage = await openTestStorage(data.folder)
  context.after(() => storage.close())
  return { ...data, storage }
}

describe('a store of schema 1', () => {
  test('opens with every row as it was, its checksum too', async (context) => {
    const { path, rows, storage } = await openFormer(context)
    assert.deepEqual(rowsOf(path), rows)
    assert.deepEqual(await storage.readHealth(), { full: false, check: 'none' })
  })

  test('opens once and for all: what migrated it finds nothing to migrate', async (context) => {
    const { folder, path, rows } = formerData(context)
    for (const as of ['command', 'server', 'command'] as const) {
      await (await openTestStorage(folder, { as })).close()
      assert.deepEqual(rowsOf(path), rows)
    }
  })

  test('lets all commands run that meet it at the same time', async (context) => {
    const { folder, path, rows } = formerData(context)
    const storage = new URL('../../../test/support/storage.ts', import.meta.url).href
    const script = `
      import { once } from 'node:events'
      import { openTestStorage } from ${JSON.stringify(storage)}
      process.stdout.write('ready')
      await once(process.stdin, 'data')
      const opened = await openTestStorage(${JSON.stringify(folder)}, { as: 'command' })
      await opened.close()
      process.exit()`
    const children = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--input-type=module', '--eval', script], {
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    )
    context.after(() => {
      for (const child of children) child.kill('SIGKILL')
    })
    const exits = children.map((child) => once(child, 'exit'))
    await Promise.all(children.map((child) => once(child.stdout, 'data')))
    for (const child of children) child.stdin.write('go')
    for (const [code] of await Promise.all(exits)) assert.equal(code, 0)
    assert.deepEqual(rowsOf(path), rows)
  })

  test('has the schema of a new one then', async (context) => {
    const { folder, path } = formerData(context)
    await (await openTestStorage(folder)).close()
    const fresh = mkdtempSync(join(tmpdir(), 'tenantry-fresh-'))
    context.after(() => rmSync(fresh, { recursive: true }))
    await (await openTestStorage(fresh)).close()
    const schemaOf = (file: string) => {
      const connection = new DatabaseSync(file, { readOnly: true })
      const rows = connection.prepare('SELECT type, name, sql FROM sqlite_schema').all()
      connection.close()
      return rows.map((row) => JSON.stringify(row)).sort()
    }
    assert.deepEqual(schemaOf(path), schemaOf(join(fresh, 'tenantry.sqlite')))
  })

  test('shows its documents as they were', async (context) => {
    const { documents } = (await openFormer(context)).storage
    const bot = await documents.read(addressOf('bot-1'))
    assert.deepEqual(bot, {
      revision: 3,
      version: 2,
      base: {
        content: String.raw`{"2":1152921504606846976,"1":"\"ж","versions":{"draft":{}}}`,
        updated: 1_800_000_000_009,
        updatedBy: 'apikey:0123456789CD',
      },
      live: {
        revision: 2,
        content: '{"x":1,"y":[1,{"z":null}]}',
        updated: 1_800_000_000_005,
        updatedBy: 'apikey:0123456789AB',
      },
    })
    const user = await documents.read(addressOf('é 😀@example.com', 'users'))
    assert.equal(user && showBase(user), `{"again":true,${stamps}}`)
    const tenant = await documents.read(addressOf('', ''))
    assert.equal(tenant && showBase(tenant), `{"name":"Acme",${stamps}}`)
    const foreign = await documents.read(addressOf('bot-1', 'bots', globex))
    assert.equal(foreign?.base.content, '{"of":"globex"}')
    const listed = await documents.list(addressOf('x'), undefined)
    assert.deepEqual(listed, [{ document: 'bot-1', resource: bot }])
    assert.deepEqual(await documents.listNames(addressOf('x', 'users'), undefined, 9), [
      'é 😀@example.com',
    ])
  })

  test('keeps its record', async (context) => {
    const { documents } = (await openFormer(context)).storage
    const record = await documents.listChanges(acme, 0, 100)
    assert.deepEqual(
      record.map(({ position, action, part, revision, version }) =>
        [position, action, part, revision, version ?? '-'].join(' '),
      ),
      [
        '1 create base 1 -',
        '2 create base 1 1',
        '3 merge live 2 2',
        '4 merge base 3 -',
        '5 create base 1 -',
        '6 replace base 2 -',
      ],
    )
    assert.deepEqual([record[1]?.live, record[2]?.live], ['{"x":1}', '{"x":1,"y":[1,{"z":null}]}'])
    assert.deepEqual([record[2]?.base, record[2]?.requestId], [undefined, 'request-2'])
    assert.equal((await documents.listChanges(globex, 0, 100)).length, 1)
  })

  test('keeps its tenants and keys', async (context) => {
    const { identity } = (await openFormer(context)).storage
    const tenants = await identity.listTenants()
    assert.deepEqual(
      tenants.map(({ id, createdBy }) => [id, createdBy]),
      [
        ['acme', 'cli:Zoë'],
        ['globex', 'cli:Zoë'],
      ],
    )
    const keys = await identity.listKeys(acme)
    assert.deepEqual(
      keys.map(({ id, label, lastUsed, revoked, expiresAt }) => [
        id,
        label,
        lastUsed,
        revoked,
        expiresAt,
      ]),
      [
        ['0123456789AB', 'of the "exporter" 😀', 1_800_000_000_000, undefined, undefined],
        [
          '0123456789CD',
          'of the "exporter" 😀',
          undefined,
          1_750_000_000_000,
          8_640_000_000_000_000,
        ],
      ],
    )
    for (const key of keys) {
      assert.deepEqual(key.scopes, ['provisioning:*', 'keys:*'])
      assert.deepEqual(await identity.findKey(key.id), key)
      assert.deepEqual(await identity.findKeyByHash(key.hash), key)
    }
  })

  test('takes what is new: patches, deletes, repeats, rotations, secrets', async (context) => {
    const { folder, storage } = await openFormer(context)
    const { documents, identity } = storage
    const bot = addressOf('bot-1')
    const before = await documents.read(bot)
    assert.ok(before)
    const repeat = { key: 'k', fingerprint: 'f', keptUntil: 2_000_000_000_000 }
    const patch = commandOf({
      mode: 'jsonPatch',
      content: '[{"op":"add","path":"/versions/current/n","value":1},{"op":"remove","path":"/1"}]',
      conditions: { ifMatch: [etagOfBase(before)] },
      repeat,
    })
    const patched = await documents.write(bot, patch)
    assert.deepEqual([patched.action, patched.resource.revision], ['patch', 4])
    assert.deepEqual(await documents.write(bot, patch), { ...patched, replayed: true })
    assert.equal(patched.resource.version, 3)
    assert.equal(patched.resource.live?.content, '{"x":1,"y":[1,{"z":null}],"n":1}')
    const gone = await documents.write(bot, commandOf({ mode: 'delete' }))
    assert.deepEqual([gone.action, gone.resource.revision], ['delete', 5])
    assert.equal(await documents.read(bot), undefined)
    const again = await documents.write(bot, commandOf({ part: 'live', content: '{}' }))
    assert.deepEqual(
      [again.action, again.resource.revision, again.resource.version],
      ['create', 6, 4],
    )
    const added = await documents.listChanges(acme, 6, 100)
    assert.deepEqual(
      added.map(({ position, action, version }) => [position, action, version]),
      [
        [7, 'patch', 3],
        [8, 'delete', undefined],
        [9, 'create', 4],
      ],
    )
    const next = { id: 'new', hash: new Uint8Array(32), created: 5, createdBy: 'check' }
    const rotation = { tenant: acme, next, overlapMs: 0, at: 1_900_000_000_000 }
    const rotated = await identity.rotateKey('0123456789AB', rotation)
    assert.ok(typeof rotated !== 'string')
    assert.deepEqual(rotated.scopes, ['provisioning:*', 'keys:*'])
    assert.equal(await identity.rotateKey('0123456789CD', rotation), 'dead')
    const secret = await storage.keepSecret('signing', Uint8Array.of(1), 1)
    // Nor is any of it lost when it is opened again.
    const other = await openTestStorage(folder, { as: 'command' })
    context.after(() => other.close())
    assert.deepEqual(await other.documents.read(bot), again.resource)
    assert.deepEqual(await other.identity.findKey('new'), rotated)
    assert.deepEqual(
      Buffer.from(await other.keepSecret('signing', Uint8Array.of(2), 1)),
      Buffer.from(secret),
    )
  })

  test('gives no number of a version out twice', async (context) => {
    const { path } = await openFormer(context)
    const connection = new DatabaseSync(path)
    context.after(() => connection.close())
    const insert = `INSERT INTO changes VALUES
      ('acme', 7, 'bots', 'bot-1', 'patch', 'live', 4, 2, NULL, '{}', 'check', 5, 'request', 0)`
    assert.throws(() => connection.exec(insert), /UNIQUE constraint failed/)
  })
})

const stamps = '"updated":1800000000000,"updatedBy":"apikey:0123456789AB"'
