/** Holds the whole repository to the house rules, and the rules to what they claim to catch. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { SourceFile } from './rules.ts'
import { faultsOf } from './rules.ts'

const root = join(import.meta.dirname, '../..')
const header = '/** A file. */\n'

test('the repository keeps the house rules', () => {
  assert.deepEqual(faultsOf(read('{server,test,tools,bench}/**/*.ts')), [])
})

test('half of the files fit on a screen or three', () => {
  const lengths = read('server/**/*.ts')
    .filter(({ path }) => !path.endsWith('.test.ts'))
    .map(({ text }) => text.split('\n').length)
    .sort((one, other) => one - other)
  const median = lengths[Math.floor(lengths.length / 2)] ?? 0
  assert.ok(median < 150, `the median file has ${median} lines`)
})

/** Each of these must be caught, and for the reason named. */
const controls: readonly { path: string; text: string; caught: RegExp }[] = [
  {
    path: 'server/documents/write.ts',
    text: `import { open } from '../storage/sqlite/documents.ts'\n`,
    caught: /no doorway/,
  },
  {
    path: 'server/documents/write.ts',
    text: `import type { Key } from '../identity/store.ts'\n`,
    caught: /no doorway/,
  },
  {
    path: 'server/documents/write.ts',
    text: `import { authenticate } from '../identity/caller.ts'\n`,
    caught: /no doorway/,
  },
  {
    path: 'server/storage/postgres/documents.ts',
    text: `import { x } from '../sqlite/documents.ts'\n`,
    caught: /no doorway/,
  },
  {
    path: 'server/console/page.ts',
    text: `import { x } from '../documents/store.ts'\n`,
    caught: /no doorway/,
  },
  {
    path: 'server/service.ts',
    text: `import { x } from './storage/storage.ts'\n`,
    caught: /no doorway/,
  },
  {
    path: 'server/storage/sqlite/documents.ts',
    text: `import { etagOfBase } from '../../documents/resource.ts'\n`,
    caught: /no doorway/,
  },
  {
    path: 'server/documents/write.ts',
    text: `const x = await import('../storage/storage.ts')\n`,
    caught: /no doorway/,
  },
  {
    path: 'server/documents/write.ts',
    text: `import { readFileSync } from 'node:fs'\n`,
    caught: /belongs to another place/,
  },
  {
    path: 'test/api/x.test.ts',
    text: `import { mock, test } from 'node:test'\n`,
    caught: /small real fake/,
  },
  ...['key.hash === hash', 'key.hash.equals(hash)', 'wanted !== found'].map((comparison) => ({
    path: 'server/identity/keys.ts',
    text: `const known = ${comparison}\n`,
    caught: /isSameSecret/,
  })),
  {
    path: 'server/http/handle.ts',
    text: `import { x } from '../storage/storage.ts'\n`,
    caught: /no doorway/,
  },
  {
    path: 'server/compose.ts',
    text: `import { openStorage } from './storage/storage.ts'\n`,
    caught: /no doorway/,
  },
  {
    path: 'server/stores.ts',
    text: `import { readBack } from './storage/sqlite/read-back.ts'\n`,
    caught: /no doorway/,
  },
  {
    path: 'server/verify/checks/bodies.ts',
    text: `import { bodySizeMaxBytes } from '../../contract/limits.ts'\n`,
    caught: /no doorway/,
  },
  {
    path: 'server/contract/json.ts',
    text: `import { x } from '../call.ts'\n`,
    caught: /no doorway/,
  },
  {
    path: 'server/http/handle.ts',
    text: `import { DatabaseSync } from 'node:sqlite'\n`,
    caught: /belongs to another place/,
  },
  {
    path: 'server/documents/merge.ts',
    text: `import merge from 'lodash'\n`,
    caught: /belongs to another place/,
  },
  { path: 'server/call.ts', text: 'const at = Date.now()\n', caught: /clock/ },
  { path: 'server/call.ts', text: 'setTimeout(run, 5)\n', caught: /timer/ },
  { path: 'server/call.ts', text: 'const x = process.env.X\n', caught: /environment/ },
  { path: 'server/call.ts', text: 'f(x as any)\n', caught: /a real type/ },
  { path: 'server/call.ts', text: 'export default 1\n', caught: /named export/ },
  { path: 'server/http/string-utils.ts', text: '', caught: /fits anything/ },
  { path: 'server/http/readBody.ts', text: '', caught: /kebab-case/ },
  ...['server/call.ts', 'server/call.test.ts', 'test/api/x.ts', 'tools/x.ts', 'bench/x.ts'].map(
    (path) => ({ path, text: '\n'.repeat(400), caught: /over 400 lines/ }),
  ),
  { path: 'server/call.ts', text: 'x'.repeat(101), caught: /over 100 columns/ },
  {
    path: 'server/call.ts',
    text: '/** Why. */\nexport function one() {}\nexport function two() {}\n',
    caught: /what it promises/,
  },
]

for (const { path, text, caught } of controls) {
  test(`${path} with ${JSON.stringify(text.slice(0, 40))} is caught`, () => {
    assert.match(faultsOf([{ path, text: header + text }]).join('\n'), caught)
  })
}

test('a name that two files of a folder export is caught, and two in one file are not', () => {
  const text = `${header}export type Size = number\nexport const Size = 1\n`
  const paths = ['server/cli/sizes.ts', 'server/cli/amounts.ts', 'server/http/sizes.ts']
  const faults = faultsOf(paths.map((path) => ({ path, text })))
  const words = 'exports Size too; use that, or give this its own name'
  assert.deepEqual([...new Set(faults)], [`server/cli/amounts.ts: server/cli/sizes.ts ${words}`])
})

test('a file without a header is caught', () => {
  const faults = faultsOf([{ path: 'server/call.ts', text: 'const x = 1\n' }])
  assert.match(faults.join('\n'), /what this file is for/)
})

test('what tests read as it stands may be as long as it is, and any file 400 lines', () => {
  const long = { path: 'test/fixtures/answers.ts', text: header + '\n'.repeat(5000) }
  const full = { path: 'test/api/x.ts', text: header + '\n'.repeat(399) }
  assert.deepEqual(faultsOf([long, full]), [])
})

test('a file that keeps the rules is not caught', () => {
  const text = `${header}import type { Caller } from '../identity/caller.ts'\n`
  assert.deepEqual(faultsOf([{ path: 'server/documents/operations.ts', text }]), [])
})

function read(pattern: string): SourceFile[] {
  return globSync(pattern, { cwd: root }).map((path) => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }))
}
