/**
 * One tenant's record, documents and tombstones, row by row and against each other. All of it is
 * read in short transactions beside whoever writes: what a piece of documents is compared with is
 * the record as it is in that same transaction.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Finding } from '../../contract/finding.ts'
import type { DocumentAddress, TenantId } from '../../contract/names.ts'
import { quote } from '../../contract/names.ts'
import type { Resource } from '../../documents/resource.ts'
import { checkRow } from '../checksum.ts'
import type { Row } from './database.ts'
import { changeColumns, changeOf, checkedResource, valuesOf } from './document-rows.ts'
import type { Expected, ExpectedDocuments, Names } from './examine-record.ts'
import { expectedAfter, sumOf } from './examine-record.ts'
import { resourceColumns } from './resource-row.ts'

/** A piece ends behind the row that brings it to either: some milliseconds. */
const pieceMaxRows = 500
const pieceMaxCharacters = 1_048_576

/** Told of each row of the record that was read. */
export type OnChange = (change: { readonly at: number; readonly bytes: number }) => void

export type Examiner = {
  /** Examines the tenant; `onRows` is told how many rows more were read. */
  examine(tenant: TenantId, onChange: OnChange, onRows: (rows: number) => void): void
}

/** What mends rows that are not as they were written. */
export const restore =
  'Restore a backup from before, tenantry restore FILE; until then the other rows are served.'

