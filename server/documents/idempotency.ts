/**
 * Idempotency-Key: a client that lost an answer sends the same request again and gets the same
 * answer, not a second write. What was answered is kept beside the write, in its transaction; here
 * is what counts as the same, for how long, and what is refused.
 */
import { Refusal } from '../contract/errors.ts'
import { idempotencyRetryAfterSeconds } from '../contract/limits.ts'
import type { DocumentStore } from './store.ts'

/** What a request says of its repetition. */
export type Repeat = {
  /** As the client chose it. Two callers' are never the same, whatever they chose. */
  readonly key: string
  /** Of method, target and body. Equal for equal requests, and for no others. */
  readonly fingerprint: string
  /** Epoch milliseconds. */
  readonly keptUntil: number
}

/** What is kept of the request that was answered with success. */
export type Kept = Pick<Repeat, 'fingerprint' | 'keptUntil'>

/**
 * Whether to answer as before; false when this is the first request of its key. Throws
 * `IdempotencyMismatch` when the key was used for another.
 */
export function decideRepeat(kept: Kept | undefined, repeat: Repeat, at: number): boolean {
  if (kept === undefined || kept.keptUntil <= at) return false
  if (kept.fingerprint === repeat.fingerprint) return true
  throw new Refusal(
    'IdempotencyMismatch',
    'This Idempotency-Key came with another request before; take a new one for each request.',
  )
}

/** The requests with a key that are being done now. */
export type RunningRepeats = {
  /** Returns what ends it. Throws `Conflict` while another with this name runs. */
  begin(name: string): () => void
}

/** For one server; a store that several servers share holds them apart by itself. */
export function makeRunningRepeats(): RunningRepeats {
  const running = new Set<string>()
  return {
    begin(name) {
      if (running.has(name)) {
        throw new Refusal(
          'Conflict',
          'The first request with this Idempotency-Key still runs; send it again in a moment.',
          { retryAfterSeconds: idempotencyRetryAfterSeconds },
        )
      }
      running.add(name)
      return () => void running.delete(name)
    },
  }
}

/** Drops what is over its time in small pieces, so that writes between them do not wait. */
export async function dropAllKept(
  documents: Pick<DocumentStore, 'dropKept'>,
  now: () => number,
): Promise<void> {
  while ((await documents.dropKept(now())) > 0);
}
