/**
 * `npm run gate NAME…` and `npm run gates`: runs gates with their controls, and says how they went.
 * Progress goes to stderr, the results to stdout. Exit status 1 when a gate is red, 64 when the
 * command line is wrong, 130 when it was interrupted; nothing is left behind in any case.
 */
import { randomInt } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { cleanUp } from '../support/cleanups.ts'
import { describeMachine, describeTree } from '../support/machine.ts'
import { root } from '../support/process.ts'
import type { Gate } from './gate.ts'
import { gates } from './list.ts'
import { measureGate } from './measure.ts'
import type { GateRun, MeasuredGate } from './table.ts'
import { withRow } from './table.ts'

const options = {
  all: { type: 'boolean', default: false },
  short: { type: 'boolean', default: false },
  'no-control': { type: 'boolean', default: false },
  seed: { type: 'string' },
  out: { type: 'string' },
} as const

const usage = `npm run gate NAME… [-- OPTIONS]     these gates
npm run gates [-- OPTIONS]          all of them, over an hour

Each that is run whole, with its control, takes its place in gates.json when it ends.

  --short        less of the same
  --seed N       repeats what was drawn at random
  --no-control   leaves out the runs against broken builds
  --out FILE     writes the results there instead, as JSON

${gates.map(({ name, about, target }) => `${name}: ${about}\n  Target: ${target}`).join('\n')}
`

// Not once: a Control-C may come twice, and the second one must not cut the cleaning up short.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    cleanUp()
    process.exit(130)
  })
}
process.exitCode = await main()
cleanUp()

async function main(): Promise<number> {
  const asked = readArguments()
  if (asked === undefined) return 64
  const { short, seed, withControl, out } = asked
  // A report of earlier runs is not part of what is measured.
  const tree = describeTree('.', ':!gates.json')
  const form = short ? 'short' : 'full'
  const machine = describeMachine()
  const { node } = process.versions
  const measured: MeasuredGate[] = []
  for (const [at, gate] of asked.gates.entries()) {
    note(`\n${gate.name} (${at + 1} of ${asked.gates.length}, ${form}): ${gate.about}`)
    const began = performance.now()
    const tell = (line: string) => {
      const seconds = ((performance.now() - began) / 1000).toFixed(0)
      note(`  ${seconds.padStart(4)} s  ${line}`)
    }
    const run: GateRun = { date: new Date().toISOString(), machine, ...tree, node, form, seed }
    const row = { ...(await measureGate(gate, { short, seed, tell, withControl })), run }
    measured.push(row)
    if (out !== undefined) keep(out, row)
  }
  process.stdout.write(`\n${measured.map(lineOf).join('\n')}\n`)
  for (const gate of measured.filter(({ green }) => !green)) process.stdout.write(adviceOf(gate))
  return measured.every(({ green }) => green) ? 0 : 1

  function adviceOf({ name, failures }: MeasuredGate): string {
    const again = `npm run gate ${name} -- ${short ? '--short ' : ''}--seed ${seed}`
    const said = failures.map((failure) => `  - ${failure}\n`).join('')
    return `\n${name} is red:\n${said}To repeat it: ${again}\n`
  }
}

/** At once: a run that is interrupted has measured what it has. */
function keep(file: string, row: MeasuredGate): void {
  const rows = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []
  const names = gates.map(({ name }) => name)
  writeFileSync(file, `${JSON.stringify(withRow(rows, row, names), null, 2)}\n`)
}

/** Undefined, and said why, when the command line is wrong. */
function readArguments() {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true })
    const chosen = values.all ? gates : positionals.map(findGate)
    if (chosen.length === 0) throw new Error('Name a gate.')
    const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed)
    if (!Number.isSafeInteger(seed)) throw new Error(`${values.seed} is no seed; give an integer.`)
    const withControl = !values['no-control']
    const whole = withControl && !values.short
    const out = values.out ?? (whole ? join(root, 'gates.json') : undefined)
    return { gates: chosen, short: values.short, seed, withControl, out }
  } catch (error) {
    note(`${error instanceof Error ? error.message : error}\n\n${usage}`)
    return undefined
  }
}

function findGate(name: string): Gate {
  const found = gates.find((gate) => gate.name === name)
  if (found === undefined) throw new Error(`There is no gate ${name}.`)
  return found
}

function lineOf(row: MeasuredGate): string {
  const { name, green, durationMs, target, figures, control } = row
  const found = Object.entries(figures).map(([figure, value]) => `${figure} ${value}`)
  const caught =
    'none' in control
      ? `none: ${control.none}`
      : control.failures.length === 0
        ? `GREEN against a build that ${control.title}`
        : `red, as it must be, against a build that ${control.title}:\n    ${control.failures[0]}`
  return `${green ? 'green' : 'RED  '}  ${name}  (${(durationMs / 1000).toFixed(1)} s)
  target: ${target}
  measured: ${found.join(', ')}
  control: ${caught}`
}

function note(line: string): void {
  process.stderr.write(`${line}\n`)
}
