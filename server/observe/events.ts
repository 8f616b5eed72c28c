/**
 * Every event worth telling, as one union. Whoever tells does not know who listens: a log, a
 * metric, a test. No event carries a key's text, a body or a query.
 */

export type Event =
  | { readonly event: 'server-started'; readonly address: string; readonly store: string }
  | { readonly event: 'server-stopped' }
  | {
      readonly event: 'request-answered'
      readonly requestId: string
      readonly method: string
      /** The declared path, without names; undefined when none matched. */
      readonly route: string | undefined
      readonly operation: string | undefined
      readonly tenant: string | undefined
      readonly keyId: string | undefined
      readonly status: number
      /** The code of the refusal or fault, undefined for success. */
      readonly code: string | undefined
    }
  /** What nobody outside can put right. The one place where a fault becomes known. */
  | { readonly event: 'request-faulted'; readonly requestId: string; readonly fault: unknown }
  /** The disk or the file of the store failed; the process ends. */
  | { readonly event: 'store-broken'; readonly fault: unknown }
  /** A fault that nothing caught; the process ends. */
  | { readonly event: 'process-faulted'; readonly fault: unknown }
  | { readonly event: 'background-faulted'; readonly task: string; readonly fault: unknown }

export type Tell = (event: Event) => void
