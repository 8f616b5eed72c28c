/** Whose folders a file is made in, and whose are swept: those of this process's user alone. */
import assert from 'node:assert/strict'
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { test } from 'node:test'
import { Refusal } from '../../contract/errors.ts'
import { openPartial, sweepPartials } from './partial.ts'

const stranger = 65_534

/** What somebody may put under the name of the folder that a file is made in. */
const foreign: readonly (readonly [what: string, put: (place: string, away: string) => void])[] = [
  ['a folder that all may write', (place) => fill(place, 0o777)],
  ['a folder that the group may read', (place) => fill(place, 0o740)],
  [
    'a link to a folder',
    (place, away) => {
      fill(away, 0o700)
      symlinkSync(away, place)
    },
  ],
  ['a link to nothing', (place, away) => symlinkSync(away, place)],
  ['a file', (place) => writeFileSync(place, 'theirs', { mode: 0o600 })],
]

const ofStranger: typeof foreign = [
  [
    'a folder of another user',
    (place) => {
      fill(place, 0o700)
      chownSync(place, stranger, stranger)
    },
  ],
]

test('a partial folder of another user, or a link to one, is neither used nor swept', (on) => {
  const rows = process.getuid?.() === 0 ? [...foreign, ...ofStranger] : foreign
  for (const [what, put] of rows) {
    const folder = makeFolder(on)
    const place = join(folder, 'b.tenantry-partial')
    put(place, join(folder, 'away'))
    const before = treeOf(folder)
    sweepPartials(folder)
    assert.deepEqual(treeOf(folder), before, `${what} was swept`)
    assert.throws(
      () => openPartial(join(folder, 'b')),
      (error) => error instanceof Refusal && /no folder of this user alone/.test(error.message),
      what,
    )
    assert.deepEqual(treeOf(folder), before, `${what} was used`)
  }
})

test('what a killed maker left is swept, beside what cannot be', (on) => {
  const folder = makeFolder(on)
  fill(join(folder, 'garbage.tenantry-partial'), 0o700)
  const left = join(folder, 'left.tenantry-partial')
  mkdirSync(left, { mode: 0o700 })
  for (const name of ['copy', 'lock']) writeFileSync(join(left, name), '')
  sweepPartials(folder)
  assert.deepEqual(readdirSync(folder), ['garbage.tenantry-partial'])
  sweepPartials(join(folder, 'missing'))
})

/** A folder of this mode with what a maker may have left in it, and a lock that is none. */
function fill(folder: string, mode: number): void {
  mkdirSync(folder)
  writeFileSync(join(folder, 'copy'), 'theirs')
  writeFileSync(join(folder, 'lock'), 'no lock, and no database'.repeat(99))
  chmodSync(folder, mode)
}

function treeOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .toSorted()
    .map((name) => {
      const found = lstatSync(join(folder, name))
      return `${name} ${found.mode} ${found.isFile() ? readFileSync(join(folder, name)) : ''}`
    })
}

function makeFolder(on: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-partial-'))
  on.after(() => rmSync(folder, { recursive: true }))
  return folder
}
