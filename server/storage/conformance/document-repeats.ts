/** The promises of `write` with `repeat`, and of `dropKept`: once, and answered alike again. */
import assert from 'node:assert/strict'
import type { DocumentAddress } from '../../contract/names.ts'
import type { DocumentStore, WriteOutcome } from '../../documents/store.ts'
import type { WriteCommand } from '../../documents/write.ts'
import { addressOf, commandOf, listAll, numbersTo, recordOf } from './document-commands.ts'
import { history, refused } from './document-histories.ts'
import type { Check } from './engine.ts'
import { refusalOf } from './engine.ts'

const at = 1_800_000_000_000
const keptUntil = at + 1000

/** The command with an Idempotency-Key. */
function repeatable(command: WriteCommand, key = 'key-1', fingerprint = 'request-1'): WriteCommand {
  return { ...command, at, repeat: { key, fingerprint, keptUntil } }
}

/** Declares the checks. */
export function checkRepeats(check: Check): void {
  checkReplays(check)
  checkBounds(check)
  checkRaces(check)
  checkDropping(check)
}

function checkReplays(check: Check): void {
  check(
    'a write that is repeated comes to the kept outcome, and writes nothing',
    async (ground) => {
      const address = addressOf(await ground.makeTenant(), 'lamp')
      const commands = history.map((command, n) => ({
        ...command,
        repeat: { key: `key-${n}`, fingerprint: `request-${n}`, keptUntil: 9_000_000_000_000_000 },
      }))
      const outcomes: WriteOutcome[] = []
      for (const command of commands) outcomes.push(await ground.documents.write(address, command))
      const read = await ground.documents.read(address)
      const record = await recordOf(ground, address.tenant)
      assert.equal(record.length, history.length)
      const other = await ground.openBeside()
      // Each as it was then, whatever came behind it.
      for (const [n, command] of commands.entries()) {
        for (const { documents } of [ground, other]) {
          const outcome = await documents.write(address, command)
          assert.deepEqual(outcome, { ...outcomes[n], replayed: true })
        }
        assert.deepEqual(await ground.documents.read(address), read)
        assert.deepEqual(await recordOf(ground, address.tenant), record)
      }
    },
  )

  check('a repeated delete does not take what was made since', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    await ground.documents.write(address, commandOf())
    const deleting = repeatable(commandOf({ mode: 'delete' }))
    await ground.documents.write(address, deleting)
    await ground.documents.write(address, commandOf({ content: { again: 1 } }))
    const again = await ground.documents.write(address, deleting)
    assert.deepEqual([again.action, again.replayed], ['delete', true])
    assert.equal((await ground.documents.read(address))?.base.content, '{"again":1}')
    assert.equal((await listAll(ground, address)).length, 1)
  })

  check('a repeated write does not bring back what was replaced', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const first = repeatable(commandOf({ content: { n: 1 } }))
    await ground.documents.write(address, first)
    const { resource } = await ground.documents.write(address, commandOf({ content: { n: 2 } }))
    const again = await ground.documents.write(address, first)
    assert.equal(again.resource.base?.content, '{"n":1}')
    assert.deepEqual(await ground.documents.read(address), resource)
    assert.deepEqual((await listAll(ground, address))[0]?.resource, resource)
  })

  check(
    'another request with a key that was used is refused, and leaves no trace',
    async (ground) => {
      const address = addressOf(await ground.makeTenant(), 'lamp')
      await ground.documents.write(address, repeatable(commandOf()))
      const untouched = await recordOf(ground, address.tenant)
      for (const to of [address, addressOf(address.tenant, 'other')]) {
        const other = repeatable(commandOf({ content: { n: 1 } }), 'key-1', 'request-2')
        assert.equal(
          (await refusalOf(ground.documents.write(to, other))).code,
          'IdempotencyMismatch',
        )
      }
      assert.deepEqual(await recordOf(ground, address.tenant), untouched)
      assert.equal((await ground.documents.read(address))?.revision, 1)
      const again = await ground.documents.write(address, repeatable(commandOf()))
      assert.equal(again.replayed, true)
    },
  )
}

