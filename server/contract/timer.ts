/** Timers come from `compose.ts`; everything else is handed one of these. */

/** Runs the action after so many milliseconds; what it returns cancels it. */
export type StartTimer = (delayMs: number, action: () => void) => () => void
