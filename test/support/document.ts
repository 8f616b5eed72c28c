/**
 * Pages whose fenced blocks are run: the blocks of a page, a terminal that they are pasted into,
 * one after another, and the comparison of what they print with what the page shows.
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finished } from './process.ts'
import { root, startProcess } from './process.ts'

export type Block = {
  /** What stands behind its fence, as `sh client`. */
  readonly kind: string
  readonly text: string
  /** The block behind it, where that shows what this one prints. */
  readonly shows: Block | undefined
}

/** All fenced blocks of this page, in order. */
export function readBlocks(path: string): Block[] {
  const page = readFileSync(join(root, path), 'utf8')
  const fences = [...page.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(
    ([, kind = '', text = '']) => ({ kind, text, shows: undefined }),
  )
  return fences.map((fence, at) => {
    const next = fences[at + 1]
    return { ...fence, shows: next?.kind === 'json' || next?.kind === 'text' ? next : undefined }
  })
}

export type Terminal = {
  /** Runs it behind what was exported before; stderr too, and any exit status. */
  run(text: string): Promise<Finished>
  /** The same for what must succeed; gives its stdout. */
  paste(text: string): Promise<string>
  /** With what was exported before, for what is started and goes on. */
  script(text: string): string
}

/** A terminal with these variables, which may change; what a block exports lives on in it. */
export function openTerminal(environment: { readonly [name: string]: string }): Terminal {
  const exported: string[] = []
  const script = (text: string) => [...exported, text].join('\n')
  const run = async (text: string) => {
    const all = ['-euo', 'pipefail', '-c', script(text)]
    const ended = await startProcess('bash', all, { env: environment }).ended
    if (ended.status === 0) exported.push(...(text.match(/^export .*$/gm) ?? []))
    return ended
  }
  return {
    run,
    script,
    async paste(text) {
      const { status, out, err } = await run(text)
      assert.equal(status, 0, `the block failed; are bash and curl installed? ${err}`)
      return out
    },
  }
}

/**
 * JSON is compared as such, but for stamps. In a text `…` stands for anything on its line, and a
 * line that is nothing else for any lines or none.
 */
export function checkShown(printed: string, shows: Block | undefined): void {
  assert.ok(shows !== undefined, 'no block says what it prints')
  if (shows.kind === 'json') {
    assert.deepEqual(withoutStamps(JSON.parse(printed)), withoutStamps(JSON.parse(shows.text)))
    return
  }
  const lines = shows.text
    .trimEnd()
    .split('\n')
    .map((line) => (line === '…' ? '(?:.*\n)*' : `${line.split('…').map(literal).join('.*')}\n`))
  assert.match(`${printed.trimEnd()}\n`, new RegExp(`^${lines.join('')}$`))
}

/** Blanks that make columns may be more than are shown. */
function literal(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(/ +/g, ' +')
}

/** Time and key id differ from run to run; that they are there does not. */
function withoutStamps(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, member) => {
    if (key === 'updated') return typeof member
    return key === 'updatedBy' ? String(member).replace(/^apikey:\w{12}$/, 'a key') : member
  })
}
