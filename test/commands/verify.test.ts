/** `tenantry verify` as it is typed: what it says of real servers, and what it leaves on them. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { demoHome, demoTenant } from '../support/demo-server.ts'
import { makeFolder, runTenantry } from '../support/process.ts'
import type { Verified } from '../support/verify-command.ts'
import { runVerify, startVerified, startVerify } from '../support/verify-command.ts'
import { startWrongServer } from '../support/wrong-server.ts'

let server: Verified
before(async () => {
  server = await startVerified()
})
after(() => server.stop())

describe('a real server', () => {
  test('holds in all that is asked with both keys, and is left as it was', async () => {
    const former = server.documents()
    const { status, out, err } = await runVerify(server, ['--base', server.base, '--extensions'])
    assert.equal(status, 0, out + err)
    assert.match(out, /\nall +\d{3} +- +-\n/)
    assert.match(out, /\nAll \d{3} checks hold\.\n$/)
    assert.equal(err, '')
    assert.deepEqual(server.documents(), former)
  })

  test('is written to below collections of the run alone', async () => {
    const proxy = await startWrongServer(server.demo.port)
    try {
      const { status } = await runVerify(server, ['--base', proxy.base, '--extensions'])
      assert.equal(status, 0)
      const writes = proxy.seen.filter((line) => !/^(GET|HEAD|OPTIONS) /.test(line))
      const own = new RegExp(`^[A-Z]+ ${demoHome}/tenantry-verify-[0-9a-f]{16}[^/]*(/|$)`)
      const nobody = /^(POST \/health|[A-Z]+ \/api\/v1\/keys\/tenants\/[^/]+\/VerifyNoKey0)/
      assert.ok(writes.length > 300)
      assert.deepEqual(
        writes.filter((line) => !own.test(line) && !nobody.test(line)),
        [],
      )
    } finally {
      await proxy.close()
    }
  })

  test('is not asked for scopes without a second key, which is said and no failure', async () => {
    const one = { key: server.key, readerKey: '' }
    const { status, out } = await runVerify(one, ['--base', server.base])
    assert.equal(status, 0, out)
    assert.match(out, /What was not asked\n {2}1\d checks: it needs a second key that reads/)
    assert.match(out, /All \d{3} checks that were asked hold; 1\d were not asked\.\n$/)
  })

  test('is asked for what the published document fixes alone', async () => {
    const args = ['--base', server.base, '--only', 'published', '--json']
    const { status, out } = await runVerify(server, args)
    assert.equal(status, 0)
    const value = JSON.parse(out)
    assert.equal(value.fails + value.notAsked, 0)
    assert.equal(value.holds, value.checks.length)
    for (const { level, outcome } of value.checks) {
      assert.deepEqual([level, outcome], ['published', 'holds'])
    }
  })

  test('lists what holds with --verbose', async () => {
    const args = ['--base', server.base, '--only', 'published', '--verbose']
    const { out } = await runVerify(server, args)
    assert.match(out, /\nWhat holds\n {2}GET \/: it tells its name.*\[1 Service: /)
  })

  test('never sees the text of a key in a report, though it repeats it', async () => {
    const proxy = await startWrongServer(server.demo.port, {
      leave: (reply, { headers }) => {
        if (reply.status === 200) reply.body = JSON.stringify({ sent: headers })
      },
    })
    try {
      for (const more of [[], ['--json']]) {
        const args = ['--base', proxy.base, '--only', 'published', ...more]
        const { out, err } = await runVerify(server, args)
        assert.match(out, /\$CRESCENDO_API_KEY/)
        for (const text of [server.key, server.readerKey]) {
          assert.ok(!(out + err).includes(text), 'a key was printed')
        }
      }
    } finally {
      await proxy.close()
    }
  })

  test('takes keys from files and stdin', async () => {
    const folder = makeFolder()
    try {
      const file = join(folder.path, 'key')
      writeFileSync(file, `${server.key}\n`)
      const args = ['verify', '--base', server.base, '--tenant', demoTenant, '--only', 'published']
      const files = ['--key-file', file, '--reader-key-file', '-']
      const { status, out } = await runTenantry([...args, ...files], {
        input: `${server.readerKey}\n`,
      })
      assert.equal(status, 0, out)
      assert.match(out, /\nAll \d+ checks hold\.\n$/)
    } finally {
      folder.remove()
    }
  })
})

describe('a server without DELETE', () => {
  test('passes, and is told what is left and how it is removed', async () => {
    const former = server.documents() as unknown[]
    const proxy = await startWrongServer(server.demo.port, {
      enter: ({ method }) =>
        method === 'DELETE'
          ? { status: 405, headers: ['Allow', 'GET', 'Content-Length', '2'], body: '{}' }
          : undefined,
    })
    try {
      const { status, err } = await runVerify(server, ['--base', proxy.base])
      assert.equal(status, 0)
      const told = /(\d+) documents were left behind .*: the server answers DELETE with 405\. .*/
      const [sentence = '', count] = told.exec(err) ?? []
      assert.match(sentence, /whose names begin with tenantry-verify-[0-9a-f]{16}\..*remove them/)
      assert.equal((server.documents() as unknown[]).length, former.length + Number(count))
    } finally {
      await proxy.close()
    }
  })
})