/** Over this connection; `expected` is emptied for each tenant. */
export function documentExaminer(
  reader: DatabaseSync,
  expected: ExpectedDocuments,
  add: (finding: Finding) => void,
): Examiner {
  const selectChanges = reader.prepare(
    `SELECT ${changeColumns} FROM changes WHERE tenant = ? AND position > ?
     ORDER BY position LIMIT ${pieceMaxRows}`,
  )
  const selectDocuments = rangesOf(
    reader,
    `${resourceColumns}, checksum, collection, document`,
    'documents',
  )
  const selectTombstones = rangesOf(
    reader,
    'collection, document, revision, version, updated, checksum',
    'tombstones',
  )
  const error = (check: string, what: string) =>
    add({ severity: 'error', check, what, mend: restore })

  function examine(tenant: TenantId, onChange: OnChange, onRows: (rows: number) => void): void {
    expected.clear()
    let seen = 0
    /** Reads a piece of the record behind what was seen; how many rows. */
    const readOn = (): number => {
      let rows = 0
      let characters = 0
      for (const row of selectChanges.iterate(tenant, seen)) {
        const position = Number(row.position)
        if (position !== seen + 1) {
          const missing =
            position === seen + 2 ? `${seen + 1} is` : `${seen + 1} to ${position - 1} are`
          error('record', `Of the record of ${tenant} position ${missing} missing.`)
        }
        seen = position
        characters += foldChange(tenant, row, onChange)
        rows++
        if (characters > pieceMaxCharacters) break
      }
      onRows(rows)
      return rows
    }
    while (readOn() > 0);
    for (let after: Names | 'start' | undefined = 'start'; after !== undefined; ) {
      after = comparePiece(tenant, after === 'start' ? undefined : after, readOn, onRows)
    }
  }

  /** Takes a row of the record into what is expected; about how many characters it has. */
  function foldChange(tenant: TenantId, row: Row, onChange: OnChange): number {
    const names = { collection: String(row.collection), document: String(row.document) }
    const former = expected.find(names)
    const place = `position ${row.position} of the record of ${tenant}, ${nameOf(names)}`
    try {
      const change = changeOf(row, tenant)
      const texts = [change.base, change.live].filter((text) => text !== undefined)
      if (!texts.every(isObject)) error('record', `At ${place} the content is no JSON object.`)
      if (former?.unknown !== true) checkNumbers(former, change, place)
      expected.put(names, expectedAfter(former, change))
      const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0)
      onChange({ at: change.at, bytes })
      return bytes
    } catch (fault) {
      if (!(fault instanceof Error)) throw fault
      error('record', `The row at ${place} is not as it was written: ${fault.message}.`)
      expected.put(names, { ...(former ?? nothing), unknown: true })
      return 0
    }
  }

  function checkNumbers(
    former: Expected | undefined,
    { revision, version }: { readonly revision: number; readonly version: number | undefined },
    place: string,
  ): void {
    const next = (former?.revision ?? 0) + 1
    if (revision !== next) {
      error('record', `At ${place} the revision is ${revision}, and ${next} comes next.`)
    }
    const nextVersion = (former?.version ?? 0) + 1
    if (version !== undefined && version !== nextVersion) {
      error('record', `At ${place} version ${version} is published, and ${nextVersion} comes next.`)
    }
  }

  /** Compares the next documents; the last of them, undefined when there are no more. */
  function comparePiece(
    tenant: TenantId,
    after: Names | undefined,
    readOn: () => number,
    onRows: (rows: number) => void,
  ): Names | undefined {
    reader.exec('BEGIN')
    try {
      while (readOn() > 0);
      const documents = new Map<string, readonly unknown[]>()
      let last: Names | undefined
      let characters = 0
      for (const row of selectDocuments.behind(tenant, after)) {
        const values = valuesOf(row)
        const [collection, document] = values.slice(-2).map(String)
        last = { collection: collection ?? '', document: document ?? '' }
        documents.set(keyOf(last), values)
        characters += String(values[2]).length + String(values[6] ?? '').length
        if (characters > pieceMaxCharacters) break
      }
      if (documents.size < pieceMaxRows && characters <= pieceMaxCharacters) last = undefined
      const tombstones = new Map<string, readonly unknown[]>()
      for (const row of selectTombstones.between(tenant, after, last)) {
        const values = valuesOf(row)
        const [collection = '', document = ''] = values.map(String)
        tombstones.set(keyOf({ collection, document }), values)
        if (tombstones.size < pieceMaxRows) continue
        // Of those there may be many between two documents: what lies behind comes next time.
        last = { collection, document }
        for (const key of documents.keys()) if (isBehind(namesOf(key), last)) documents.delete(key)
        break
      }
      onRows(documents.size + tombstones.size)
      for (const each of expected.between(after, last)) {
        compareOne(tenant, each, each, documents, tombstones)
      }
      for (const key of new Set([...documents.keys(), ...tombstones.keys()])) {
        const name = nameOf(namesOf(key))
        error('documents', `${name} of ${tenant} is there, and the record knows nothing of it.`)
      }
      return last
    } finally {
      reader.exec('COMMIT')
    }
  }

  /** Takes what it compared out of both. */
  function compareOne(
    tenant: TenantId,
    names: Names,
    wanted: Expected,
    documents: Map<string, readonly unknown[]>,
    tombstones: Map<string, readonly unknown[]>,
  ): void {
    const key = keyOf(names)
    const name = nameOf(names)
    const [values, left] = [documents.get(key), tombstones.get(key)]
    documents.delete(key)
    tombstones.delete(key)
    const fault = (what: string) => error('documents', `${name} of ${tenant} ${what}.`)
    if (values !== undefined && left !== undefined) fault('is there, and is told to be deleted')
    try {
      const address = { tenant, ...names } as DocumentAddress
      if (left !== undefined) compareTombstone(address, valuesOf(left), wanted, fault)
      else if (values === undefined) fault('is missing, and the record has it')
      else {
        const resource = checkedResource(valuesOf(values), address)
        const texts = [resource.base.content, resource.live?.content ?? '{}']
        if (!texts.every(isObject)) fault('holds what is no JSON object')
        if (!wanted.unknown) compareResource(resource, wanted, fault)
      }
    } catch (cause) {
      if (!(cause instanceof Error)) throw cause
      fault(`is not as it was written: ${cause.message}`)
    }
  }

  return { examine }
}

