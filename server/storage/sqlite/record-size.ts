/**
 * How large the record is. It is counted once behind the first question, piece by piece beside
 * serving, and from then on only what has come since: no question reads more than that.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { StartTimer } from '../../contract/timer.ts'
import type { RecordSize } from '../engine.ts'
import type { Read } from './database.ts'

/** A millisecond or two each, and as long for others between them. */
const pieceRows = 1000
const restMs = 4

export type RecordCounter = {
  /** Undefined while it is being counted; begins to count, the first time. */
  readSize(): Promise<RecordSize | undefined>
  stop(): void
}

/** Counts on this connection. */
export function countRecord(
  reader: DatabaseSync,
  read: Read,
  startTimer: StartTimer,
): RecordCounter {
  const select = reader.prepare(
    `SELECT count(*) AS rows, max(rowid) AS last,
       sum(coalesce(octet_length(content), 0) + coalesce(octet_length(live_content), 0)) AS bytes
     FROM (SELECT rowid, content, live_content FROM changes WHERE rowid > ?
       ORDER BY rowid LIMIT ${pieceRows})`,
  )
  // Rows of the record go with their tenant and never else; where one went, all is counted anew.
  const selectEnds = reader.prepare(
    `SELECT (SELECT count(*) FROM former_tenants) AS gone,
       (SELECT count(*) FROM tenants WHERE ended IS NOT NULL) AS going`,
  )
  let counted = { rows: 0, bytes: 0, last: 0, ends: '' }
  let counting = false
  let stopped = false
  const rest = () => new Promise<void>((resolve) => void startTimer(restMs, resolve))

  /** Counts what came since; gives whether that was the last of it. */
  const countOn = () =>
    read(() => {
      const { gone, going } = selectEnds.get() ?? {}
      const ends = `${gone} ${going}`
      if (ends !== counted.ends) counted = { rows: 0, bytes: 0, last: 0, ends }
      const piece = select.get(counted.last)
      const rows = Number(piece?.rows)
      if (rows > 0) {
        counted.rows += rows
        counted.bytes += Number(piece?.bytes)
        counted.last = Number(piece?.last)
      }
      return rows < pieceRows
    })

  const countAll = async () => {
    counting = true
    try {
      while (!stopped && !(await countOn())) await rest()
    } finally {
      counting = false
    }
  }

  return {
    async readSize() {
      if (counting || stopped) return undefined
      if (!(await countOn())) {
        // What fails here fails the next question too, which tells of it.
        countAll().catch(() => {})
        return undefined
      }
      return { rows: counted.rows, bytes: counted.bytes }
    },
    stop() {
      stopped = true
    },
  }
}
