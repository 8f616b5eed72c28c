/**
 * Makes `dist/` of `server/`, for `npm pack`: Node runs no types below node_modules. Types become
 * blanks and nothing moves, so that what is shipped is what was tested, and a stack trace tells the
 * lines and columns of the source.
 */
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { dirname, join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** What only tests import. */
const leftOut = ['**/*.test.ts', 'storage/conformance/**']

/** Where one file names another: imports, and the scripts of threads and processes. */
const naming = /(\bfrom |\bimport |\bimport\(|\bnew URL\()'(\.{1,2}\/[^']+)\.ts'/g

const anySourceName = /['"`]\.{1,2}\/[^'"`\n]*\.ts['"`]/

/** A source file without types, naming built files. Throws where it names one in another way. */
export function buildFile(path: string, text: string): string {
  const built = stripTypeScriptTypes(text).replaceAll(naming, "$1'$2.js'")
  const missed = anySourceName.exec(built)?.[0]
  if (missed === undefined) return built
  throw new Error(
    `${path} names ${missed}, which a package does not have. Write it as an import, or as ` +
      'new URL(…, import.meta.url), or teach tools/build.ts the new way.',
  )
}

function build(): void {
  const from = join(root, 'server')
  const to = join(root, 'dist')
  rmSync(to, { recursive: true, force: true })
  const files = globSync('**/*', { cwd: from, exclude: leftOut, withFileTypes: true })
  for (const file of files.filter((entry) => entry.isFile())) {
    const source = join(file.parentPath, file.name)
    const target = join(to, source.slice(from.length))
    mkdirSync(dirname(target), { recursive: true })
    if (!source.endsWith('.ts')) cpSync(source, target)
    else {
      const built = buildFile(source, readFileSync(source, 'utf8'))
      writeFileSync(target.replace(/\.ts$/, '.js'), built)
    }
  }
}

if (import.meta.main) build()
