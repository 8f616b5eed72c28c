/** How commands borrow the store: opened beside a running server, and closed whatever happens. */
import type { Store } from '../compose.ts'
import { openStore } from '../compose.ts'
import type { SharedOptions } from './options.ts'
import { configFrom } from './options.ts'

/** Runs it on the store that these flags name; `make` where a new one may be begun. */
export async function withStore(
  options: SharedOptions,
  run: (storage: Store) => Promise<void>,
  make = false,
): Promise<void> {
  const storage = openStore(configFrom(options).config, { as: 'command', make })
  try {
    await run(storage)
  } finally {
    storage.close()
  }
}
