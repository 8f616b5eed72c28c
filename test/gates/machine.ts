/** What was measured, and on what: a figure without these is a rumour. */
import { execFileSync } from 'node:child_process'
import { cpus, release, totalmem, type } from 'node:os'
import { root } from '../support/process.ts'
import type { Machine } from './table.ts'

export function describeMachine(): Machine {
  const processors = cpus()
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: `${type()} ${release()}`,
  }
}

/** The commit of the working tree. A report of earlier runs is not part of what is measured. */
export function describeTree(): { readonly commit: string; readonly dirty: boolean } {
  const changes = git('status', '--porcelain', '--', '.', ':!gates.json')
  return { commit: git('rev-parse', 'HEAD').trim(), dirty: changes !== '' }
}

function git(...args: readonly string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' })
}