describe('a run that is stopped', () => {
  test('removes what it made, says so, and ends with 1', async () => {
    const former = server.documents()
    let seen = 0
    const proxy = await startWrongServer(server.demo.port, {
      enter: async ({ method }) => {
        if (method === 'DELETE') return undefined
        await new Promise((resolve) => setTimeout(resolve, 20))
        if (++seen === 100) running.child.kill('SIGINT')
        return undefined
      },
    })
    const running = startVerify(server, ['--base', proxy.base])
    try {
      const { status, out, err } = await running.ended
      assert.deepEqual([status, out], [1, ''])
      assert.match(err, /stopping; it removes what it made[\s\S]*stopped.*what it made is removed/)
      assert.deepEqual(server.documents(), former)
    } finally {
      await proxy.close()
    }
  })
})

describe('two servers', () => {
  const others: Verified[] = []
  after(() => Promise.all(others.map((other) => other.stop())))

  async function against(
    settings: { readonly [name: string]: string },
    ...more: readonly string[]
  ) {
    const other = await startVerified(settings)
    others.push(other)
    const keys = ['--against-key', other.key, '--against-reader-key', other.readerKey]
    const args = ['--base', server.base, '--against', other.base, ...keys, '--json', ...more]
    const { status, out } = await runVerify(server, args)
    const value = JSON.parse(out)
    const [{ differences, fails }] = value.against
    assert.equal(value.fails, 0)
    return {
      status,
      fails,
      clauses: [...new Set(differences.map(({ clause }: { clause: string }) => clause))],
      differences,
    }
  }

  test('that are equal differ in nothing', async () => {
    const { status, fails, differences } = await against({}, '--extensions')
    assert.deepEqual([status, fails, differences], [0, 0, []])
  })

  test('of which one merges the top level alone differ exactly there', async () => {
    const { status, clauses } = await against({ TENANTRY_MERGE: 'shallow' })
    assert.equal(status, 65)
    assert.deepEqual(clauses, ['5 Documents: PUT merges, at every depth'])
  })

  test('of which one rounds numbers differ exactly there', async () => {
    const { status, clauses, differences } = await against({ TENANTRY_NUMBERS: 'round' })
    assert.equal(status, 65)
    assert.deepEqual(clauses, [
      '4 Bodies: an integer that a double cannot hold is refused',
      '4 Bodies: the message says to send a string',
    ])
    const [part] = differences[0].parts
    assert.deepEqual([part.what, part.one, part.other], ['status', '400', '201'])
  })
})
