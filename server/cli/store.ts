/** How commands borrow the store: opened beside a running server, and closed whatever happens. */

import type { Config } from '../config.ts'
import type { IdentityNeeds } from '../identity/keys.ts'
import { identityNeeds, openStore } from '../stores.ts'
import { systemWorld } from '../world.ts'
import type { SharedOptions } from './options.ts'
import { configFrom } from './options.ts'
import { printNote } from './output.ts'
import { percentText, startProgress } from './progress.ts'

/** What `openStore` gives: the rooms' ports, and what is asked of the engine itself. */
export type OpenStore = Awaited<ReturnType<typeof openStore>>

/** Runs it over the store that these flags name; `make` where a new one may be begun. */
export async function withStore(
  options: SharedOptions,
  run: (needs: IdentityNeeds, storage: OpenStore, config: Config) => Promise<void>,
  make = false,
): Promise<void> {
  const { config } = configFrom(options)
  const storage = await openStore(config, make, noteUpgrade())
  try {
    await run(identityNeeds(storage, systemWorld), storage, config)
  } finally {
    await storage.close()
  }
}

/** Says that the store is of an older Tenantry, where it is, and what becomes of it. */
function noteUpgrade(): Parameters<typeof openStore>[2] {
  const progress = startProgress()
  let said = false
  return ({ state, from, to, backup, done, all }) => {
    if (!said) printNote(`The data is of an older Tenantry (schema ${from}).`)
    said = true
    if (state === 'backing up') {
      return progress.show(() => `backing it up to ${backup}: ${percentText(done, all)}`)
    }
    progress.end()
    printNote(`It was brought to schema ${to}; as it was before it lies in ${backup}.`)
  }
}
