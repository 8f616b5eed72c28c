/** What a run found, for people and for machines. No text of a key is in it. */
import type { Fact, Level } from './check.ts'
import { operationOrder } from './check.ts'
import type { Difference } from './compare.ts'
import type { Answered } from './exchange.ts'
import { briefly, curlLine } from './exchange.ts'
import type { Masks } from './masks.ts'
import { printable } from './masks.ts'
import type { Result, Run } from './run.ts'
import { masksOf } from './site.ts'

export type Against = { readonly run: Run; readonly differences: readonly Difference[] }

export type Report = {
  readonly levels: readonly Level[]
  readonly run: Run
  readonly against: readonly Against[]
}

/** Whether all that was to be asked was asked and holds, and nobody answers otherwise. */
export function isGood({ run, against }: Report): boolean {
  const isFine = ({ outcome }: Result) =>
    outcome.kind === 'holds' || (outcome.kind === 'notAsked' && outcome.isChoice)
  return run.results.every(isFine) && against.every(({ differences }) => differences.length === 0)
}

type Counts = { readonly holds: number; readonly fails: number; readonly notAsked: number }

function countsOf(results: readonly Result[]): Counts {
  const count = (kind: string) => results.filter(({ outcome }) => outcome.kind === kind).length
  return { holds: count('holds'), fails: count('fails'), notAsked: count('notAsked') }
}

/** For machines: each check with its outcome, each difference with both sides. */
export function reportValue(report: Report): unknown {
  const { levels, run, against } = report
  const masks = masksOfAll(report)
  const say = (text: string) => printable(text, masks)
  return {
    ...runValue(run, masks),
    levels,
    against: against.map(({ run: other, differences }) => ({
      ...runValue(other, masks),
      differences: differences.map(({ answered, parts, ...fact }) => ({
        ...fact,
        parts: parts.map(({ what, one, other }) => ({
          what: say(what),
          one: say(one),
          other: say(other),
        })),
        request: requestOf(run, answered, masks),
      })),
    })),
  }
}

/** What one server was given, another may say: keys of all are hidden everywhere. */
function masksOfAll({ run, against }: Report): Masks {
  return masksOf(run.site, ...against.map((other) => other.run.site))
}

function runValue(run: Run, masks: Masks) {
  const { site, ground, results, leftBehind } = run
  const say = (text: string) => printable(text, masks)
  return {
    base: site.base,
    tenant: site.tenant,
    collection: ground.collection,
    ...countsOf(results),
    checks: results.map(({ outcome, answers: _, ...fact }) => {
      if (outcome.kind === 'holds') return { ...fact, outcome: 'holds' }
      if (outcome.kind === 'notAsked') {
        return { ...fact, outcome: 'notAsked', reason: outcome.reason, byChoice: outcome.isChoice }
      }
      const { mismatch, answered } = outcome
      return {
        ...fact,
        outcome: 'fails',
        expected: say(mismatch.expected),
        came: say(mismatch.came),
        ...(answered === undefined ? {} : { request: requestOf(run, answered, masks) }),
      }
    }),
    leftBehind: {
      documents: (leftBehind?.documents ?? []).map((path) => printable(path, masks, pathMax)),
      reason: say(leftBehind?.reason ?? ''),
    },
  }
}

/** A name of 512 bytes is three times as long when each of them is escaped. */
const pathMax = 4096

function requestOf({ site }: Run, { sent }: Answered, masks: Masks): string {
  return curlLine(sent, site.base, masks)
}

/** For people; with `verbose` what holds is listed too. */
export function reportText(report: Report, verbose: boolean): string {
  const { run, against } = report
  const masks = masksOfAll(report)
  return [
    ...heading(report),
    '',
    ...table(run),
    ...(verbose ? passes(run) : []),
    ...failures(run, masks),
    ...unasked(run, verbose),
    ...against.flatMap((each) => compared(run, each, masks)),
    '',
    ...summary(report),
  ].join('\n')
}

function heading({ levels, run }: Report): string[] {
  const { site } = run
  const of = {
    published: 'the published document',
    contract: 'the contract in what that leaves open',
    extension: 'its extensions',
  }
  const asked = levels.map((level) => of[level]).join(', ')
  return [`Verified ${site.base}, tenant ${site.tenant}: ${asked}.`]
}

function table({ results }: Run): string[] {
  const rows = operationOrder
    .map((operation) => results.filter((result) => result.operation === operation))
    .filter((each) => each.length > 0)
    .map((each) => [each[0]?.operation ?? '', countsOf(each)] as const)
  const all = [...rows, ['all', countsOf(results)] as const]
  const width = Math.max(...all.map(([name]) => name.length))
  const line = (name: string, ...cells: readonly (string | number)[]) =>
    `${name.padEnd(width)}${cells.map((cell) => String(cell || '-').padStart(11)).join('')}`
  return [
    line('OPERATION', 'HOLD', 'FAIL', 'NOT ASKED'),
    ...all.map(([name, { holds, fails, notAsked }]) => line(name, holds, fails, notAsked)),
  ]
}

function passes({ results }: Run): string[] {
  const held = results.filter(({ outcome }) => outcome.kind === 'holds')
  return ['', 'What holds', ...inOrder(held).map((result) => `  ${nameOf(result)}`)]
}

function inOrder(results: readonly Result[]): Result[] {
  const place = (result: Result) => operationOrder.indexOf(result.operation)
  return results.toSorted((one, other) => place(one) - place(other))
}

