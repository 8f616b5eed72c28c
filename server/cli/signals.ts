/**
 * SIGTERM and SIGINT: the first asks for an end in order, a second one ends the process at once. A
 * command that was ended so before it was done says how far it came, by `Interrupted`.
 */

/** One Control-C may arrive twice: from the terminal, and passed on by npm. */
const sameKeyPressMs = 300

/** A command was told to stop, and did. The message says what is done, and how to go on. */
export class Interrupted extends Error {}

export type StopSignal = {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
  /** Resolves at the first signal. */
  readonly stopped: Promise<void>
  /** From here on signals end the process by themselves again. */
  release(): void
}

/** From here on no first signal ends the process by itself. */
export function awaitStop(): StopSignal {
  const controller = new AbortController()
  const { promise, resolve } = Promise.withResolvers<void>()
  let first: number | undefined
  const onSignal = () => {
    const at = performance.now()
    if (first !== undefined && at - first > sameKeyPressMs) process.exit(1)
    first ??= at
    controller.abort()
    resolve()
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return {
    signal: controller.signal,
    stopped: promise,
    release() {
      process.off('SIGTERM', onSignal)
      process.off('SIGINT', onSignal)
    },
  }
}
