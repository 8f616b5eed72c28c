/**
 * Documents moved by the real commands, from one store into another: equal to the byte, nothing
 * written twice, and nothing changed by a file that is broken.
 */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fillStore, startFilledServer } from '../support/filled-server.ts'
import { send } from '../support/http.ts'
import { makeFolder, runTenantry, startProcess } from '../support/process.ts'

const keyText = 'a-key-that-was-brought-along'
const home = '/api/v1/provisioning/tenants/acme'

/** As they are sent by POST; names and contents that are easily lost on the way. */
const documents: readonly (readonly [path: string, body: string])[] = [
  ['', '{"plan":"gold","versions":{"current":{"is":"data here"}}}'],
  ['/users/a%40b.c', '{"z":1,"a":[1.5e300,-0.1,9007199254740992],"ü":"\\u2028\\u0000"}'],
  ['/users/%F0%9F%98%80', '{"emoji":"name"}'],
  ['/users/%EF%BF%AE', '{"before":"it in bytes, behind it in UTF-16"}'],
  ['/%22x%22/%20', '{"versions":{}}'],
  ['/bots/bot-1', '{"name":"Front","versions":{"current":{"greeting":"hi"}}}'],
  ['/bots/bot-2', '{"versions":{"note":1,"current":{"versions":{"current":"data"}}}}'],
  ['/bots/bot-3', '{"versions":["data"],"updatedBy":"nobody"}'],
]