function checkBounds(check: Check): void {
  check(
    'an outcome is kept until its time, and the next request is a first one',
    async (ground) => {
      const address = addressOf(await ground.makeTenant(), 'lamp')
      const first = repeatable(commandOf({ content: { n: 1 } }))
      await ground.documents.write(address, first)
      const before = await ground.documents.write(address, { ...first, at: keptUntil - 1 })
      assert.equal(before.replayed, true)
      // Another request now: what was kept is no more, though nobody has dropped it.
      const repeat = { key: 'key-1', fingerprint: 'request-2', keptUntil: keptUntil + 1000 }
      const second = { ...commandOf({ content: { n: 2 } }), at: keptUntil, repeat }
      const outcome = await ground.documents.write(address, second)
      assert.deepEqual([outcome.replayed, outcome.resource.revision], [false, 2])
      const again = await ground.documents.write(address, { ...second, at: keptUntil + 999 })
      assert.deepEqual(again, { ...outcome, replayed: true })
      const late = { ...first, at: keptUntil + 999 }
      const refusal = await refusalOf(ground.documents.write(address, late))
      assert.equal(refusal.code, 'IdempotencyMismatch')
    },
  )

  check('the keys of two callers and of two tenants are never the same', async (ground) => {
    const tenants = [await ground.makeTenant(), await ground.makeTenant()]
    const callers = ['cli:a', 'cli:A', 'cli:b', 'cli:a ']
    for (const replayed of [false, true]) {
      for (const [n, tenant] of tenants.entries()) {
        for (const [m, by] of callers.entries()) {
          const command = repeatable(commandOf({ by }), 'key-1', `request-${n}-${m}`)
          const outcome = await ground.documents.write(addressOf(tenant, 'lamp'), command)
          assert.deepEqual([outcome.replayed, outcome.resource.revision], [replayed, m + 1])
        }
      }
    }
  })

  check('keys and fingerprints are compared byte for byte', async (ground) => {
    const tenant = await ground.makeTenant()
    const keys = ['k', 'K', 'kk', 'k.', "k'", 'k%', 'k_', '~', '!', 'k'.repeat(255)]
    for (const [n, key] of keys.entries()) {
      const command = repeatable(commandOf(), key, 'f')
      const { resource, replayed } = await ground.documents.write(
        addressOf(tenant, 'lamp'),
        command,
      )
      assert.deepEqual([replayed, resource.revision], [false, n + 1])
    }
    for (const fingerprint of ['F', 'f ', '', 'ff']) {
      const other = repeatable(commandOf(), 'k', fingerprint)
      const refusal = await refusalOf(ground.documents.write(addressOf(tenant, 'lamp'), other))
      assert.equal(refusal.code, 'IdempotencyMismatch')
    }
  })

  check('a refused write keeps nothing of its key', async (ground) => {
    for (const { before, command, code } of refused) {
      const address = addressOf(await ground.makeTenant(), 'lamp')
      for (const each of before) await ground.documents.write(address, each)
      for (const fingerprint of ['request-1', 'request-1', 'request-2']) {
        const attempt = ground.documents.write(address, repeatable(command, 'key-1', fingerprint))
        assert.equal((await refusalOf(attempt)).code, code)
      }
      const good = repeatable(commandOf({ content: { versions: {} } }), 'key-1', 'request-3')
      assert.equal((await ground.documents.write(address, good)).replayed, false)
    }
  })

  check('a write without a key is never a repetition', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    await ground.documents.write(address, repeatable(commandOf()))
    for (const revision of [2, 3]) {
      const outcome = await ground.documents.write(address, commandOf())
      assert.deepEqual([outcome.replayed, outcome.resource.revision], [false, revision])
    }
  })
}

function checkRaces(check: Check): void {
  const race = (
    doors: readonly DocumentStore[],
    address: DocumentAddress,
    commands: readonly WriteCommand[],
  ) =>
    Promise.allSettled(
      commands.map((command, n) => doors[n % doors.length]?.write(address, command)),
    )

  check('of 20 at once with one key, one writes and all are answered alike', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const doors = [ground.documents, (await ground.openBeside()).documents]
    // Without the key the others would be refused, since the first has made it.
    const command = repeatable(commandOf({ live: { n: 1 }, conditions: { ifNoneMatch: '*' } }))
    const outcomes = await race(doors, address, Array(20).fill(command))
    const values = outcomes.map((each) => {
      assert.ok(each.status === 'fulfilled' && each.value, 'it was refused')
      return each.value
    })
    assert.equal(values.filter(({ replayed }) => !replayed).length, 1)
    const replay = { ...values[0], replayed: true }
    for (const value of values) assert.deepEqual({ ...value, replayed: true }, replay)
    assert.equal((await recordOf(ground, address.tenant)).length, 1)
    await ground.withinSecond(async () => {
      assert.equal((await ground.documents.read(address))?.revision, 1)
    })
  })

  check('of 20 different requests at once with one key, one writes', async (ground) => {
    const address = addressOf(await ground.makeTenant(), 'lamp')
    const commands = numbersTo(20).map((n) =>
      repeatable(commandOf({ content: { n } }), 'key-1', `request-${n}`),
    )
    const outcomes = await race([ground.documents], address, commands)
    const [winner, ...others] = outcomes.filter(({ status }) => status === 'fulfilled')
    assert.ok(winner !== undefined && others.length === 0)
    for (const outcome of outcomes) {
      if (outcome.status === 'fulfilled') continue
      assert.equal(outcome.reason.code, 'IdempotencyMismatch')
    }
    const n = outcomes.indexOf(winner) + 1
    assert.equal((await ground.documents.read(address))?.base.content, `{"n":${n}}`)
    assert.equal((await recordOf(ground, address.tenant)).length, 1)
  })
}

function checkDropping(check: Check): void {
  check(
    'outcomes kept until a time are dropped, a bounded number at once, no others',
    async (ground) => {
      const address = addressOf(await ground.makeTenant(), 'lamp')
      const keep = (n: number, until: number) =>
        ground.documents.write(address, {
          ...commandOf(),
          at: 1,
          repeat: { key: `${until}.${n}`, fingerprint: 'f', keptUntil: until },
        })
      // Long before any other time of these suites: of others nothing is dropped.
      const [early, due, later] = [50, 100, 101]
      await Promise.all(numbersTo(30).map((n) => keep(n, later)))
      await Promise.all(numbersTo(1000).flatMap((n) => [keep(n, early), keep(n, due)]))
      const dropped: number[] = []
      do dropped.push(await ground.documents.dropKept(due))
      while (dropped.at(-1) !== 0)
      assert.ok(dropped.length > 2, `${dropped[0]} were dropped at once`)
      assert.equal(
        dropped.reduce((sum, each) => sum + each),
        2000,
      )
      const isKept = async (n: number, until: number) => (await keep(n, until)).replayed
      for (const n of [1, 15, 30]) {
        assert.equal(await isKept(n, later), true)
        assert.equal(await isKept(n, early), false)
      }
      while ((await ground.documents.dropKept(later)) > 0);
    },
  )
}
