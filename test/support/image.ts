/**
 * The Dockerfile's steps, followed without a container runtime, which few test machines have: what
 * is not ignored, packed as its first stage does, and laid out and run as its last one says.
 */
import { cpSync, globSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, matchesGlob } from 'node:path'
import { root } from './process.ts'

export type Step = { readonly word: string; readonly rest: string }

/** The instructions, with lines that go on put together. */
export function readSteps(): Step[] {
  const text = readFileSync(join(root, 'Dockerfile'), 'utf8')
  const lines = text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll('\\\n', ' ')
    .split('\n')
  return lines.filter(Boolean).map((line) => {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? []
    return { word, rest: rest.trim() }
  })
}

/** What a build is given: the files that .dockerignore leaves, its last match deciding. */
export function contextFiles(): string[] {
  const rules = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ taken: line.startsWith('!'), glob: line.replace(/^!/, '') }))
  const isTaken = (path: string) =>
    rules.findLast(({ glob }) => matchesGlob(path, glob) || matchesGlob(path, `${glob}/**`))
      ?.taken ?? true
  const exclude = ['node_modules', '.git', 'data', 'dist']
  return globSync('**/*', { cwd: root, exclude, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .filter(isTaken)
}

/** These files in a folder of their own, with the packages that `npm ci --omit=dev` installs. */
export function layContext(files: readonly string[], folder: string): void {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const packages = Object.entries(lock.packages as { [path: string]: { inBundle?: boolean } })
  const brought = packages.filter(([, { inBundle }]) => inBundle).map(([path]) => path)
  for (const path of [...files, ...brought]) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    cpSync(join(root, path), join(folder, path), { recursive: true })
  }
}
