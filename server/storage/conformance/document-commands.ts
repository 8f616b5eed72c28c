/** Commands, addresses and walks that the checks of documents are written with. */
import assert from 'node:assert/strict'
import { bodySizeMaxBytes } from '../../contract/limits.ts'
import type { CollectionAddress, DocumentAddress, TenantId } from '../../contract/names.ts'
import { parseCollectionName, parseDocumentName } from '../../contract/names.ts'
import type { Resource } from '../../documents/resource.ts'
import type { DocumentStore, ListedDocument, RecordedChange } from '../../documents/store.ts'
import type { WriteCommand } from '../../documents/write.ts'

/** What is said of a command; contents as values. */
export type SaidCommand = Partial<Omit<WriteCommand, 'content' | 'live'>> & {
  readonly content?: unknown
  readonly live?: unknown
}

/** A replacing write of the base by `{}`, but for what is said; contents as values, not text. */
export function commandOf({ content = {}, live, ...said }: SaidCommand = {}): WriteCommand {
  return {
    part: 'base',
    mode: 'replace',
    versioned: true,
    mergeDepth: 'deep',
    repeat: undefined,
    content: JSON.stringify(content),
    live: live === undefined ? undefined : JSON.stringify(live),
    conditions: {},
    by: 'cli:check',
    at: 1_800_000_000_000,
    requestId: 'request-1',
    sizeMaxBytes: bodySizeMaxBytes,
    ...said,
  }
}

/** A document of the collection `things`, or of this one. */
export function addressOf(
  tenant: TenantId,
  document: string,
  collection = 'things',
): DocumentAddress {
  return {
    tenant,
    collection: parseCollectionName(collection),
    document: parseDocumentName(document),
  }
}

/** The resource as this write left it; fails where it left none. */
export async function writeResource(
  { documents }: { documents: DocumentStore },
  address: DocumentAddress,
  command: WriteCommand,
): Promise<Resource> {
  const { resource } = await documents.write(address, command)
  assert.ok(resource.base !== undefined, 'there is nothing left of it')
  return resource
}

/** Writes a document of each name with this content, all at once. */
export async function writeEach(
  { documents }: { documents: DocumentStore },
  tenant: TenantId,
  names: Iterable<string>,
  content: unknown = {},
): Promise<void> {
  const command = commandOf({ content })
  await Promise.all(Array.from(names, (name) => documents.write(addressOf(tenant, name), command)))
}

/** The whole list, each page asked for behind the last; `between` runs before each next one. */
export async function listAll(
  { documents }: { documents: DocumentStore },
  collection: CollectionAddress,
  between: (page: readonly ListedDocument[]) => Promise<unknown> = async () => {},
): Promise<readonly ListedDocument[]> {
  const all: ListedDocument[] = []
  for (;;) {
    const page = await documents.list(collection, all.at(-1)?.document)
    if (page.length === 0) return all
    assert.notEqual(page.at(-1)?.document, all.at(-1)?.document, 'the list does not move on')
    all.push(...page)
    await between(page)
  }
}

/** The whole record of a tenant; asks for more than any check writes. */
export function recordOf(
  { documents }: { documents: DocumentStore },
  tenant: TenantId,
): Promise<readonly RecordedChange[]> {
  return documents.listChanges(tenant, 0, 100_000)
}

/** 1 to `count`. */
export function numbersTo(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at + 1)
}

/** In UTF-8 a surrogate pair comes after every other character, in UTF-16 before U+E000. */
export const orderedNames = [
  ...['a', 'B', 'A', 'b', 'Z', 'z', 'aa', 'aB', 'a b', 'a-b', 'a.b', 'a_b', 'ab', 'a '],
  ...['10', '9', '010', '1e1', '~', '!', ' ', '-', '_', '%', "'", '"', '\\', 'a%', '$1', '?'],
  ...['é', 'e\u0301', 'É', 'ß', 'ss', 'ÿ', 'ı', 'i', 'I', 'İ', 'я', '中', '\u00a0', '\u200b'],
  ...['\ud7ff', '\ue000', '\uffee', '\ufeff', '\uffff', '😀', '😀a', '\u{10000}', '\u{10ffff}'],
]
