/** `tenantry serve`: runs the server until it is told to stop. */
import { flushCompileCache } from 'node:module'
import type { Command } from 'commander'
import type { AskedFaults, Log, RunningServer } from '../compose.ts'
import { openSystemLog, startServer } from '../compose.ts'
import type { Config } from '../config.ts'
import { settingNames } from '../config.ts'
import type { IdentityNeeds } from '../identity/keys.ts'
import { listTenants } from '../identity/keys.ts'
import { identityNeeds } from '../stores.ts'
import { systemWorld } from '../world.ts'
import { commandLine, commandPlace } from './command-line.ts'
import { demoKeyFile, findDemoKeys } from './demo.ts'
import type { SharedOptions } from './options.ts'
import { configFrom, withSettings } from './options.ts'
import { exitStatus, printNote, printResult } from './output.ts'
import { addressFailure, checkPorts } from './ports.ts'
import { awaitStop } from './signals.ts'

/** How long requests may finish after a fault that nobody caught. */
const uncaughtDrainMs = 1000

/** Adds the command; it takes every setting. */
export function addServe(program: Command): void {
  withSettings(program.command('serve'), settingNames)
    .description('run the server until it is stopped')
    .action((options: SharedOptions) => {
      const { config } = configFrom(options)
      return runServer(config, {
        async greet({ address, storage: { place } }, needs) {
          const text = `Tenantry serves ${address} from ${place}`
          printResult(options.json, { address, store: place }, text)
          if ((await listTenants(needs)).length === 0) printNote(noTenantYet(config))
          for (const { id, tenant } of await findDemoKeys(needs)) {
            printNote(demoKeyLives(id, tenant, config))
          }
        },
      })
    })
}

function noTenantYet(config: Config): string {
  const key = ['key', 'create', '--tenant', 'ID', '--scope', 'provisioning:*']
  return `There is no tenant yet. Make one${commandPlace}, with a name of yours for ID:
${commandLine(['tenant', 'create', 'ID'], config)}
${commandLine(key, config)}`
}

function demoKeyLives(id: string, tenant: string, config: Config): string {
  return `The demo's key is alive in this data: it may do everything with ${tenant}, and its text is
kept in ${demoKeyFile(config)}. This ends it${commandPlace}:
${commandLine(['key', 'revoke', id], config)}`
}

export type ServerSteps = {
  /** Runs before it listens, and ends early when it is stopped. */
  readonly prepare?: (
    storage: RunningServer['storage'],
    needs: IdentityNeeds,
    stop: AbortSignal,
  ) => Promise<void>
  /** Runs once it listens. */
  readonly greet: (server: RunningServer, needs: IdentityNeeds) => Promise<void>
  /** What clients are to meet. */
  readonly faults?: AskedFaults | undefined
}

/**
 * Serves until SIGTERM or SIGINT, then stops in order; a second signal ends the process at once.
 * The store is closed whatever fails.
 */
export async function runServer(
  config: Config,
  { prepare, greet, faults }: ServerSteps,
): Promise<void> {
  // Before anything else: a signal that comes while it starts must not find nobody listening.
  const stop = awaitStop()
  checkPorts(config)
  const log = openSystemLog(config)
  const onBroken = () => {
    // Recovery at the next start decides what is true; until then nothing more may be said.
    log.flush()
    process.exit(exitStatus.fault)
  }
  try {
    const server = await startServer(config, {
      world: systemWorld,
      tell: log.tell,
      onBroken,
      prepare: async (storage) =>
        prepare?.(storage, identityNeeds(storage, systemWorld), stop.signal),
      faults,
    }).catch((error: unknown) => {
      throw addressFailure(error, config)
    })
    stopOnUncaught(server, log)
    try {
      await greet(server, identityNeeds(server.storage, systemWorld))
      // Now, since a process that is killed keeps nothing; the next start takes half the time.
      flushCompileCache()
      await stop.stopped
    } finally {
      await server.close()
    }
  } finally {
    log.flush()
  }
  process.exit()
}

/** A fault that nobody caught: what runs may finish, but this process cannot be trusted. */
function stopOnUncaught(server: RunningServer, log: Log): void {
  process.once('uncaughtException', (fault) => {
    log.tell({ event: 'process-faulted', fault })
    const end = () => {
      log.flush()
      process.exit(1)
    }
    server.close(uncaughtDrainMs).then(end, end)
    systemWorld.startTimer(uncaughtDrainMs * 2, end)
  })
}
