/**
 * From what is said of a document to the command that is written: the one place where a body is
 * taken apart, for every door. What the engine gets is plain data.
 */
import type { JsonText } from '../contract/json-text.ts'
import type { DocumentAddress } from '../contract/names.ts'
import { isTenantDocument } from '../contract/names.ts'
import type { MergeDepth } from './merge.ts'
import { checkJsonPatch } from './patch.ts'
import { splitBaseBody, withoutStamps } from './versions.ts'
import type { Part, WriteCommand, WriteMode } from './write.ts'

/** What operators decide for all writes. */
export type WriteRules = {
  readonly mergeDepth: MergeDepth
  readonly bodySizeMaxBytes: number
}

/** One write as its door heard it. */
export type SaidWrite = Pick<WriteCommand, 'conditions' | 'by' | 'at' | 'requestId' | 'repeat'> & {
  readonly part: Part
  readonly mode: WriteMode
  readonly body: JsonText
}

/** The command to this document. Throws `BadRequest` for a body that is wrong wherever it goes. */
export function makeCommand(
  address: DocumentAddress,
  { body, ...said }: SaidWrite,
  { mergeDepth, bodySizeMaxBytes }: WriteRules,
): WriteCommand {
  const versioned = !isTenantDocument(address)
  return {
    ...said,
    versioned,
    mergeDepth,
    ...takeApart(body, said.mode, said.part === 'base' && versioned),
    sizeMaxBytes: bodySizeMaxBytes,
  }
}

/** Only a base in a collection can speak of a live version; elsewhere `versions` is data. */
function takeApart(body: JsonText, mode: WriteMode, nested: boolean) {
  // A broken patch is refused like every broken body, before anyone asks what it would change.
  if (mode === 'jsonPatch') checkJsonPatch(body)
  const isDocument = mode === 'replace' || mode === 'merge'
  if (!isDocument) return { content: body, live: undefined }
  return nested ? splitBaseBody(body) : { content: withoutStamps(body), live: undefined }
}
