/**
 * Headless Chromium, spoken to over the pipe of its DevTools protocol with nothing but Node: one
 * page, what it asked for, and what it complained of.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { addCleanup } from './cleanups.ts'
import type { Loose } from './client.ts'
import { makeFolder } from './process.ts'

export type PageRequest = {
  readonly url: string
  readonly method: string
  readonly headers: { readonly [name: string]: string }
}

export type Browser = {
  /** All that the page asked for. */
  readonly requests: readonly PageRequest[]
  /** What stands in its console, exceptions and what its policy forbade among it. */
  readonly complaints: readonly string[]
  /** Resolves when it was loaded. */
  open(url: string): Promise<void>
  /** The value of the expression in the page, or of its promise. */
  evaluate(expression: string): Promise<Loose>
  /** Resolves with the first value that is not false; rejects after ten seconds. */
  waitFor(expression: string): Promise<Loose>
  close(): Promise<void>
}

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const patienceMs = 10_000

/** The command; undefined where none is installed. */
export function findChromium(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

/** Rejects when it ends before it answers. */
export async function startBrowser(command: string): Promise<Browser> {
  const profile = makeFolder()
  const child = spawn(
    command,
    [
      '--headless=new',
      '--remote-debugging-pipe',
      `--user-data-dir=${profile.path}`,
      ...['--no-first-run', '--disable-background-networking', '--disable-component-update'],
      ...['--disable-sync', '--disable-gpu', '--disable-dev-shm-usage', '--disable-extensions'],
      // Its sandbox does not run as root; it opens nothing here but our own page.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true },
  )
  const end = () => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
  const forget = addCleanup(end)
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  const close = async () => {
    end()
    await ended
    forget()
    profile.remove()
  }
  try {
    return { ...(await openPage(child, ended)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openPage(
  child: ChildProcess,
  ended: Promise<void>,
): Promise<Omit<Browser, 'close'>> {
  const requests: PageRequest[] = []
  const complaints: string[] = []
  let loads = 0
  const ask = talkTo(child, ended, (method, parameters) => {
    if (method === 'Network.requestWillBeSent') requests.push(parameters.request)
    if (method === 'Page.loadEventFired') loads++
    if (method === 'Log.entryAdded') complaints.push(parameters.entry.text)
    if (method === 'Runtime.exceptionThrown') complaints.push(parameters.exceptionDetails.text)
    if (method === 'Runtime.consoleAPICalled') complaints.push(JSON.stringify(parameters.args))
  })
  const { targetId } = await ask('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await ask('Target.attachToTarget', { targetId, flatten: true })
  const inPage = (method: string, parameters = {}) => ask(method, parameters, sessionId)
  for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await inPage(`${domain}.enable`)
  const evaluate = async (expression: string) => {
    const asked = { expression, awaitPromise: true, returnByValue: true }
    const { result, exceptionDetails } = await inPage('Runtime.evaluate', asked)
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails))
    return result.value
  }
  const until = async (found: () => Promise<Loose>, what: string) => {
    for (const end = performance.now() + patienceMs; performance.now() < end; await wait(50)) {
      const value = await found()
      if (value) return value
    }
    throw new Error(`the page never came to ${what}`)
  }
  return {
    requests,
    complaints,
    evaluate,
    waitFor: (expression) => until(() => evaluate(expression), expression),
    async open(url) {
      const before = loads
      await inPage('Page.navigate', { url })
      await until(async () => loads > before, url)
    },
  }
}

type Asked = { readonly resolve: (result: Loose) => void; readonly reject: (cause: Error) => void }

/** Messages are JSON with a zero byte behind each. */
function talkTo(
  child: ChildProcess,
  ended: Promise<void>,
  hear: (method: string, parameters: Loose) => void,
) {
  const toBrowser = child.stdio[3] as Writable
  const fromBrowser = child.stdio[4] as Readable
  const asked = new Map<number, Asked>()
  let rest = ''
  fromBrowser.setEncoding('utf8').on('data', (text: string) => {
    const messages = (rest + text).split('\0')
    rest = messages.pop() ?? ''
    for (const { id, result, error, method, params } of messages.map((each) => JSON.parse(each))) {
      if (id === undefined) hear(method, params)
      else if (error !== undefined) asked.get(id)?.reject(new Error(error.message))
      else asked.get(id)?.resolve(result)
    }
  })
  // A browser that ends takes its pipes along; who waits is told by `ended`.
  for (const pipe of [toBrowser, fromBrowser]) pipe.on('error', () => {})
  void ended.then(() => {
    for (const { reject } of asked.values()) reject(new Error('the browser ended'))
  })
  let sent = 0
  return (method: string, params: object, sessionId?: string): Promise<Loose> =>
    new Promise((resolve, reject) => {
      const id = ++sent
      asked.set(id, { resolve, reject })
      toBrowser.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    })
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
