/** `npm run contract`: where our interface document differs from the published one, and exit 1. */
import { readFileSync } from 'node:fs'
import { interfaceDocument } from '../../server/compose.ts'
import { compareInterfaces, missingSchemas } from './interface-compare.ts'

const published: unknown = JSON.parse(
  readFileSync(new URL('published-1.6.0.json', import.meta.url), 'utf8'),
)
const ours: unknown = JSON.parse(interfaceDocument())
const { parts, differences, extensions } = compareInterfaces(published, ours)
const lines: string[] = []
for (const part of parts) {
  const count = `${part.served} of ${part.published} operations`
  const isGap = part.served === 0 && part.differences.length === 0
  if (isGap) lines.push(`${part.name}: not served yet, ${count}`)
  else lines.push(`${part.name}: ${count}, ${part.differences.length} differences`)
  lines.push(...part.differences.map((difference) => `  ${difference}`))
}
const missing = missingSchemas(published, ours).map((name) => `the schema ${name}: is missing`)
const rest = [...differences, ...missing]
lines.push(`The document as a whole: ${rest.length} differences`)
lines.push(...rest.map((difference) => `  ${difference}`))
lines.push(`Marked as extensions: ${extensions.length} places`)
console.log(lines.join('\n'))
if (rest.length > 0 || parts.some((part) => part.differences.length > 0)) process.exitCode = 1
