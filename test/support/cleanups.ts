/**
 * What a run must not leave behind: processes, folders, mounts. Whoever makes one adds how to end
 * it, at once, without waiting; whoever is interrupted calls `cleanUp` and may then exit.
 */
const cleanups = new Set<() => void>()

/** What it returns forgets the cleanup: the thing has ended by itself. */
export function addCleanup(cleanup: () => void): () => void {
  cleanups.add(cleanup)
  return () => cleanups.delete(cleanup)
}

/** Runs them in the opposite order: a process lets go of a folder before the folder goes. */
export function cleanUp(): void {
  for (const cleanup of [...cleanups].reverse()) {
    cleanups.delete(cleanup)
    try {
      cleanup()
    } catch (error) {
      process.stderr.write(`left behind: ${error}\n`)
    }
  }
}