const nothing: Expected = {
  revision: 0,
  version: 0,
  base: null,
  live: null,
  liveEnded: null,
  gone: null,
  unknown: true,
}

function compareResource(
  { revision, version, base, live, liveEnded }: Resource,
  wanted: Expected,
  fault: (what: string) => void,
): void {
  if (wanted.gone !== null) {
    fault('is there, and the record says that it was deleted')
    return
  }
  if (revision !== wanted.revision || version !== wanted.version) {
    fault(
      `has revision ${revision} and version ${version}, and in the record ` +
        `${wanted.revision} and ${wanted.version}`,
    )
    return
  }
  const baseSum = sumOf(base.content, base.updated, base.updatedBy)
  const liveSum = live && sumOf(live.content, live.updated, live.updatedBy, live.revision)
  if (baseSum !== wanted.base) fault('holds other content than its newest row in the record')
  else if ((liveSum ?? null) !== wanted.live || (liveEnded ?? null) !== wanted.liveEnded) {
    fault('has another live version than its newest row in the record')
  }
}

function compareTombstone(
  { tenant, collection, document }: DocumentAddress,
  values: ReturnType<typeof valuesOf>,
  wanted: Expected,
  fault: (what: string) => void,
): void {
  const [revision = 0, version = 0, updated = 0, checksum] = values.slice(2).map(Number)
  checkRow('tombstone', Number(checksum), tenant, collection, document, revision, version, updated)
  if (wanted.unknown) return
  if (wanted.gone === null) fault('is told to be deleted, and the record does not say so')
  else if (revision !== wanted.revision || version !== wanted.version || updated !== wanted.gone) {
    fault('was deleted otherwise than its newest row in the record says')
  }
}

/** Rows of a table by name, from any place on; in arrays. */
function rangesOf(reader: DatabaseSync, columns: string, table: string) {
  const prepare = (where: string, tail: string): StatementSync => {
    const statement = reader.prepare(
      `SELECT ${columns} FROM ${table} WHERE tenant = ? ${where}
       ORDER BY collection, document ${tail}`,
    )
    statement.setReturnArrays(true)
    return statement
  }
  const limit = `LIMIT ${pieceMaxRows}`
  const from = 'AND (collection, document) > (?, ?)'
  const to = 'AND (collection, document) <= (?, ?)'
  const first = { behind: prepare('', limit), between: prepare(to, ''), all: prepare('', '') }
  const next = {
    behind: prepare(from, limit),
    between: prepare(from + to, ''),
    all: prepare(from, ''),
  }
  const of = (after: Names | undefined) => (after === undefined ? first : next)
  const values = (names: Names | undefined) =>
    names === undefined ? [] : [names.collection, names.document]
  return {
    behind: (tenant: TenantId, after: Names | undefined): Iterable<unknown> =>
      of(after).behind.iterate(tenant, ...values(after)),
    between: (
      tenant: TenantId,
      after: Names | undefined,
      last: Names | undefined,
    ): Iterable<unknown> =>
      (last === undefined ? of(after).all : of(after).between).iterate(
        tenant,
        ...values(after),
        ...values(last),
      ),
  }
}

/** No name has a slash in it. */
function keyOf({ collection, document }: Names): string {
  return `${collection}/${document}`
}

function namesOf(key: string): Names {
  const slash = key.indexOf('/')
  return { collection: key.slice(0, slash), document: key.slice(slash + 1) }
}

/** In the order of the database, which is not that of JavaScript. */
function isBehind(one: Names, other: Names): boolean {
  const compare = (left: string, right: string) =>
    Buffer.compare(Buffer.from(left), Buffer.from(right))
  const collections = compare(one.collection, other.collection)
  return (collections === 0 ? compare(one.document, other.document) : collections) > 0
}

/** For people; it may be cut. The tenant's own document has empty names. */
function nameOf(names: Names): string {
  return names.collection === '' ? 'the tenant document' : `the document ${quote(keyOf(names))}`
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
