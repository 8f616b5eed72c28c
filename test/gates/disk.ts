/**
 * A disk as it may look when the power goes. Until a sync, each write may have arrived or not, or
 * in part; a new name may be missing and an old one may be back, until its folder is synced. The
 * `-shm` is left out: it is mapped memory, and whoever opens the store first makes it anew. What a
 * sync failed to put on the disk never gets there, however often it is synced again.
 */
import { dirname } from 'node:path'
import type { DiskEvent } from './disk-events.ts'

/** What became of all that was not synced. */
export type Policy = 'dropped' | 'kept' | 'torn'

export type Instant = {
  /** How many of the events happened. */
  readonly at: number
  readonly policy: Policy
}

export type LostPower = Instant & {
  /** By path, and only where the folder is there too. */
  readonly files: ReadonlyMap<string, Buffer>
  readonly folders: readonly string[]
  /** Ids of the requests that were acknowledged before. */
  readonly acknowledged: ReadonlySet<string>
}

/** What a disk writes whole or not at all. */
const sectorBytes = 512

/** The disks at these instants, in their order, made in one pass over the events. */
export function* disksAt(
  events: readonly DiskEvent[],
  instants: readonly Instant[],
  root: string,
  random: () => number,
): Generator<LostPower> {
  const disk = makeDisk(root)
  const acknowledged = new Set<string>()
  let done = 0
  for (const instant of instants.toSorted((one, other) => one.at - other.at)) {
    for (; done < instant.at; done++) {
      const event = events[done]
      if (event?.kind === 'acknowledge') acknowledged.add(event.requestId)
      else if (event !== undefined) disk.apply(event)
    }
    yield { ...instant, ...disk.losePower(instant.policy, random), acknowledged }
  }
}

type Change = { readonly ended: number } & (
  | { readonly kind: 'write'; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly size: number }
)

/** A file apart from its names, or a folder, which has no content of its own here. */
type File = {
  readonly isFolder: boolean
  /** What is on the disk for certain. */
  durable: Content
  /** What may be, in its order. */
  pending: Change[]
  /** Its size for those who write to it. */
  size: number
}

/** Names that were given or taken away in one folder, at once. */
type Naming = {
  readonly ended: number
  readonly folder: string
  readonly names: readonly (readonly [path: string, file: File | undefined])[]
}

type Disk = {
  apply(event: DiskEvent): void
  losePower(policy: Policy, random: () => number): Pick<LostPower, 'files' | 'folders'>
}

/** `root` is a folder that is there from the beginning; what is beside it is not looked at. */
function makeDisk(root: string): Disk {
  const present = new Map<string, File>()
  const durable = new Map<string, File>()
  let pending: Naming[] = []

  const makeFile = (isFolder: boolean): File => ({
    isFolder,
    durable: { bytes: Buffer.alloc(0), size: 0 },
    pending: [],
    size: 0,
  })
  const name = (ended: number, ...names: Naming['names']) => {
    for (const [path, file] of names) give(present, path, file)
    pending.push({ ended, folder: dirname(names[0]?.[0] ?? ''), names })
  }
  const fileAt = (path: string): File => {
    const file = present.get(path)
    if (file === undefined) throw new Error(`the trace has no beginning of ${path}`)
    return file
  }

  /** What ended before a sync began is durable once it ended. */
  function sync(path: string, began: number): void {
    const isDone = ({ ended }: { readonly ended: number }) => ended < began
    for (const naming of pending) {
      if (naming.folder === path && isDone(naming)) giveAll(durable, naming)
    }
    pending = pending.filter((naming) => naming.folder !== path || !isDone(naming))
    if (path === root) return
    const file = fileAt(path)
    for (const change of file.pending) if (isDone(change)) file.durable = put(file.durable, change)
    file.pending = file.pending.filter((change) => !isDone(change))
  }

  /** Whoever reads the file sees it still; the disk does not, unless it is written once more. */
  function forget(path: string, began: number): void {
    const file = present.get(path)
    if (file !== undefined) file.pending = file.pending.filter(({ ended }) => ended >= began)
  }

  function change(path: string, change: Change): void {
    const file = fileAt(path)
    file.pending.push(change)
    file.size =
      change.kind === 'truncate'
        ? change.size
        : Math.max(file.size, change.offset + change.bytes.length)
  }

  return {
    apply(event) {
      const { ended, began } = event
      if (event.kind === 'acknowledge' || event.path.endsWith('-shm')) return
      switch (event.kind) {
        case 'create':
          if (!present.has(event.path)) name(ended, [event.path, makeFile(event.isFolder)])
          return
        case 'remove':
          return name(ended, [event.path, undefined])
        case 'rename':
          return name(ended, [event.path, undefined], [event.to, fileAt(event.path)])
        case 'truncate':
          return change(event.path, { kind: 'truncate', size: event.size, ended })
        case 'write': {
          const offset = event.offset ?? fileAt(event.path).size
          return change(event.path, { kind: 'write', offset, bytes: event.bytes, ended })
        }
        case 'sync':
          return sync(event.path, began)
        case 'failedSync':
          return forget(event.path, began)
      }
    },
    losePower(policy, random) {
      const survives = survival(policy, random)
      const names = new Map(durable)
      for (const naming of pending) if (survives(naming).length > 0) giveAll(names, naming)
      const isReachable = (path: string): boolean => {
        const parent = dirname(path)
        return parent === root || (names.get(parent)?.isFolder === true && isReachable(parent))
      }
      const reachable = [...names].filter(([path]) => isReachable(path))
      return {
        folders: reachable.filter(([, { isFolder }]) => isFolder).map(([path]) => path),
        files: new Map(
          reachable
            .filter(([, { isFolder }]) => !isFolder)
            .map(([path, file]) => [path, contentOf(file, survives)]),
        ),
      }
    },
  }
}

