/**
 * A copy of the server that is broken on purpose, for a gate's control. The breakage is text, so
 * it may stop fitting when the code changes: then nothing is built and a sentence says what to do,
 * for a control that no longer breaks anything would prove nothing.
 */
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, root } from '../support/process.ts'
import type { BrokenControl } from './gate.ts'

export type BrokenBuild = { readonly root: string; remove(): void }

/** All that a server is run from. */
const parts = ['bin', 'server', 'package.json']

/** Throws when a breakage does not fit the code. */
export function makeBrokenBuild({ title, breakages }: BrokenControl): BrokenBuild {
  const folder = makeFolder()
  try {
    for (const part of parts) {
      cpSync(join(root, part), join(folder.path, part), { recursive: true })
    }
    symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'))
    for (const { file, from, to } of breakages) {
      const path = join(folder.path, file)
      const text = readFileSync(path, 'utf8')
      const found = text.split(from).length - 1
      if (found !== 1) throw new Error(unfit(title, file, from, found))
      writeFileSync(
        path,
        text.replace(from, () => to),
      )
    }
    return { root: folder.path, remove: folder.remove }
  } catch (error) {
    folder.remove()
    throw error
  }
}

function unfit(title: string, file: string, from: string, found: number): string {
  return (
    `The control "a build that ${title}" no longer fits the code: the text that it replaces is ` +
    `${found} times in ${file}, not once. Write that breakage anew, beside its gate in ` +
    `test/gates/, so that the build again does what the title says. The text was:\n${from}`
  )
}
