/**
 * What clients were told, kept where the server cannot touch it, and what the server has of it. A
 * series is one member of one document whose only writer counts it up; so every row of the record
 * can be judged by itself: acknowledged, sent but not answered, or invented.
 */
import type { RecordedChange } from '../../server/documents/store.ts'

/** The collection that the series are in. */
export const seriesCollection = 'jobs'

export type Series = {
  readonly document: string
  readonly member: string
  /** Whether it is written to the live version too, in the same request. */
  readonly live: boolean
  /** The last number that went out. */
  sent: number
  /** Numbers that were acknowledged, by the revision that the acknowledgement told. */
  readonly acknowledged: Map<number, number>
}

export type SeriesLedger = {
  seriesOf(document: string, member: string, live: boolean): Series
  /** How many numbers were acknowledged, of all series. */
  count(): number
  compare(record: readonly RecordedChange[]): Comparison
}

export type Comparison = {
  readonly lost: readonly string[]
  readonly invented: readonly string[]
  readonly gaps: readonly string[]
  readonly halves: readonly string[]
}

/** An empty one. */
export function makeSeriesLedger(): SeriesLedger {
  const all = new Map<string, Series>()
  return {
    seriesOf(document, member, live) {
      const name = `${document} ${member}`
      const found = all.get(name) ?? { document, member, live, sent: 0, acknowledged: new Map() }
      all.set(name, found)
      return found
    },
    count: () => all.values().reduce((sum, { acknowledged }) => sum + acknowledged.size, 0),
    compare(record) {
      const histories = historiesOf(record)
      return {
        lost: [...all.values()].flatMap((series) => lostOf(series, histories)),
        invented: [...histories].flatMap(([document, rows]) =>
          inventedOf(document, rows, (member) => all.get(`${document} ${member}`)),
        ),
        gaps: gapsOf(record),
        halves: [...all.values()].flatMap((series) => halvesOf(series, histories)),
      }
    },
  }
}

type Numbers = { readonly [member: string]: unknown }
type Row = { readonly revision: number; readonly base: Numbers; readonly live: Numbers }
type Histories = ReadonlyMap<string, readonly Row[]>

/** The rows of each document of the ledger's collection, in order. */
function historiesOf(record: readonly RecordedChange[]): Histories {
  const ours = record.filter(({ collection }) => collection === seriesCollection)
  const rows = ours.map(({ document, revision, base = '{}', live = '{}' }) => ({
    document,
    row: { revision, base: JSON.parse(base), live: JSON.parse(live) },
  }))
  const grouped = Map.groupBy(rows, ({ document }) => String(document))
  return new Map([...grouped].map(([document, all]) => [document, all.map(({ row }) => row)]))
}

function lostOf({ document, member, acknowledged }: Series, histories: Histories): string[] {
  const numbers = new Map(
    histories.get(document)?.map(({ revision, base }) => [revision, base[member]]),
  )
  return [...acknowledged]
    .filter(([revision, number]) => numbers.get(revision) !== number)
    .map(([revision, number]) => {
      const found = numbers.get(revision) ?? 'nothing'
      return `${document}: ${member} ${number} was acknowledged as revision ${revision}: ${found}`
    })
}

/** Each row moves one series of its document on, to a number that its writer has sent. */
function inventedOf(
  document: string,
  rows: readonly Row[],
  seriesOf: (member: string) => Series | undefined,
): string[] {
  let before: Numbers = {}
  return rows.flatMap(({ revision, base }) => {
    const moved = Object.keys({ ...before, ...base }).filter((name) => base[name] !== before[name])
    const [member = ''] = moved
    const number = Number(base[member])
    const isKnown = moved.length === 1 && number > Number(before[member] ?? 0)
    before = base
    if (isKnown && number <= (seriesOf(member)?.sent ?? 0)) return []
    return [`${document}: revision ${revision} has ${JSON.stringify(base)}, which nobody sent`]
  })
}

function halvesOf({ document, member, live }: Series, histories: Histories): string[] {
  if (!live) return []
  return (histories.get(document) ?? [])
    .filter((row) => row.base[member] !== row.live[member])
    .map((row) => {
      const both = `${row.base[member]} in the base and ${row.live[member]} in the live version`
      return `${document}: revision ${row.revision} has ${both}`
    })
}

/** Positions count from 1, and so do the revisions of every document. */
function gapsOf(record: readonly RecordedChange[]): string[] {
  const gaps: string[] = []
  const revisions = new Map<string, number>()
  for (const [at, { position, collection, document, revision }] of record.entries()) {
    if (position !== at + 1) gaps.push(`position ${at + 1} of the record is ${position}`)
    const name = `${collection}/${document}`
    const wanted = (revisions.get(name) ?? 0) + 1
    if (revision !== wanted) gaps.push(`${name}: revision ${wanted} is ${revision}`)
    revisions.set(name, revision)
  }
  return gaps
}
