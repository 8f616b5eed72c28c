/** The real command in a process of its own: started, waited for, stopped, and always ended. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addCleanup } from './cleanups.ts'

export const root = join(import.meta.dirname, '../..')

export type Finished = {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

export type Running = {
  readonly child: ChildProcess
  /** What it has printed so far. */
  readonly printed: { out: string; err: string }
  /** Resolves with all of stdout once it matches; rejects when the process ends before. */
  waitFor(pattern: RegExp): Promise<string>
  /** Sends the signal and resolves with the end. */
  stop(signal?: NodeJS.Signals): Promise<Finished>
  readonly ended: Promise<Finished>
}

export type StartOptions = {
  readonly env?: { readonly [variable: string]: string }
  readonly cwd?: string
  readonly input?: string
  /** Root folder of the build to run, where that is not this one. */
  readonly build?: string
  /** A command, with its arguments, that runs the command behind it: `strace -f -o FILE`. */
  readonly wrap?: readonly string[]
}

/** `tenantry` with these arguments, under the Node that runs the tests. */
export function startTenantry(args: readonly string[], options: StartOptions = {}): Running {
  const command = join(options.build ?? root, 'bin/tenantry.cjs')
  const [file, ...rest] = [...(options.wrap ?? []), process.execPath, command, ...args]
  return startProcess(file ?? '', rest, options)
}

/** The same, waited for to its end. */
export function runTenantry(
  args: readonly string[],
  options: StartOptions = {},
): Promise<Finished> {
  return startTenantry(args, options).ended
}

/** Any command. Its environment has none of the caller's settings. */
export function startProcess(
  file: string,
  args: readonly string[],
  options: Pick<StartOptions, 'env' | 'cwd' | 'input'>,
): Running {
  const child = spawn(file, args, {
    cwd: options.cwd ?? root,
    env: { ...ownEnvironment(), ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  // One that reads something else, or nothing, may be deaf before this was written.
  child.stdin.on('error', () => {}).end(options.input ?? '')
  const printed = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed.out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed.err += text
  })
  // The group: npm and shells do not pass every signal on.
  const signalGroup = (signal: NodeJS.Signals) => {
    const lives = child.exitCode === null && child.signalCode === null
    if (lives && child.pid !== undefined) process.kill(-child.pid, signal)
  }
  const forget = addCleanup(() => signalGroup('SIGKILL'))
  const ended = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (status) => resolve({ status, ...printed }))
  }).finally(forget)
  return {
    child,
    printed,
    ended,
    waitFor: (pattern) => waitFor(pattern, child, printed, ended),
    stop(signal = 'SIGTERM') {
      signalGroup(signal)
      return ended
    },
  }
}

/** A new folder for data, and what removes it. */
export function makeFolder(parent = tmpdir()): { path: string; remove(): void } {
  const path = mkdtempSync(join(parent, 'tenantry-test-'))
  // A process that was killed a moment ago may still be making files in it.
  const erase = () => rmSync(path, { recursive: true, force: true, maxRetries: 5 })
  const forget = addCleanup(erase)
  return {
    path,
    remove() {
      forget()
      erase()
    },
  }
}

/** A port that was free a moment ago. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}

function ownEnvironment() {
  const own = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('TENANTRY_') && !name.startsWith('CRESCENDO_'),
  )
  // A child that saw this would think itself a test file of the runner.
  return Object.fromEntries(own.filter(([name]) => name !== 'NODE_TEST_CONTEXT'))
}

function waitFor(
  pattern: RegExp,
  child: ChildProcess,
  printed: { readonly out: string; readonly err: string },
  ended: Promise<Finished>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (!pattern.test(printed.out)) return
      child.stdout?.off('data', look)
      resolve(printed.out)
    }
    child.stdout?.on('data', look)
    look()
    void ended.then(({ status, err }) => {
      reject(new Error(`it ended with ${status} before it printed ${pattern}: ${err}`))
    }, reject)
  })
}
