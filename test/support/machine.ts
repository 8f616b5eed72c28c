/**
 * What figures were taken on, and of what: for the gates and the bench alike, in one form and in
 * the same words. Those of two machines are no comparison; their ratios may be.
 */
import type { StdioOptions } from 'node:child_process'
import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'
import { root } from './process.ts'

export type Machine = {
  readonly cpu: string
  readonly cores: number
  /** In units of 2^30 bytes, as memory is sold; figures of memory in use are in MB of 10^6. */
  readonly memoryGib: number
  readonly kernel: string
}

const unknown = 'unknown'

/** The commit that is measured; `dirty` when files differ from it. */
export type Tree = { readonly commit: string; readonly dirty: boolean }

export function describeMachine(): Machine {
  const processors = cpus()
  return {
    cpu: processors[0]?.model.trim() ?? unknown,
    cores: processors.length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
  }
}

/** The working tree; what lies outside of these paths, as Git reads them, is not measured. */
export function describeTree(...paths: readonly string[]): Tree {
  const dirty = outputOf('git', 'status', '--porcelain', '--', ...paths) !== ''
  return { commit: outputOf('git', 'rev-parse', 'HEAD'), dirty }
}

/** The type of the file system that this folder lies on: in memory, a commit costs nothing. */
export function fileSystemOf(folder: string): string {
  return outputOf('df', '--output=fstype', folder).split('\n')[1] ?? unknown
}

export function machineInWords({ cpu, cores, memoryGib, kernel }: Machine): string {
  return `${cores} × ${cpu}, ${memoryGib} GiB, ${kernel}`
}

export function treeInWords({ commit, dirty }: Tree): string {
  return `commit ${commit.slice(0, 12)}${dirty ? ' (with changes)' : ''}`
}

/** Of a machine without this command, or of a tree without its Git, less is known. */
function outputOf(command: string, ...args: readonly string[]): string {
  try {
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore']
    return execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio }).trim()
  } catch {
    return unknown
  }
}
