/**
 * Opens a store as the product does, and compares it with what was sent and what was acknowledged.
 * It reads by the product's own code, so the checksum of every row is compared too; what it does
 * not take on trust is the record: every position, revision and version number is counted.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { parseCollectionName, parseTenantId } from '../../server/contract/names.ts'
import type { DocumentStore, RecordedChange } from '../../server/documents/store.ts'
import type { IdentityStore } from '../../server/identity/store.ts'
import type * as Database from '../../server/storage/sqlite/database.ts'
import type * as Documents from '../../server/storage/sqlite/documents.ts'
import type * as Identity from '../../server/storage/sqlite/identity.ts'
import type * as Lists from '../../server/storage/sqlite/list-cache.ts'
import type * as Lock from '../../server/storage/sqlite/lock.ts'
import type { Writer } from '../../server/storage/sqlite/writer.ts'
import { demoTenant } from '../support/demo-server.ts'
import type { Ledger } from './write-load.ts'
import { contentOf, loadCollection } from './write-load.ts'

export type Finding = {
  readonly kind: 'lost' | 'corrupt' | 'invented'
  readonly sentence: string
}

/** What the store has to hold. */
export type Expected = Ledger & {
  /** Ids of the writes that must be there, some or all of those that the ledger acknowledges. */
  readonly due: ReadonlySet<string>
}

const tenant = parseTenantId(demoTenant)
const pageSize = 1000

/** Every way in which the store of this data folder is not what it has to be. */
export async function checkStore(
  build: string,
  dataFolder: string,
  expected: Expected,
): Promise<Finding[]> {
  const findings: Finding[] = []
  try {
    const store = await openStore(build, dataFolder, (fault) => findings.push(corrupt(fault)))
    try {
      findings.push(...checkIntegrity(store.connection))
      const changes = await readChanges(store)
      findings.push(
        ...checkRecord(changes),
        ...checkWrites(changes, expected),
        ...(await checkDocuments(changes, store)),
        ...(await checkKeys(store, expected)),
      )
    } finally {
      store.close()
    }
  } catch (error) {
    findings.push(corrupt(error))
  }
  return findings
}

type Store = {
  readonly documents: DocumentStore
  readonly identity: IdentityStore
  readonly connection: DatabaseSync
  close(): void
}

/**
 * What the build's `openStorage` does, by the same parts, but for the writer's thread: to start it
 * takes longer than all the rest, and it opens the file once more in the same way.
 */
