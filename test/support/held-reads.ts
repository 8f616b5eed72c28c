/** A store whose reads of a document hang until they are let go, for what must be met meanwhile. */
import type { DocumentAddress } from '../../server/contract/names.ts'
import type { Storage } from '../../server/storage/engine.ts'

export type HeldReads = {
  /** Puts itself before the store of a server. */
  readonly wrap: (storage: Storage) => Storage
  /** Resolves when the first one hangs. */
  readonly reached: Promise<void>
  /** They go on, and no later one hangs. */
  readonly release: () => void
}

/** Holds the reads of these documents, or of all. */
export function holdReads(isHeld: (address: DocumentAddress) => boolean = () => true): HeldReads {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
  const wrap = (storage: Storage): Storage => ({
    ...storage,
    documents: {
      ...storage.documents,
      async read(address) {
        if (isHeld(address)) {
          reach()
          await released
        }
        return storage.documents.read(address)
      },
    },
  })
  return { wrap, reached, release }
}
