/**
 * Writes the pages that are made from the source: `docs/errors.md`. With `--check` it writes
 * nothing and fails if a page is not what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { refusals } from '../server/contract/errors.ts'

const root = join(import.meta.dirname, '..')

const pages = [{ path: 'docs/errors.md', text: errorsPage() }]

const check = process.argv.includes('--check')
for (const { path, text } of pages) {
  if (readOrEmpty(join(root, path)) === text) continue
  if (check) {
    process.stderr.write(`${path} is not what its source says; run npm run generate.\n`)
    process.exitCode = 1
  } else {
    writeFileSync(join(root, path), text)
    process.stdout.write(`wrote ${path}\n`)
  }
}

function errorsPage(): string {
  const rows = Object.entries(refusals).map(
    ([code, { status, when, mend }]) => `| ${status} | \`${code}\` | ${when} | ${mend} |`,
  )
  return `# Errors

<!-- Made by tools/generate.ts from server/contract/errors.ts. -->

Every failure has a JSON body \`{"code": "…", "message": "…"}\`; \`details\`, an array of
\`{"pointer", "reason"}\`, points into the body of the request where there is something to point at.
Every answer carries an \`X-Request-Id\`; the log of the server knows a fault by it.

| status | code | when | what mends it |
| --- | --- | --- | --- |
${rows.join('\n')}
`
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
