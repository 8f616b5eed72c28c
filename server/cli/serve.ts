/** `tenantry serve`: runs the server until it is told to stop. */
import type { Command } from 'commander'
import type { RunningServer, Store } from '../compose.ts'
import { openStore, startServer, systemLog, systemWorld } from '../compose.ts'
import type { Config } from '../config.ts'
import { settingNames } from '../config.ts'
import type { SharedOptions } from './options.ts'
import { configFrom, withSettings } from './options.ts'
import { printNote, printResult } from './output.ts'

/** Adds the command; it takes every setting. */
export function addServe(program: Command): void {
  withSettings(program.command('serve'), settingNames)
    .description('run the server until it is stopped')
    .action(async (options: SharedOptions) => {
      const { config } = configFrom(options)
      const { server, storage } = await start(config)
      printResult(
        options.json,
        { address: server.address, store: storage.place },
        `Tenantry serves ${server.address} from ${storage.place}`,
      )
      if ((await storage.identity.listTenants()).length === 0) {
        printNote('There is no tenant yet: tenantry tenant create ID, then tenantry key create.')
      }
      await untilStopped(server)
    })
}

/** A server on the store of this configuration; the store is closed again if it cannot start. */
export async function start(config: Config): Promise<{ server: RunningServer; storage: Store }> {
  const storage = openStore(config, 'server')
  try {
    return { server: await startServer(config, storage, systemWorld, systemLog), storage }
  } catch (error) {
    storage.close()
    throw error
  }
}

/** Closes the server at the first SIGTERM or SIGINT; a second one ends the process at once. */
export async function untilStopped(server: RunningServer): Promise<void> {
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
  })
  const now = () => process.exit(1)
  process.once('SIGTERM', now)
  process.once('SIGINT', now)
  await server.close()
  process.off('SIGTERM', now)
  process.off('SIGINT', now)
}
