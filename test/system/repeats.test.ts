/**
 * Idempotency-Key and a server that is killed: whoever does not know what became of his request
 * sends it again, and it is done exactly once, whatever the first had come to.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { demoHome, startDemoServer } from '../support/demo-server.ts'
import type { Received } from '../support/http.ts'
import { send } from '../support/http.ts'
import { makeFolder } from '../support/process.ts'

const requests = 400

test('requests that a kill cut off are each done once when they come again', async (context) => {
  const folder = makeFolder()
  context.after(() => folder.remove())
  const first = await startDemoServer(folder.path)
  const post = (port: number, headers: typeof first.headers, n: number): Promise<Received> =>
    send(port, {
      method: 'POST',
      path: `${demoHome}/repeated/n${n}`,
      headers: { ...headers, 'Idempotency-Key': `key-${n}` },
      body: JSON.stringify({ n, text: 'x'.repeat(2000) }),
    })

  const known = new Map<number, Received>()
  const unknown: number[] = []
  const killed = Promise.withResolvers<void>()
  let next = 0
  const client = async () => {
    while (next < requests) {
      const n = next++
      try {
        known.set(n, await post(first.port, first.headers, n))
        if (known.size === 100) {
          first.running.child.kill('SIGKILL')
          killed.resolve()
        }
      } catch {
        unknown.push(n)
      }
    }
  }
  await Promise.all(Array.from({ length: 16 }, client))
  await killed.promise
  await first.running.ended
  assert.ok(known.size >= 100 && unknown.length > 0, `${known.size} answered`)

  const second = await startDemoServer(folder.path)
  let replayed = 0
  for (let n = 0; n < requests; n++) {
    const again = await post(second.port, second.headers, n)
    assert.equal(again.status, 201, `n${n} was not answered as the first time`)
    assert.match(String(again.headers.etag), /^"1-/, `n${n} was written twice`)
    const before = known.get(n)
    if (again.headers['idempotency-replayed'] === 'true') replayed++
    else assert.equal(before, undefined, `n${n} was answered, and is done again`)
    if (before !== undefined) assert.equal(again.text, before.text)
  }
  context.diagnostic(`${known.size} answered, ${replayed} replayed`)
  await second.running.stop()
})