describe('documents that move', () => {
  const folder = makeFolder()
  const from = join(folder.path, 'from')
  const to = join(folder.path, 'to')
  const beside = join(folder.path, 'beside')
  const file = join(folder.path, 'acme.ndjson')
  const at = (data: string) => ({ env: { TENANTRY_DATA: data } })
  const run = (data: string, ...args: string[]) =>
    runTenantry([...args, '--tenant', 'acme'], at(data))
  const tallyOf = async (data: string, ...args: string[]) =>
    JSON.parse(await outOf(run(data, 'import', ...args, '--json')))
  const exportOf = (data: string, ...args: string[]) => outOf(run(data, 'export', ...args))

  before(async () => {
    const wanted = { tenant: 'acme', scopes: ['provisioning:*'], text: keyText }
    await fillStore(from, ['acme'], [wanted])
    await fillStore(to, ['acme'], [])
    await fillStore(beside, ['acme'], [wanted])
    const server = await startFilledServer(from)
    for (const [path, body] of documents) {
      const { status } = await request(server.port, 'POST', path, body)
      assert.equal(status, 201, path)
    }
    // What a merge and a live version alone leave, and what a delete takes.
    await request(server.port, 'POST', '/bots/live%20only/versions/current', '{"n":1}')
    await request(server.port, 'PUT', '/bots/bot-1', '{"more":{"of":"it"}}')
    await request(server.port, 'POST', '/gone/gone', '{}')
    assert.equal((await request(server.port, 'DELETE', '/gone/gone')).status, 204)
    await server.running.stop()
  })
  after(() => folder.remove())

  const request = (port: number, method: string, path: string, body?: string) =>
    send(port, {
      method,
      path: home + path,
      headers: { Authorization: `Bearer ${keyText}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body }),
    })

  test('come out as lines, the own one first, collections and ids bytewise', async () => {
    const out = await exportOf(from)
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    assert.deepEqual(
      lines.map(({ collection, id }) => [collection, id]),
      [
        [undefined, undefined],
        ['"x"', ' '],
        ['bots', 'bot-1'],
        ['bots', 'bot-2'],
        ['bots', 'bot-3'],
        ['bots', 'live only'],
        ['users', 'a@b.c'],
        ['users', '￮'],
        ['users', '😀'],
      ],
    )
    assert.ok(
      out.includes('"data":{"z":1,"a":[1.5e+300,-0.1,9007199254740992],"ü":"\u2028\\u0000"}}'),
    )
    assert.ok(!/updated/.test(out), 'it has stamps')
  })

  test('are equal to the byte where they went, and with stamps to the stamps', async () => {
    const first = await run(from, 'export', '--out', file)
    assert.match(first.out, /^exported 9 documents, of 3 collections, \d+ bytes, into /)
    assert.match(first.err, /^npm run -s tenantry -- import .*acme\.ndjson --tenant acme/m)
    const { created, replaced } = await tallyOf(to, file)
    assert.deepEqual([created, replaced], [9, 0])
    assert.equal(await exportOf(to), readFileSync(file, 'utf8'))
    const [stamped, there] = [await exportOf(from, '--stamps'), await exportOf(to, '--stamps')]
    assert.match(stamped, /"updatedBy":"apikey:/)
    assert.match(there, /"updatedBy":"cli:/)
    assert.equal(withoutStamps(stamped), withoutStamps(there))
  })

  test('are not written again by a second import, of lines with stamps or without', async () => {
    const versions = await exportOf(to, '--stamps')
    const again = await tallyOf(to, file)
    assert.deepEqual([again.created, again.replaced, again.unchanged], [0, 0, 9])
    const stamped = join(folder.path, 'stamped.ndjson')
    await exportOf(from, '--stamps', '--out', stamped)
    assert.equal((await tallyOf(to, stamped)).unchanged, 9)
    assert.equal(await exportOf(to, '--stamps'), versions)
  })

  test('are shown by a dry run, which writes nothing', async () => {
    const other = join(folder.path, 'other.ndjson')
    const lines = readFileSync(file, 'utf8').split('\n').slice(2, 5)
    writeFileSync(other, [...lines, line('bots', 'new', '{}'), ''].join('\r\n'))
    const state = await exportOf(to, '--stamps')
    const { out, err } = await run(to, 'import', other, '--dry-run')
    const sums = '1 created, 0 replaced, 3 unchanged'
    assert.equal(out, `would import ${other} into acme: ${sums}\ncreate "new" in "bots"\n`)
    assert.match(err, /^Nothing was changed/)
    const { changes } = await tallyOf(to, other, '--dry-run')
    assert.deepEqual(changes, [{ outcome: 'created', collection: 'bots', id: 'new' }])
    assert.equal(await exportOf(to, '--stamps'), state)
  })

  test('go into a running server, which shows them within a second', async () => {
    const server = await startFilledServer(beside)
    assert.equal((await request(server.port, 'GET', '/bots/bot-1')).status, 404)
    assert.equal((await request(server.port, 'GET', '/bots')).text, '[]')
    assert.equal((await tallyOf(beside, file)).created, 9)
    const done = performance.now()
    let shown = ''
    while (!shown.includes('bot-1') && performance.now() - done < 2000) {
      shown = (await request(server.port, 'GET', '/bots')).text
    }
    assert.ok(performance.now() - done < 1000, 'it took longer')
    const { text } = await request(server.port, 'GET', '/bots/bot-1')
    assert.match(text, /"greeting":"hi".*"more":|"more":.*"greeting":"hi"/)
    assert.equal(await exportOf(beside), readFileSync(file, 'utf8'))
    await server.running.stop()
  })

  test('come from stdin and from pipes too', async () => {
    const [, second = ''] = readFileSync(file, 'utf8').split('\n')
    const input = { ...at(to), input: second }
    const piped = await runTenantry(['import', '-', '--tenant', 'acme'], input)
    assert.equal(piped.out, 'imported stdin into acme: 0 created, 0 replaced, 1 unchanged\n')
    const script = `"$0" bin/tenantry.cjs import <(gzip -c "${file}" | zcat) --tenant acme`
    const bash = startProcess('bash', ['-c', script, process.execPath], at(to))
    assert.match(await outOf(bash.ended), /0 created, 0 replaced, 9 unchanged/)
  })

  test('into a file that is there already go only by force, and then whole', async () => {
    const before = readFileSync(file, 'utf8')
    const refused = await run(from, 'export', '--out', file)
    assert.equal(refused.status, 65)
    assert.match(refused.err, /is there already and was left as it is; --force replaces it/)
    writeFileSync(file, 'something else')
    await outOf(run(from, 'export', '--out', file, '--force'))
    assert.equal(readFileSync(file, 'utf8'), before)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    const nowhere = await run(from, 'export', '--out', join(folder.path, 'no', 'file'))
    assert.match(nowhere.err, /cannot be written: its folder is not there; make it first/)
    assert.deepEqual(
      readdirSync(folder.path).filter((name) => name.includes('partial')),
      [],
    )
  })

  test('of a tenant that is not there are refused, with the command that makes it', async () => {
    for (const command of [['export'], ['import', file]]) {
      const { status, out, err } = await runTenantry([...command, '--tenant', 'nobody'], at(to))
      assert.equal(status, 65)
      assert.equal(out, '')
      assert.match(err, /There is no tenant nobody at .*-- tenant create nobody --data /)
    }
    const { err } = await run(from, 'export', '--collection', 'boats')
    assert.match(err, /There is no collection "boats" with documents in acme/)
  })

  const good = [line('x', 'a', '{}'), line('x', 'b', '{"n":1}')]
  const broken: readonly [title: string, lines: readonly string[], says: RegExp][] = [
    [
      'cut off in the middle',
      [...good, '{"collection":"x","id":"c","da'],
      /^line 3: .*not valid J/m,
    ],
    ['with an unknown member', [line('x', 'a', '{},"n":1')], /^line 1: .*a member "n"; it takes/m],
    ['with data that is no object', [...good, line('x', 'c', '1')], /^line 3: The data must be/m],
    ['with a name that is none', [line('a/b', 'a', '{}'), ...good], /^line 1: "a\/b" is no colle/m],
    ['with a key twice', [...good, line('x', 'c', '{"a":1,"a":2}')], /^line 3: .*occurs twice/m],
    [
      'with a number that would change',
      [line('x', 'c', '{"a":9007199254740993}')],
      /rounded; send/,
    ],
    [
      'with a live version that is none',
      [line('x', 'c', '{"versions":{"current":1}}')],
      /an object/,
    ],
    ['with a resource twice', [...good, '', ...good], /^line 4: Line 1 .*\nline 5: Line 2 names/m],
    [
      'with a document too large',
      [line('x', 'c', `{"a":"${'x'.repeat(1_048_576)}"}`)],
      /^line 1: /m,
    ],
    [
      'with a line too long',
      [...good, 'x'.repeat(1_200_000), ...good],
      /^line 3: The line is too lo/m,
    ],
    ['of another kind', ['{', '  "users": [', ']}'], /: 3 lines of .* cannot be imported; nothing/],
    [
      'with a list of faults',
      Array(99).fill('{}'),
      /: 99 lines of [\s\S]*\nline 20:.*\nand 79 more\n$/,
    ],
  ]
  let state = ''
  test('before any file that is broken are as they are', async () => {
    state = await exportOf(to, '--stamps')
    assert.ok(state.length > 0)
  })

  for (const [title, lines, says] of broken) {
    test(`in a file ${title} change nothing`, async () => {
      const bad = join(folder.path, 'bad.ndjson')
      writeFileSync(bad, lines.join('\n'))
      const { status, out, err } = await run(to, 'import', bad)
      assert.match(err, says)
      assert.match(err, /cannot be imported; nothing was changed\./)
      assert.equal(status, 65)
      assert.equal(out, '')
      assert.ok(!/\n\s+at /.test(err), 'a stack is no way to talk to people')
    })
  }

  test('after all of these files are as they were; with --json a failure is JSON', async () => {
    assert.equal(await exportOf(to, '--stamps'), state)
    const { err } = await run(to, 'import', join(folder.path, 'bad.ndjson'), '--json')
    assert.deepEqual(Object.keys(JSON.parse(err)), ['code', 'message'])
  })
})

function line(collection: string, id: string, data: string): string {
  return `{"collection":${JSON.stringify(collection)},"id":"${id}","data":${data}}`
}

async function outOf(ended: Promise<{ status: number | null; out: string; err: string }>) {
  const { status, out, err } = await ended
  assert.equal(status, 0, err)
  return out
}

function withoutStamps(text: string): string {
  return text.replaceAll(/,?"updated":\d+,"updatedBy":"[^"]+"/g, '')
}
