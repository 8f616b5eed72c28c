/**
 * What an examination finds: data, so that whoever examines (settings, files, an engine) need not
 * know who shows it. Each says what is wrong and what mends it, for the operator.
 */

/** From what must be mended, over what should be, to what is good to know. */
export type Severity = 'error' | 'warning' | 'note'

export type Finding = {
  readonly severity: Severity
  /** What was looked at: one word or two, the same for all findings of that check. */
  readonly check: string
  /** What is wrong, in a sentence. */
  readonly what: string
  /** The command or the step that mends it, in a sentence. */
  readonly mend: string
}

export type Findings = {
  /** At most some of a kind are kept: of a damaged store there may be a million. */
  add(finding: Finding): void
  /** All that were kept, and a last one of each kind that says how many more there were. */
  list(): readonly Finding[]
}

/** Enough to see what they have in common. */
const keptOfKindMax = 10

/** Gathers findings; those of one check, severity and mending are a kind. */
export function gatherFindings(): Findings {
  const kinds = new Map<string, { readonly kept: Finding[]; count: number }>()
  return {
    add(finding) {
      const { severity, check, mend } = finding
      const name = JSON.stringify([severity, check, mend])
      const kind = kinds.get(name) ?? { kept: [], count: 0 }
      kinds.set(name, kind)
      kind.count++
      if (kind.kept.length < keptOfKindMax) kind.kept.push(finding)
    },
    list: () =>
      [...kinds.values()].flatMap(({ kept, count }) => {
        const [first] = kept
        const more = count - kept.length
        if (first === undefined || more === 0) return kept
        return [...kept, { ...first, what: `There are ${more} more findings of this kind.` }]
      }),
  }
}
