/**
 * Run as a process of its own: reads the whole database file named by its argument. It ends with 0
 * if SQLite finds the file sound, with 1 and the findings on stdout if not. It changes nothing.
 */
import { DatabaseSync } from 'node:sqlite'
import { isBroken } from './database.ts'

/** The first finding already says that the file is lost; some more help to see how. */
const findingsMax = 10

const [, , path = ''] = process.argv
const findings = findingsOf(path)
process.stdout.write(findings.join('\n'))
process.exitCode = findings.length > 0 ? 1 : 0

function findingsOf(path: string): string[] {
  try {
    const connection = new DatabaseSync(path, { readOnly: true })
    // Not integrity_check: comparing every index with its table takes ten times as long.
    const rows = connection.prepare(`PRAGMA quick_check(${findingsMax})`).all()
    connection.close()
    return rows.map(({ quick_check: line }) => String(line)).filter((line) => line !== 'ok')
  } catch (error) {
    // Whatever else stops it, a file held by another or no memory, says nothing of what is in it.
    if (!isBroken(error)) throw error
    return [String(error)]
  }
}
