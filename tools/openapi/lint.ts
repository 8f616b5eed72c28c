/**
 * Lints an interface document with redocly, which is kept from the network: no telemetry, no look
 * for newer versions. Run by itself, it lints the document that the server has.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { interfaceDocument } from '../../server/compose.ts'

const root = join(import.meta.dirname, '../..')
const command = join(root, 'node_modules/@redocly/cli/bin/cli.js')
const rules = join(root, 'redocly.yaml')

/** `status` is 0 where there is nothing to say against the document. */
export function lint(document: string): { readonly status: number | null; readonly said: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-lint-'))
  try {
    const file = join(folder, 'openapi.json')
    writeFileSync(file, document)
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [command, 'lint', '--config', rules, file],
      {
        cwd: folder,
        encoding: 'utf8',
        env: {
          PATH: process.env.PATH,
          HOME: folder,
          REDOCLY_TELEMETRY: 'off',
          REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
        },
      },
    )
    return { status, said: `${stdout}${stderr}` }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main) {
  const { status, said } = lint(interfaceDocument())
  process.stdout.write(said)
  process.exitCode = status ?? 1
}
