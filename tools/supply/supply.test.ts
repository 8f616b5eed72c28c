/** What the server is made of: few packages, each with its reason, no script, no odd licence. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'

type Locked = {
  readonly version: string
  readonly license?: string
  readonly integrity?: string
  readonly dev?: boolean
  readonly link?: boolean
  readonly inBundle?: boolean
  readonly hasInstallScript?: boolean
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
const manifest = JSON.parse(read('package.json'))
const lock: { readonly packages: { readonly [path: string]: Locked } } = JSON.parse(
  read('package-lock.json'),
)
const page = read('docs/dependencies.md')

const packages = Object.entries(lock.packages)
  .filter(([path]) => path !== '')
  .map(([path, locked]) => ({ name: path.replace(/^.*node_modules\//, ''), ...locked }))
const shipped = packages.filter(({ inBundle }) => inBundle === true)

/** Each allows everyone to run, change and pass it on, and asks for its text to go along. */
const licences = new Set(['Apache-2.0', 'MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause'])

describe('the packages that run in the server', () => {
  test('are 16 at the most that we chose ourselves', () => {
    assert.ok(Object.keys(manifest.dependencies).length <= 16)
  })

  for (const { name, license = 'none', hasInstallScript, integrity } of shipped) {
    test(`${name} has its reason on the page, a licence that is allowed, and a hash`, () => {
      assert.ok(page.includes(`\`${name}\``), 'docs/dependencies.md does not name it')
      assert.ok(licences.has(license), `its licence is ${license}`)
      assert.notEqual(integrity, undefined)
      assert.notEqual(hasInstallScript, true, 'it runs a script when it is installed')
    })
  }

  test('are all that is not for development, so that a package needs no other', () => {
    const wanted = packages.filter(({ dev, link }) => dev !== true && link !== true)
    assert.deepEqual(wanted, shipped)
    assert.equal(manifest.optionalDependencies, undefined)
  })

  test('are all that the page names', () => {
    const named = [...page.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    )
    assert.deepEqual(named.toSorted(), shipped.map(({ name }) => name).toSorted())
  })
})

test('every version that we chose is exact', () => {
  const { 'tenantry-node': link, ...others } = manifest.devDependencies
  assert.equal(link, 'file:tools/node')
  const { optionalDependencies: nodes } = JSON.parse(read('tools/node/package.json'))
  const chosen = { ...manifest.dependencies, ...others, ...nodes }
  for (const [name, version] of Object.entries(chosen)) {
    assert.match(String(version), /^\d+\.\d+\.\d+[\w.-]*$/, name)
  }
})

test('no package, not even for tests, runs a script when it is installed', () => {
  const running = packages.filter(({ hasInstallScript }) => hasInstallScript === true)
  assert.deepEqual(
    running.map(({ name }) => name),
    [],
  )
})
