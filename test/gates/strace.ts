/**
 * What strace saw of a server: how to start it, and its lines as calls. One line is not one call:
 * threads interleave, so a call that another one's line cut in two is put together again, and both
 * its ends are kept. Descriptors need no book-keeping, since `-y` names the file of each.
 */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'

export type Call = {
  readonly thread: number
  readonly name: string
  /** As strace wrote them: every text in hexadecimal, so that no comma or quote is in any. */
  readonly takes: string
  /** What it returned; undefined when it did not return, as the call that ends the process. */
  readonly gives: number | undefined
  /** The lines on which it began and ended: the order of things. */
  readonly began: number
  readonly ended: number
  /** The same in seconds since 1970. */
  readonly beganAt: number
  readonly endedAt: number
  readonly isInjected: boolean
}

export type Trace = {
  readonly calls: readonly Call[]
  /** Each thread's end: its exit status, or the name of the signal that killed it. */
  readonly ends: ReadonlyMap<number, { readonly status: number | string; readonly at: number }>
  /** The thread that the process began with: whose `execve` is the first line. */
  readonly main: number | undefined
}

export const straceNeed = {
  command: 'strace',
  install: 'apt-get install strace (Debian, Ubuntu), dnf install strace (Fedora)',
} as const

/** Everything by which bytes or names reach a disk, and by which answers reach a client. */
const observed = [
  'open,openat,openat2,creat,write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,sendfile',
  'fsync,fdatasync,sync,syncfs,sync_file_range,mmap,truncate,ftruncate,fallocate',
  'copy_file_range,unlink,unlinkat,rename,renameat,renameat2,link,linkat,symlink,symlinkat',
  'mkdir,mkdirat,rmdir,io_uring_setup',
].join(',')

/** Longer than any write: a text that strace shortened could not be rebuilt. */
const textMaxBytes = 8 * 1_048_576

/** File operations must not pass by the trace through a ring that is shared with the kernel. */
export const traceableEnvironment = { UV_USE_IO_URING: '0' } as const

export type StraceOptions = {
  /** The calls that are written down, where that is not everything. */
  readonly trace?: string
  /** Of each text so many bytes are enough. */
  readonly textBytes?: number
  /** A fault, as `fsync:error=EIO:when=3`, or the end, as `fsync:signal=KILL:when=3`. Each thread
   * counts its calls by itself. */
  readonly inject?: string
  /** Only calls on these paths are written down, and fail. */
  readonly only?: readonly string[]
}

/** The command in front of the server's. */
export function straceCommand(traceFile: string, options: StraceOptions = {}): string[] {
  const { trace = observed, textBytes = textMaxBytes, inject, only = [] } = options
  // With the filter strace sees these calls alone, and injects no signals.
  const filter = inject?.includes(':signal=') ? [] : ['--seccomp-bpf']
  return [
    ...['strace', '-f', '-q', '-ttt', '-y', '-xx', '-s', String(textBytes)],
    ...[...filter, '-e', 'signal=none', '-e', `trace=execve,${trace}`],
    ...(inject === undefined ? [] : ['-e', `inject=${inject}`]),
    ...only.flatMap((path) => ['-P', path]),
    ...['-o', traceFile],
  ]
}

export function readTrace(traceFile: string): Trace {
  return parseTrace(readFileSync(traceFile, 'latin1').split('\n'))
}

const linePattern = /^(\d+) +(\d+\.\d+) (.*)$/s
const callPattern = /^(\w+)\((.*)\) += (-?\d+|\?)(.*)$/s
const resumedPattern = /^<\.\.\. \w+ resumed>(.*)$/s
const cutOff = '<unfinished ...>'

