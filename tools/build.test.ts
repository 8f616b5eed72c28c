/** What the build does to a file, and that nothing of the server is more than it understands. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildFile } from './build.ts'

const server = join(import.meta.dirname, '../server')

for (const [title, source, built] of [
  ['an import', `import { a } from './a.ts'`, `import { a } from './a.js'`],
  ['an import of a parent', `import { a } from '../b/a.ts'`, `import { a } from '../b/a.js'`],
  ['an export', `export { a } from './a.ts'`, `export { a } from './a.js'`],
  ['an import of nothing', `import './a.ts'`, `import './a.js'`],
  ['an import that waits', `await import('./a.ts')`, `await import('./a.js')`],
  ['a script', `new URL('./a.ts', import.meta.url)`, `new URL('./a.js', import.meta.url)`],
] as const) {
  test(`${title} names the built file`, () => {
    assert.equal(buildFile('x.ts', source), built)
  })
}

test('a source file that is named in another way is told, not shipped', () => {
  assert.throws(
    () => buildFile('x.ts', `start('./a.ts')`),
    /x\.ts names '\.\/a\.ts', which a package/,
  )
})

test('types go, and nothing moves: a stack trace of a package tells places in the source', () => {
  const files = globSync('**/*.ts', { cwd: server })
  assert.ok(files.length > 100)
  for (const file of files.filter((path) => !path.endsWith('.test.ts'))) {
    const source = readFileSync(join(server, file), 'utf8')
    const built = buildFile(file, source)
    assert.deepEqual(lengthsOf(built), lengthsOf(source), file)
  }
})

function lengthsOf(text: string): number[] {
  return text.split('\n').map((line) => line.length)
}
