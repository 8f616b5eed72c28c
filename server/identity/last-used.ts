/**
 * When keys were last used, gathered in memory and written now and then: a write for every read
 * would make reads as slow as writes. What a crash loses is some seconds of "last used".
 */
import type { IdentityStore } from './store.ts'

export type LastUsed = {
  /** Remembers the use; never waits, never throws. `at` in epoch milliseconds. */
  note(keyId: string, at: number): void
  /** Writes what was gathered. On a fault it is kept for the next time, and the fault thrown. */
  flush(): Promise<void>
}

export function gatherLastUsed(identity: Pick<IdentityStore, 'recordUse'>): LastUsed {
  let gathered = new Map<string, number>()
  return {
    note(keyId, at) {
      // A clock may go back; the latest use stays the latest.
      gathered.set(keyId, Math.max(at, gathered.get(keyId) ?? 0))
    },
    async flush() {
      if (gathered.size === 0) return
      const uses = gathered
      gathered = new Map()
      try {
        await identity.recordUse(uses)
      } catch (fault) {
        for (const [keyId, at] of uses) if (!gathered.has(keyId)) gathered.set(keyId, at)
        throw fault
      }
    },
  }
}
