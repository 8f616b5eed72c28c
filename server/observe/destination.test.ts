/**
 * What reaches a real file or pipe, and when. The timer is driven by hand; that a thread has
 * written by then is waited for, since nobody is told.
 */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { after, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { writeTo } from './destination.ts'

const root = mkdtempSync(join(tmpdir(), 'tenantry-destination-'))
after(() => rmSync(root, { recursive: true }))

/** Later than this is not late, it is lost. */
const patienceMs = 5000

/** Lines of a thousand characters: 66 of them are many. */
const lineOf = (number: number) => `line ${number} ${'x'.repeat(990)}`.slice(0, 999).concat('\n')
const linesOf = (count: number) => Array.from({ length: count }, (_, number) => lineOf(number))

test('lines are gathered for a fifth of a second, and written in their order', async (context) => {
  const { text, destination, timers } = openFile(context)
  destination.write('one\n')
  destination.write('two\n')
  assert.deepEqual(
    timers.waiting().map(({ delayMs }) => delayMs),
    [200],
  )
  await settle()
  assert.equal(text(), '')
  timers.run()
  await until(() => text() === 'one\ntwo\n', text)
})

test('each line that finds nothing gathered starts the time anew', async (context) => {
  const { text, destination, timers } = openFile(context)
  destination.write('one\n')
  timers.run()
  assert.equal(timers.waiting().length, 0)
  destination.write('two\n')
  assert.equal(timers.waiting().length, 1)
  timers.run()
  await until(() => text() === 'one\ntwo\n', text)
})

test('many lines are written at once, and the rest of them in its time', async (context) => {
  const { text, destination, timers } = openFile(context)
  const lines = linesOf(67)
  for (const line of lines.slice(0, 66)) destination.write(line)
  assert.equal(timers.waiting().length, 0, 'nothing is left to wait for')
  await until(() => text() === lines.slice(0, 66).join(''), text)
  destination.write(lines[66] ?? '')
  timers.run()
  await until(() => text() === lines.join(''), text)
})

describe('flushSync', () => {
  test('returns when all that was gathered is in the file', (context) => {
    // A thread that had to write it would win some of these races.
    for (let round = 0; round < 100; round++) {
      const { text, destination, timers } = openFile(context)
      destination.write('one\n')
      destination.write('two\n')
      destination.flushSync()
      assert.equal(text(), 'one\ntwo\n', `in round ${round}`)
      assert.equal(timers.waiting().length, 0, 'nothing is left to wait for')
    }
  })

  test('returns when all but what a thread is writing is in the file, once', async (context) => {
    const { text, destination } = openFile(context)
    const found = () => text().match(/.*\n/g) ?? []
    const lines = linesOf(500)
    for (const line of lines) destination.write(line)
    destination.flushSync()
    assert.ok(found().length >= 500 - 66, `${found().length} lines are there`)
    // What the thread has begun may come behind what did not wait for it.
    const wanted = lines.toSorted().join('')
    await until(() => found().toSorted().join('') === wanted, text)
  })

  for (const count of [60, 200]) {
    test(`comes to an end when nobody reads ${count} lines of a pipe`, async (context) => {
      // Node makes a piped stderr such.
      const { destination } = openPipe(context, constants.O_NONBLOCK)
      for (const line of linesOf(count)) destination.write(line)
      await settle()
      destination.flushSync()
      for (const line of linesOf(count)) destination.write(line)
      destination.flushSync()
    })
  }

  test('of nothing writes nothing, and what comes after it is written', async (context) => {
    const { text, destination, timers } = openFile(context)
    destination.flushSync()
    assert.equal(text(), '')
    destination.write('one\n')
    destination.flushSync()
    destination.flushSync()
    destination.write('two\n')
    timers.run()
    await until(() => text() === 'one\ntwo\n', text)
  })
})

test('a destination that is gone takes all lines and throws nothing', async (context) => {
  const { reader, writer, destination, timers } = openPipe(context)
  reader.close()
  // So that the test is about what it says.
  assert.throws(() => writeSync(writer.fd, 'x'), { code: 'EPIPE' })
  destination.write('one\n')
  timers.run()
  // The failure comes later, and would end the process if nobody listened.
  await settle()
  for (const line of linesOf(70)) destination.write(line)
  await settle()
  destination.write('two\n')
  destination.flushSync()
  await settle()
})

test('a reader that is too slow loses whole lines, and gets those of later', async (context) => {
  const { reader, destination, timers } = openPipe(context)
  const floodBytes = 8 * 1_048_576
  const lines = linesOf(Math.ceil(floodBytes / 1000))
  for (const line of lines) destination.write(line)
  const found = await reader.readUntilQuiet()
  // What is kept is in order and without holes, but for the last lines, which had time to wait.
  assert.ok(found.length <= 4 * 1_048_576, `${found.length} bytes were kept`)
  assert.ok(found.length > 3 * 1_048_576, `${found.length} bytes were kept`)
  assert.ok(lines.join('').startsWith(found), 'the lines are not those that were written')
  assert.ok(found.endsWith('\n'))
  timers.run()
  await reader.readUntilQuiet()
  destination.write('later\n')
  timers.run()
  assert.equal(await reader.readUntilQuiet(), 'later\n')
})

/** Timers that go off when they are told to. */
function handDriven() {
  const all = new Set<{ readonly delayMs: number; readonly action: () => void }>()
  return {
    start(delayMs: number, action: () => void) {
      const timer = { delayMs, action }
      all.add(timer)
      return () => void all.delete(timer)
    },
    waiting: () => [...all],
    run() {
      for (const timer of all) {
        all.delete(timer)
        timer.action()
      }
    },
  }
}

let files = 0

/** A destination on a new file, and the text that is in it. */
function openFile(context: TestContext) {
  const path = join(root, `file-${files++}`)
  const file = open(context, path, constants.O_WRONLY | constants.O_CREAT)
  const timers = handDriven()
  const destination = writeTo(file.fd, timers.start)
  return { destination, timers, text: () => readFileSync(path, 'utf8') }
}

/** A destination on a pipe that nobody reads yet. */
function openPipe(context: TestContext, flags = 0) {
  const path = join(root, `pipe-${files++}`)
  execFileSync('mkfifo', [path])
  const reader = open(context, path, constants.O_RDONLY | constants.O_NONBLOCK)
  // It blocks, unlike a server's stderr: of one that does not, the library takes its time.
  const writer = open(context, path, constants.O_WRONLY | flags)
  const timers = handDriven()
  const destination = writeTo(writer.fd, timers.start)
  return {
    reader: { ...reader, readUntilQuiet: () => readUntilQuiet(reader.fd) },
    writer,
    destination,
    timers,
  }
}

function open(context: TestContext, path: string, flags: number) {
  const fd = openSync(path, flags)
  let isOpen = true
  const close = () => {
    if (isOpen) closeSync(fd)
    isOpen = false
  }
  context.after(close)
  return { fd, close }
}

/** All that comes until nothing has come for a while. */
async function readUntilQuiet(fd: number): Promise<string> {
  const bytes = Buffer.alloc(65_536)
  let found = ''
  for (let quiet = 0; quiet < 20; quiet++) {
    try {
      const count = readSync(fd, bytes)
      found += bytes.toString('latin1', 0, count)
      if (count > 0) quiet = 0
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      await wait(5)
    }
  }
  return found
}

/** Long enough for a thread to have written, or failed to. */
async function settle(): Promise<void> {
  await wait(50)
}

async function until(isTrue: () => boolean, found: () => string): Promise<void> {
  const end = performance.now() + patienceMs
  while (!isTrue()) {
    assert.ok(performance.now() < end, `after ${patienceMs} ms there is ${found().slice(0, 500)}`)
    await wait(5)
  }
}
