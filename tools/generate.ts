/**
 * Writes what is made from the source and from measurements: `docs/errors.md`, and the README's
 * tables of settings, gates and speed. With `--check` it writes nothing and fails if a page is not
 * what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableOf } from '../bench/table.ts'
import { settingNames, settings, variableOf } from '../server/config.ts'
import { refusals } from '../server/contract/errors.ts'
import { gatesTable } from '../test/gates/table.ts'

const root = join(import.meta.dirname, '..')

const pages = [
  { path: 'docs/errors.md', text: errorsPage() },
  { path: 'README.md', text: readme() },
]

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

/** The README with its tables as they are. */
function readme(): string {
  const text = readOrEmpty(join(root, 'README.md'))
  const gates = readOrEmpty(join(root, 'gates.json'))
  const bench = readOrEmpty(join(root, 'bench/results.json'))
  const tables = {
    settings: settingsTable(),
    gates: gates === '' ? '' : gatesTable(JSON.parse(gates)),
    bench: bench === '' ? '' : tableOf(JSON.parse(bench)).trim(),
  }
  return Object.entries(tables).reduce((page, [name, table]) => {
    const place = new RegExp(`(<!-- ${name}: .*? -->\\n)[\\s\\S]*?(<!-- /${name} -->)`)
    return page.replace(place, (_, begin, end) => `${begin}${table}\n${end}`)
  }, text)
}

function settingsTable(): string {
  const rows = settingNames.map((name) => {
    const { default: fallback, takes, about } = settings[name]
    return `| \`${variableOf(name)}\` | \`${fallback}\` | ${takes} | ${about} |`
  })
  const head = '| variable | default | takes | what it sets |\n| --- | --- | --- | --- |'
  return [head, ...rows].join('\n')
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
