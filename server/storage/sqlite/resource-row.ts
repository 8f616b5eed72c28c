/**
 * A resource as a row of values: in the database, and between the threads. Values in a fixed order
 * cross a third as dear as members with names.
 */
import type { SQLOutputValue } from 'node:sqlite'
import type { Resource } from '../../documents/resource.ts'

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
]

/** The columns of table `documents`, in the order of the row. */
export const resourceColumns = `revision, version, content, updated, updated_by,
  live_revision, live_content, live_updated, live_updated_by`

/** How many there are. */
export const resourceColumnCount = 9

/** The values of the resource. */
export function rowOf({ revision, version, base, live }: Resource): ResourceRow {
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
  ]
}

/** The resource of these values. */
export function resourceOf(row: ResourceRow): Resource {
  const [revision, version, content, updated, updatedBy] = row
  const [, , , , , liveRevision, liveContent, liveUpdated, liveUpdatedBy] = row
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
  }
}

/** What the database gave, as the columns of a STRICT table are typed. */
export function asResourceRow(values: readonly SQLOutputValue[]): ResourceRow {
  return values.slice(0, resourceColumnCount) as unknown as ResourceRow
}
