/**
 * What an operation is. It is declared once, in its room, and everything that knows routes reads
 * it from there: the HTTP door, the authorisation order, the tests' coverage. There are no hooks;
 * a check that seems to need one belongs in `call.ts`.
 */
import type { Conditions } from './conditions.ts'
import type { JsonObject } from './json.ts'
import type { JsonText } from './json-text.ts'
import type { CollectionName, DocumentName } from './names.ts'

export type Method = 'GET' | 'POST' | 'PUT'

/** A schema in the dialect of JSON Schema 2020-12. */
export type JsonSchema = { readonly [keyword: string]: unknown }

/**
 * The parsed path parameters. Which of them are there is fixed by the operation's path. The tenant
 * is not among them: an address takes its tenant from the caller.
 */
export type PathNames = {
  readonly collection: CollectionName
  readonly docId: DocumentName
}

/** What a keyed operation is asked. */
export type Ask<Caller> = {
  readonly caller: Caller
  readonly names: PathNames
  readonly conditions: Conditions
  /** The checked body, an object; an empty one for operations that take none. */
  readonly body: JsonText
  readonly requestId: string
}

/** What an operation answers; a door puts it into its own words. */
export type Answer =
  | { readonly kind: 'value'; readonly value: JsonObject }
  | {
      readonly kind: 'document'
      readonly created: boolean
      /** JSON text, stamps included. */
      readonly text: string
      /** With its quotes, RFC 9110 section 8.8.3. */
      readonly etag: string
    }
  | { readonly kind: 'notModified'; readonly etag: string }
  /**
   * Pages of an array: the JSON of one or more entries each, with commas between them, as UTF-8.
   * Nothing is read before the first page is asked for.
   */
  | { readonly kind: 'list'; readonly pages: AsyncIterable<Uint8Array> }

type Declaration = {
  /** The published operation id where there is one; never reused for another meaning. */
  readonly name: string
  readonly summary: string
  readonly method: Method
  /** Segments in braces are parameters and appear in `PathNames`. */
  readonly path: string
  /** Schema of the body, or `none` where a body is ignored. */
  readonly input: JsonSchema | 'none'
  readonly output: JsonSchema
  /** Statuses of success. Refusals follow from the rest. */
  readonly statuses: readonly number[]
}

export type Operation<Caller, Needs> = Declaration &
  (
    | { readonly access: 'public'; readonly run: (needs: Needs) => Promise<Answer> }
    | {
        readonly access: 'scope'
        readonly run: (ask: Ask<Caller>, needs: Needs) => Promise<Answer>
      }
  )
