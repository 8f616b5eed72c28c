/** Rebuilt disks, laid out in memory, opened, and compared with what was acknowledged by then. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../support/process.ts'
import type { Instant, LostPower } from './disk.ts'
import type { GateOptions } from './gate.ts'
import type { Finding } from './store-check.ts'
import { checkStore } from './store-check.ts'
import type { Ledger } from './write-load.ts'

/** There may be hundreds of them, and nothing of theirs has to last. */
const memory = '/dev/shm'

/** The worst is told first. */
const gravity: readonly Finding['kind'][] = ['lost', 'invented', 'corrupt']

export type FoundAt = Instant & {
  readonly kind: Finding['kind']
  readonly sentences: readonly string[]
}

/** Opens each and compares it with what was acknowledged by then. The worst is told first. */
export async function openAll(
  build: string,
  folder: string,
  disks: Iterable<LostPower>,
  ledger: Ledger,
  tell: GateOptions['tell'],
): Promise<FoundAt[]> {
  const findings: FoundAt[] = []
  let opened = 0
  for (const disk of disks) {
    const due = [...disk.acknowledged].filter((id) => ledger.acknowledged.has(id))
    const home = makeFolder(existsSync(memory) ? memory : undefined)
    layOut(disk, folder, home.path)
    const data = join(home.path, 'data')
    const found = await checkStore(build, data, { ...ledger, due: new Set(due) })
    home.remove()
    const { at, policy } = disk
    for (const [kind, same = []] of Object.entries(Object.groupBy(found, ({ kind }) => kind))) {
      const sentences = same.map(({ sentence }) => sentence)
      findings.push({ at, policy, kind: kind as Finding['kind'], sentences })
    }
    if (++opened % 100 === 0) tell(`${opened} disks opened`)
  }
  return findings.sort((one, other) => gravity.indexOf(one.kind) - gravity.indexOf(other.kind))
}

/** In a sentence, with where the power went. */
export function sentenceOf({ at, policy, sentences }: FoundAt): string {
  const more = sentences.length > 1 ? `, and ${sentences.length - 1} more like it` : ''
  return `${sentences[0]}${more} (event ${at}, what was not synced is ${policy})`
}

function layOut({ files, folders }: LostPower, from: string, to: string): void {
  const moved = (path: string) => join(to, path.slice(from.length))
  for (const path of folders.toSorted()) mkdirSync(moved(path))
  for (const [path, content] of files) writeFileSync(moved(path), content, { mode: 0o600 })
}