/** The parts of something pending that are on the disk: it, nothing, or some sectors of it. */
type Survives = <Pending extends Naming | Change>(pending: Pending) => readonly Pending[]

function survival(policy: Policy, random: () => number): Survives {
  if (policy === 'dropped') return () => []
  if (policy === 'kept') return (pending) => [pending]
  // Each loss of power has odds of its own, so that nearly all and nearly nothing are met too.
  const keeps = random()
  const tears = random()
  return (pending) => {
    if ('kind' in pending && pending.kind === 'write' && random() < tears) {
      return sectorsOf(pending)
        .filter(() => random() < keeps)
        .map((sector) => ({ ...pending, ...sector }))
    }
    return random() < keeps ? [pending] : []
  }
}

/**
 * A write in its sectors. Which of them arrive is all that can differ: where two writes meet in a
 * sector, that the later arrived first is the same as that it did not arrive.
 */
function sectorsOf({ offset, bytes }: { readonly offset: number; readonly bytes: Buffer }) {
  const sectors: { offset: number; bytes: Buffer }[] = []
  for (let from = 0; from < bytes.length; ) {
    const to = Math.min(bytes.length, from + sectorBytes - ((offset + from) % sectorBytes))
    sectors.push({ offset: offset + from, bytes: bytes.subarray(from, to) })
    from = to
  }
  return sectors
}

function contentOf(file: File, survives: Survives): Buffer {
  let content: Content = { bytes: Buffer.from(file.durable.bytes), size: file.durable.size }
  for (const pending of file.pending) {
    for (const change of survives(pending)) content = put(content, change)
  }
  return content.bytes.subarray(0, content.size)
}

function give(names: Map<string, File>, path: string, file: File | undefined): void {
  if (file === undefined) names.delete(path)
  else names.set(path, file)
}

function giveAll(names: Map<string, File>, naming: Naming): void {
  for (const [path, file] of naming.names) give(names, path, file)
}

/** `bytes` has room behind `size`, all of it zeros, so that growing does not copy every time. */
type Content = { readonly bytes: Buffer; readonly size: number }

/** Changes `content` and gives it back, or a larger one in its place. */
function put({ bytes, size }: Content, change: Change): Content {
  const end = change.kind === 'write' ? change.offset + change.bytes.length : change.size
  const grown =
    end <= bytes.length ? bytes : Buffer.concat([bytes], Math.max(end, 2 * bytes.length))
  if (change.kind === 'truncate') {
    grown.fill(0, Math.min(end, size), size)
    return { bytes: grown, size: end }
  }
  grown.set(change.bytes, change.offset)
  return { bytes: grown, size: Math.max(size, end) }
}
