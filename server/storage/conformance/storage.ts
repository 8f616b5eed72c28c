/**
 * What it means to be a `Storage` beside its rooms' ports, as checks that any engine must pass: the
 * secrets that live in the store, how it is, and how large.
 */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { addressOf, commandOf, numbersTo, writeEach } from './document-commands.ts'
import type { Check, Engine, Ground } from './engine.ts'
import { suite } from './engine.ts'

/** Declares the suite for this engine. */
export function storageConforms(engine: Engine): void {
  suite(engine, 'storage', (check) => {
    checkSecrets(check)
    checkState(check)
    checkRecordSize(check)
  })
}

function checkSecrets(check: Check): void {
  check('the first candidate becomes the secret of its name', async (ground) => {
    const name = ground.freshId()
    const first = await ground.keepSecret(name, secretOf('first'), 5)
    assert.deepEqual(hex(first), hex(secretOf('first')))
    for (const candidate of ['second', 'first', 'third']) {
      const kept = await ground.keepSecret(name, secretOf(candidate), 9)
      assert.deepEqual(hex(kept), hex(first))
    }
  })

  check('every opening of the store has the one secret', async (ground) => {
    const name = ground.freshId()
    const other = await ground.openBeside()
    const theirs = await other.keepSecret(name, secretOf('theirs'), 5)
    assert.deepEqual(hex(theirs), hex(secretOf('theirs')))
    assert.deepEqual(hex(await ground.keepSecret(name, secretOf('ours'), 1)), hex(theirs))
    const later = await ground.openBeside()
    assert.deepEqual(hex(await later.keepSecret(name, secretOf('later'), 9)), hex(theirs))
  })

  check('of 20 candidates at once one becomes the secret, and all get that', async (ground) => {
    const name = ground.freshId()
    const doors = [ground, await ground.openBeside()] as const
    const candidates = numbersTo(20).map((n) => secretOf(`${n}`))
    const kept = await Promise.all(
      candidates.map((candidate, n) => doors[n % 2 ? 1 : 0].keepSecret(name, candidate, n)),
    )
    assert.equal(new Set(kept.map(hex)).size, 1)
    assert.ok(candidates.map(hex).includes(hex(kept[0])))
  })

  check('secrets of two names are two, names compared byte for byte', async (ground) => {
    const stem = ground.freshId()
    const names = ['a', 'A', 'a ', 'á', 'a\u0301', '%', '_'].map((tail) => stem + tail)
    for (const name of names) await ground.keepSecret(name, secretOf(name), 5)
    for (const name of names) {
      const kept = await ground.keepSecret(name, secretOf('another'), 5)
      assert.deepEqual(hex(kept), hex(secretOf(name)))
    }
  })

  check('a secret keeps its bytes', async (ground) => {
    // Zeros, ends of text and bytes that are no UTF-8, each where a text column would lose them.
    const bytes = Uint8Array.from([0, 0, 0xff, 0xc0, 0x80, 0x27, 0x5c, ...secretOf('x'), 0])
    const name = ground.freshId()
    for (const candidate of [bytes, secretOf('another')]) {
      const kept = await ground.keepSecret(name, candidate, latest)
      assert.ok(kept instanceof Uint8Array)
      assert.deepEqual(hex(kept), hex(bytes))
    }
  })
}

function checkState(check: Check): void {
  check('a store that is well says so', async (ground) => {
    const { full, check } = await ground.readHealth()
    assert.deepEqual([full, check], [false, 'none'])
  })

  check('what is written makes the store larger, and what waits is counted', async (ground) => {
    const before = await ground.readSizes()
    const { record: _, ...sizes } = before
    for (const size of Object.values(sizes)) assert.ok(Number.isSafeInteger(size) && size >= 0)
    assert.equal(before.writesWaiting, 0)
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const content = { text: 'x'.repeat(900_000) }
    const writes = numbersTo(4).map(() => ground.documents.write(address, commandOf({ content })))
    const during = await ground.readSizes()
    assert.ok(during.writesWaiting > 0 && during.writesWaiting <= 4)
    await Promise.all(writes)
    const after = await ground.readSizes()
    assert.equal(after.writesWaiting, 0)
    const grown = after.dataBytes + after.logBytes - before.dataBytes - before.logBytes
    assert.ok(grown > 900_000, `it grew by ${grown} bytes`)
  })
}

function checkRecordSize(check: Check): void {
  /** Asks until it was counted. */
  const sizeOf = async ({ readSizes, pause }: Ground) => {
    for (;;) {
      const { record } = await readSizes()
      if (record !== undefined) return record
      await pause()
    }
  }

  check('the rows and bytes of the record are counted, whoever writes them', async (ground) => {
    const before = await sizeOf(ground)
    const tenant = await ground.makeTenant()
    const beside = await ground.openBeside()
    const content = { text: 'é'.repeat(5000) }
    for (const door of [ground, beside]) {
      await door.documents.write(addressOf(tenant, 'lamp'), commandOf({ content, live: {} }))
    }
    await ground.documents.write(addressOf(tenant, 'lamp'), commandOf({ mode: 'delete' }))
    for (const door of [ground, beside]) {
      const { rows, bytes } = await sizeOf({ ...ground, readSizes: door.readSizes })
      assert.equal(rows, before.rows + 3)
      assert.equal(bytes, before.bytes + 2 * (JSON.stringify(content).length + 5000 + 2))
    }
  })

  check('what was dropped with its tenant is counted no more', async (ground) => {
    const before = await sizeOf(ground)
    const [tenant, other] = [await ground.makeTenant(), await ground.makeTenant()]
    await writeEach(ground, tenant, numbersTo(300).map(String))
    assert.equal((await sizeOf(ground)).rows, before.rows + 300)
    await ground.tenantEnds.endTenant(tenant, 7, 'check')
    while ((await ground.tenantEnds.dropOfTenant(tenant)) > 0);
    await writeEach(ground, other, ['a', 'b'])
    await ground.tenantEnds.freeTenant(tenant)
    assert.deepEqual(await sizeOf(ground), { rows: before.rows + 2, bytes: before.bytes + 4 })
  })
}

/** The last moment of a JavaScript date. */
const latest = 8_640_000_000_000_000

function secretOf(text: string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(text).digest())
}

/** For comparing: bytes are equal whatever kind of array a driver answers. */
function hex(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString('hex')
}
