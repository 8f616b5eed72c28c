/**
 * The documents port over a map: the real rules, and no disk. For tests of what stands on the port;
 * pages are short, so that there are several.
 */
import type { CollectionName, DocumentAddress, DocumentName } from '../../server/contract/names.ts'
import type { Resource } from '../../server/documents/resource.ts'
import type { DocumentStore } from '../../server/documents/store.ts'
import { decideWrite } from '../../server/documents/write.ts'

export type DocumentMap = Omit<DocumentStore, 'listChanges' | 'dropKept'> & {
  /** The addresses that were written, in their order. */
  readonly written: readonly string[]
}

/** Of one tenant. `beforeWrite` may throw, or wait. */
export function makeDocumentMap(
  beforeWrite: (address: DocumentAddress) => Promise<void> | void = () => {},
): DocumentMap {
  const kept = new Map<string, Resource>()
  const written: string[] = []
  const nameOf = ({ collection, document }: DocumentAddress) => `${collection}/${document}`
  const namesAfter = (collection: CollectionName, after: string | undefined) =>
    [...kept.keys()]
      .map((name) => name.split('/') as [CollectionName, DocumentName])
      .filter(([of, name]) => of === collection && bytewise(name, after ?? '') > 0)
      .map(([, name]) => name)
      .sort(bytewise)
  return {
    written,
    async read(address) {
      return kept.get(nameOf(address))
    },
    async write(address, command) {
      await beforeWrite(address)
      const name = nameOf(address)
      const { resource, change } = decideWrite(kept.get(name), command)
      if (resource.base === undefined) kept.delete(name)
      else kept.set(name, resource)
      written.push(name)
      return { resource, action: change.action, replayed: false }
    },
    async list({ tenant, collection }, after) {
      return namesAfter(collection, after)
        .slice(0, 3)
        .map((document) => {
          const resource = kept.get(nameOf({ tenant, collection, document }))
          if (resource === undefined) throw new Error('it was there a moment ago')
          return { document, resource }
        })
    },
    async listNames({ collection }, after, most) {
      return namesAfter(collection, after).slice(0, most)
    },
    async listCollections(_, after, most) {
      const all = new Set([...kept.keys()].map((name) => name.split('/')[0] as CollectionName))
      return [...all]
        .filter((name) => name !== '' && bytewise(name, after ?? '') > 0)
        .sort(bytewise)
        .slice(0, most)
    },
  }
}

function bytewise(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
