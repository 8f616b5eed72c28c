/**
 * All documents of a tenant as lines: its own, then the collections bytewise, then their documents
 * bytewise. Like the lists it is no one moment: it is read in short transactions, and what exists
 * throughout is in it once. Memory does not grow with it.
 */
import { Refusal } from '../contract/errors.ts'
import type { CollectionName, TenantId } from '../contract/names.ts'
import { quote, tenantDocument } from '../contract/names.ts'
import { writeLine } from './lines.ts'
import type { DocumentStore } from './store.ts'

export type ExportRequest = {
  readonly tenant: TenantId
  /** Only these, and not the tenant's own document; undefined: all there is. */
  readonly collections: readonly CollectionName[] | undefined
  readonly stamps: boolean
}

/** Some lines, all of one collection; undefined is the tenant's own document's. */
export type ExportedPage = {
  readonly collection: CollectionName | undefined
  readonly documents: number
  readonly text: string
}

type ExportStore = Pick<DocumentStore, 'read' | 'list' | 'listNames' | 'listCollections'>

/** As many names as fill half a megabyte at the most. */
const collectionsAtOnce = 1000

/** Throws `NotFound`, before the first page, for a collection that is asked for and not there. */
export async function* exportDocuments(
  { tenant, collections, stamps }: ExportRequest,
  documents: ExportStore,
): AsyncGenerator<ExportedPage> {
  if (collections === undefined) {
    const address = tenantDocument(tenant)
    const own = await documents.read(address)
    if (own !== undefined) {
      yield { collection: undefined, documents: 1, text: writeLine(address, own, { stamps }) }
    }
  } else await checkCollections(tenant, collections, documents)
  const names = collections === undefined ? allCollections(tenant, documents) : inOrder(collections)
  for await (const collection of names) {
    let page = await documents.list({ tenant, collection }, undefined)
    while (page.length > 0) {
      const lines = page.map(({ document, resource }) =>
        writeLine({ tenant, collection, document }, resource, { stamps }),
      )
      yield { collection, documents: lines.length, text: lines.join('') }
      page = await documents.list({ tenant, collection }, page.at(-1)?.document)
    }
  }
}

async function* allCollections(
  tenant: TenantId,
  documents: ExportStore,
): AsyncGenerator<CollectionName> {
  let names = await documents.listCollections(tenant, undefined, collectionsAtOnce)
  while (names.length > 0) {
    yield* names
    names = await documents.listCollections(tenant, names.at(-1), collectionsAtOnce)
  }
}

/** A file of no lines would be taken for a collection that is empty, and may be a mistyped one. */
async function checkCollections(
  tenant: TenantId,
  collections: readonly CollectionName[],
  documents: ExportStore,
): Promise<void> {
  for (const collection of collections) {
    const names = await documents.listNames({ tenant, collection }, undefined, 1)
    if (names.length > 0) continue
    throw new Refusal(
      'NotFound',
      `There is no collection ${quote(collection)} with documents in ${tenant}; ` +
        'an export without --collection takes all there are.',
    )
  }
}

/** Each once. */
function inOrder(collections: readonly CollectionName[]): readonly CollectionName[] {
  return [...new Set(collections)].sort((one, other) =>
    Buffer.compare(Buffer.from(one), Buffer.from(other)),
  )
}
