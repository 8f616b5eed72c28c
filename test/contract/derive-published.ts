/**
 * Writes the facts of a published interface document to stdout:
 * `node test/contract/derive-published.ts FILE > test/contract/published-1.6.0.json`. The document
 * itself is not ours to keep; its facts are what we promise.
 */
import { readFileSync } from 'node:fs'
import { withoutProse } from './interface-facts.ts'

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('say which file the published document is in')
process.stdout.write(
  `${JSON.stringify(withoutProse(JSON.parse(readFileSync(file, 'utf8'))), undefined, 2)}\n`,
)
