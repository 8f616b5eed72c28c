/**
 * What a server did to one folder, read off the trace of its calls, with the acknowledgements in
 * between. A call on that folder which is not understood throws: a disk that is rebuilt without it
 * would be another disk.
 */
import { dirname } from 'node:path'
import type { Call } from './strace.ts'
import { acknowledgedBy, descriptorPathOf, pathsOf, textsOf } from './strace.ts'

export type DiskEvent = {
  /** When the disk may show it first, and when it has happened for certain; lines of the trace. */
  readonly began: number
  readonly ended: number
} & (
  | { readonly kind: 'create'; readonly path: string; readonly isFolder: boolean }
  | { readonly kind: 'remove'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  /** Without an offset it is written behind the last byte. */
  | {
      readonly kind: 'write'
      readonly path: string
      readonly offset: number | undefined
      readonly bytes: Buffer
    }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'sync'; readonly path: string }
  /** A sync that failed: what it was to put on the disk never gets there by another. */
  | { readonly kind: 'failedSync'; readonly path: string }
  | { readonly kind: 'acknowledge'; readonly requestId: string }
)

type Plain<Event> = Event extends unknown ? Omit<Event, 'began' | 'ended'> : never

/** In the order of their effects: a sync counts from its end on, everything else from its start. */
export function diskEventsOf(calls: readonly Call[], folder: string): DiskEvent[] {
  const events: DiskEvent[] = []
  for (const call of calls) {
    const { began, ended } = call
    for (const requestId of acknowledgedBy(call)) {
      events.push({ kind: 'acknowledge', requestId, began, ended })
    }
    for (const event of effectsOf(call, folder)) events.push({ ...event, began, ended })
  }
  return events.sort((one, other) => momentOf(one) - momentOf(other))
}

function momentOf({ kind, began, ended }: DiskEvent): number {
  return kind === 'sync' || kind === 'failedSync' ? ended : began
}

/** Calls that name files instead of descriptors. */
const onNames = /^(open|creat|unlink|rename|mkdir|rmdir|truncate|link|symlink)/

function effectsOf(call: Call, folder: string): Plain<DiskEvent>[] {
  if (call.name === 'syncfs' || call.name === 'sync') throw unknown(call)
  // A ring that the kernel polls is for files. The other kind, which Node always has, is for epoll.
  if (call.name === 'io_uring_setup' && call.takes.includes('IORING_SETUP_SQPOLL'))
    throw unknown(call)
  if (call.gives === undefined || call.gives < 0) return effectsOfFailed(call, folder)
  const takesNames = onNames.test(call.name)
  const paths = pathsOf(call, takesNames)
  if (!paths.some((path) => path === folder || path.startsWith(`${folder}/`))) return []
  // Their order is: the folders that the names begin in, then the names.
  if (takesNames) return effectsOnNames(call, paths.slice(-textsOf(call).length))
  if (call.name === 'mmap') return effectsOfMap(call, paths[0] ?? '')
  return effectsOnFile(call, descriptorPathOf(call) ?? '', call.gives)
}

/** Linux reports what it could not write once, and takes it for written from then on. */
function effectsOfFailed(call: Call, folder: string): Plain<DiskEvent>[] {
  const path = descriptorPathOf(call) ?? ''
  const isSync = call.name === 'fsync' || call.name === 'fdatasync'
  if (!isSync || call.gives === undefined || !path.startsWith(`${folder}/`)) return []
  return [{ kind: 'failedSync', path }]
}

/** What is written to memory is not in the trace, so nothing but the `-shm` may be written so. */
function effectsOfMap(call: Call, path: string): [] {
  const isWritten = call.takes.includes('MAP_SHARED') && call.takes.includes('PROT_WRITE')
  if (isWritten && !path.endsWith('-shm')) throw unknown(call)
  return []
}

function effectsOnFile(call: Call, path: string, count: number): Plain<DiskEvent>[] {
  const { name, takes } = call
  // Gone from the folder, and alive only for those who hold it open.
  if (/^\d+<[^>]*>\(deleted\)/.test(takes)) return []
  const last = Number(/(-?\d+)$/.exec(takes)?.[1])
  const bytes = () => Buffer.concat(textsOf(call)).subarray(0, count)
  switch (name) {
    case 'pwrite64':
    case 'pwritev':
      return [{ kind: 'write', path, offset: last, bytes: bytes() }]
    case 'write':
    case 'writev':
      // Those who write without an offset have just made or emptied the file, or append to it.
      return [{ kind: 'write', path, offset: undefined, bytes: bytes() }]
    case 'ftruncate':
      return [{ kind: 'truncate', path, size: last }]
    case 'fsync':
    case 'fdatasync':
      return [{ kind: 'sync', path }]
  }
  throw unknown(call)
}

function effectsOnNames(call: Call, [path = '', to = '']: readonly string[]): Plain<DiskEvent>[] {
  const { name, takes } = call
  switch (name.replace(/at2?$/, '')) {
    case 'open':
    case 'creat': {
      const makes = name === 'creat' || takes.includes('O_CREAT')
      const empties = name === 'creat' || takes.includes('O_TRUNC')
      return [
        ...(makes ? [{ kind: 'create', path, isFolder: false } as const] : []),
        ...(empties ? [{ kind: 'truncate', path, size: 0 } as const] : []),
      ]
    }
    case 'mkdir':
      return [{ kind: 'create', path, isFolder: true }]
    case 'unlink':
    case 'rmdir':
      return [{ kind: 'remove', path }]
    case 'rename':
      // A name that moves between folders is made durable by two syncs; nobody here does that.
      if (dirname(path) !== dirname(to)) break
      return [{ kind: 'rename', path, to }]
    case 'truncate':
      return [{ kind: 'truncate', path, size: Number(/(\d+)$/.exec(takes)?.[1]) }]
  }
  throw unknown(call)
}

function unknown({ name, takes }: Call): Error {
  return new Error(`the disk cannot be rebuilt: ${name}(${takes.slice(0, 200)}) is not understood`)
}
