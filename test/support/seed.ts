/** The seed of a test file's random choices: SEED=n repeats a run, else each run has its own. */
import { randomInt } from 'node:crypto'
import { before } from 'node:test'

export const seed = Number(process.env.SEED ?? randomInt(2 ** 31))

/** Prints the seed, once a file. */
export function tellSeed(): void {
  before((context) => {
    if ('diagnostic' in context) context.diagnostic(`SEED=${seed}`)
  })
}
