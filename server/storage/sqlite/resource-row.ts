/**
 * A resource, or what is left of one, as a row of values: in the database, and between the threads.
 * Values in a fixed order cross a third as dear as members with names.
 */
import type { SQLOutputValue } from 'node:sqlite'
import type { Resource, Tombstone } from '../../documents/resource.ts'

export type ResourceRow = readonly [
  revision: number,
  version: number,
  content: string,
  updated: number,
  updatedBy: string,
  liveRevision: number | null,
  liveContent: string | null,
  liveUpdated: number | null,
  liveUpdatedBy: string | null,
  liveEnded: number | null,
]

type TombstoneRow = readonly [number, number, null, number, null, null, null, null, null, null]

/** Where there is no content, the resource was deleted. */
export type FormerRow = ResourceRow | TombstoneRow

/** The columns of table `documents`, in the order of the row. */
export const resourceColumns = `revision, version, content, updated, updated_by,
  live_revision, live_content, live_updated, live_updated_by, live_ended`

/** How many there are. */
export const resourceColumnCount = 10

/** The values of the resource. */
export function rowOf({ revision, version, base, live, liveEnded }: Resource): ResourceRow {
  return [
    revision,
    version,
    base.content,
    base.updated,
    base.updatedBy,
    live?.revision ?? null,
    live?.content ?? null,
    live?.updated ?? null,
    live?.updatedBy ?? null,
    liveEnded ?? null,
  ]
}

/** The values of the resource, or of what is left of it. */
export function rowOfFormer(former: Resource | Tombstone): FormerRow {
  if (former.base !== undefined) return rowOf(former)
  const { revision, version, updated } = former
  return [revision, version, null, updated, null, null, null, null, null, null]
}

/** What the checksum is over: rows from before live versions ended have one without the last. */
export function summedRow(row: ResourceRow): readonly (string | number | null)[] {
  return row.at(-1) === null ? row.slice(0, -1) : row
}

/** The resource of these values. */
export function resourceOf(row: ResourceRow): Resource {
  const [revision, version, content, updated, updatedBy] = row
  const [, , , , , liveRevision, liveContent, liveUpdated, liveUpdatedBy, liveEnded] = row
  const hasLive =
    liveRevision !== null && liveContent !== null && liveUpdated !== null && liveUpdatedBy !== null
  return {
    revision,
    version,
    base: { content, updated, updatedBy },
    live: hasLive
      ? {
          revision: liveRevision,
          content: liveContent,
          updated: liveUpdated,
          updatedBy: liveUpdatedBy,
        }
      : undefined,
    ...(liveEnded !== null && { liveEnded }),
  }
}

/** The resource of these values, or what is left of it. */
export function formerOf(row: FormerRow): Resource | Tombstone {
  if (isOfResource(row)) return resourceOf(row)
  const [revision, version, , updated] = row
  return { revision, version, updated, base: undefined, live: undefined }
}

function isOfResource(row: FormerRow): row is ResourceRow {
  return row[2] !== null
}

/** What the database gave, as the columns of a STRICT table are typed. */
export function asResourceRow(values: readonly SQLOutputValue[]): ResourceRow {
  return values.slice(0, resourceColumnCount) as unknown as ResourceRow
}

/** The same, of a table whose content may be NULL. */
export function asFormerRow(values: readonly SQLOutputValue[]): FormerRow {
  return values.slice(0, resourceColumnCount) as unknown as FormerRow
}
