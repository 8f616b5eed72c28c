/**
 * The processes of a run: started, asked, stopped, and ended with this one whatever happens. They
 * write stderr into files, since a pipe would make the reader's speed part of the measurement.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** Far more than any of them needs to close its store. */
const stopMaxMs = 20_000

const running = new Set<ChildProcess>()

/** Removes the folder and ends what still runs, however this process ends. */
export function cleanUpAtExit(folder: string): void {
  process.on('exit', () => {
    for (const child of running) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  process.on('SIGINT', () => process.exit(130))
  process.on('SIGTERM', () => process.exit(143))
}

export type Started = {
  readonly pid: number
  readonly child: ChildProcess
  /** Gives what is awaited; rejects when the process ends before. */
  orEnd<Result>(awaited: Promise<Result>): Promise<Result>
  /** Resolves with what matches on stdout. */
  waitFor(pattern: RegExp): Promise<string>
  /** Sends a message to a script of ours and gives its next one. */
  ask(message: object): Promise<unknown>
  stop(): Promise<void>
}

export type StartOptions = {
  /** Where its stderr goes. */
  readonly log: string
  readonly env?: { readonly [variable: string]: string }
}

/** This Node with these arguments, the first a script of this repository. */
export function start(args: readonly string[], { log, env }: StartOptions): Started {
  const file = openSync(log, 'a')
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...ownEnvironment(), ...env },
    stdio: ['ignore', 'pipe', file, 'ipc'],
  })
  closeSync(file)
  running.add(child)
  const ended = once(child, 'close').then(() => {
    running.delete(child)
  })
  let printed = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    printed += text
  })
  const orEnd = <Result>(awaited: Promise<Result>): Promise<Result> =>
    Promise.race([
      awaited,
      ended.then((): never => {
        throw new Error(`${args.join(' ')} ended early: ${readFileSync(log, 'utf8').slice(-2000)}`)
      }),
    ])
  return {
    pid: child.pid ?? 0,
    child,
    orEnd,
    waitFor(pattern) {
      const found = new Promise<string>((resolve) => {
        const look = () => {
          const [match] = pattern.exec(printed) ?? []
          if (match === undefined) return
          child.stdout?.off('data', look)
          resolve(match)
        }
        child.stdout?.on('data', look)
        look()
      })
      return orEnd(found)
    },
    async ask(message) {
      child.send(message)
      const [answer] = await orEnd(once(child, 'message'))
      return answer
    },
    async stop() {
      child.kill('SIGTERM')
      const impatience = setTimeout(() => child.kill('SIGKILL'), stopMaxMs)
      await ended
      clearTimeout(impatience)
    },
  }
}

/** None of the caller's settings reach what is measured. */
function ownEnvironment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TENANTRY_|CRESCENDO_|NODE_)/.test(name)),
  )
}
