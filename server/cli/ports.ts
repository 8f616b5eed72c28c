/**
 * The addresses that a server takes, and what is said when one cannot be had. There are two ports,
 * and a message that names the setting of the other one sends its reader the wrong way.
 */
import type { Config } from '../config.ts'
import { flagOf, variableOf } from '../config.ts'
import { StartRefused } from '../contract/errors.ts'

/** An address that cannot be had, in a sentence that says how to mend it. */
export class AddressRefused extends Error {
  /** The system's, such as `EADDRINUSE`. */
  readonly code: string

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** Throws `StartRefused` where both ports are one. */
export function checkPorts({ port, metricsPort }: Config): void {
  // Twice 0 is two free ports.
  if (port === 0 || port !== metricsPort) return
  throw new StartRefused(
    `${variableOf('port')} and ${variableOf('metricsPort')} are both ${port}. ` +
      'Set one of them to another port, or leave the metrics out.',
  )
}

/** `AddressRefused` for what the system says of an address, any other error as it is. */
export function addressFailure(error: unknown, config: Config): unknown {
  const { code, syscall, address, port } = error as NodeJS.ErrnoException & {
    readonly address?: string
    readonly port?: number
  }
  if (code === undefined || (syscall !== 'listen' && syscall !== 'getaddrinfo')) return error
  const setting = port === config.metricsPort ? 'metricsPort' : 'port'
  const settings = `${flagOf(setting)} or ${variableOf(setting)}`
  const refused = (message: string) => new AddressRefused(code, message, error)
  switch (code) {
    case 'EADDRINUSE':
      return refused(
        `Port ${port} on ${address} is in use. Stop what uses it, or choose another: ` +
          `${settings} (0 takes any free one).`,
      )
    case 'EACCES':
      return refused(
        `Port ${port} needs more rights than this process has. ` +
          `Take one of 1024 or above: ${settings}.`,
      )
    case 'EADDRNOTAVAIL':
      return refused(
        `${address} is no address of this machine. Set ${variableOf('host')} to one that is.`,
      )
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return refused(
        `${variableOf('host')} names a host that cannot be resolved. Set it to an address.`,
      )
    default:
      return error
  }
}
