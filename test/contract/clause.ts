/**
 * What an index of the contract is made of: one assertion of its text in our own few words, and the
 * scenarios, properties and gates that would fail if it did not hold.
 */
import type { RefusalCode } from '../../server/contract/errors.ts'

/**
 * `title` is a distinctive part of a line of `file`, as it is written there; `…` stands for what
 * it is filled with.
 */
export type Holder = { readonly file: string; readonly title: string }

export type Clause = {
  readonly section: string
  readonly clause: string
  /** Of a clause on one code: which. Its holders in `test/api` provoke it. */
  readonly code?: RefusalCode
} & (
  | { readonly heldBy: readonly Holder[] }
  /** Why it cannot be held today: what it speaks of is not built. */
  | { readonly notYet: string }
)

/** What is wrong with an index, a sentence each; `read` gives the text of a file that is there. */
export function faultsOf(
  clauses: readonly Clause[],
  read: (file: string) => string | undefined,
): string[] {
  const seen = new Set<string>()
  return clauses.flatMap((each) => {
    const name = `${each.section}: ${each.clause}`
    const faults = seen.has(name) ? [`${name}: it is there twice`] : []
    seen.add(name)
    if ('notYet' in each) {
      if (each.notYet === '') faults.push(`${name}: no reason`)
      return faults
    }
    if (each.heldBy.length === 0) faults.push(`${name}: nothing holds it`)
    for (const holder of each.heldBy) {
      const fault = faultOfHolder(holder, read)
      if (fault !== undefined) faults.push(`${name}: ${fault}`)
    }
    return faults
  })
}

/** What is shorter is found by chance. */
const titleMinCharacters = 8

function faultOfHolder(
  { file, title }: Holder,
  read: (file: string) => string | undefined,
): string | undefined {
  const text = read(file)
  if (text === undefined) return `there is no ${file}`
  if (title.length < titleMinCharacters) return `"${title}" is no distinctive part of ${file}`
  const parts = title.split('…').map((part) => RegExp.escape(part))
  const found = new RegExp(parts.join('.*')).test(withoutComments(text))
  return found ? undefined : `there is no "${title}" in ${file}`
}

/** A comment holds nothing. Of those behind code nobody takes a title. */
function withoutComments(text: string): string {
  return text.replaceAll(/^[ ]*\/\*\*[\s\S]*?\*\/|^[ ]*\/\/.*$/gm, '')
}
