/** Disks that lost power: what must be there, what must not, and what may be either. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../support/random.ts'
import type { Policy } from './disk.ts'
import { disksAt } from './disk.ts'
import type { DiskEvent } from './disk-events.ts'

const root = '/d'
const path = '/d/data/log'

type Step = DiskEvent extends infer Event
  ? Event extends DiskEvent
    ? Omit<Event, 'began' | 'ended'>
    : never
  : never

/** Each step ends before the next begins. */
function inTurn(steps: readonly Step[]): DiskEvent[] {
  return steps.map((step, at) => ({ ...step, began: at, ended: at }))
}

const folder: Step = { kind: 'create', path: '/d/data', isFolder: true }
const made: Step = { kind: 'create', path, isFolder: false }
const sync = (path: string): Step => ({ kind: 'sync', path })
const write = (text: string, offset: number | undefined = undefined): Step => ({
  kind: 'write',
  path,
  offset,
  bytes: Buffer.from(text),
})
/** The file is there for certain, and empty. */
const begun: readonly Step[] = [folder, made, sync('/d'), sync('/d/data')]

function contentAfter(events: readonly DiskEvent[], policy: Policy, seed = 1) {
  const [disk] = disksAt(events, [{ at: events.length, policy }], root, seededRandom(seed))
  return disk?.files.get(path)?.toString()
}

function after(policy: Policy, ...steps: readonly Step[]) {
  return contentAfter(inTurn([...begun, ...steps]), policy)
}

test('what was synced is there under every policy', () => {
  for (const policy of ['dropped', 'kept', 'torn'] as const) {
    assert.equal(after(policy, write('one'), write('two'), sync(path)), 'onetwo')
  }
})

test('what was not synced is there or not, as the policy says', () => {
  assert.equal(after('dropped', write('one'), sync(path), write('two', 0)), 'one')
  assert.equal(after('kept', write('one'), sync(path), write('two', 0)), 'two')
})

test('a file is cut and grows again with zeros', () => {
  const cut: Step = { kind: 'truncate', path, size: 1 }
  assert.equal(after('kept', write('one'), cut, write('x', 3)), 'o\0\0x')
  assert.equal(after('dropped', write('one'), sync(path), cut), 'one')
})

test('a sync says nothing of what began before it ended', () => {
  const events = inTurn([...begun, write('one'), sync(path)])
  const overlapping = events.with(-1, { ...sync(path), began: 4, ended: 5 } as DiskEvent)
  assert.equal(contentAfter(overlapping, 'dropped'), '')
})

test('a file whose folder was not synced is missing', () => {
  const steps = [folder, sync('/d'), made, write('one'), sync(path)]
  assert.equal(contentAfter(inTurn(steps), 'dropped'), undefined)
  assert.equal(contentAfter(inTurn(steps), 'kept'), 'one')
})

test('a folder whose parent was not synced is missing with all that is in it', () => {
  const steps = [folder, made, write('one'), sync(path), sync('/d/data')]
  assert.equal(contentAfter(inTurn(steps), 'dropped'), undefined)
  assert.equal(contentAfter(inTurn([...steps, sync('/d')]), 'dropped'), 'one')
})

test('a file whose removal was not synced is back, with what was durable in it', () => {
  const gone: Step = { kind: 'remove', path }
  assert.equal(after('dropped', write('one'), sync(path), gone), 'one')
  assert.equal(after('kept', write('one'), sync(path), gone), undefined)
  assert.equal(after('dropped', write('one'), sync(path), gone, sync('/d/data')), undefined)
  assert.equal(after('dropped', write('one'), sync(path), gone, made, sync('/d/data')), '')
})

test('a file that took the place of another is either of the two, never none', () => {
  const next: Step = { kind: 'create', path: '/d/data/next', isFolder: false }
  const steps = [write('one'), sync(path), next, sync('/d/data')]
  const renamed: Step = { kind: 'rename', path: '/d/data/next', to: path }
  assert.equal(after('dropped', ...steps, renamed), 'one')
  assert.equal(after('kept', ...steps, renamed), '')
  for (let seed = 0; seed < 20; seed++) {
    const content = contentAfter(inTurn([...begun, ...steps, renamed]), 'torn', seed)
    assert.ok(content === 'one' || content === '', String(content))
  }
})

test('a torn write is torn between sectors, and each of them may be the one that is lost', () => {
  const events = inTurn([
    ...begun,
    write('a'.repeat(1500)),
    sync(path),
    write('b'.repeat(1000), 500),
  ])
  const seen = new Set<string>()
  for (let seed = 0; seed < 200; seed++) {
    const content = contentAfter(events, 'torn', seed) ?? ''
    const sectors = [content.slice(500, 512), content.slice(512, 1024), content.slice(1024)]
    for (const sector of sectors) assert.match(sector, /^(a+|b+)$/)
    seen.add(sectors.map((sector) => sector[0]).join(''))
    assert.equal(content.length, 1500)
  }
  assert.equal(seen.size, 8)
})

test('the disks of many instants are those of each, and tell what was acknowledged', () => {
  const events = inTurn([
    ...begun,
    write('one'),
    sync(path),
    { kind: 'acknowledge', requestId: 'w1' },
    write('two'),
  ])
  const instants = [7, 6, 8, 4].map((at) => ({ at, policy: 'kept' as const }))
  const seen: unknown[] = []
  for (const { at, files, acknowledged } of disksAt(events, instants, root, Math.random)) {
    seen.push([at, String(files.get(path)), [...acknowledged]])
  }
  assert.deepEqual(seen, [
    [4, '', []],
    [6, 'one', []],
    [7, 'one', ['w1']],
    [8, 'onetwo', ['w1']],
  ])
})

test('the index of the log is left out', () => {
  const events = inTurn([
    ...begun,
    { kind: 'create', path: '/d/data/x-shm', isFolder: false },
    { kind: 'truncate', path: '/d/data/x-shm', size: 3 },
  ])
  const [disk] = disksAt(events, [{ at: events.length, policy: 'kept' }], root, Math.random)
  assert.deepEqual([...(disk?.files.keys() ?? [])], [path])
})
