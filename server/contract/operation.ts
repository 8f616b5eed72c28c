/**
 * What an operation is. It is declared once, in its room, and everything that knows routes reads
 * it from there: the HTTP door, the authorisation order, the tests' coverage. There are no hooks;
 * a check that seems to need one belongs in `call.ts`.
 */
import type { Conditions } from './conditions.ts'
import type { RefusalCode } from './errors.ts'
import type { Json } from './json.ts'
import type { JsonText } from './json-text.ts'
import type { CollectionName, DocumentName } from './names.ts'
import type { Query, QueryName } from './paging.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a body may be: a JSON object, one that may be left out, or a patch. */
export type BodyKind = 'json' | 'optionalJson' | 'patch'

/** How a patch is written: RFC 7396 or RFC 6902. */
export type PatchType = 'application/merge-patch+json' | 'application/json-patch+json'

/** A body that was taken in and checked. */
export type Body = {
  /** `{}` where none was asked for, or none was sent. */
  readonly text: JsonText
  /** Set for a patch. */
  readonly patchType?: PatchType
  /** As they came. */
  readonly bytes: Uint8Array
}

/** A request that may come again, by its Idempotency-Key. */
export type RepeatableRequest = {
  readonly key: string
  /** Of method, target and body: equal for equal requests, and for no others. */
  readonly fingerprint: string
}

/**
 * A schema in the dialect of JSON Schema 2020-12. One with a `title` has that name in the interface
 * document; a member with `'x-extension': true` is not published.
 */
export type JsonSchema = { readonly [keyword: string]: unknown }

/** Schemas by media type. */
export type Content = { readonly [mediaType: string]: JsonSchema }

/**
 * The parsed path parameters. Which of them are there is fixed by the operation's path. The tenant
 * is not among them: an address takes its tenant from the caller.
 */
export type PathNames = {
  readonly collection: CollectionName
  readonly docId: DocumentName
  /** Any text: what is no id is the id of no key. */
  readonly keyId: string
}

/** What a keyed operation is asked. */
export type Ask<Caller> = {
  readonly caller: Caller
  readonly names: PathNames
  readonly query: Query
  readonly conditions: Conditions
  /** The text of the checked body; `{}` for operations that take none. */
  readonly body: JsonText
  /** Set for a patch. */
  readonly patchType: PatchType | undefined
  /** Set when the client sent an Idempotency-Key to an operation that keeps its outcome. */
  readonly repeatable: RepeatableRequest | undefined
  readonly requestId: string
}

/** What an operation answers; a door puts it into its own words. */
export type Answer =
  | { readonly kind: 'value'; readonly value: Json; readonly created?: true }
  | { readonly kind: 'nothing'; readonly replayed?: boolean }
  | {
      readonly kind: 'document'
      readonly created: boolean
      /** The answer of the same request before. */
      readonly replayed?: boolean
      /** JSON text, stamps included. */
      readonly text: string
      /** With its quotes, RFC 9110 section 8.8.3. */
      readonly etag: string
    }
  | { readonly kind: 'notModified'; readonly etag: string }
  /**
   * Pages of an array: the JSON of one or more entries each, with commas between them, as UTF-8.
   * Nothing is read before the first page, or where the next part begins, is asked for.
   */
  | {
      readonly kind: 'list'
      readonly pages: AsyncIterable<Uint8Array>
      /** The query of the part that follows; undefined behind the last. Ask before the pages. */
      readonly findNext?: () => Promise<Query | undefined>
    }
  | FixedFile

/** A text that is the same for everybody, as long as the server runs. */
export type FixedFile = {
  readonly kind: 'file'
  readonly mediaType: string
  readonly text: string
  /** With its quotes. */
  readonly etag: string
  /** What it says beside its type: under which policy a browser shows it. */
  readonly headers: { readonly [name: string]: string }
}

type Declaration = {
  /** The published operation id where there is one; never reused for another meaning. */
  readonly name: string
  readonly summary: string
  /** What a caller has to know beyond that and beyond what follows from the rest, in Markdown. */
  readonly about: string
  /** Set on what is ours and not published. */
  readonly extension?: true
  readonly method: Method
  /** Segments in braces are parameters and appear in `PathNames`. */
  readonly path: string
  /** Parameters of the query that are known here. */
  readonly query?: readonly QueryName[]
  /** Undefined where a body is ignored. */
  readonly takes?: BodyKind
  /** Undefined where a body is ignored. */
  readonly input?: Content
  /** Whether an Idempotency-Key is kept, refused because it could not be, or means nothing. */
  readonly repeatable?: 'kept' | 'refused'
  /** Undefined where success has no body. */
  readonly output?: Content
  /** Statuses of success. */
  readonly statuses: readonly number[]
  /**
   * Refusals that it decides itself; the others follow from the rest. With `PreconditionFailed` it
   * keeps conditions, and answers with an ETag.
   */
  readonly refuses?: readonly RefusalCode[]
}

export type Operation<Caller, Needs> = Declaration &
  (
    | {
        readonly access: 'public'
        /** Only who keeps conditions reads them. */
        readonly run: (needs: Needs, readConditions: () => Conditions) => Promise<Answer>
      }
    | {
        /** `anyKey` asks for a key, and for no right of it. */
        readonly access: 'scope' | 'anyKey'
        readonly run: (ask: Ask<Caller>, needs: Needs) => Promise<Answer>
      }
  )
