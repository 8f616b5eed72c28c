/** How commands borrow the store: opened beside a running server, and closed whatever happens. */
import type { Config } from '../config.ts'
import type { IdentityNeeds } from '../identity/keys.ts'
import type { Storage, StorageListener } from '../storage/engine.ts'
import { identityNeeds, openStore } from '../stores.ts'
import { systemWorld } from '../world.ts'
import type { SharedOptions } from './options.ts'
import { configFrom } from './options.ts'
import { printNote } from './output.ts'
import { percentText, startProgress } from './progress.ts'

/** Runs it over the store that these flags name; `make` where a new one may be begun. */
export async function withStore(
  options: SharedOptions,
  run: (needs: IdentityNeeds, storage: Storage, config: Config) => Promise<void>,
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
function noteUpgrade(): StorageListener['onUpgrade'] {
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
