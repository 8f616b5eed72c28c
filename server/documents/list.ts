/**
 * Lists: all documents of a collection in pages as the engine reads them, or the part that a client
 * asked for. A part is fixed by its names before the first document is read, so that its end, and
 * where the next one begins, is known when the answer begins, whatever is written meanwhile.
 */
import type { Signer } from '../contract/cursor.ts'
import { makeCursor, readCursor } from '../contract/cursor.ts'
import type { CollectionAddress, DocumentName } from '../contract/names.ts'
import type { Answer } from '../contract/operation.ts'
import type { Query } from '../contract/paging.ts'
import { showBase } from './resource.ts'
import type { DocumentStore, ListedDocument } from './store.ts'

export type ListNeeds = {
  readonly documents: DocumentStore
  readonly signer: Signer
  /** Resolves when all that waits for the loop has had its turn. */
  readonly nextTurn: () => Promise<void>
}

/** As many names as are read in one turn of the loop: a few milliseconds, however long they are. */
const namesAtOnce = 500

/** The list, or its part. Throws `BadRequest` for a cursor of another list. */
export function listDocuments(
  collection: CollectionAddress,
  { limit, cursor }: Query,
  needs: ListNeeds,
): Answer {
  const { documents, signer } = needs
  const scope = ['list', collection.tenant, collection.collection]
  const after =
    cursor === undefined ? undefined : (readCursor(signer, scope, cursor) as DocumentName)
  if (limit === undefined) return { kind: 'list', pages: pagesOf(documents, collection, after) }
  const part = fixPart(needs, collection, after, limit)
  return {
    kind: 'list',
    pages: pagesOfPart(documents, collection, after, part),
    async findNext() {
      const { last, isWhole } = await part()
      return isWhole || last === undefined
        ? undefined
        : { limit, cursor: makeCursor(signer, scope, last) }
    },
  }
}

type Part = {
  readonly names: ReadonlySet<DocumentName>
  readonly last: DocumentName | undefined
  /** Whether nothing comes behind it. */
  readonly isWhole: boolean
}

/** Reads the part's names once, the first time that anyone asks. */
function fixPart(
  needs: ListNeeds,
  collection: CollectionAddress,
  after: DocumentName | undefined,
  limit: number,
): () => Promise<Part> {
  let fixed: Promise<Part> | undefined
  return () => {
    fixed ??= readNames(needs, collection, after, limit + 1).then((found) => {
      const names = found.slice(0, limit)
      return { names: new Set(names), last: names.at(-1), isWhole: found.length <= limit }
    })
    return fixed
  }
}

async function readNames(
  { documents, nextTurn }: ListNeeds,
  collection: CollectionAddress,
  after: DocumentName | undefined,
  most: number,
): Promise<readonly DocumentName[]> {
  const names: DocumentName[] = []
  while (names.length < most) {
    if (names.length > 0) await nextTurn()
    const asked = Math.min(most - names.length, namesAtOnce)
    const found = await documents.listNames(collection, names.at(-1) ?? after, asked)
    names.push(...found)
    if (found.length < asked) break
  }
  return names
}

async function* pagesOf(
  documents: DocumentStore,
  collection: CollectionAddress,
  after: DocumentName | undefined,
): AsyncGenerator<Uint8Array> {
  let page = await documents.list(collection, after)
  while (page.length > 0) {
    yield shownPage(page)
    page = await documents.list(collection, page.at(-1)?.document)
  }
}

async function* pagesOfPart(
  documents: DocumentStore,
  collection: CollectionAddress,
  after: DocumentName | undefined,
  part: () => Promise<Part>,
): AsyncGenerator<Uint8Array> {
  const { names, last } = await part()
  if (last === undefined) return
  let behind = after
  // Until its last document, or one behind it if that was deleted since.
  while (behind === undefined || Buffer.compare(Buffer.from(behind), Buffer.from(last)) < 0) {
    const page = await documents.list(collection, behind, names.size)
    behind = page.at(-1)?.document
    if (behind === undefined) return
    const inside = page.filter(({ document }) => names.has(document))
    if (inside.length > 0) yield inside.length === page.length ? shownPage(page) : show(inside)
  }
}

/** A store that remembers pages gives the same one again, and it is shown the same again. */
const shownPages = new WeakMap<readonly ListedDocument[], Uint8Array>()

function shownPage(page: readonly ListedDocument[]): Uint8Array {
  const known = shownPages.get(page)
  if (known !== undefined) return known
  const shown = show(page)
  shownPages.set(page, shown)
  return shown
}

function show(page: readonly ListedDocument[]): Uint8Array {
  const entries = page.map(
    ({ document, resource }) => `{"id":${JSON.stringify(document)},"data":${showBase(resource)}}`,
  )
  return Buffer.from(entries.join(','))
}
