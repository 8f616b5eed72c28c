/**
 * The gates that are fast, in their short form, each with its control: what `npm run gate NAME`
 * proves at length is proved a little by every `npm test`. SEED=n repeats what was random.
 */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { test } from 'node:test'
import { kill9 } from '../gates/kill9.ts'
import { measureGate } from '../gates/measure.ts'
import { merge } from '../gates/merge.ts'

for (const gate of [kill9, merge]) {
  test(`the gate ${gate.name} is green, and red against its control`, async (t) => {
    const seed = Number(process.env.SEED ?? randomInt(2 ** 31))
    t.diagnostic(`SEED=${seed}`)
    const tell = (line: string) => t.diagnostic(line)
    const measured = await measureGate(gate, { short: true, seed, withControl: true, tell })
    assert.deepEqual(measured.failures, [])
    assert.ok(measured.green && 'title' in measured.control)
  })
}
