/** Files that appear whole or not at all, whoever else makes the same one at the same time. */
import assert from 'node:assert/strict'
import { appendFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { writeWhole } from '../../server/cli/whole-file.ts'
import { makeFolder } from '../support/process.ts'

describe('a file made whole', () => {
  test('two exports of one pid never publish each other’s half file', async (context) => {
    const folder = makeFolder()
    context.after(folder.remove)
    for (const force of [false, true]) {
      const file = join(folder.path, `acme-${force}`)
      const first = begin(file, force, 'first')
      const second = begin(file, force, 'second')
      await Promise.all([first.begun, second.begun])
      first.end()
      await first.made
      assert.equal(readFileSync(file, 'utf8'), 'first half, first end')
      second.end()
      if (force) await second.made
      else await assert.rejects(second.made, /^Refusal: .* was left as it is; --force replaces it/)
      const last = force ? 'second' : 'first'
      assert.equal(readFileSync(file, 'utf8'), `${last} half, ${last} end`)
      assert.equal(statSync(file).mode & 0o777, 0o600)
    }
    assert.deepEqual(readdirSync(folder.path).toSorted(), ['acme-false', 'acme-true'])
  })

  test('leaves alone what strangers keep under the name of a partial', async (context) => {
    const folder = makeFolder()
    context.after(folder.remove)
    const file = join(folder.path, 'acme')
    const strangers = [1, process.pid].map((number) => `${file}.partial-${number}`)
    for (const stranger of strangers) writeFileSync(stranger, 'precious')
    await writeWhole(file, false, async (path) => writeFileSync(path, 'whole'))
    await assert.rejects(
      writeWhole(file, true, () => Promise.reject(new Error('cut'))),
      /cut/,
    )
    for (const stranger of strangers) assert.equal(readFileSync(stranger, 'utf8'), 'precious')
    assert.equal(readFileSync(file, 'utf8'), 'whole')
    assert.equal(readdirSync(folder.path).length, 3)
  })
})

/** One that has written its half, and writes the rest when it is told. */
function begin(file: string, force: boolean, name: string) {
  const [half, rest] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const made = writeWhole(file, force, async (path) => {
    appendFileSync(path, `${name} half`)
    half.resolve()
    await rest.promise
    appendFileSync(path, `, ${name} end`)
  })
  return { begun: half.promise, end: () => rest.resolve(), made }
}
