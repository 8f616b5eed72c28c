/** Places that an export does not write to, and sources that an import does not read to the end. */
import assert from 'node:assert/strict'
import { linkSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fillStore } from '../support/filled-server.ts'
import { makeFolder, runTenantry, startProcess } from '../support/process.ts'

describe('a move that is refused', () => {
  const folder = makeFolder()
  const data = join(folder.path, 'data')
  const temporary = join(folder.path, 'tmp')
  const at = { env: { TENANTRY_DATA: data, TMPDIR: temporary } }
  const run = (...args: string[]) => runTenantry([...args, '--tenant', 'acme'], at)
  before(async () => {
    mkdirSync(temporary)
    await fillStore(data, ['acme'], [])
  })
  after(() => folder.remove())

  test('an export never takes a name of the data', async () => {
    const store = join(data, 'tenantry.sqlite')
    const [link, toStore, toMarker, twin] = ['link', 'to-store', 'to-marker', 'twin'].map((name) =>
      join(folder.path, name),
    ) as [string, string, string, string]
    symlinkSync(data, link)
    symlinkSync(store, toStore)
    symlinkSync(`${store}.restoring`, toMarker)
    linkSync(store, twin)
    const [names, { ino }] = [readdirSync(data), statSync(store)]
    const tails = ['', '.restoring', '.before-schema-2']
    const files = [...tails.map((tail) => store + tail), join(link, 'tenantry.sqlite.unclosed')]
    for (const file of [...files, toStore, toMarker, twin]) {
      const { status, out, err } = await run('export', '--out', file, '--force')
      assert.equal(err, `tenantry: ${file} is a name of the data itself. Choose another name.\n`)
      assert.deepEqual([status, out], [65, ''])
    }
    assert.deepEqual(readdirSync(data), names)
    assert.equal(statSync(store).ino, ino)
    const beside = await run('export', '--out', join(data, 'tenantry.sqlite2'))
    assert.equal(beside.status, 0, beside.err)
  })

  test('an import reads no device', async () => {
    const { status, err } = await run('import', '/dev/zero')
    assert.equal(err, 'tenantry: /dev/zero is a device; name a file of lines, or - for stdin.\n')
    assert.equal(status, 65)
  })

  test('an import stops reading a pipe where a line is too long', async () => {
    const sources = ['- < /dev/zero', '<(echo "{}"; echo; cat /dev/zero)'] as const
    for (const source of sources) {
      const script = `exec "$0" bin/tenantry.cjs import --tenant acme ${source}`
      const { status, err } = await startProcess('bash', ['-c', script, process.execPath], at).ended
      const number = source === sources[0] ? 1 : 3
      assert.match(err, new RegExp(`^tenantry: Line ${number} of \\S+ is too long: \\d+ bytes are`))
      assert.equal(status, 65)
    }
    assert.deepEqual(readdirSync(temporary), [])
  })

  test('a pipe’s line as long as a line may be is read, and judged by its document', async () => {
    const file = join(folder.path, 'long.ndjson')
    const text = 'x'.repeat(1_048_500)
    writeFileSync(file, `{"collection":"a","id":"a","data":{"a":"${text}"}}\n`)
    const script = `exec "$0" bin/tenantry.cjs import --tenant acme - < <(cat "${file}")`
    const { out, err } = await startProcess('bash', ['-c', script, process.execPath], at).ended
    assert.equal(out, 'imported stdin into acme: 1 created, 0 replaced, 0 unchanged\n', err)
  })
})
