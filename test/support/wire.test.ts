/** What the clients of raw bytes send, and what they make of what comes back. */
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { sendRaw } from './raw-client.ts'
import { Wire } from './wire.ts'
import { AnswerReader, answersIn } from './wire-answer.ts'
import { bytesOf, outgoing, wireBytes } from './wire-request.ts'

const whole = 'HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 2\r\n\r\n{}'
const chunked =
  'HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{"\r\n3\r\na":\r\n0\r\n\r\n'
const goOn = 'HTTP/1.1 100 Continue\r\n\r\n'
const empty = 'HTTP/1.1 204 No Content\r\n\r\n'

describe('a request', () => {
  test('goes out as it stands, with a Host and the length of its body', () => {
    const sent = { method: 'PUT', target: '/\xff', headers: [['A', '\xe9']], body: 'é' } as const
    const bytes = 'PUT /\xff HTTP/1.1\r\nHost: x\r\nA: \xe9\r\nContent-Length: 2\r\n\r\n\xc3\xa9'
    assert.equal(wireBytes(sent).toString('latin1'), bytes)
  })

  test('keeps the Host and the length that it brings', () => {
    for (const [name, value] of [
      ['content-length', '9'],
      ['Transfer-Encoding', 'chunked'],
    ] as const) {
      const headers = [['hOST', 'y'] as const, [name, value] as const]
      const text = wireBytes({ method: 'POST', target: '/', headers, body: '{}' }).toString()
      assert.equal(text, `POST / HTTP/1.1\r\nhOST: y\r\n${name}: ${value}\r\n\r\n{}`)
    }
  })

  test('asks for the end of the connection unless another follows', () => {
    const sent = { method: 'GET', path: '/', headers: { A: ['b', 'c'] } }
    const head = 'GET / HTTP/1.1\r\nHost: x\r\nA: b\r\nA: c\r\n'
    assert.equal(bytesOf(sent, true).toString(), `${head}\r\n`)
    assert.equal(bytesOf(sent).toString(), `${head}Connection: close\r\n\r\n`)
  })
})

describe('answers', () => {
  const all = goOn + whole + chunked + empty + whole
  const methods = ['GET', 'POST', 'DELETE', 'GET']

  test('are the same wherever their bytes are cut', () => {
    for (let size = 1; size <= all.length; size++) {
      const reader = new AnswerReader(methods)
      for (let at = 0; at < all.length; at += size) {
        assert.equal(reader.take(Buffer.from(all.slice(at, at + size), 'latin1')), undefined)
      }
      assert.equal(reader.finish(), undefined)
      assert.deepEqual(
        reader.answers.map(({ status, body }) => [status, body.toString()]),
        [
          [200, '{}'],
          [201, '{"a":'],
          [204, ''],
          [200, '{}'],
        ],
      )
      assert.deepEqual(reader.answers[0]?.headers.get('x'), ['y'])
    }
  })

  test('to HEAD have no body, whatever they say of it', () => {
    const reader = new AnswerReader(['HEAD', 'GET'])
    assert.equal(reader.take(Buffer.from(whole.slice(0, -2) + whole)), undefined)
    assert.deepEqual(
      reader.answers.map(({ body }) => body.length),
      [0, 2],
    )
  })

  test('are told to have broken off', () => {
    for (const cut of [10, whole.length - 1]) {
      const reader = new AnswerReader(['GET'])
      assert.equal(reader.take(Buffer.from(whole.slice(0, cut))), undefined)
      assert.match(reader.finish() ?? '', /^it ended in the middle of an answer: /)
    }
  })

  const faults: readonly (readonly [bytes: string, says: RegExp])[] = [
    ['HTTP/1.1 99 Odd\r\n\r\n', /^this is no status line: /],
    ['ICY 200 OK\r\n\r\n', /^this is no status line: /],
    ['HTTP/1.1 200 OK\r\nno colon\r\n\r\n', /^this is no header: "no colon"/],
    ['HTTP/1.1 200 OK\r\nX: y\r\n\r\n', /^an answer does not say how long it is/],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n', /^a chunk does not say/],
  ]
  for (const [bytes, says] of faults) {
    test(`are faulty: ${JSON.stringify(bytes)}`, () => {
      assert.match(new AnswerReader(['GET']).take(Buffer.from(bytes)) ?? '', says)
      assert.deepEqual(answersIn(bytes), [])
    })
  }

  test('are found in a text, the last of them perhaps in part', () => {
    const told = (text: string) => answersIn(text).map(({ status, body }) => [status, body])
    const first = [200, '{}']
    assert.deepEqual(told(goOn + whole + chunked), [first, [201, '{"a":']])
    assert.deepEqual(told(whole + chunked.slice(0, -1)), [first, [201, undefined]])
    assert.deepEqual(told(whole + chunked.slice(0, 20)), [first])
    assert.deepEqual(told(''), [])
  })
})

describe('a connection', () => {
  test('is made anew for what was left unanswered on the one before', async (context) => {
    const closing = whole.replace('X: y', 'Connection: close')
    const port = await listen(context, [whole + closing, whole])
    const wire = new Wire(port)
    const request = outgoing({ method: 'GET', target: '/' })
    const answers = await wire.askEach([request, request, request])
    wire.close()
    assert.deepEqual(
      answers.map((answer) => typeof answer !== 'string' && answer.status),
      [200, 200, 200],
    )
  })

  test('tells what came, and whether there was an end', async (context) => {
    const port = await listen(context, [`${whole}$`, whole])
    assert.deepEqual(await sendRaw(port, '1'), { text: `${whole}$`, closed: true })
    assert.deepEqual(await sendRaw(port, '2', 50), { text: whole, closed: false })
  })
})

/** Answers the first bytes of each connection with the next of these; closes it behind a `$`. */
async function listen(context: TestContext, answers: readonly string[]): Promise<number> {
  const rest = [...answers]
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      const answer = rest.shift() ?? ''
      if (/\$$|Connection: close/.test(answer)) socket.end(answer)
      else socket.write(answer)
    })
    context.after(() => socket.destroy())
  })
  context.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
