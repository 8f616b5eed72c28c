/**
 * What a gate is: a promise of the server, put to the proof on the real process. A gate returns
 * what it found against the promise; it throws only when it could not measure, which proves
 * nothing. Each one comes with its control, a build so broken that the gate must go red.
 */

/** Figures have names as people read them, unit last: `worst hold (ms)`. */
export type Verdict = {
  readonly figures: { readonly [name: string]: number | string }
  /** A sentence for each way in which the promise was broken; none, and the gate is green. */
  readonly failures: readonly string[]
}

export type GateOptions = {
  /** Root folder of the build under test. */
  readonly build: string
  /** A form for every day: less of the same, and still red when the promise is broken. */
  readonly short: boolean
  /** What is drawn at random is drawn from it. */
  readonly seed: number
  /** Progress, for people. */
  readonly tell: (line: string) => void
}

/** In this file of the build, this text, which occurs exactly once, becomes that text. */
export type Breakage = { readonly file: string; readonly from: string; readonly to: string }

/** The title completes "a build that …": "acknowledges before it commits". */
export type BrokenControl = { readonly title: string; readonly breakages: readonly Breakage[] }

export type Gate = {
  readonly name: string
  /** What it does, in one sentence. */
  readonly about: string
  /** What has to be met, for people. */
  readonly target: string
  /** System commands it cannot do without, each with how to install it. */
  readonly needs: readonly { readonly command: string; readonly install: string }[]
  readonly run: (options: GateOptions) => Promise<Verdict>
  /** What it must go red against; or why there is no such thing. */
  readonly control: BrokenControl | { readonly none: string }
}
