/**
 * The commands that a message asks for, so that they can be pasted into any terminal that stands in
 * the folder of the clone: they name the data, since that terminal may have other settings.
 */
import type { Config } from '../config.ts'
import { flagOf, settings } from '../config.ts'

/** As `npm run -s tenantry -- …`, over the store of this configuration. */
export function commandLine(
  words: readonly string[],
  { data, store }: Pick<Config, 'data' | 'store'>,
): string {
  const where = store === settings.store.default ? [] : [flagOf('store'), store]
  const all = [...words, flagOf('data'), data, ...where]
  return `npm run -s tenantry -- ${all.map(quoted).join(' ')}`
}

/** For a shell, in quotes where it would read more into the word than is there. */
export function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
