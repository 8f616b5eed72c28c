/**
 * Every event worth telling, as one union. Whoever tells does not know who listens: a log, a
 * metric, a test. No event carries a key's text, a body or a query.
 */

export type RequestAnswered = {
  readonly event: 'request-answered'
  readonly requestId: string
  readonly method: string
  /** The address of the client; undefined where the connection has none any more. */
  readonly client: string | undefined
  /** The declared path, without names; undefined when none matched. */
  readonly route: string | undefined
  readonly operation: string | undefined
  readonly tenant: string | undefined
  readonly keyId: string | undefined
  /** The `--fault` of a sandbox that the request met. */
  readonly faultAsked?: string | undefined
  /** 0 where a sandbox was asked to give no answer. */
  readonly status: number
  /** The code of the refusal or fault, undefined for success. */
  readonly code: string | undefined
  /**
   * Milliseconds from its turn on the connection, when its head has been read, until its answer was
   * given to the connection. One of over 64 KiB, or behind which the connection closes, counts only
   * until it begins to go out, unless it is a list. 0 for what never became a request.
   */
  readonly durationMs: number
  /** Of the client's `traceparent` (W3C Trace Context), where it sent one. */
  readonly traceId: string | undefined
  readonly parentId: string | undefined
}

export type Event =
  | {
      readonly event: 'server-started'
      readonly address: string
      readonly store: string
      /** Where the metrics are served, if they are. */
      readonly metrics: string | undefined
    }
  | { readonly event: 'server-stopped' }
  | RequestAnswered
  /** What nobody outside can put right. The one place where a fault becomes known. */
  | { readonly event: 'request-faulted'; readonly requestId: string; readonly fault: unknown }
  /** Writes that shared one durable commit: how many, about how large, and how long it took. */
  | {
      readonly event: 'commit-made'
      readonly writes: number
      readonly characters: number
      readonly durationMs: number
    }
  /** The disk is full: writes fail until there is room, reads go on. */
  | { readonly event: 'store-full' }
  | { readonly event: 'store-has-room' }
  /** The check that follows a stop without warning: running, passed, or failed to run. */
  | { readonly event: 'store-check'; readonly state: string }
  /** An older store is backed up, so much of it by now, and then migrated. */
  | {
      readonly event: 'store-upgrade'
      readonly state: string
      readonly from: number
      readonly to: number
      readonly backup: string
      readonly percent: number
    }
  /** The disk or the file of the store failed; the process ends. */
  | { readonly event: 'store-broken'; readonly fault: unknown }
  /** A fault that nothing caught; the process ends. */
  | { readonly event: 'process-faulted'; readonly fault: unknown }
  | { readonly event: 'background-faulted'; readonly task: string; readonly fault: unknown }

export type Tell = (event: Event) => void
