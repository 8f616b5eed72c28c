/**
 * The commands that a message asks for, so that they can be pasted into a terminal: they name the
 * data, since that terminal may have other settings. A clone and a package are typed differently.
 */
import type { Config } from '../config.ts'
import { flagOf, settings } from '../config.ts'

/** A clone runs its source, which a package does not have. */
const inClone = import.meta.filename.endsWith('.ts')

/** Where a command is to be typed, for the end of the sentence before it; nothing: anywhere. */
export const commandPlace = inClone ? ', in the folder of the clone' : ''

/** As `tenantry …`, or what stands for that in a clone, over the store of this configuration. */
export function commandLine(
  words: readonly string[],
  { data, store }: Pick<Config, 'data' | 'store'>,
): string {
  const where = store === settings.store.default ? [] : [flagOf('store'), store]
  const all = [...words, flagOf('data'), data, ...where]
  // In a clone through npm, which finds the Node that the clone brings along.
  return `${inClone ? 'npm run -s tenantry --' : 'tenantry'} ${all.map(quoted).join(' ')}`
}

/** For a shell, in quotes where it would read more into the word than is there. */
export function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
