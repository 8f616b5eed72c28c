/** What servers of ill will make of `tenantry verify`: no leak, no flood, no steered terminal. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Verified } from '../support/verify-command.ts'
import { runVerify, startVerified } from '../support/verify-command.ts'
import type { Passing, Reply, Wrong } from '../support/wrong-server.ts'
import { get, startWrongServer } from '../support/wrong-server.ts'

let server: Verified
before(async () => {
  server = await startVerified()
})
after(() => server.stop())

const json = ['Content-Type', 'application/json']

/** Of characters that a query escapes, none of its pieces like a word of a report. */
function keyOf(characters: number): string {
  const text = Array.from({ length: characters }, (_, at) => ((at * at * 7 + at) % 61).toString(36))
  return `K+/${text.join('Z')}`.slice(0, characters)
}

/** What is sent with a key of ours goes to the real server with its own. */
function translated(passing: Passing, ours: string): void {
  passing.headers = passing.headers.map((each) => each.replaceAll(ours, server.key))
  passing.target = passing.target.replaceAll(encodeURIComponent(ours), server.key)
}

function piecesIn(text: string, key: string): string[] {
  const found: string[] = []
  for (const spelt of [key, encodeURIComponent(key)]) {
    for (let at = 0; at + 12 <= spelt.length; at++) {
      const piece = spelt.slice(at, at + 12)
      if (text.includes(piece)) found.push(piece)
    }
  }
  return found
}

async function behind(wrong: Wrong, run: (base: string) => Promise<void>): Promise<void> {
  const proxy = await startWrongServer(server.demo.port, wrong)
  try {
    await run(proxy.base)
  } finally {
    await proxy.close()
  }
}

const answer = (status: number, value: unknown, more: readonly string[] = []): Reply => ({
  status,
  headers: [...json, ...more],
  body: JSON.stringify(value),
})

describe('no key text is printed, whichever way it is echoed or cut', () => {
  for (const key of [keyOf(20), keyOf(500)]) {
    const echoes: readonly (readonly [title: string, wrong: Wrong])[] = [
      ['in a message', { enter: () => answer(401, { message: `${'m'.repeat(190)}${key}` }) }],
      ['in part', { enter: () => answer(401, { message: key.slice(3, 300) }) }],
      [
        'in Location',
        { enter: () => answer(308, {}, ['Location', `/x?k=${encodeURIComponent(key)}`]) },
      ],
      ['in the type', { enter: () => answer(500, [], ['Content-Type', `text/${key}`]) }],
      ['in bodies, at each offset', echoing(key)],
    ]
    for (const [title, wrong] of echoes) {
      test(`a key of ${key.length} characters ${title}`, async () => {
        await behind(wrong, async (base) => {
          for (const more of [[], ['--json'], ['--against', base, '--json']]) {
            const keys = { key, readerKey: '' }
            const args = ['--base', base, '--only', 'published', ...more]
            const { status, out, err } = await runVerify(keys, args)
            assert.equal(status, 65, err)
            assert.deepEqual(piecesIn(out + err, key), [])
          }
        })
      })
    }
  }

  function echoing(key: string): Wrong {
    let seen = 0
    return {
      enter(passing) {
        translated(passing, key)
        return undefined
      },
      leave(reply, { method }) {
        // It has to be reached, to be checked at all.
        if (++seen < 3 || method === 'DELETE' || reply.status >= 300) return
        const filler = 'f'.repeat((seen * 7) % 420)
        reply.headers.push('X-Echo', key, 'ETag', `"${filler}${key}"`)
        const id = key
        reply.body = JSON.stringify(
          seen % 2 === 0 ? [{ id, data: { filler, key } }] : { [filler]: key, [key]: seen },
        )
      },
    }
  }
})

describe('hostile answers neither fill memory, nor steer the terminal, nor end cleaning up', () => {
  /** Without a bound each of these takes gigabytes. */
  const env = { NODE_OPTIONS: '--max-old-space-size=400' }

  for (const [title, text, says] of [
    ['of 31 MiB', `"${'x'.repeat(31 * 1_048_576)}"`, /the answer is over 4 MiB/],
    ['of 3 MiB of arrays', `[${'[],'.repeat(1_048_576)}[]]`, /answered with over 32 MiB in all/],
    ['that are deep', `${'['.repeat(1e6)}${']'.repeat(1e6)}`, /What fails/],
  ] as const) {
    test(`answers ${title}`, async () => {
      let seen = 0
      const leave: Wrong['leave'] = (reply, { method, target }) => {
        // It has to be reached first.
        if (method === 'GET' && target.includes('verify-') && ++seen > 4) reply.body = text
      }
      await behind({ leave }, async (base) => {
        const { status, out, err } = await runVerify(server, ['--base', base], env)
        assert.equal(status, 65, err)
        assert.match(out, says)
      })
    })
  }

  test('control characters come out as escapes', async () => {
    const evil = '\u001b]0;owned\u0007\u009b2J\u202eabc'
    const enter = () => answer(401, { code: 'x', message: evil })
    await behind({ enter }, async (base) => {
      const { status, err } = await runVerify(server, ['--base', base])
      assert.equal(status, 65)
      assert.match(err, /\\u001b\]0;owned\\u0007\\u009b2J\\u202eabc/)
      assert.doesNotMatch(err.trimEnd(), /[\p{Cc}\p{Cf}]/u)
    })
    let seen = 0
    const leave = (reply: Reply) => {
      if (++seen > 2 && reply.status === 200)
        reply.body = `${evil} ${JSON.stringify({ [evil]: 1 })}`
    }
    await behind({ leave }, async (base) => {
      const args = ['--base', base, '--against', server.base, '--only', 'published']
      const { status, out, err } = await runVerify(server, args)
      assert.equal(status, 65)
      assert.match(out, /\\u001b/)
      assert.doesNotMatch((out + err).replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
    })
  })

  test('ids that no path can have are skipped, and told', async () => {
    const former = server.documents()
    const seen: string[] = []
    const data = {}
    await behind(
      {
        enter({ method, target }) {
          if (method === 'DELETE') seen.push(target)
          return undefined
        },
        leave(reply, { headers }) {
          if (!reply.body.startsWith('[') || get(headers, 'Authorization') === undefined) return
          const ids = ['\ud800', '.', '..', '', 'x'.repeat(70_000)].map((id) => ({ id, data }))
          reply.body = JSON.stringify([...JSON.parse(reply.body), ...ids])
        },
      },
      async (base) => {
        const { status, err } = await runVerify(server, ['--base', base, '--only', 'published'])
        assert.ok(status === 0 || status === 65, err)
        assert.match(err, /it lists 5 ids that cannot be in a path, such as ".*", "\.", "\.\."/)
        assert.deepEqual(
          seen.filter((target) => /\/(\.*|x+)$/.test(target)),
          [],
        )
        assert.deepEqual(server.documents(), former)
      },
    )
  })
})