function nameOf({ operation, title, clause }: Fact): string {
  return `${operation}: ${title} [${clause}]`
}

function failures(run: Run, masks: Masks): string[] {
  const say = (text: string) => printable(text, masks)
  const failed = run.results.filter(({ outcome }) => outcome.kind === 'fails')
  if (failed.length === 0) return []
  const lines = ['', 'What fails']
  for (const result of inOrder(failed)) {
    if (result.outcome.kind !== 'fails') continue
    const { mismatch, answered } = result.outcome
    lines.push('', `${result.operation}: ${result.title}`)
    lines.push(`  clause    ${result.clause} (${result.level})`)
    lines.push(...precursors(result, answered, masks))
    if (answered !== undefined) lines.push(`  request   ${requestOf(run, answered, masks)}`)
    lines.push(`  expected  ${say(mismatch.expected)}`, `  came      ${say(mismatch.came)}`)
  }
  return lines
}

/** Of requests that came before; more would hide the one that matters. */
const precursorsMax = 6

/** What the check had asked before, which is what the request needs to be there. */
function precursors({ answers }: Result, answered: Answered | undefined, masks: Masks): string[] {
  const at = answered === undefined ? -1 : answers.indexOf(answered)
  const before = answers.slice(0, Math.max(at, 0)).slice(-precursorsMax)
  return before.map(
    ({ sent, status }, place) =>
      `  ${place === 0 ? 'after' : '     '}     ${briefly(sent, masks)} → ${status}`,
  )
}

function unasked(run: Run, verbose: boolean): string[] {
  const by = new Map<string, Result[]>()
  for (const result of run.results) {
    if (result.outcome.kind !== 'notAsked') continue
    const { reason } = result.outcome
    by.set(reason, [...(by.get(reason) ?? []), result])
  }
  if (by.size === 0) return []
  const lines = ['', 'What was not asked']
  for (const [reason, results] of by) {
    const few = verbose || results.length <= 3
    lines.push(`  ${results.length} ${results.length === 1 ? 'check' : 'checks'}: ${reason}`)
    if (few) lines.push(...results.map((result) => `    ${nameOf(result)}`))
  }
  return lines
}

function compared(run: Run, { run: other, differences }: Against, masks: Masks): string[] {
  const say = (text: string) => printable(text, masks)
  const [one, two] = [run.site.base, other.site.base]
  const { holds, fails, notAsked } = countsOf(other.results)
  const lines = [
    '',
    `Against ${two}, tenant ${other.site.tenant}, where ${holds} hold, ${fails} fail, ` +
      `${notAsked} were not asked`,
  ]
  if (differences.length === 0) return [...lines, '  no answer differs']
  for (const difference of differences) {
    lines.push('', `${difference.operation}: ${difference.title}`)
    lines.push(`  clause    ${difference.clause} (${difference.level})`)
    lines.push(`  request   ${requestOf(run, difference.answered, masks)}`)
    for (const part of difference.parts) {
      lines.push(`  ${say(part.what)}`)
      lines.push(`    ${one}  ${say(part.one)}`)
      lines.push(`    ${two}  ${say(part.other)}`)
    }
  }
  return lines
}

function summary({ run, against }: Report): string[] {
  const { holds, fails, notAsked } = countsOf(run.results)
  const lines: string[] = []
  if (fails > 0) {
    const clauses = new Set(
      run.results.filter(({ outcome }) => outcome.kind === 'fails').map(({ clause }) => clause),
    )
    lines.push(
      `${fails} of ${holds + fails} checks fail, against ${clauses.size} ` +
        `${clauses.size === 1 ? 'clause' : 'clauses'}. To send a request above again, set ` +
        'CRESCENDO_API_KEY and send first what it came after.',
    )
  } else if (notAsked === 0) lines.push(`All ${holds} checks hold.`)
  else lines.push(`All ${holds} checks that were asked hold; ${notAsked} were not asked.`)
  for (const { run: other, differences } of against) {
    const all = differences.length
    lines.push(
      all === 0
        ? `${other.site.base} answers alike.`
        : `${other.site.base} answers otherwise in ${all} ${all === 1 ? 'check' : 'checks'}.`,
    )
  }
  return lines
}

/** What a run left, and how it is removed; undefined where it left nothing. */
export function leftBehindText({ site, ground, leftBehind }: Run): string | undefined {
  if (leftBehind === undefined) return undefined
  const { documents, reason } = leftBehind
  const why = printable(reason, masksOf(site))
  const names = documents.map((path) => path.slice(ground.home.length + 1).split('/')[0])
  const collections = [...new Set(names)]
  if (collections.length === 0) return `The lists of ${site.base} cannot be cleared: ${why}.`
  const more = collections.length - collectionsNamedMax
  const first = collections.slice(0, collectionsNamedMax).join(', ')
  const named = more > 0 ? `${first} and ${more} more (see --json)` : first
  return (
    `${documents.length} documents were left behind on ${site.base}: ${why}. They are in ` +
    `${collections.length} collections of the tenant ${site.tenant} whose names begin with ` +
    `${ground.collection}. These are ${named}. ` +
    'Nobody else writes there: remove them with DELETE, or with what that server has for it.'
  )
}

/** Enough to look there; a run has hundreds. */
const collectionsNamedMax = 5
