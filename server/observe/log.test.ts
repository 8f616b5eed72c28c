/** What the log writes of each event: machines read it line by line, so each line stands alone. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Event } from './events.ts'
import type { LogRule } from './log.ts'
import { logTo } from './log.ts'

const time = 1_800_000_000_000

/** The writes that these events cause. */
function linesOf(...events: readonly Event[]): string[] {
  return linesUnder('requests', ...events)
}

function linesUnder(rule: LogRule, ...events: readonly Event[]): string[] {
  const lines: string[] = []
  const tell = logTo(
    (line) => lines.push(line),
    () => time + lines.length,
    rule,
  )
  for (const event of events) tell(event)
  return lines
}

function faulted(fault: unknown): Event {
  return { event: 'request-faulted', requestId: 'r1', fault }
}

/** The fault as the log tells it. */
function toldOf(fault: unknown) {
  const [line = ''] = linesOf(faulted(fault))
  return JSON.parse(line).fault
}

const events: readonly Event[] = [
  {
    event: 'server-started',
    address: 'http://127.0.0.1:1',
    store: '/data/tenantry.sqlite',
    metrics: 'http://127.0.0.1:2/metrics',
  },
  faulted(new Error('two\nlines and "quotes"')),
  { event: 'background-faulted', task: 'write\nsomething', fault: 'a text\r\nof two lines' },
  { event: 'server-stopped' },
]

describe('a line', () => {
  test('is written at once, one for each event, and ends it', () => {
    const lines = linesOf(...events)
    assert.equal(lines.length, events.length)
    for (const line of lines) assert.match(line, /^\{[^\n\r]*\}\n$/)
  })

  test('is JSON with the time first, then the event, then all else of it', () => {
    const parsed = linesOf(...events).map((line) => JSON.parse(line))
    for (const [at, line] of parsed.entries()) {
      assert.deepEqual(Object.keys(line).slice(0, 2), ['time', 'event'])
      assert.equal(line.time, time + at)
      assert.deepEqual(Object.keys(line).slice(1), Object.keys(events[at] ?? {}))
    }
    assert.deepEqual(parsed[0], { time, ...events[0] })
    assert.equal(parsed[1].requestId, 'r1')
    assert.equal(parsed[2].task, 'write\nsomething')
    assert.deepEqual(parsed[3], { time: time + 3, event: 'server-stopped' })
  })
})

describe('an answered request', () => {
  const answered: Event = {
    event: 'request-answered',
    requestId: 'r1',
    method: 'GET',
    client: '192.0.2.7',
    route: '/a/{b}',
    operation: 'getB',
    tenant: 'acme',
    keyId: 'k1',
    status: 500,
    code: 'InternalServerError',
    durationMs: 1.25,
    traceId: undefined,
    parentId: undefined,
  }

  test('is a line with all that is known of it', () => {
    const { traceId: _, parentId: __, ...known } = answered
    assert.deepEqual(JSON.parse(linesOf(answered)[0] ?? ''), { time, ...known })
  })

  test('is not written where only events are, and what comes after it is', () => {
    assert.deepEqual(linesUnder('events', answered), [])
    assert.equal(linesUnder('events', answered, { event: 'server-stopped' }, answered).length, 1)
  })
})

test('commits are for metrics and are not written', () => {
  const commit: Event = { event: 'commit-made', writes: 3, characters: 9, durationMs: 1 }
  assert.deepEqual(linesOf(commit), [])
})

describe('a fault', () => {
  test('is told with its message and stack', () => {
    const fault = new TypeError('no such thing')
    const told = toldOf(fault)
    assert.equal(told.message, 'no such thing')
    assert.equal(told.stack, fault.stack)
    assert.match(told.stack, /TypeError: no such thing\n +at .*log\.test\.ts/)
  })

  test('is told with what caused it, down to the first cause', () => {
    const first = new Error('the disk is full')
    const second = new Error('the write failed', { cause: first })
    const told = toldOf(new Error('the request failed', { cause: second }))
    assert.equal(told.cause.message, 'the write failed')
    assert.equal(told.cause.stack, second.stack)
    assert.equal(told.cause.cause.message, 'the disk is full')
    assert.equal(told.cause.cause.stack, first.stack)
    assert.ok(!('cause' in told.cause.cause))
  })

  test('that was caused by no Error says what it was', () => {
    assert.deepEqual(toldOf(new Error('x', { cause: 'a text' })).cause, { message: 'a text' })
  })

  test('that is no Error is told as its text', () => {
    assert.deepEqual(toldOf('a text'), { message: 'a text' })
    assert.deepEqual(toldOf(42), { message: '42' })
    assert.deepEqual(toldOf(null), { message: 'null' })
  })

  test('without a cause mentions none', () => {
    assert.deepEqual(Object.keys(toldOf(new Error('x'))), ['message', 'stack'])
    assert.deepEqual(Object.keys(toldOf(new Error('x', { cause: undefined }))), [
      'message',
      'stack',
    ])
  })
})

test('what is not known is left out, and the word undefined never written', () => {
  const bare = new Error('x')
  delete bare.stack
  const lines = linesOf(faulted(bare), ...events)
  for (const line of lines) assert.doesNotMatch(line, /undefined|\[object Object\]/)
  assert.deepEqual(toldOf(bare), { message: 'x' })
})
