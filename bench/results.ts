/** From the figures of the rounds to what is kept of a run: spreads, ratios, verdicts. Pure. */
import type { Machine, Tree } from '../test/support/machine.ts'
import type { Judged, Limit, Spread, Verdict } from './spread.ts'
import { judge, quantile, spreadOf } from './spread.ts'
import type { FigureName, Figures, Target, Workload } from './workloads.ts'

export type Results = Tree & {
  /** ISO 8601. */
  readonly date: string
  readonly machine: Machine
  /** Of Node. */
  readonly node: string
  /** The type of the file system that the stores lie on. */
  readonly fileSystem: string
  readonly settings: {
    readonly rounds: number
    readonly seconds: number
    readonly connections: number
    readonly hotDocuments: number
    readonly largeDocuments: number
  }
  /** How many cores other processes kept busy meanwhile; the figures are as good as it is small. */
  readonly othersCores: Spread
  readonly workloads: readonly MeasuredWorkload[]
  readonly targets: readonly JudgedTarget[]
}

export type MeasuredWorkload = {
  readonly name: string
  readonly title: string
  readonly figures: { readonly [Name in FigureName]?: Spread }
  /** CPU per request against that of another workload in the same round. */
  readonly cpuRatio?: Spread & { readonly against: string }
}

export type JudgedTarget = {
  readonly title: string
  /** The workload that it is about. */
  readonly of: string
  readonly limit: Limit
  /** The values that were judged. */
  readonly found: Spread
  /** What is compared with the limit: the median, or the quantile that the target names. */
  readonly value: number
  readonly verdict: Verdict
}

/** By workload, one set of figures a round. */
export type Rounds = ReadonlyMap<string, readonly Figures[]>

/** Of workloads that were measured. */
export function summarise(workloads: readonly Workload[], rounds: Rounds): MeasuredWorkload[] {
  return workloads.map(({ name, title, against }) => {
    const all = rounds.get(name) ?? []
    const names = new Set(all.flatMap((each) => Object.keys(each) as FigureName[]))
    const figures = Object.fromEntries(
      [...names].map((figure) => [figure, spreadOf(valuesOf(rounds, name, figure))]),
    )
    const measured = { name, title, figures }
    if (against === undefined) return measured
    const ratios = spreadOf(ratiosOf(rounds, name, against, 'cpuMicros'))
    return { ...measured, cpuRatio: { against, ...ratios } }
  })
}

/** Of those targets that something was measured for. */
export function judgeTargets(targets: readonly Target[], rounds: Rounds): JudgedTarget[] {
  return targets
    .filter(({ of, against }) => rounds.has(of) && (against === undefined || rounds.has(against)))
    .map(({ title, of, figure, against, at, limit }) => {
      const values =
        against === undefined ? valuesOf(rounds, of, figure) : ratiosOf(rounds, of, against, figure)
      const found = spreadOf(values)
      const value = at === undefined ? found.median : quantile(values, at)
      const judged = at === undefined ? found : judgedAt(values, at)
      return { title, of, limit, found, value, verdict: judge(judged, limit) }
    })
}

/** Twenty values know their p95 no better than to lie between the 17th and the last. */
const quantileError = 0.1

function judgedAt(values: readonly number[], at: number): Judged {
  return {
    low: quantile(values, at - quantileError),
    median: quantile(values, at),
    high: quantile(values, 1),
  }
}

/** Over all measurements. */
export function othersCoresOf(rounds: Rounds): Spread {
  const all = [...rounds.values()].flat().flatMap(({ othersCores }) => othersCores ?? [])
  return spreadOf(all.length === 0 ? [0] : all)
}

function valuesOf(rounds: Rounds, name: string, figure: FigureName): number[] {
  return (rounds.get(name) ?? []).map((figures) => figures[figure] ?? Number.NaN)
}

function ratiosOf(rounds: Rounds, name: string, against: string, figure: FigureName): number[] {
  const others = valuesOf(rounds, against, figure)
  return valuesOf(rounds, name, figure).map((value, round) => value / (others[round] ?? Number.NaN))
}
