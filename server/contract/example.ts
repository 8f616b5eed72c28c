/**
 * Exchanges that the interface document shows. A room tells them as one story, in an order in which
 * each is true; a test sends them all to a server, one after another, and compares.
 */
import type { Json } from './json.ts'

export type Example = {
  /** The name of the operation. */
  readonly operation: string
  /** What it shows, in a few words; of one operation no two are alike. */
  readonly title: string
  /** Parameters of the path beside the tenant. */
  readonly path?: { readonly [name: string]: string }
  readonly query?: { readonly [name: string]: string }
  /** Headers beside the key and the type of the body. */
  readonly headers?: { readonly [name: string]: string }
  readonly body?: Json
  /** Of the body; JSON if nothing is said. */
  readonly mediaType?: string
  readonly status: number
  /** What comes back; undefined where that has no body. */
  readonly answer?: Json
}

/** Whose story it is. */
export const exampleTenant = 'tenant-alpha'