async function openStore(
  build: string,
  dataFolder: string,
  onBroken: (fault: unknown) => void,
): Promise<Store> {
  const load = (file: string) =>
    import(pathToFileURL(join(build, 'server/storage/sqlite', file)).href)
  const { openWriter, openReader, readsTelling }: typeof Database = await load('database.ts')
  const { takeServerLock }: typeof Lock = await load('lock.ts')
  const { documentsOn, makeDocumentCache }: typeof Documents = await load('documents.ts')
  const { identityOn, makeKeyCache }: typeof Identity = await load('identity.ts')
  const { makeListCache }: typeof Lists = await load('list-cache.ts')

  mkdirSync(dataFolder, { recursive: true })
  const path = join(dataFolder, 'tenantry.sqlite')
  const busyTimeoutMs = 1000
  const lock = takeServerLock(`${path}.lock`)
  try {
    const { connection } = openWriter(path, { busyTimeoutMs, alone: true })
    const reader = openReader(path, busyTimeoutMs)
    const read = readsTelling(onBroken)
    const writer: Writer = {
      run: () => Promise.reject(new Error('a store that is checked is not written to')),
      look: () => true,
      waiting: 0,
      silentMs: 0,
      close: () => Promise.resolve(),
    }
    return {
      documents: documentsOn(reader, read, writer, makeDocumentCache(0), makeListCache(0)),
      identity: identityOn(reader, read, writer, makeKeyCache(0)),
      connection,
      close() {
        reader.close()
        connection.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

function checkIntegrity(connection: DatabaseSync): Finding[] {
  const rows = connection.prepare('PRAGMA integrity_check').all()
  const said = rows.map((row) => String(row.integrity_check))
  return said.filter((line) => line !== 'ok').map(corrupt)
}

async function readChanges({ documents }: Store): Promise<RecordedChange[]> {
  const changes: RecordedChange[] = []
  for (;;) {
    const page = await documents.listChanges(tenant, changes.at(-1)?.position ?? 0, pageSize)
    if (page.length === 0) return changes
    changes.push(...page)
  }
}

/** Positions of the tenant, revisions and version numbers of each document: from 1, no gaps. */
export function checkRecord(changes: readonly RecordedChange[]): Finding[] {
  const findings: Finding[] = []
  const counted = new Map<string, { revision: number; version: number }>()
  for (const [at, change] of changes.entries()) {
    const { position, revision, version } = change
    const name = nameOf(change)
    const before = counted.get(name) ?? { revision: 0, version: 0 }
    if (position !== at + 1) findings.push(corrupt(`position ${position} follows ${at}`))
    if (revision !== before.revision + 1) {
      findings.push(corrupt(`${name}: revision ${revision} follows ${before.revision}`))
    }
    if (version !== undefined && version !== before.version + 1) {
      findings.push(corrupt(`${name}: version ${version} follows ${before.version}`))
    }
    counted.set(name, { revision, version: version ?? before.version })
  }
  return findings
}

/** Every write that is due is recorded, as it was sent and answered; nothing else is. */
export function checkWrites(changes: readonly RecordedChange[], expected: Expected): Finding[] {
  const findings: Finding[] = []
  const recorded = new Set<string>()
  for (const change of changes) {
    // What the demo begins with was sent by itself.
    if (change.collection !== loadCollection) continue
    const id = change.requestId
    const sent = expected.sent.get(id)
    if (sent === undefined) findings.push(invented(`nobody sent ${id}, which is recorded`))
    else if (sent.document !== change.document) {
      findings.push(invented(`${id} is recorded of ${change.document}, sent to ${sent.document}`))
    } else {
      const content = contentOf(sent)
      const halves = [change.base, change.live]
      if (!halves.every((half) => isDeepStrictEqual(parse(half), content))) {
        findings.push(corrupt(`${id} is recorded in part, or with content that it did not send`))
      }
    }
    if (recorded.has(id)) findings.push(invented(`${id} is recorded twice`))
    recorded.add(id)
    if (expected.refused.has(id)) findings.push(invented(`${id} was refused, and is recorded`))
    const answered = expected.acknowledged.get(id)
    if (answered !== undefined && answered !== change.revision) {
      findings.push(
        corrupt(`${id} is recorded as revision ${change.revision}, answered as ${answered}`),
      )
    }
  }
  for (const id of expected.due) {
    if (!recorded.has(id)) findings.push(lost(`${id} was acknowledged and is lost`))
  }
  return findings
}

/** Each document is what its last change left, both halves; and no document is without a change. */
async function checkDocuments(
  changes: readonly RecordedChange[],
  { documents }: Store,
): Promise<Finding[]> {
  const findings: Finding[] = []
  const last = new Map(changes.map((change) => [nameOf(change), change]))
  for (const [name, change] of last) {
    const { collection, document } = change
    const resource = await documents.read({ tenant, collection, document })
    const agrees =
      resource?.revision === change.revision &&
      (change.base === undefined || resource.base.content === change.base) &&
      (change.live === undefined ||
        (resource.live?.content === change.live && resource.live.revision === change.revision)) &&
      (change.version === undefined || resource.version === change.version)
    if (!agrees) findings.push(corrupt(`${name} is not what its last change says`))
  }
  const collection = parseCollectionName(loadCollection)
  for (let after: RecordedChange['document'] | undefined; ; ) {
    const page = await documents.list({ tenant, collection }, after)
    for (const { document } of page) {
      const name = nameOf({ collection, document })
      if (!last.has(name)) findings.push(invented(`${name} is there, and its record is not`))
    }
    after = page.at(-1)?.document
    if (after === undefined) return findings
  }
}

/** Whoever was told that a write is done had a key, and the key was made before. */
async function checkKeys({ identity }: Store, { due }: Expected): Promise<Finding[]> {
  if (due.size === 0) return []
  const keys = await identity.listKeys(tenant)
  return keys.length > 0 ? [] : [lost('the key that wrote is lost')]
}

function nameOf({ collection, document }: Pick<RecordedChange, 'collection' | 'document'>) {
  return `${collection}/${document}`
}

function parse(text: string | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text)
}

function lost(sentence: string): Finding {
  return { kind: 'lost', sentence }
}

function invented(sentence: string): Finding {
  return { kind: 'invented', sentence }
}

function corrupt(fault: unknown): Finding {
  return { kind: 'corrupt', sentence: fault instanceof Error ? fault.message : String(fault) }
}
