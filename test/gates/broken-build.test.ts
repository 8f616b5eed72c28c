/** The controls fit the code as it is now, and one that does not says so. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeBrokenBuild } from './broken-build.ts'
import { gates } from './list.ts'

for (const { name, control } of gates) {
  if ('none' in control) continue
  test(`the control of ${name} fits the code`, () => makeBrokenBuild(control).remove())
}

test('a broken build differs in what was asked for, and is removed', () => {
  const breakages = [
    { file: 'server/service.ts', from: "value: { name: 'tenantry'", to: "value: { name: '$&'" },
  ]
  const build = makeBrokenBuild({ title: 'has another name', breakages })
  assert.match(readFileSync(join(build.root, 'server/service.ts'), 'utf8'), /name: '\$&'/)
  build.remove()
  assert.ok(!existsSync(build.root))
})

for (const [from, found] of [
  ['text that no file has', '0 times'],
  ["'GET'", '5 times'],
]) {
  test(`a text that is there ${found} is refused, with what to do`, () => {
    const breakages = [{ file: 'server/service.ts', from: from ?? '', to: '' }]
    const message = new RegExp(`"a build that errs" no longer fits.* ${found} in server/service.ts`)
    assert.throws(() => makeBrokenBuild({ title: 'errs', breakages }), { message })
  })
}