/** Throws for a line that it does not understand: what is overlooked would be proven wrongly. */
export function parseTrace(lines: readonly string[]): Trace {
  const calls: Call[] = []
  const ends = new Map<number, { status: number | string; at: number }>()
  const begun = new Map<number, { text: string; began: number; beganAt: number }>()
  let main: number | undefined
  for (const [number, line] of lines.entries()) {
    if (line === '') continue
    const [, threadText, time, rest = ''] = linePattern.exec(line) ?? []
    const thread = Number(threadText)
    const at = Number(time)
    if (Number.isNaN(at)) throw new Error(`strace wrote: ${line.slice(0, 200)}`)
    main ??= thread
    const end = /^\+\+\+ (?:exited with (\d+)|killed by (\w+))/.exec(rest)
    if (end !== null) ends.set(thread, { status: end[2] ?? Number(end[1]), at })
    if (/^(\+\+\+|---)/.test(rest)) continue
    if (rest.endsWith(cutOff)) {
      begun.set(thread, { text: rest.slice(0, -cutOff.length), began: number, beganAt: at })
      continue
    }
    const resumed = resumedPattern.exec(rest)?.[1]
    const start = resumed === undefined ? undefined : begun.get(thread)
    const text = start === undefined ? rest : start.text + resumed
    const [, name = '', takes = '', gives, more = ''] = callPattern.exec(text) ?? []
    // A thread that is killed inside a call leaves half of it.
    if (gives === undefined && rest.endsWith('= ?')) continue
    if (gives === undefined) throw new Error(`strace wrote: ${line.slice(0, 200)}`)
    calls.push({
      thread,
      name,
      takes: takes.trimEnd(),
      gives: gives === '?' ? undefined : Number(gives),
      began: start?.began ?? number,
      ended: number,
      beganAt: start?.beganAt ?? at,
      endedAt: at,
      isInjected: more.includes('(INJECTED)'),
    })
  }
  return { calls, ends, main }
}

/** The path of the descriptor that the call takes first; undefined when it takes none. */
export function descriptorPathOf({ takes }: Call): string | undefined {
  const name = /^\d+<([^>]*)>/.exec(takes)?.[1]
  return name === undefined ? undefined : plain(name)
}

/** The paths of all descriptors that the call takes, and of the texts that are names of files. */
export function pathsOf({ takes }: Call, textsAreNames: boolean): string[] {
  const named = Array.from(takes.matchAll(/<([^>]*)>/g), ([, name = '']) => plain(name))
  if (!textsAreNames) return named
  const written = Array.from(takes.matchAll(/(?:<([^>]*)>, )?"([^"]*)"/g), ([, from = '', name]) =>
    resolve(plain(from), plain(name ?? '')),
  )
  return [...named, ...written]
}

/** All texts that the call takes, names or bytes to write; throws if strace shortened one. */
export function textsOf(call: Call): Buffer[] {
  if (call.takes.includes('"...')) throw new Error('strace shortened a text')
  return beginningsOf(call)
}

function beginningsOf({ takes }: Call): Buffer[] {
  return Array.from(takes.matchAll(/"([^"]*)"/g), ([, hex = '']) =>
    Buffer.from(hex.replaceAll('\\x', ''), 'hex'),
  )
}

/** The `X-Request-Id` of each 2xx that this call sent to a client. */
export function acknowledgedBy(call: Call): string[] {
  if (!/^(write|writev|sendto|sendmsg)$/.test(call.name) || (call.gives ?? -1) < 0) return []
  // What follows a descriptor that is no file is its kind: a socket has no other name.
  if (!descriptorPathOf(call)?.startsWith('socket:')) return []
  const sent = Buffer.concat(beginningsOf(call)).toString('latin1', 0, call.gives)
  const pattern = /HTTP\/1\.1 2\d\d .*?\r\nX-Request-Id: ([^\r]*)\r\n/gs
  return Array.from(sent.matchAll(pattern), ([, id = '']) => id)
}

function plain(name: string): string {
  return name.startsWith('\\x') ? Buffer.from(name.replaceAll('\\x', ''), 'hex').toString() : name
}
