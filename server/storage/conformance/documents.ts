/**
 * What it means to be a `DocumentStore`, as checks that any engine must pass. When a promise in
 * `documents/store.ts` changes, these files change with it; the engines follow.
 */
import { checkCollections } from './document-collections.ts'
import { checkDeletes } from './document-deletes.ts'
import { checkLists, checkNames } from './document-lists.ts'
import { checkRecord } from './document-record.ts'
import { checkRepeats } from './document-repeats.ts'
import { checkSigners } from './document-signers.ts'
import { checkText } from './document-text.ts'
import { checkWrites } from './document-writes.ts'
import type { Engine } from './engine.ts'
import { suite } from './engine.ts'

/** Declares the suite for this engine. */
export function documentStoreConforms(engine: Engine): void {
  suite(engine, 'documents', (check) => {
    checkWrites(check)
    checkDeletes(check)
    checkRepeats(check)
    checkLists(check)
    checkNames(check)
    checkCollections(check)
    checkRecord(check)
    checkText(check)
    checkSigners(check)
  })
}
