/** Lines as strace writes them, and what is read off them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DiskEvent } from './disk-events.ts'
import { diskEventsOf } from './disk-events.ts'
import { acknowledgedBy, parseTrace } from './strace.ts'

const home = '/d/data'

/** As strace does with `-xx`. */
function hex(text: string): string {
  return Array.from(Buffer.from(text), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(
    '',
  )
}

function file(name: string, descriptor = 7): string {
  return `${descriptor}<${hex(`${home}/${name}`)}>`
}

function named(name: string): string {
  return `AT_FDCWD<${hex('/')}>, "${hex(`${home}/${name}`)}"`
}

/** Each line, an instant after the one before, of thread 1 unless it names one. */
function traced(...lines: readonly string[]) {
  return parseTrace(
    lines.map((line, at) => {
      const [, thread = '1', rest = ''] = /^(?:\[(\d)\] )?(.*)$/s.exec(line) ?? []
      return `${thread} ${100 + at}.000000 ${rest}`
    }),
  )
}

function eventsOf(...lines: readonly string[]): (Partial<DiskEvent> & { kind: string })[] {
  return diskEventsOf(traced(...lines).calls, home)
}

test('a call that another thread cut in two is one call, from its start to its end', () => {
  const { calls } = traced(
    `[1] fsync(${file('log')} <unfinished ...>`,
    `[2] pwrite64(${file('log')}, "${hex('ab')}", 2, 10 <unfinished ...>`,
    `[1] <... fsync resumed>) = 0`,
    `[2] <... pwrite64 resumed>) = 2`,
  )
  const seen = calls.map(({ thread, name, began, ended, gives }) => [
    thread,
    name,
    began,
    ended,
    gives,
  ])
  assert.deepEqual(seen, [
    [1, 'fsync', 0, 2, 0],
    [2, 'pwrite64', 1, 3, 2],
  ])
})

test('the end of each thread is known, and who came first is the main one', () => {
  const { ends, main } = traced(
    '[4] close(3) = 0',
    '[5] +++ exited with 0 +++',
    '[4] +++ killed by SIGKILL +++',
  )
  assert.equal(main, 4)
  assert.equal(ends.get(5)?.status, 0)
  assert.deepEqual(ends.get(4), { status: 'SIGKILL', at: 102 })
})

test('a call that a fault was put into is marked', () => {
  const { calls } = traced(`fsync(${file('log')}) = -1 EIO (Input/output error) (INJECTED)`)
  assert.deepEqual(
    calls.map(({ gives, isInjected }) => [gives, isInjected]),
    [[-1, true]],
  )
})

test('a line that is not understood is not passed over', () => {
  assert.throws(() => parseTrace(['strace: Process 7 attached']), /strace wrote/)
  assert.throws(() => traced('what is this'), /strace wrote/)
})

test('an acknowledgement is a 2xx on a socket, however it is cut into pieces', () => {
  const sent = (target: string, head: string, body = '{}') => {
    const [call] = traced(
      `writev(9<${hex(target)}>, [{iov_base="${hex(head)}", iov_len=9}, ` +
        `{iov_base="${hex(body)}", iov_len=9}], 2) = ${head.length + body.length}`,
    ).calls
    assert.ok(call !== undefined)
    return acknowledgedBy(call)
  }
  const head = 'HTTP/1.1 201 Created\r\nETag: "1"\r\nX-Request-Id: w1\r\nVary: x\r\n\r\n'
  assert.deepEqual(sent('socket:[1]', head), ['w1'])
  assert.deepEqual(sent('socket:[1]', head, head.replace('w1', 'w2')), ['w1', 'w2'])
  assert.deepEqual(sent('socket:[1]', head.replace('201', '507')), [])
  assert.deepEqual(sent('/d/data/log', head), [])
})

test('a descriptor means the file that it has at that moment', () => {
  const events = eventsOf(
    `openat(${named('a')}, O_RDWR|O_CREAT, 0600) = ${file('a')}`,
    `pwrite64(${file('a')}, "${hex('x')}", 1, 0) = 1`,
    `openat(${named('b')}, O_RDWR|O_CREAT, 0600) = ${file('b')}`,
    `pwrite64(${file('b')}, "${hex('y')}", 1, 0) = 1`,
    `fsync(${file('a', 12)}) = 0`,
  )
  assert.deepEqual(
    events.map((event) => [event.kind, 'path' in event && event.path]),
    [
      ['create', `${home}/a`],
      ['write', `${home}/a`],
      ['create', `${home}/b`],
      ['write', `${home}/b`],
      ['sync', `${home}/a`],
    ],
  )
})

test('what failed and what was elsewhere did nothing; what was cut short did a part', () => {
  const events = eventsOf(
    `pwrite64(${file('a')}, "${hex('xyz')}", 3, 4096) = 2`,
    `pwrite64(${file('a')}, "${hex('xyz')}", 3, 0) = -1 ENOSPC (No space left on device)`,
    `pwrite64(8<${hex('/d/database')}>, "${hex('xyz')}", 3, 0) = 3`,
    `unlink("${hex('/elsewhere')}") = 0`,
  )
  assert.equal(events.length, 1)
  const [write] = events
  assert.ok(write?.kind === 'write' && 'bytes' in write)
  assert.equal(String(write.bytes), 'xy')
  assert.equal(write.offset, 4096)
})

test('names are given, changed and taken away', () => {
  const events = eventsOf(
    `mkdir("${hex(home)}", 0700) = 0`,
    `openat(${named('new')}, O_WRONLY|O_CREAT|O_EXCL|O_TRUNC, 0600) = ${file('new')}`,
    `rename("${hex(`${home}/new`)}", "${hex(`${home}/old`)}") = 0`,
    `unlink("${hex(`${home}/old`)}") = 0`,
  )
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['create', 'create', 'truncate', 'rename', 'remove'],
  )
})

test('a sync counts from its end, a write from its start', () => {
  const events = eventsOf(
    `[1] fsync(${file('a')} <unfinished ...>`,
    `[2] pwrite64(${file('a')}, "${hex('x')}", 1, 0) = 1`,
    `[1] <... fsync resumed>) = 0`,
  )
  assert.deepEqual(
    events.map(({ kind, began }) => [kind, began]),
    [
      ['write', 1],
      ['sync', 0],
    ],
  )
})

test('a call on the folder that is not understood is not passed over', () => {
  for (const call of [
    `fallocate(${file('a')}, 0, 0, 4096) = 0`,
    `link("${hex(`${home}/a`)}", "${hex(`${home}/b`)}") = 0`,
    `copy_file_range(8<${hex('/x')}>, NULL, ${file('a')}, NULL, 9, 0) = 9`,
    `mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, ${file('a')}, 0) = 0`,
    `pwrite64(${file('a')}, "${hex('x')}"..., 3, 0) = 3`,
  ]) {
    assert.throws(() => eventsOf(call), /not understood|shortened/, call)
  }
  eventsOf(`mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, ${file('a-shm')}, 0) = 0`)
})
