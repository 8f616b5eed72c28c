/** Timers come from `world.ts`; everything else is handed one of these. */

/** Runs the action after so many milliseconds; what it returns cancels it. */
export type StartTimer = (delayMs: number, action: () => void) => () => void

/** Runs the action again and again, a period after it ended; what it returns ends that. */
export function repeat(
  startTimer: StartTimer,
  periodMs: number,
  action: () => Promise<void>,
): () => void {
  let stopped = false
  let cancel = () => {}
  const next = () => {
    cancel = startTimer(periodMs, () => void action().finally(() => stopped || next()))
  }
  next()
  return () => {
    stopped = true
    cancel()
  }
}
