/** What figures were taken on. Those of two machines are no comparison; their ratios may be. */
import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'

export type Machine = {
  readonly cpu: string
  readonly cores: number
  readonly memoryGigabytes: number
  readonly kernel: string
  /** The type of the file system that the stores lie on. */
  readonly fileSystem: string
  readonly node: string
}

/** The machine as seen from this folder. */
export function describeMachine(folder: string): Machine {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    fileSystem: firstOf('df', ['--output=fstype', folder], 1),
    node: process.version,
  }
}

/** The commit that is measured, with a mark when the server is not quite that of it. */
export function describeCommit(): string {
  const commit = firstOf('git', ['rev-parse', '--short', 'HEAD'], 0)
  const changed = firstOf('git', ['status', '--porcelain', '--', '../server', '../bin'], 0)
  return changed === '' ? commit : `${commit} and changes`
}

function firstOf(command: string, args: readonly string[], line: number): string {
  try {
    return (
      execFileSync(command, args, {
        cwd: import.meta.dirname,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
        .split('\n')
        [line]?.trim() ?? 'unknown'
    )
  } catch {
    return 'unknown'
  }
}
