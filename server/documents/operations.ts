/**
 * What can be asked of documents: three methods on three kinds of address, and the list. Each is
 * declared once here; the doors, the order of authorisation and the tests read it off.
 */
import { failedCondition, refuseFailedCondition } from '../contract/conditions.ts'
import type { JsonText } from '../contract/json-text.ts'
import type { CollectionAddress, DocumentAddress } from '../contract/names.ts'
import { isTenantDocument, tenantDocument } from '../contract/names.ts'
import type { Answer, Ask, JsonSchema, Operation } from '../contract/operation.ts'
import type { Caller } from '../identity/caller.ts'
import type { MergeDepth } from './merge.ts'
import type { Resource, Shown } from './resource.ts'
import { showBase, shownBase, shownLive } from './resource.ts'
import type { DocumentStore, ListedDocument } from './store.ts'
import { splitBaseBody, withoutStamps } from './versions.ts'
import type { Part, WriteCommand } from './write.ts'
import { missing } from './write.ts'

export type DocumentNeeds = {
  readonly documents: DocumentStore
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly mergeDepth: MergeDepth
  readonly bodySizeMaxBytes: number
}

type DocumentOperation = Operation<Caller, DocumentNeeds>
type Run = (ask: Ask<Caller>, needs: DocumentNeeds) => Promise<Answer>
type AddressOf = (ask: Ask<Caller>) => DocumentAddress

const tenantPath = '/api/v1/provisioning/tenants/{tenantId}'
const collectionPath = `${tenantPath}/{collection}`
const documentPath = `${collectionPath}/{docId}`
const livePath = `${documentPath}/versions/current`

const documentSchema: JsonSchema = { type: 'object', additionalProperties: true }
const listSchema: JsonSchema = {
  type: 'array',
  items: {
    type: 'object',
    properties: { id: { type: 'string' }, data: documentSchema },
    required: ['id', 'data'],
  },
}

const ofTenant: AddressOf = ({ caller }) => tenantDocument(caller.tenant)
const ofDocument: AddressOf = ({ caller, names }) => ({
  tenant: caller.tenant,
  collection: names.collection,
  document: names.docId,
})

export const documentOperations: readonly DocumentOperation[] = [
  reading('getProvisioningTenant', tenantPath, 'Read the document of the tenant', {
    run: readPart('base', ofTenant),
  }),
  replacing('postProvisioningTenant', tenantPath, 'Create or replace the document of the tenant', {
    run: writePart('base', 'replace', ofTenant),
  }),
  merging('putProvisioningTenant', tenantPath, 'Merge into the document of the tenant', {
    run: writePart('base', 'merge', ofTenant),
  }),
  reading('listProvisioningCollection', collectionPath, 'List the documents of a collection', {
    output: listSchema,
    run: listDocuments,
  }),
  reading('getProvisioningDocument', documentPath, 'Read a document', {
    run: readPart('base', ofDocument),
  }),
  replacing('postProvisioningDocument', documentPath, 'Create or replace a document', {
    run: writePart('base', 'replace', ofDocument),
  }),
  merging('putProvisioningDocument', documentPath, 'Merge into a document', {
    run: writePart('base', 'merge', ofDocument),
  }),
  reading('getProvisioningVersionCurrent', livePath, 'Read the live version of a document', {
    run: readPart('live', ofDocument),
  }),
  replacing('postProvisioningVersionCurrent', livePath, 'Create or replace the live version', {
    run: writePart('live', 'replace', ofDocument),
  }),
  merging('putProvisioningVersionCurrent', livePath, 'Merge into the live version', {
    run: writePart('live', 'merge', ofDocument),
  }),
]

type Rest = { readonly run: Run; readonly output?: JsonSchema }

function reading(name: string, path: string, summary: string, rest: Rest): DocumentOperation {
  const fixed = { method: 'GET', access: 'scope', input: 'none', statuses: [200] } as const
  return { name, summary, path, output: documentSchema, ...fixed, ...rest }
}

function replacing(name: string, path: string, summary: string, rest: Rest): DocumentOperation {
  const fixed = { method: 'POST', access: 'scope', statuses: [200, 201] } as const
  return { name, summary, path, input: documentSchema, output: documentSchema, ...fixed, ...rest }
}

function merging(name: string, path: string, summary: string, rest: Rest): DocumentOperation {
  const fixed = { method: 'PUT', access: 'scope', statuses: [200] } as const
  return { name, summary, path, input: documentSchema, output: documentSchema, ...fixed, ...rest }
}

function readPart(part: Part, addressOf: AddressOf): Run {
  return async (ask, { documents }) => {
    const resource = await documents.read(addressOf(ask))
    const shown = resource && show(resource, part)
    if (shown === undefined) throw missing(part)
    // A failed If-None-Match is good news to a reader: what it has is what there is.
    const failed = failedCondition(ask.conditions, shown.etag)
    if (failed === 'If-None-Match') return { kind: 'notModified', etag: shown.etag }
    refuseFailedCondition(ask.conditions, shown.etag)
    return { kind: 'document', created: false, ...shown }
  }
}

function writePart(part: Part, mode: WriteCommand['mode'], addressOf: AddressOf): Run {
  return async (ask, needs) => {
    const address = addressOf(ask)
    const { content, live } = takeApart(part, address, ask.body)
    const { resource, action } = await needs.documents.write(address, {
      part,
      mode,
      mergeDepth: needs.mergeDepth,
      content,
      live,
      conditions: ask.conditions,
      by: ask.caller.name,
      at: needs.now(),
      requestId: ask.requestId,
      sizeMaxBytes: needs.bodySizeMaxBytes,
    })
    const shown = show(resource, part)
    if (shown === undefined) throw new Error(`a write left no ${part} document behind`)
    return { kind: 'document', created: action === 'create', ...shown }
  }
}

/** Only a base in a collection can speak of a live version; elsewhere `versions` is data. */
function takeApart(part: Part, address: DocumentAddress, body: JsonText) {
  if (part === 'base' && !isTenantDocument(address)) return splitBaseBody(body)
  return { content: withoutStamps(body), live: undefined }
}

function show(resource: Resource, part: Part): Shown | undefined {
  if (part === 'base') return shownBase(resource)
  return resource.live && shownLive(resource.live)
}

async function listDocuments(
  { caller, names }: Ask<Caller>,
  { documents }: DocumentNeeds,
): Promise<Answer> {
  const collection = { tenant: caller.tenant, collection: names.collection }
  return { kind: 'list', pages: listPages(documents, collection) }
}

async function* listPages(
  documents: DocumentStore,
  collection: CollectionAddress,
): AsyncGenerator<Uint8Array> {
  let page = await documents.list(collection, undefined)
  while (page.length > 0) {
    yield shownPage(page)
    page = await documents.list(collection, page.at(-1)?.document)
  }
}

/** A store that remembers pages gives the same one again, and it is shown the same again. */
const shownPages = new WeakMap<readonly ListedDocument[], Uint8Array>()

function shownPage(page: readonly ListedDocument[]): Uint8Array {
  const known = shownPages.get(page)
  if (known !== undefined) return known
  const entries = page.map(
    ({ document, resource }) => `{"id":${JSON.stringify(document)},"data":${showBase(resource)}}`,
  )
  const shown = Buffer.from(entries.join(','))
  shownPages.set(page, shown)
  return shown
}
