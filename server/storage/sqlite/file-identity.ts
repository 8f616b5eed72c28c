/**
 * Whether the files that are open are still those with their names. What was removed or replaced
 * beneath a server goes on taking writes, and keeps them only until it is closed.
 */
import { statSync } from 'node:fs'

/** Tells, each time it is asked, whether these names still stand for the files of now. */
export function watchFiles(paths: readonly string[]): () => boolean {
  const identities = () => paths.map(identityOf).join(' ')
  const first = identities()
  return () => identities() === first
}

/** The file of this name, followed through links; `none` where there is none. */
export function identityOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true })
  return found === undefined ? 'none' : `${found.dev}:${found.ino}`
}
