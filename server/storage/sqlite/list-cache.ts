/**
 * Pages of lists that were read, for collections in which nothing is being written: a write that is
 * on its way may be seen already by whoever reads the database, and from then on by everyone.
 */
import type { DocumentName } from '../../contract/names.ts'
import type { ListedDocument } from '../../documents/store.ts'
import { makeCache } from './cache.ts'

export type ListCache = {
  find(collection: string, after: DocumentName | undefined): Page | undefined
  /** Remembers a page that was just read. */
  keep(collection: string, after: DocumentName | undefined, page: Page): void
  /** A write of this collection begins; what this returns ends it. No page of before is found. */
  begin(collection: string): () => void
  /** Another process has written, or may have. */
  forget(): void
}

export type Page = readonly ListedDocument[]

/** How many collections are known to have been written; each costs some hundred bytes. */
const writtenMax = 10_000

/** Text as kept and as shown, and the objects that hold it. */
const bytesPerCharacter = 2
const bytesPerDocument = 500

/** Of at most about so many bytes. */
export function makeListCache(sizeMaxBytes: number): ListCache {
  const pages = makeCache<Page>(sizeMaxBytes, sizeOf, () => true)
  /** Writes on their way, and a number that was new when the last one ended. */
  const written = new Map<string, { flying: number; era: number }>()
  let eras = 0
  const nameOf = (collection: string, after: string | undefined): string | undefined => {
    const { flying = 0, era = 0 } = written.get(collection) ?? {}
    return flying > 0 ? undefined : `${collection}/${era}/${after ?? ''}`
  }
  const trim = () => {
    pages.forget()
    for (const [collection, { flying }] of written) if (flying === 0) written.delete(collection)
  }
  return {
    find(collection, after) {
      const name = nameOf(collection, after)
      return name === undefined ? undefined : pages.find(name)
    },
    keep(collection, after, page) {
      // Of collections that do not exist there is no end.
      if (after === undefined && page.length === 0) return
      const name = nameOf(collection, after)
      if (name !== undefined) pages.keep(name, page)
    },
    begin(collection) {
      if (written.size > writtenMax) trim()
      const state = written.get(collection) ?? { flying: 0, era: 0 }
      written.set(collection, state)
      state.flying++
      return () => {
        state.flying--
        state.era = ++eras
      }
    },
    forget: pages.forget,
  }
}

function sizeOf(page: Page, name: string): number {
  let size = bytesPerDocument + name.length * bytesPerCharacter
  for (const { document, resource } of page) {
    const { base, live } = resource
    const characters = document.length + base.content.length + (live?.content.length ?? 0)
    size += bytesPerDocument + characters * bytesPerCharacter
  }
  return size
}
