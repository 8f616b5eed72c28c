/**
 * How a tenant is deleted: ended first, for good and at once, then dropped piece by piece, so that
 * nobody else's writes have to wait for it. Whoever is stopped in the middle leaves an ended
 * tenant, and the next who asks goes on where that one stopped.
 */
import type { TenantId } from '../contract/names.ts'
import { noTenant } from './keys.ts'
import type { EndedTenant, TenantEndStore } from './store.ts'

export type TenantEndNeeds = {
  readonly tenantEnds: TenantEndStore
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Resolves after so many milliseconds. */
  readonly pause: (durationMs: number) => Promise<void>
}

/**
 * The store is left alone twice as long as a piece took: who waits for it looks again after one
 * millisecond, two, five, ten, and must find it free most of the time.
 */
const restPerPiece = 2
const restMinMs = 2

/** What another process remembers of the tenant it has forgotten after this: see `findKey`. */
const othersForgetMs = 1000

/**
 * Ends the tenant and drops all of it; as it was ended, be it long ago. `by` names the operator,
 * `onDropped` is told of the rows of each piece. Throws `NotFound` for an unknown tenant.
 */
export async function deleteTenant(
  id: TenantId,
  by: string,
  { tenantEnds, now, pause }: TenantEndNeeds,
  onDropped: (rows: number) => void,
): Promise<EndedTenant> {
  const ended = await tenantEnds.endTenant(id, now(), by)
  if (ended === undefined) throw noTenant(id)
  let gone = false
  while (!gone) {
    for (;;) {
      const start = performance.now()
      const rows = await tenantEnds.dropOfTenant(id)
      if (rows === 0) break
      onDropped(rows)
      await pause(Math.max(restMinMs, restPerPiece * (performance.now() - start)))
    }
    // A server may remember documents of it, and the next tenant of this id must not be shown them.
    await pause(othersForgetMs)
    gone = (await tenantEnds.freeTenant(id)) || !(await isEnding(id, tenantEnds))
  }
  return { ...ended, gone }
}

/** Whether it still waits for its last piece: two may delete it at once. */
async function isEnding(id: TenantId, tenantEnds: TenantEndStore): Promise<boolean> {
  return (await tenantEnds.listEndedTenants()).some((each) => each.id === id && !each.gone)
}
