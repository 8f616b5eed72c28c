/** A file system of a few megabytes that can really be full. It takes the right to mount. */
import { execFileSync } from 'node:child_process'
import type { TestContext } from 'node:test'
import { addCleanup } from '../support/cleanups.ts'
import { makeFolder } from '../support/process.ts'

export const mountNeed = {
  command: 'mount',
  install: 'apt-get install mount (Debian, Ubuntu), and run the gate as root',
} as const

/** Throws what is missing where nothing may be mounted. */
export function mountSmallDisk(sizeMb: number): { readonly path: string; remove(): void } {
  const folder = makeFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMb}m`, 'tmpfs', folder.path], {
      stdio: 'pipe',
    })
  } catch (cause) {
    folder.remove()
    throw new Error(
      'A tmpfs cannot be mounted here. Run the gate as root, in a container with ' +
        '--cap-add SYS_ADMIN --security-opt apparmor=unconfined.',
      { cause },
    )
  }
  // Lazily: a process that was killed a moment ago may still hold a file in it.
  const unmount = () => execFileSync('umount', ['--lazy', folder.path])
  const forget = addCleanup(unmount)
  return {
    path: folder.path,
    remove() {
      forget()
      unmount()
      folder.remove()
    },
  }
}

/** The folder of one for the time of a test; undefined where nothing may be mounted. */
export function findSmallDisk(context: TestContext, sizeMb: number): string | undefined {
  try {
    const { path, remove } = mountSmallDisk(sizeMb)
    context.after(remove)
    return path
  } catch {
    return undefined
  }
}
