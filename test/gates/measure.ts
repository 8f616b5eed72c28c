/**
 * Runs a gate and then its control, and says of both how they went. A run that broke off has
 * proved nothing: whatever is thrown makes the gate red, and never makes a control go red.
 */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { root } from '../support/process.ts'
import { makeBrokenBuild } from './broken-build.ts'
import type { Gate, GateOptions, Verdict } from './gate.ts'

/** How a gate went; a row of `gates.json`. */
export type Measured = Verdict & {
  readonly name: string
  readonly target: string
  /** It kept its promise, and its control went red. */
  readonly green: boolean
  readonly durationMs: number
  readonly control: MeasuredControl
}

export type MeasuredControl =
  /** What the gate found against the broken build; nothing found makes the gate red. */
  | (Verdict & { readonly title: string; readonly durationMs: number })
  /** Why none was run. */
  | { readonly none: string }

export type MeasureOptions = Omit<GateOptions, 'build'> & { readonly withControl: boolean }

/** A run with a thousand things wrong needs no thousand sentences. */
const failuresMax = 20

/** Never rejects: a gate that could not be run is red, and says why. */
export async function measureGate(gate: Gate, options: MeasureOptions): Promise<Measured> {
  const failures: string[] = []
  let ran: Ran = { figures: {}, failures: [], durationMs: 0 }
  let control: MeasuredControl = { none: 'the gate could not be run' }
  try {
    for (const { command, install } of gate.needs) checkInstalled(command, install)
    ran = await runGate(gate, { ...options, build: root })
    failures.push(...ran.failures)
    control = await runControl(gate, options)
    if ('title' in control && control.failures.length === 0) {
      failures.push(`it is green against a build that ${control.title}, so it proves nothing`)
    }
  } catch (error) {
    failures.push(`it could not be measured: ${error instanceof Error ? error.stack : error}`)
  }
  const { name, target } = gate
  const { figures, durationMs } = ran
  const green = failures.length === 0
  return { name, target, green, figures, failures: cut(failures), durationMs, control }
}

type Ran = Verdict & { readonly durationMs: number }

async function runGate(gate: Gate, options: GateOptions): Promise<Ran> {
  const began = performance.now()
  const { figures, failures } = await gate.run(options)
  return { figures, failures, durationMs: Math.round(performance.now() - began) }
}

async function runControl(gate: Gate, options: MeasureOptions): Promise<MeasuredControl> {
  const { control } = gate
  if ('none' in control) return control
  if (!options.withControl) return { none: 'it was not asked for' }
  options.tell(`its control: a build that ${control.title}`)
  const build = makeBrokenBuild(control)
  try {
    const ran = await runGate(gate, { ...options, build: build.root })
    return { title: control.title, ...ran, failures: cut(ran.failures) }
  } finally {
    build.remove()
  }
}

function cut(failures: readonly string[]): readonly string[] {
  if (failures.length <= failuresMax) return failures
  return [...failures.slice(0, failuresMax), `and ${failures.length - failuresMax} more`]
}

/** Throws what to do about it when the command is not there. */
function checkInstalled(command: string, install: string): void {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, command), constants.X_OK)
      return
    } catch {}
  }
  throw new Error(`it needs the command ${command}, which is not installed: ${install}`)
}
