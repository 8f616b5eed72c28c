/**
 * What an examination counts, and what it says of keys, clocks and outcomes at a time of our own.
 * Damage of every kind is in `test/commands/doctor.test.ts`.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { openTestStorage } from '../../../test/support/storage.ts'
import type { Finding } from '../../contract/finding.ts'
import type { TenantId } from '../../contract/names.ts'
import type { WriteCommand } from '../../documents/write.ts'
import type { Key } from '../../identity/store.ts'
import type { SaidCommand } from '../conformance/document-commands.ts'
import { commandOf } from '../conformance/document-commands.ts'
import { examineStorage } from '../storage.ts'

const dayMs = 86_400_000
const now = 1_800_000_000_000
const folder = mkdtempSync(join(tmpdir(), 'tenantry-examine-'))
after(() => rmSync(folder, { recursive: true }))

function commandAt(at: number, said: SaidCommand = {}): WriteCommand {
  return commandOf({ content: { é: 1 }, at, ...said })
}

function keyOf(id: string, said: Partial<Key>): Key {
  return {
    id,
    tenant: 'acme' as TenantId,
    hash: new Uint8Array(32).fill(Number(id.slice(-1))),
    scopes: ['provisioning:*'],
    label: '',
    created: now - 100 * dayMs,
    createdBy: 'cli:test',
    expiresAt: undefined,
    lastUsed: now - dayMs,
    revoked: undefined,
    rotatedTo: undefined,
    ...said,
  }
}

before(async () => {
  const tenants = ['acme', 'globex', 'empty', 'future']
  const storage = await openTestStorage(folder, { tenants })
  const write = (tenant: string, document: string, command: WriteCommand) =>
    storage.documents.write({ tenant, collection: 'c', document } as never, command)
  await write('acme', 'old', commandAt(now - 40 * dayMs))
  await write('acme', 'month', commandAt(now - 30 * dayMs))
  await write('acme', 'week', commandAt(now - 7 * dayMs, { live: {} }))
  await write('acme', 'today', commandAt(now))
  await write('globex', 'large', commandAt(now, { content: { x: 'x'.repeat(5000) } }))
  await write('future', 'f', commandAt(now + dayMs))
  for (let n = 0; n < 1100; n++) {
    const repeat = { key: `${n}`, fingerprint: 'f', keptUntil: now - dayMs }
    await write('globex', 'again', commandAt(now, { repeat }))
  }
  for (const key of [
    keyOf('used000000-1', {}),
    keyOf('idle000000-2', { lastUsed: now - 91 * dayMs }),
    keyOf('never00000-3', { lastUsed: undefined }),
    keyOf('new0000000-4', { lastUsed: undefined, created: now - 80 * dayMs }),
    keyOf('soon000000-5', { expiresAt: now + 13 * dayMs }),
    keyOf('later00000-6', { expiresAt: now + 15 * dayMs }),
    keyOf('expired000-7', { expiresAt: now, lastUsed: undefined }),
    keyOf('revoked000-8', { revoked: now, lastUsed: undefined }),
    keyOf('revoked000-9', { revoked: now, tenant: 'globex' as TenantId }),
  ]) {
    assert.equal(await storage.identity.createKey(key), 'created')
  }
  await storage.close()
})

function examine(quick: boolean, onProgress: (text: () => string) => void = () => {}) {
  return examineStorage({ url: 'sqlite:', dataFolder: folder }, { quick, now, onProgress })
}

const textsOf = (findings: readonly Finding[], check: string) =>
  findings
    .filter((each) => each.check === check)
    .map(({ severity, what }) => `${severity}: ${what}`)

test('the record is counted: all, a week, a month, and the largest tenants', async () => {
  let told = 0
  const { facts } = await examine(false, (text) => {
    told++
    assert.match(text(), /^(checking|examining) /)
  })
  assert.ok(told > 3)
  const large = 5008
  const other = 8 * 1100
  assert.deepEqual(facts?.record, {
    all: { rows: 1106, bytes: 5 * 8 + 2 + large + other },
    lastWeek: { rows: 1104, bytes: 3 * 8 + 2 + large + other },
    lastMonth: { rows: 1105, bytes: 4 * 8 + 2 + large + other },
    largest: [
      { tenant: 'globex', rows: 1101, bytes: large + other },
      { tenant: 'acme', rows: 4, bytes: 34 },
      { tenant: 'future', rows: 1, bytes: 8 },
    ],
  })
  assert.deepEqual([facts?.tenants, facts?.served], [4, false])
})

test('keys long not used, keys that expire soon, and tenants without one are told', async () => {
  const { findings } = await examine(false)
  assert.deepEqual(textsOf(findings, 'keys').toSorted(), [
    'note: The key idle000000-2 of acme was not used for 90 days.',
    'note: The key never00000-3 of acme was not used for 90 days.',
    `note: The key soon000000-5 of acme expires on ${new Date(now + 13 * dayMs).toISOString()}.`,
    ...['empty', 'future', 'globex'].map(
      (tenant) => `note: The tenant ${tenant} has no living key, so that no request can reach it.`,
    ),
  ])
})

test('a change in the future is told, and outcomes long over their time', async () => {
  const { findings } = await examine(false)
  assert.match(textsOf(findings, 'clock').join(), /^warning: The newest change of future is of /)
  assert.deepEqual(textsOf(findings, 'outcomes'), [
    'note: 1100 outcomes are kept whose time is over.',
  ])
  assert.ok(findings.every(({ severity }) => severity !== 'error'))
})

test('a quick examination reads no rows', async () => {
  const { findings, facts } = await examine(true, () => assert.fail('it takes no time'))
  assert.deepEqual([findings, facts?.record, facts?.tenants], [[], undefined, 4])
})

test('a store that a link names is known to be served, with its log', async (on) => {
  const linked = mkdtempSync(join(tmpdir(), 'tenantry-examine-'))
  on.after(() => rmSync(linked, { recursive: true }))
  symlinkSync(join(linked, 'real.sqlite'), join(linked, 'tenantry.sqlite'))
  const storage = await openTestStorage(linked, { tenants: ['acme'] })
  const place = { url: 'sqlite:', dataFolder: linked }
  const { facts } = await examineStorage(place, { quick: true, now, onProgress() {} })
  await storage.close()
  assert.deepEqual([facts?.served, facts?.tenants], [true, 1])
})

test('a store of another engine is a finding, and its URL is not repeated', async () => {
  const { findings, facts } = await examineStorage(
    { url: 'postgres://user:secret@host/db', dataFolder: folder },
    { quick: false, now, onProgress() {} },
  )
  assert.equal(facts, undefined)
  assert.match(JSON.stringify(findings), /Set it to sqlite: or sqlite:FILE/)
  assert.ok(!JSON.stringify(findings).includes('secret'))
})
